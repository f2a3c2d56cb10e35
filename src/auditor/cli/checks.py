"""What ``plan check`` and ``roster check`` share: read a file or the stored record, print breaches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from auditor.cli.options import show
from auditor.entities import Breach
from auditor.errors import UNVERIFIED, AuditorError, FileMissing, UsageProblem, VerificationFailed
from auditor.i18n import N_, _, labelled


class NotJson(AuditorError):
    """A file that should be a record is none."""

    exit_code = UNVERIFIED
    sentence = N_("{file} is no record that can be checked ({error})")


class DamagedRecords(AuditorError):
    """What the bureau's file holds cannot be read as what it should be."""

    exit_code = UNVERIFIED
    sentence = N_("{db}: its records cannot be checked ({error}); see `auditor log verify --db {db}`")


@contextmanager
def damage_is_told(db: Path) -> Iterator[None]:
    """Turn what a damaged record does to a check into a sentence and exit code 4."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise DamagedRecords(db=db, error=f"{type(error).__name__}: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice: two readers would see two values."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def read_record(file: Path) -> Any:
    """Read a JSON file; raises FileMissing or NotJson."""
    if not file.is_file():
        raise FileMissing(file=file)
    try:
        return json.loads(
            file.read_bytes().decode("utf-8-sig"),
            object_pairs_hook=_once,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as error:
        raise NotJson(file=file, error=error) from error


def stored_month(stored: Mapping[str, Any], month: str | None, what: str) -> str:
    """Give the month asked for, else the last one that has a record; raises UsageProblem without one."""
    if not stored:
        raise UsageProblem(problem=_("no {what} is stored in this bureau").format(what=what))
    if month is not None and month not in stored:
        raise UsageProblem(
            problem=_("no {what} of {month} is stored; there are {months}").format(
                what=what, month=month, months=", ".join(stored)
            )
        )
    return month or max(stored)


def report(breaches: Sequence[Breach], as_json: bool, right: str) -> None:
    """Print every breach, or that all is right; raise VerificationFailed (exit 4) for any."""
    rows = [{"rule": one.rule, "where": one.where, "what": one.what} for one in breaches]
    text = "\n".join(labelled(f"{one.rule} · {one.where}", one.what) for one in breaches)
    show(rows, as_json, text or right)
    if breaches:
        raise VerificationFailed(count=len(breaches))
