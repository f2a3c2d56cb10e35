"""Checking a published draw: a transcript is dropped, the whole draw runs again in a process of its own."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

from starlette.responses import Response

from auditor.desk.places import read_json
from auditor.desk.routes import act, page
from auditor.desk.verify_words import line_words, value_words
from auditor.desk.visit import NotFound, Visit
from auditor.draw import verify as verifier
from auditor.i18n import N_, _
from auditor.shipped import verify_page
from auditor.workflow import ceremony, draw_views, transcripts
from auditor.workflow.texts import whole_number

HEADS = {
    "commit": N_("the commitment"), "commit_sha256": N_("the fingerprint sealed beforehand"),
    "plan_root": N_("the fingerprint of the plan"), "field": N_("who could go, and when"),
    "frame": N_("the locked list"), "frames": N_("the locked lists"), "shares": N_("the shares"),
    "beacon": N_("the value of the event"), "draw": N_("who is drawn"),
    "unit": N_("what is inspected at a unit"),
    "sortie": N_("a sortie"), "departure": N_("a departure from a lot"),
    "departures": N_("the departures from lots"), "plan": N_("the plan"), "unplaced": N_("the unplaced"),
    "outcome": N_("an outcome"), "outcomes": N_("the outcomes"), "ledger": N_("the ledger"),
    "transcript": N_("the transcript's form"), "size": N_("the size"), "staff": N_("the staff"),
}  # fmt: skip
"""What the verifier looked at, by the first word of a failed check."""
FACTS = {
    "level": N_("level"), "number": N_("number"), "floor": N_("floor"), "units": N_("Units"),
    "certain": N_("certain"), "closed days": N_("closed days"), "drawn": N_("drawn"), "visits": N_("visits"),
    "unplaced": N_("not placed"), "departures": N_("departures from lots"), "directed": N_("ordered visits"),
    "replaced": N_("another unit stood in"), "cancelled": N_("cancelled"),
}  # fmt: skip
"""The verifier's line of facts, by its words."""
NOTES = (
    (
        "commit_sha256 was NOT checked",
        N_("The fingerprint sealed beforehand was NOT compared: none was typed."),
    ),
    ("plan_root was NOT checked", N_("The fingerprint of the plan was NOT compared: none was typed.")),
)


def show_verify(visit: Visit) -> Response:
    """Show where a transcript is dropped, and how it is checked without us."""
    return _page(visit)


def _page(visit: Visit, problem: str = "", **more: Any) -> Response:
    closed = [one for one in draw_views.number_rows(visit.db, visit.now) if one.state == "closed"]
    return visit.show(
        "verify/verify.html",
        status=400 if problem else 200,
        nav="/verify",
        problem=problem,
        closed=closed,
        typed={"commit": visit.field("commit"), "root": visit.field("root")},
        **{"verdict": None, **more},
    )


def start(visit: Visit) -> Response:
    """Check a dropped transcript, or the one that is kept of a closed number."""
    mark = secrets.token_hex(8)
    arguments: dict[str, Any] = {
        "verdict": str(_verdict(visit, mark)), "go": f"/verify/{mark}",
        "commit": _hash(visit.field("commit")), "root": _hash(visit.field("root")),
    }  # fmt: skip
    if visit.field("number"):
        number = whole_number(visit.field("number"))
        if number is None:
            raise NotFound
        record = ceremony.number_of(visit.db, number)
        if record["state"] != "closed":
            raise transcripts.NotClosed(number=number)
        return visit.work(
            "verify",
            arguments
            | {
                "number": record["number"],
                "commit": record["commit_sha256"],
                "root": record["plan_root"],
                "name": _("no. {number}").format(number=record["number"]),
            },
        )
    wrong = [name for name in ("commit", "root") if arguments[name] and not _is_hash(arguments[name])]
    if wrong:
        return _page(visit, _("a fingerprint is 64 digits 0 to 9 and a to f; blanks do not matter"))
    sent = visit.file("file")
    if sent is None:
        return _page(visit, _("choose the transcript's file (transcript.json) first"))
    ledger = visit.file("ledger")
    return visit.work(
        "verify",
        arguments | {"file": str(sent.path), "ledger": str(ledger.path) if ledger else "", "name": sent.name},
    )


def _hash(text: str) -> str:
    return re.sub(r"[\s·]", "", text).lower()


def _is_hash(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def _verdict(visit: Visit, mark: str) -> Path:
    return visit.desk.places.work / f"verdict-{mark}.json"


def show_verdict(visit: Visit) -> Response:
    """Show what a check came to."""
    mark = visit.of["mark"]
    verdict = read_json(_verdict(visit, mark)) if re.fullmatch("[0-9a-f]{16}", mark) else {}
    if not verdict:
        raise NotFound
    facts, notes = _told(verdict["told"])
    return _page(
        visit,
        verdict=verdict,
        failed=[_failed(one) for one in verdict["failed"]],
        facts=facts,
        notes=notes,
    )


def _failed(line: str) -> tuple[str, str]:
    """Give what a failed check looked at, and what it found, in words."""
    head = re.match("[a-z_0-9]+", line)
    return (_(HEADS[head[0]]) if head and head[0] in HEADS else "", line_words(line))


def _told(lines: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Read the verifier's facts and notes into words."""
    facts: list[tuple[str, str]] = []
    notes: list[str] = []
    for line in lines:
        if line.startswith("note: "):
            known = [_(text) for found, text in NOTES if found in line]
            notes += known or [line_words(line).removeprefix("note: ").removeprefix("说明：")]
            continue
        for piece in line.split("; "):
            name = next((one for one in sorted(FACTS, key=len, reverse=True) if piece.startswith(one)), "")
            if name:
                value = piece[len(name) :].strip(" :")
                # the verifier says the floor in millionths of the mean chance
                in_millionths = name == "floor" and value.isdecimal()
                told = f"{int(value) / 10_000:g} %" if in_millionths else value_words(value)
                facts.append((_(FACTS[name]), told))
    return facts, notes


def give_script(visit: Visit) -> Response:
    """Give the verifier: one file that needs Python and nothing else."""
    return visit.give(Path(verifier.__file__).read_bytes(), "verify_draw.py", "text/x-python")


def give_page(visit: Visit) -> Response:
    """Give the verifier for a browser: one file that needs no network."""
    return visit.give(verify_page(), "verify.html", "text/html; charset=utf-8")


ROUTES = (
    page("/verify", show_verify),
    act("/verify", start),
    page("/verify/verify_draw.py", give_script),
    page("/verify/verify.html", give_page),
    page("/verify/{mark}", show_verdict),
)
