"""Running a committed number: shares are opened, units drawn, the key sealed; strict plans at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.desk.work import Task
from auditor.i18n import N_, _

if TYPE_CHECKING:
    from auditor.plugins import Plugins
    from auditor.store import Database

STEPS = 3
PASSPHRASE, PAPER = "passphrase-", "paper-"
"""Before the place of a share among the secrets: its passphrase, or its digits typed from paper."""


def ask_of(secrets: Mapping[str, str]) -> Callable[[], str | None]:
    """Give what opens the planning key: the key that the desk opened; nothing where no key is needed."""
    from auditor.workflow.keys import Held

    return Held(secrets["identity"]) if "identity" in secrets else lambda: None


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Drawing no. {number}").format(number=arguments.get("number", ""))


def draw(
    db: Database,
    arguments: Mapping[str, Any],
    secrets: Mapping[str, str],
    plugins: Callable[[], Plugins],
    now: datetime,
    *,
    drill: bool,
    progress: Callable[[str], None] = lambda step: None,
) -> dict[str, Any]:
    """Run a number; give what everybody may know.

    Parameters
    ----------
    arguments
        `number`, `value`, `source`, `published` (a moment, or ""), `files` of the shares (empty where they
        lie where they lay), `work`.
    secrets
        The planning key's `identity`, and of each share its passphrase or its digits.
    """
    from auditor.workflow import ceremony, sealing

    number = int(arguments["number"])
    record = ceremony.number_of(db, number)
    count = len(record.get("commit", {}).get("share_sha256", ()))
    typed = None
    if any(secrets.get(f"{PAPER}{at}") for at in range(count)):
        digits = iter([secrets.get(f"{PAPER}{at}", "") for at in range(count)])

        def typed(name: str) -> str:
            return next(digits)

    opening = ceremony.Opening(
        files=[Path(one) for one in arguments.get("files", ())],
        passphrases=[secrets.get(f"{PASSPHRASE}{at}", "") for at in range(count)]
        if record["custodians"]
        else (),
        typed=typed,
    )
    published = arguments.get("published") or ""
    common: dict[str, Any] = {
        "source": arguments["source"],
        "published": datetime.fromisoformat(published) if published else None,
        "drill": drill,
    }
    value = str(arguments["value"])
    password = ask_of(secrets)

    if record["level"] == "strict":
        record, _counts = sealing.run_and_plan(
            db, number, value, opening, password, plugins(), now,
            work=float(arguments.get("work", 60.0)), progress=progress, **common,
        )  # fmt: skip
    else:
        record = ceremony.run(db, number, value, opening, password, now, **common)
    return {"number": number, "n": record["facts"]["n"], "go": f"/draws/{number}"}


def run(task: Task) -> dict[str, Any]:
    """Draw as `draw` says."""
    done = 0

    def step(what: str) -> None:
        nonlocal done
        done = min(done + 1, STEPS)
        task.report(step=N_("the planner works"), done=done, of=STEPS)

    task.report(step=N_("opening the shares"))
    with task.writing() as db:
        return draw(
            db, task.arguments, task.secrets, lambda: task.plugins(db), task.now,
            drill=task.is_drill, progress=step,
        )  # fmt: skip


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    return _("No. {number} is drawn: {n} units in the main draw. Which ones stays sealed.").format(
        **({"number": "", "n": 0} | dict(outcome))
    )
