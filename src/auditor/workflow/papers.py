"""Pages of the ceremony as files, each new and never over another one."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from auditor.draw.forms import form_words
from auditor.draw.programmes import Programme
from auditor.draw.rules import moment
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.pages import ceremony as pages
from auditor.pages import handouts
from auditor.pages.ceremony_views import (
    EventView,
    FrameView,
    ItemRowView,
    NoticeView,
    ProgrammeRowView,
    ProtocolView,
    RecordView,
    SharePaperView,
    ShareView,
    WitnessScreenView,
)
from auditor.store import Database
from auditor.store.records import read_settings
from auditor.workflow.custody import ShareMade
from auditor.workflow.programmes import programme_of


class Taken(AuditorError):
    """A file is there already."""

    sentence = N_("{file} is there already and was left as it is; choose another name")


def json_text(record: Mapping[str, Any]) -> str:
    """Write a record the same way everywhere: UTF-8, one blank of indent, its keys in their order."""
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def refuse_taken(*files: Path) -> None:
    """Refuse a file that is there, or whose folder is not; raises Taken, UsageProblem."""
    for file in files:
        if os.path.lexists(file):
            raise Taken(file=file)
        if not file.parent.is_dir():
            raise UsageProblem(problem=_("{folder} is no folder").format(folder=file.parent))


def write_new(file: Path, text: str) -> None:
    """Write a new file; raises Taken."""
    _write(file, text, 0o644)


def write_secret(file: Path, text: str) -> None:
    """Write a new file that only its owner may read; raises Taken."""
    _write(file, text, 0o600)


def write_folder(folder: Path, files: Mapping[str, str | bytes], *, secret: bool) -> list[Path]:
    """Write new files into a folder, which is made where it is not there; all of them or none.

    A name may be in a folder of that folder, as ``people/o01.ics``.

    Parameters
    ----------
    secret
        Whether only their owner may read them, and the folder if it is made here.

    Raises
    ------
    Taken, UsageProblem
    """
    if folder.exists() and not folder.is_dir():
        raise UsageProblem(problem=_("{folder} is a file; choose a folder").format(folder=folder))
    for name in files:
        if os.path.lexists(folder / name):
            raise Taken(file=folder / name)
    inside = {(folder / name).parent for name in files}
    missing = sorted(
        {one for path in (folder, *inside) for one in (path, *path.parents) if not one.exists()},
        key=lambda one: -len(one.parts),
    )
    for one in reversed(missing):
        one.mkdir(0o700 if secret else 0o777)
    written: list[Path] = []
    try:
        for name, content in files.items():
            _write(folder / name, content, 0o600 if secret else 0o644)
            written.append(folder / name)
    except BaseException as error:
        # a name that somebody took meanwhile is not ours to remove
        for file in written if isinstance(error, Taken) else (*written, folder / name):
            file.unlink(missing_ok=True)
        for one in missing:
            one.rmdir()
        raise
    return written


def _write(file: Path, text: str | bytes, mode: int) -> None:
    refuse_taken(file)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise Taken(file=file) from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(text if isinstance(text, bytes) else text.encode("utf-8"))


def renew(file: Path, text: str) -> Path:
    """Write a page of a ceremony's own folder, new or again; give it."""
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    beside.write_bytes(text.encode("utf-8"))
    return beside.replace(file)


def _event(record: Mapping[str, Any], which: str) -> EventView:
    made = record["commit"][which]
    return EventView(
        what=made["what"],
        at=moment(made["at"]),
        form=form_words(made["form"]),
        numbers=made["form"].get("numbers", 0),
    )


def _common(db: Database, record: Mapping[str, Any]) -> dict[str, Any]:
    first, last = (date.fromisoformat(day) for day in record["facts"]["period"])
    return {
        "bureau": read_settings(db).get("name", ""),
        "number": record["number"],
        "programme": programme_of(db, record["programme"])[0].name,
        "first": first,
        "last": last,
        "commit_sha256": record["commit_sha256"],
        "drill": record["drill"],
    }


def protocol_page(db: Database, record: Mapping[str, Any]) -> str:
    """Give the protocol of a committed number, to print and sign before the event."""
    programme, _data = programme_of(db, record["programme"])
    made, facts = record["commit"], record["facts"]
    names = record["custodians"] or [""] * len(made["share_sha256"])
    return pages.protocol(
        ProtocolView(
            **_common(db, record),
            basis=programme.basis + (f"（{programme.document}）" if programme.document else ""),
            level=record["level"],
            units=facts["units"],
            n=facts["n"],
            floor=facts["floor"],
            certain=facts["certain"],
            frames=tuple(
                FrameView(key=one["key"], n=one["n"], sha256=one["frame_sha256"]) for one in record["draws"]
            ),
            field_sha256=facts["field_sha256"],
            shares=tuple(
                ShareView(custodian=name, sha256=sha256)
                for name, sha256 in zip(names, made["share_sha256"], strict=True)
            ),
            event=_event(record, "event"),
            fallback=_event(record, "fallback"),
            previous=made["previous"],
        )
    )


def witness_page(db: Database, record: Mapping[str, Any]) -> str:
    """Give the page that the witnesses see large: never a code or a name."""
    common = _common(db, record)
    source = record["beacon"]["source"] if "beacon" in record else "event"
    return pages.witness_screen(
        WitnessScreenView(
            **{key: common[key] for key in ("bureau", "number", "programme", "commit_sha256", "drill")},
            units=record["facts"]["units"],
            n=record["facts"]["n"],
            event=_event(record, source),
            value=record["beacon"]["value"] if "beacon" in record else "",
            plan_root=record.get("plan_root", ""),
        )
    )


def record_page(db: Database, record: Mapping[str, Any]) -> str:
    """Give the record of a number that was run, to sign after the draw."""
    beacon = record["beacon"]
    return pages.record(
        RecordView(
            **_common(db, record),
            level=record["level"],
            units=record["facts"]["units"],
            drawn=record["facts"]["n"],
            source=beacon["source"],
            event=_event(record, beacon["source"]),
            value=beacon["value"],
            occurred_at=moment(beacon["published_at"]),
            custodians=tuple(record["custodians"]),
            plan_root=record.get("plan_root", ""),
        )
    )


def notice_page(db: Database, record: Mapping[str, Any], published_at: str) -> str:
    """Give the notice that is left at a visit."""
    return handouts.notice(
        NoticeView(**_common(db, record), plan_root=record["plan_root"], published_at=published_at)
    )


def share_page(number: int, made: ShareMade, *, drill: bool) -> str:
    """Give the paper copy of a share."""
    return handouts.share_paper(
        SharePaperView(
            number=number,
            custodian=made.custodian,
            share_sha256=made.sha256,
            share=made.share.hex(),
            drill=drill,
        )
    )


def programme_page(db: Database, programme: Programme, row: Mapping[str, str]) -> str:
    """Give the bureau's published list with the row of one programme."""
    values = list(row.values())
    names = ("item", "sub_item", "basis", "body", "objects", "share", "frequency", "way", "staff", "remarks")
    return handouts.programme_row(
        ProgrammeRowView(
            bureau=read_settings(db).get("name", ""),
            programme=programme.name,
            rows=(ItemRowView(**dict(zip(names, values, strict=True))),),
        )
    )
