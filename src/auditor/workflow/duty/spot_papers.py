"""Papers of spot checks: the protocol signed before the event, the caller's sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from auditor.draw import spot
from auditor.draw.forms import form_words
from auditor.draw.probabilities import MILLION
from auditor.draw.rules import moment
from auditor.i18n import _
from auditor.pages.ceremony import protocol
from auditor.pages.ceremony_views import EventView, FrameView, ProtocolView, ShareView
from auditor.pages.spot_sheet import SheetRow, spot_html
from auditor.pages.words import month_name
from auditor.store import Database
from auditor.store.records import read_settings
from auditor.workflow.duty.spot_checks import Due


def protocol_page(db: Database, record: Mapping[str, Any]) -> str:
    """Give the protocol of a committed draw of spot checks, to print and sign before the event."""
    made = record["commit"]
    first, last = (date.fromisoformat(day) for day in made["spec"]["period"])
    names = record["custodians"] or [""] * len(made["share_sha256"])
    fixed = [one for one in made["draws"] if one["n"]]
    units = [unit for one in fixed for unit in record["frames"][one["key"]]["units"]]
    return protocol(
        ProtocolView(
            bureau=read_settings(db).get("name", ""),
            number=record["number"],
            programme=_("spot checks of duty desks, {month}").format(month=month_name(record["month"])),
            first=first,
            last=last,
            basis=_("the published duty rosters; a unit of the list is one shift of one desk"),
            level=record["level"],
            units=len(units),
            n=sum(one["n"] for one in fixed),
            floor=made["spec"]["floor"],
            certain=sum(unit["pi"] == MILLION for unit in units),
            frames=tuple(
                FrameView(key=frame_name(one["key"]), n=one["n"], sha256=one["frame_sha256"])
                for one in made["draws"]
            ),
            field_sha256=made["field_sha256"],
            shares=tuple(
                ShareView(custodian=name, sha256=sha256)
                for name, sha256 in zip(names, made["share_sha256"], strict=True)
            ),
            event=_event(made["event"]),
            fallback=_event(made["fallback"]),
            previous=made["previous"],
            commit_sha256=record["commit_sha256"],
            drill=record["drill"],
        )
    )


def _event(one: Mapping[str, Any]) -> EventView:
    return EventView(
        what=one["what"],
        at=moment(one["at"]),
        form=form_words(one["form"]),
        numbers=one["form"].get("numbers", 0),
    )


def frame_name(key: str) -> str:
    """Give what people call a sub-draw of spot checks."""
    names = {
        spot.DAY: _("by day"),
        spot.NIGHT: _("by night"),
        spot.AGAIN: _("again, each for itself"),
    }
    return names.get(key, key)


def sheet_page(db: Database, due: Iterable[Due], record: Mapping[str, Any]) -> str:
    """Give the caller's sheet of the calls that are not recorded yet."""
    rows = [
        SheetRow(
            id=one.id,
            due=one.due,
            desk=one.name,
            posts=tuple((seat.called, seat.people, seat.phones) for seat in one.posts),
        )
        for one in due
        if one.found is None
    ]
    name = read_settings(db).get("name", "")
    return spot_html(rows, bureau=name, number=record["number"], drill=record["drill"])
