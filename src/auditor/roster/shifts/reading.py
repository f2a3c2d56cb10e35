"""Reads the text format of the public benchmark: sections, a line an entry, `#` begins a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from auditor.errors import FileMissing, UsageProblem
from auditor.i18n import N_, _
from auditor.roster.shifts.staffing import Cover, Request, Shift, Staffing, Worker

SECTIONS = ("HORIZON", "SHIFTS", "STAFF", "DAYS_OFF", "SHIFT_ON_REQUESTS", "SHIFT_OFF_REQUESTS", "COVER")
NEEDED = ("HORIZON", "SHIFTS", "STAFF", "COVER")
LONGEST = 10_000
"""No period has more days."""
LARGEST = 1_000_000
"""No weight, number of people or of minutes is larger: sums stay exact."""


class BadStaffing(UsageProblem):
    """A file of shifts cannot be read; says the line, what was found and what to write."""

    sentence = N_("{file}, line {line}: {problem}")


Line = tuple[int, str]
T = TypeVar("T")


def read_staffing(path: Path) -> Staffing:
    """Read one instance.

    Raises
    ------
    FileMissing
        If there is no such file.
    BadStaffing
        If a line means nothing; the first such line is told.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileMissing(file=path) from None
    except (OSError, UnicodeDecodeError):
        raise UsageProblem(
            problem=_("{file}: not a text file (UTF-8) that can be read; save it as one").format(file=path)
        ) from None
    return _Reader(path.name).read(text)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self._shifts: dict[str, int] = {}
        self._workers: dict[str, int] = {}
        self._days = 0

    def wrong(self, line: int, problem: str) -> BadStaffing:
        return BadStaffing(file=self._file, line=line, problem=problem)

    def read(self, text: str) -> Staffing:
        sections = self._sections(text)
        self._days = self._horizon(*sections["HORIZON"])
        shifts = self._read_shifts(sections["SHIFTS"][1])
        self._named(self._workers, sections["STAFF"][1])
        days_off = self._read_days_off(sections["DAYS_OFF"][1])
        workers = tuple(self._worker(line, days_off) for line in sections["STAFF"][1])
        if not shifts or not workers:
            empty = "STAFF" if shifts else "SHIFTS"
            raise self.wrong(sections[empty][0], _("the section names nobody and nothing; add its lines"))
        wanted = self._requests(sections["SHIFT_ON_REQUESTS"][1])
        unwanted = self._requests(sections["SHIFT_OFF_REQUESTS"][1])
        return Staffing(self._days, shifts, workers, wanted, unwanted, self._cover(sections["COVER"][1]))

    def _sections(self, text: str) -> dict[str, tuple[int, list[Line]]]:
        found: dict[str, tuple[int, list[Line]]] = {}
        lines: list[Line] | None = None
        number = 1
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("SECTION_"):
                name = line.removeprefix("SECTION_")
                if name not in SECTIONS:
                    raise self.wrong(number, _("there is no section {name}").format(name=line))
                if name in found:
                    raise self.wrong(number, _("section {name} is there twice; keep one").format(name=line))
                lines = []
                found[name] = (number, lines)
            elif lines is None:
                raise self.wrong(number, _("a line before the first SECTION_; is this a file of shifts?"))
            else:
                lines.append((number, line))
        for name in NEEDED:
            if name not in found:
                raise self.wrong(number, _("section SECTION_{name} is missing; add it").format(name=name))
        return {name: found.get(name, (number, [])) for name in SECTIONS}

    def _number(self, line: int, cell: str, most: int = LARGEST) -> int:
        if cell == "-0":  # stands in a public instance
            return 0
        if not (cell.isascii() and cell.isdigit()) or len(cell) > 9 or int(cell) > most:
            raise self.wrong(
                line, _("“{cell}” should be a whole number from 0 to {most}").format(cell=cell, most=most)
            )
        return int(cell)

    def _day(self, line: int, cell: str) -> int:
        return self._number(line, cell, self._days - 1)

    def _cells(self, line: Line, count: int) -> list[str]:
        cells = [cell.strip() for cell in line[1].split(",")]
        if len(cells) != count:
            raise self.wrong(
                line[0],
                _("{found} values between commas, {count} are needed").format(found=len(cells), count=count),
            )
        return cells

    def _known(self, line: int, cell: str, names: dict[str, int]) -> int:
        if cell not in names:
            raise self.wrong(line, _("nothing is called “{cell}”; use a name given above").format(cell=cell))
        return names[cell]

    def _named(self, names: dict[str, int], lines: Iterable[Line]) -> None:
        for number, line in lines:
            name = line.split(",")[0].strip()
            if name in names or name in ("", "-"):
                raise self.wrong(
                    number, _("“{name}” is no name, or given twice; give another").format(name=name)
                )
            names[name] = len(names)

    def _horizon(self, number: int, lines: list[Line]) -> int:
        if len(lines) != 1:
            raise self.wrong(number, _("SECTION_HORIZON is one line, the number of days"))
        days = self._number(*lines[0], LONGEST)
        if days == 0:
            raise self.wrong(lines[0][0], _("a period has at least one day"))
        return days

    def _read_shifts(self, lines: list[Line]) -> tuple[Shift, ...]:
        self._named(self._shifts, lines)
        made = []
        for line in lines:
            name, minutes, after = self._cells(line, 3)
            banned = [part.strip() for part in after.split("|")] if after else []
            made.append(
                Shift(
                    name,
                    self._number(line[0], minutes),
                    frozenset(self._known(line[0], part, self._shifts) for part in banned),
                )
            )
        return tuple(made)

    def _worker(self, line: Line, days_off: dict[int, frozenset[int]]) -> Worker:
        number = line[0]
        name, caps, *limits = self._cells(line, 8)
        most: dict[int, int] = {}
        for part in caps.split("|"):
            shift, _equals, count = part.partition("=")
            at = self._known(number, shift.strip(), self._shifts)
            if at in most:
                raise self.wrong(number, _("shift “{name}” is limited twice; keep one").format(name=shift))
            most[at] = self._number(number, count.strip())
        longest, least, run_most, run_least, off_least, weekends = (
            self._number(number, cell) for cell in limits
        )
        at = self._workers[name]
        return Worker(
            name,
            tuple(most.get(shift, self._days) for shift in range(len(self._shifts))),
            longest,
            least,
            run_most,
            run_least,
            off_least,
            weekends,
            days_off.get(at, frozenset()),
        )

    def _read_days_off(self, lines: list[Line]) -> dict[int, frozenset[int]]:
        found: dict[int, set[int]] = {}
        for number, line in lines:
            name, *days = [cell.strip() for cell in line.split(",")]
            at = self._known(number, name, self._workers)
            found.setdefault(at, set()).update(self._day(number, cell) for cell in days)
        return {at: frozenset(days) for at, days in found.items()}

    def _requests(self, lines: list[Line]) -> tuple[Request, ...]:
        made = []
        for line in lines:
            name, day, shift, weight = self._cells(line, 4)
            made.append(
                Request(
                    self._known(line[0], name, self._workers),
                    self._day(line[0], day),
                    self._known(line[0], shift, self._shifts),
                    self._number(line[0], weight),
                )
            )
        self._once(lines, made, lambda one: (one.worker, one.day, one.shift))
        return tuple(made)

    def _cover(self, lines: list[Line]) -> tuple[Cover, ...]:
        made = []
        for line in lines:
            day, shift, need, under, over = self._cells(line, 5)
            made.append(
                Cover(
                    self._day(line[0], day),
                    self._known(line[0], shift, self._shifts),
                    *(self._number(line[0], cell) for cell in (need, under, over)),
                )
            )
        self._once(lines, made, lambda one: (one.day, one.shift))
        return tuple(made)

    def _once(self, lines: list[Line], made: list[T], key: Callable[[T], object]) -> None:
        seen: set[object] = set()
        for line, one in zip(lines, made, strict=True):
            if key(one) in seen:
                raise self.wrong(line[0], _("the same cell is named twice in this section; keep one line"))
            seen.add(key(one))
