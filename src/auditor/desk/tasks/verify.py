"""Checking a published transcript: the whole draw is run again, in this process and from this file alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from auditor.desk.places import write_json
from auditor.desk.work import Task
from auditor.i18n import N_, _

MOST = 200
"""So many failed checks are kept."""


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Checking {name}").format(name=str(arguments.get("name", ""))[:60])


def run(task: Task) -> dict[str, Any]:
    """Verify the file `arguments["file"]`, or what is kept of a closed `number`, against `commit` and `root`.

    The verdict is written to the file `verdict`, which the page that `go` names reads.
    """
    from auditor.draw import verify as verifier

    asked = task.arguments
    task.report(step=N_("drawing and planning again from the transcript"))
    ledger: bytes | None
    if "number" in asked:
        from auditor.workflow.transcripts import published

        with task.reading() as db:
            transcript, ledger = published(db, int(asked["number"]))
    else:
        transcript = Path(asked["file"]).read_bytes()
        ledger = Path(asked["ledger"]).read_bytes() if asked.get("ledger") else None
    failed, told_lines = verifier.verify(transcript, asked["commit"] or "-", asked["root"] or "-", ledger)
    verdict = {
        "ok": not failed,
        "other": other_file(failed, transcript),
        "failed": [line[:500] for line in failed[:MOST]],
        "more": max(0, len(failed) - MOST),
        "told": [line[:1000] for line in told_lines],
        "name": str(asked.get("name", ""))[:200],
        "commit": asked["commit"],
        "root": asked["root"],
        "at": task.now.isoformat(),
    }
    write_json(Path(asked["verdict"]), verdict)
    return {"ok": not failed, "other": verdict["other"], "failed": len(failed), "go": asked["go"]}


def other_file(failed: Sequence[str], transcript: bytes) -> str:
    """Say which file is none of ours at all: "transcript" or "ledger"; "" where the checks speak of the draw.

    What is no JSON, or has few of the parts of a transcript, accuses nobody: another file was chosen, or it
    did not arrive whole.
    """
    from auditor.draw import verify as verifier

    broken = [line.partition(":")[0] for line in failed if ": not the JSON that is allowed" in line]
    if broken:
        return broken[0]
    if any(line.startswith("ledger: not of the kind") for line in failed):
        return "ledger"
    if any(line.startswith("transcript: ") for line in failed):
        found = verifier.read(transcript, "transcript", [])
        parts = verifier.TRANSCRIPT.keys() & (found.keys() if isinstance(found, dict) else ())
        return "transcript" if len(parts) * 2 < len(verifier.TRANSCRIPT) else ""
    return ""


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    if outcome.get("ok"):
        return _("Everything agrees.")
    if outcome.get("other"):
        return _("This is another file; nothing was checked.")
    return _("It does NOT agree: {n} checks failed.").format(n=outcome.get("failed", 0))
