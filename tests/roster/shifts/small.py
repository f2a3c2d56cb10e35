"""Small staffings for the tests, made by chance, and every roster of one person."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import strategies as st

from auditor.roster.shifts.cost import FREE, check
from auditor.roster.shifts.staffing import OFF, Cover, Request, Schedule, Shift, Staffing, Worker


def named(staffing: Staffing, rows: list[Schedule]) -> dict[str, list[str]]:
    """A roster in the words of a file."""
    return {
        worker.id: [FREE if entry == OFF else staffing.shifts[entry].id for entry in schedule]
        for worker, schedule in zip(staffing.workers, rows, strict=True)
    }


def alone(staffing: Staffing, worker: Worker) -> Staffing:
    """The same period for one person, without wishes and cover."""
    return Staffing(staffing.days, staffing.shifts, (worker,), (), (), ())


def legal(staffing: Staffing, worker: Worker) -> Iterator[Schedule]:
    """Every schedule of a person that the checker has nothing against."""
    world = alone(staffing, worker)
    for entries in product(range(OFF, len(staffing.shifts)), repeat=staffing.days):
        if not check(world, named(world, [entries])):
            yield entries


@st.composite
def staffings(draw: st.DrawFn, days: int = 8, people: int = 2) -> Staffing:
    """A period of so many days with two kinds of shift; somebody may have no legal schedule."""
    number = st.integers
    late = draw(st.sampled_from([480, 600]))
    shifts = (
        Shift("E", 480, frozenset()),
        Shift("L", late, frozenset(draw(st.sets(st.sampled_from([0, 1]))))),
    )
    workers = []
    for name in "ABC"[:people]:
        least = draw(number(0, 5)) * 480
        workers.append(
            Worker(
                name,
                (draw(number(0, days)), draw(number(0, 3))),
                least + draw(number(0, 3)) * 240,
                least,
                draw(number(1, 5)),
                draw(number(1, 3)),
                draw(number(1, 3)),
                draw(number(0, 1)),
                frozenset(draw(st.sets(number(0, days - 1), max_size=2))),
            )
        )
    cells = [(day, shift) for day in range(days) for shift in (0, 1)]
    weight = number(0, 3)
    wishes = [
        tuple(Request(one, *cell, draw(weight)) for one in range(people) for cell in drawn)
        for drawn in (draw(st.sets(st.sampled_from(cells), max_size=3)) for _kind in range(2))
    ]
    cover = tuple(Cover(*cell, draw(number(0, people)), draw(number(0, 9)), draw(weight)) for cell in cells)
    return Staffing(days, shifts, tuple(workers), wishes[0], wishes[1], cover)
