"""A number of a draw as the desk's pages find it: by the address, in its state, with the files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.desk.visit import NotFound, Visit
from auditor.draw.shares import ShareFile
from auditor.errors import AuditorError
from auditor.i18n import N_, _
from auditor.workflow import ceremony
from auditor.workflow.texts import whole_number


class NotNow(AuditorError):
    """A step of a ceremony that does not follow."""

    sentence = N_("{what}: number {number} is {state}; its page says what comes next")


def number_of(visit: Visit) -> dict[str, Any]:
    """Give the number that the address names; raises NotFound."""
    number = whole_number(visit.of["number"])
    if number is None:
        raise NotFound
    try:
        return ceremony.number_of(visit.db, number)
    except ceremony.NoNumber:
        raise NotFound from None


def expect(record: Mapping[str, Any], states: tuple[str, ...], what: str) -> None:
    """Refuse a step that does not follow from the number's state; `what` says why.

    Raises
    ------
    NotNow
    """
    if record["state"] not in states:
        raise NotNow(what=what, number=record["number"], state=_(ceremony.STATES[record["state"]]))


def folder_of(visit: Visit, what: str, number: int) -> Path:
    """Give the folder beside the bureau's file for shares or published files of a number."""
    return visit.desk.places.folder / what / str(number)


def shares_of(visit: Visit, number: int) -> list[tuple[Path, ShareFile]]:
    """Give the shares whose files lie here, by their clear lines."""
    folder = folder_of(visit, "shares", number)
    found = []
    for file in sorted(folder.glob("*.txt")) if folder.is_dir() else ():
        try:
            found.append((file, ceremony.read_share_file(file, number)))
        except AuditorError:
            continue
    return sorted(found, key=lambda one: one[1].custodian)


def lies(record: Mapping[str, Any], at: int) -> bool:
    """Whether the file of a share lies where it lay at the commitment."""
    files = record.get("share_files", [])
    return at < len(files) and Path(files[at]).is_file()
