"""The close of a draw of spot checks: opened after its month, checked with the verifier, written out."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.draw import spot
from auditor.draw import verify as verifier
from auditor.draw.canon import canon
from auditor.draw.ledger import ledger_records
from auditor.draw.rules import clock_text
from auditor.draw.transcript import transcript
from auditor.entities import Breach
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.seal import age
from auditor.shipped import verify_page
from auditor.store import Database
from auditor.store import duties as store
from auditor.store.writing import write_tx
from auditor.workflow import plans
from auditor.workflow.closing import HoldsFiles, TooEarly
from auditor.workflow.duty.spot_draws import Altered, Opened, check_fixed, draw_again, draw_of, draws
from auditor.workflow.keys import AskPassword, open_key
from auditor.workflow.months import BEIJING, calendar_of, month_of

RULES, RESULTS = "rules.json", "results.json"
CLOSED_FILES = ("transcript.json", "ledger.json", RULES, RESULTS, "verify_draw.py", "verify.html")
"""What a close publishes."""


def close(
    db: Database,
    number: int | None,
    folder: Path,
    password: AskPassword,
    identity: str | None,
    now: datetime,
) -> dict[str, Any]:
    """Open everything after the month, check it with the verifier, write the files; give the record.

    Raises
    ------
    TooEarly, OutOfOrder, HoldsFiles, Altered, CheckFailed, UsageProblem
    """
    record = draw_of(db, number, ("run", "closed"))
    check_fixed(record)
    last = month_of(record["month"], calendar_of(db)).last
    if now.astimezone(BEIJING).date() <= last + timedelta(days=1):
        raise TooEarly(number=record["number"], day=last + timedelta(days=1))
    if folder.exists() and not folder.is_dir():
        raise UsageProblem(problem=_("{folder} is a file; choose a folder").format(folder=folder))
    others = (
        sorted(one.name for one in folder.iterdir() if one.name not in CLOSED_FILES)
        if folder.is_dir()
        else []
    )
    if others:
        raise HoldsFiles(folder=folder, found=", ".join(others[:3]))
    if identity is None and record["level"] == "strict":
        raise UsageProblem(
            problem=_(
                "a draw at level strict is closed with the discipline office's key: --identity-file FILE"
            )
        )
    held = json.loads(
        age.unseal(record["sealed_key"], identity or open_key(db, password), _("the key of the draw"))
    )
    shares = tuple(bytes.fromhex(one) for one in held["shares"])
    opened = draw_again(record, shares, record["beacon"]["value"])
    if opened.root != record["plan_root"]:
        raise Altered(number=record["number"], what="plan_root", sha256=record["plan_root"][:8])
    public = transcript(
        commit=record["commit"],
        frames=record["frames"],
        field=record["field"],
        shares=shares,
        beacon=record["beacon"],
        key=opened.key,
        drawn=opened.drawn,
        plan=[],
        unplaced=spot.unplaced_calls(opened.drawn, opened.calls),
        departures=[],
        outcomes=[],
    )
    record |= {"state": "closed", "closed_at": record.get("closed_at", clock_text(now))}
    ledger = ledger_of([record if one["number"] == record["number"] else one for one in draws(db)])
    failed, told = verifier.verify(
        json.dumps(public).encode(), record["commit_sha256"], record["plan_root"], json.dumps(ledger).encode()
    )
    plans.passed(
        _("draw"),
        [Breach(rule="transcript", where=f"spot-check {record['number']}", what=one) for one in failed],
    )
    results = results_of(db, record["number"], opened)
    _write(
        folder,
        {
            "transcript.json": _json(public),
            "ledger.json": _json(ledger),
            RULES: canon(record["rules"]),
            RESULTS: _json(results),
            "verify_draw.py": Path(verifier.__file__).read_bytes(),
            "verify.html": verify_page(),
        },
    )
    with write_tx(db, "spot-check close", now) as tx:
        store.put_spot_draw(tx, record)
    unrecorded = sum(one["posts"] is None for one in results)
    return record | {
        "told": told,
        "unrecorded": unrecorded,
        "files": [str(folder / name) for name in CLOSED_FILES],
    }


def results_of(db: Database, number: int, opened: Opened) -> list[dict[str, Any]]:
    """Give what every call found, as is published: posts and no names; None where nothing was recorded."""
    known = {one["unit"]: one for one in store.read_spot_checks(db) if one["number"] == number}
    return [
        {
            "unit": unit,
            "due": f"{day:%Y-%m-%d}T{minute // 60:02d}:{minute % 60:02d}",
            "line": known[unit]["line"] if unit in known else None,
            "posts": known[unit]["posts"] if unit in known else None,
            "missed": known[unit]["missed"] if unit in known else "",
        }
        for unit, day, minute in opened.calls
    ]


def ledger_of(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write the ledger of spot checks as the contract does."""
    state = {"closed": "closed", "abandoned": "abandoned"}
    return ledger_records(
        {
            "commit": one["commit"],
            "commit_sha256": one["commit_sha256"],
            "state": state.get(one["state"], "open"),
            "reason": one.get("abandoned", ""),
        }
        for one in records
    )


def _json(record: object) -> bytes:
    return (json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write all files into a new folder beside, then put them into their place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, data in contents.items():
            (made / name).write_bytes(data)
        folder.mkdir(parents=True, exist_ok=True)
        for name in contents:
            (made / name).replace(folder / name)
    finally:
        shutil.rmtree(made, ignore_errors=True)
