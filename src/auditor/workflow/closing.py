"""The close: after the period everything is opened, checked and written out."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.draw import verify as verifier
from auditor.draw.canon import digest
from auditor.draw.rules import AgainstTheContract, clock_text
from auditor.entities import Breach
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.shipped import verify_page
from auditor.store import Database
from auditor.store.numbers import (
    put_frozen,
    put_number,
    read_numbers,
    read_outcomes,
    read_released,
)
from auditor.store.records import put_draw, put_plan, read_draw
from auditor.store.writing import write_tx
from auditor.workflow import plans
from auditor.workflow.carried import CARRIED, carried
from auditor.workflow.ceremony import expect, number_of
from auditor.workflow.drawn import Drawn, FrozenAltered, closed_transcript
from auditor.workflow.keys import AskPassword, open_key
from auditor.workflow.programmes import programme_of
from auditor.workflow.releasing import NoVisit
from auditor.workflow.repairs import Current, outcomes_after, read_current, unrecorded
from auditor.workflow.sealing import Sealed, closing_identity, open_drawn
from auditor.workflow.telling import ledger_of, plan_key

FILES = ("transcript.json", "ledger.json", "programme.toml", "verify_draw.py", "verify.html")
"""What a close publishes."""


class TooEarly(AuditorError):
    """A number is closed after its period."""

    sentence = N_("number {number} is closed after {day}, the last day of its period")


class HoldsFiles(AuditorError):
    """The folder holds files that a close does not write."""

    sentence = N_("{folder} holds other files ({found}); nothing was written; choose another with --out")


def close(
    db: Database,
    number: int,
    folder: Path,
    password: AskPassword,
    identity: str | None,
    now: datetime,
    *,
    drill: bool,
) -> dict[str, Any]:
    """Close a number after its period: open shares and plan, check all, publish the files; give the record.

    A number that is closed already is written out again.

    Raises
    ------
    TooEarly, OutOfOrder, RecoveryNeeded, age.NotSealedForThisKey, HoldsFiles, CheckFailed
    """
    record = number_of(db, number)
    expect(record, ("planned", "closed"), _("there is nothing to open"))
    _refuse_others(folder)
    if record["state"] == "closed":
        transcript = read_draw(db, number)
        if transcript is None:
            raise NoVisit(number=number, visit="transcript")
    else:
        last = record["commit"]["spec"]["period"][1]
        if f"{now:%Y-%m-%d}" <= last:
            raise TooEarly(number=number, day=last)
        known = read_outcomes(db, number)
        transcript, plan, current, missing = _transcript(db, record, known, password, identity)
        # one that was told stays counted, also where it was dropped afterwards
        visits = (*current.visits, *(one for _of, one in read_released(db, number)))
        ordered = {one["id"] for one in visits if one["source"] == "directed"}
        record |= {
            "state": "closed",
            "drill": record["drill"] or drill,
            "closed_at": clock_text(now),
            "unrecorded": missing,
            "ordered": len(ordered),
        }
    entries = [record if one["number"] == number else one for one in read_numbers(db) if "commit" in one]
    ledger = ledger_of(entries)
    document = programme_of(db, record["programme"])[1]
    if digest(document) != record["commit"]["spec"]["programme_sha256"]:
        raise FrozenAltered(
            number=number, what="programme", sha256=record["commit"]["spec"]["programme_sha256"][:8]
        )
    failed, told = verifier.verify(
        json.dumps(transcript).encode(),
        record["commit_sha256"],
        record["plan_root"],
        json.dumps(ledger).encode(),
    )
    plans.passed(_("draw"), [Breach(rule="transcript", where=f"draw {number}", what=one) for one in failed])
    made = _write_beside(folder, transcript, ledger, document)
    try:
        with write_tx(db, "draw close", now) as tx:
            if read_draw(db, number) is None:
                if read_outcomes(db, number) != known:
                    raise AgainstTheContract(what=_("an outcome was recorded meanwhile; close again"))
                put_draw(tx, transcript)
                put_plan(tx, plan_key(record), number, plan)
                if current.log:
                    put_frozen(tx, number, {CARRIED: carried(plan, current)})
                put_number(tx, record)
        _put_files(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return record | {
        "told": told,
        "counted": counted(transcript),
        "files": [str(folder / name) for name in FILES],
    }


def without_outcome(db: Database, record: Mapping[str, Any], password: AskPassword) -> int:
    """Count the visits of a planned number whose outcome nobody recorded."""
    _sealed, current = read_current(db, record, open_key(db, password))
    return len(unrecorded(current, read_outcomes(db, record["number"])))


def counted(transcript: Mapping[str, Any]) -> dict[str, int]:
    """Count what a closed transcript tells: units, drawn, visits, unplaced, replaced, cancelled."""
    outcomes = [one["outcome"] for one in transcript["outcomes"]]
    return {
        "units": len({one["id"] for frame in transcript["frames"].values() for one in frame["units"]}),
        "drawn": sum(map(len, transcript["drawn"].values())),
        "visits": len(transcript["plan"]),
        "unplaced": len(transcript["unplaced"]),
        "replaced": outcomes.count("replaced"),
        "cancelled": outcomes.count("cancelled"),
    }


def _transcript(
    db: Database,
    record: Mapping[str, Any],
    known: Mapping[str, Mapping[str, Any]],
    password: AskPassword,
    identity: str | None,
) -> tuple[dict[str, Any], Mapping[str, Any], Current, int]:
    """Give the transcript, the plan's record, the plan as it stands, and how many visits lack an outcome."""
    drawn = open_drawn(db, record, closing_identity(db, record, password, identity))
    sealed, current = read_current(db, record, open_key(db, password))
    return _closed(drawn, sealed, current, known), sealed.record, current, len(unrecorded(current, known))


def _closed(
    drawn: Drawn,
    sealed: Sealed,
    current: Current,
    known: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    return closed_transcript(
        drawn,
        plans.bare(sealed.record["visits"]),
        sealed.record["unplaced"],
        sealed.record["departures"],
        outcomes_after(sealed, current, known),
    )


def _refuse_others(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageProblem(problem=_("{folder} is a file; choose a folder").format(folder=folder))
    others = sorted(one.name for one in folder.iterdir() if one.name not in FILES) if folder.is_dir() else []
    if others:
        raise HoldsFiles(folder=folder, found=", ".join(others[:3]))


def _write_beside(
    folder: Path, transcript: Mapping[str, Any], ledger: Sequence[Mapping[str, Any]], programme: bytes
) -> Path:
    """Write all files of a close into a new folder beside; give it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    contents = {
        "transcript.json": _json(transcript),
        "ledger.json": _json(ledger),
        "programme.toml": programme,
        "verify_draw.py": Path(verifier.__file__).read_bytes(),
        "verify.html": verify_page(),
    }
    for name in FILES:
        (made / name).write_bytes(contents[name])
    return made


def _json(record: object) -> bytes:
    return (json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def _put_files(made: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (made / name).replace(folder / name)
