"""A rehearsal of the ceremony on the synthetic county, and the programme a clerk need not write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from auditor.draw.programmes import TEAM
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.log import last_entry_at
from auditor.store.numbers import read_numbers
from auditor.store.records import read_settings
from auditor.store.staff import read_inspectors
from auditor.store.units import read_units
from auditor.workflow import bureau, county, programmes
from auditor.workflow.months import calendar_of, month_of, next_month

DB = "rehearsal.db"
BASIS = "演练，无法律效力"


class NotARehearsal(AuditorError):
    """The folder holds something else."""

    sentence = N_("{folder} holds other files ({found}); choose another folder with --out")


def free_folder(folder: Path) -> Path:
    """Give the folder, or the first of its name with a number that is not there: one rehearses again."""
    found, number = folder, 1
    while found.exists() and (not found.is_dir() or any(found.iterdir())):
        number += 1
        found = folder.with_name(f"{folder.name}-{number}")
    return found


def ready(db: Database) -> int:
    """Give how many units there are to draw from; raises UsageProblem without units or inspectors."""
    units = sum(not one.closed for one in read_units(db))
    if not units:
        raise UsageProblem(problem=_("there are no units yet: auditor units import FILE"))
    if len(read_inspectors(db)) < TEAM:
        raise UsageProblem(
            problem=_(
                "a team is {team} inspectors, and there are {count}; `auditor people import FILE`"
            ).format(team=TEAM, count=len(read_inspectors(db)))
        )
    return units


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder that is not empty; raises NotARehearsal."""
    if folder.exists():
        found = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else [folder.name]
        if found:
            raise NotARehearsal(folder=folder, found=", ".join(found[:3]))


def begun(folder: Path, now: datetime) -> tuple[Path, datetime] | None:
    """Give the database of a rehearsal that was begun in a folder, and its time: `now`, or later if it is.

    A rehearsal sets its clock forward to what it waits for. None where none was begun there, or it is over.
    """
    path = folder / DB
    if not path.is_file():
        return None
    with bureau.opened(path) as db:
        numbers = read_numbers(db)
        if numbers and all(one["state"] in ("closed", "abandoned") for one in numbers):
            return None
        last = last_entry_at(db) or now
    return path, max(now, last.astimezone(now.tzinfo))


def make(folder: Path, plugins: Plugins, now: datetime) -> Path:
    """Make a bureau's file with the synthetic county and a programme of next month; give its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / DB
    bureau.init(path, county.NAME + "（演练）", (county.START[0], county.START[1]), now)
    with bureau.opened(path) as db:
        county.fill(db, plugins, now)
        month = month_to_come(now)
        text = programme_text(db, month, BASIS, "", name=f"{month} 演练")
        programmes.add_document(db, text.encode(), f"{month}.toml", plugins, now, accept_lower_floor=False)
    return path


def month_to_come(now: datetime) -> str:
    """Give the next full month."""
    return next_month(now)


def programme_text(db: Database, month: str, basis: str, units: str, *, name: str = "") -> str:
    """Write the programme of a month: the domains that some inspector holds, all else by default."""
    days = month_of(month, calendar_of(db))
    held = sorted({key for one in read_inspectors(db) for key in one.domains})
    bureau_name: Mapping[str, str] = read_settings(db)
    title = name or f"{bureau_name.get('name', '')}{days.first.year}年{days.first.month}月校园安全随机抽查"
    lines = [
        f"id = {quoted(month)}",
        f"name = {quoted(title)}",
        f"from = {days.first:%Y-%m-%d}",
        f"to = {days.last:%Y-%m-%d}",
        f"basis = {quoted(basis)}",
        "domains = [" + ", ".join(quoted(key) for key in held) + "]",
        f"units = {units.strip()}" if units.strip() else "capacity = true",
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Write a text as a TOML string."""
    import json

    return json.dumps(text, ensure_ascii=False)
