"""A repair that was worked out and not kept yet: sealed for the planning key until somebody accepts it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from auditor.errors import AuditorError
from auditor.i18n import N_, _
from auditor.plugins import Plugins
from auditor.seal import age
from auditor.store import Database
from auditor.store.once import Overtaken, revision_of
from auditor.store.records import read_settings
from auditor.store.writing import write_tx
from auditor.workflow.directed import Sweep
from auditor.workflow.keys import PUBLIC, AskPassword
from auditor.workflow.repair_requests import Request
from auditor.workflow.repairing import keep, worked_out
from auditor.workflow.repairs import Current

BLOCK = 65_536
"""A sealed offer is a multiple of so many bytes long."""


class NoOffer(AuditorError):
    """There is no change to accept, or it is not whole."""

    sentence = N_("this change cannot be read any longer; work it out again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a repair would change.

    `told` is what `repairing.repair` gives, by number; `after` for each of them the number, the plan as it
    would stand and the visits dropped. `revision` is that of the log then. Where a repair is not
    possible `refused` says why, by language, and the rest is empty.
    """

    request: Mapping[str, Any]
    revision: str
    told: Sequence[Mapping[str, Any]] = ()
    after: Sequence[tuple[int, Mapping[str, Any], Sequence[str]]] = ()
    refused: Mapping[str, str] | None = None


def work_out(
    db: Database,
    request: Request,
    number: int | None,
    plugins: Plugins,
    password: AskPassword,
    now: datetime,
    *,
    work: float,
    progress: Callable[[str], None],
) -> Offer:
    """Repair without keeping anything; raises what `repairing.repair` raises."""
    revision = revision_of(db)
    chosen, told, clean = worked_out(
        db, request, number, plugins, password, now, work=work, progress=progress
    )
    return Offer(
        request=asdict(clean),
        revision=revision,
        told=told,
        after=[
            (one.number, asdict(one.kept(entry)), list(one.dropped))
            for one, entry in zip(chosen, told, strict=True)
        ],
    )


def accept(db: Database, offer: Offer, now: datetime, *, drill: bool) -> None:
    """Keep what was worked out, in one transaction.

    Raises
    ------
    Overtaken
        If anything was written since.
    NoOffer
    """
    if not offer.after:
        raise NoOffer
    request = request_of(offer.request)
    with write_tx(db, "plan repair", now) as tx:
        if revision_of(db) != offer.revision:
            raise Overtaken
        for number, current, dropped in offer.after:
            keep(tx, db, number, Current(**current), dropped, request, now, drill=drill)


def request_of(record: Mapping[str, Any]) -> Request:
    """Read a request as `asdict` writes it; raises NoOffer."""
    try:
        found = dict(record)
        sweep, move = found.pop("sweep"), found.pop("move")
        return Request(
            **found
            | {
                "absent": [tuple(one) for one in found["absent"]],
                "move": tuple(move) if move else None,
                "sweep": Sweep(**sweep) if sweep else None,
            }
        )
    except (TypeError, KeyError, ValueError) as error:
        raise NoOffer from error


def sealed(db: Database, offer: Offer) -> str:
    """Seal an offer for the planning key."""
    return sealed_text(db, json.dumps(asdict(offer), ensure_ascii=False, sort_keys=True))


def sealed_text(db: Database, text: str) -> str:
    """Seal a text about a sealed plan for the planning key; its length tells little."""
    data = text.encode()
    size = -(-len(data) // BLOCK) * BLOCK
    return age.seal(data, [read_settings(db)[PUBLIC]], size, _("what is told of the plan"))


def unsealed(text: str, identity: str) -> str:
    """Open a sealed text; raises age.NotSealedForThisKey."""
    return age.unseal(text, identity, _("what is told of the plan")).decode()


def opened(text: str, identity: str) -> Offer:
    """Open a sealed offer; raises NoOffer, age.NotSealedForThisKey."""
    held = unsealed(text, identity)
    try:
        return Offer(**json.loads(held))
    except (ValueError, TypeError) as error:
        raise NoOffer from error
