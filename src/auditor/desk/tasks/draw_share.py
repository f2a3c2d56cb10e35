"""A custodian's share, made at this computer: its file is sealed under the custodian's passphrase."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.desk.work import Task
from auditor.i18n import N_, _


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Making the share of {custodian}").format(custodian=str(arguments.get("custodian", ""))[:60])


def run(task: Task) -> dict[str, Any]:
    """Make the share of a custodian under `secrets["passphrase"]`, of dice where there are `rolls`."""
    from auditor.workflow import ceremony, papers

    number = int(task.arguments["number"])
    task.report(step=N_("making and sealing the share"))
    with task.reading() as db:
        ceremony.expect_frozen(db, number)
    made = ceremony.make_share(
        number,
        str(task.arguments["custodian"]),
        task.secrets["passphrase"],
        task.secrets.get("rolls") or None,
    )
    folder = Path(task.arguments["folder"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    papers.write_secret(folder / f"{made.sha256[:16]}.txt", made.text)
    return {"number": number, "custodian": made.custodian, "sha256": made.sha256, "go": f"/draws/{number}"}


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    return _("The share of {custodian} is made; its fingerprint begins with {sha256}.").format(
        custodian=outcome.get("custodian", ""), sha256=str(outcome.get("sha256", ""))[:8]
    )
