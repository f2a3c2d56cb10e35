"""The step of the leak test: semesters simulated or read from a bureau's file, the trial, its controls."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np

from auditor.draw.prf import prf
from auditor.errors import Infeasible
from auditor.i18n import _
from auditor.leak.attacker import one_thread
from auditor.leak.controls import planted, shuffled
from auditor.leak.features import cases
from auditor.leak.ground import ground_of
from auditor.leak.records import County, Point, Semester
from auditor.leak.trial import Answer, Leak, answer, leak
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.numbers import read_frozen
from auditor.store.records import read_draw, read_plans
from auditor.workflow import plans
from auditor.workflow.domains import load_all
from auditor.workflow.publicity import Public, semester_of
from auditor.workflow.semesters import COUNTY, Size, county_of, districts_of, simulate

GATE = 1.05
"""The upper end of R's interval is at most this, or the tool leaks."""
SEEN = 1.10
"""The planted bias reads at least this, or the test is blind."""
SEMESTERS, TRAIN = 60, 14
PROCESSES = 2
OTHERS = ("T2", "T3", "T4", "T5")
ATTACKS = (REST, PLANS, SHUFFLE, PLANTED) = ("rest", "plans", "shuffle", "planted")
"""The OTHERS together, the longest; T1 on the plans, and on the two controls."""
FEWEST_SEMESTERS = 2
"""Who learns needs two, for either half of them checks the other."""
FEWEST_PLANS = 12
"""Fewer plans to foretell than this give no interval."""
DUE_ROUGH, DUE_FINE = 1_135, 4_440
"""Visits that chance puts into the top tenth, for telling R apart from 1.10 and from 1.05."""

Progress = Callable[[str], None]
One = TypeVar("One")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What the leak test found: on the plans themselves, and on its two controls.

    `rho` is visits a unit and semester (a plan, where plans of a bureau are tested), `km` what tours drive
    a day with visits, None where nobody knows. `warnings` are sentences.
    """

    leak: Leak
    tasks: dict[str, Answer]
    shuffle: Leak
    planted: Leak
    tested: int
    train: int
    units: int
    visits: int
    rho: float
    km: float | None
    warnings: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the tool keeps the gate and both controls read what they must."""
        return self.leak.r.high <= GATE and self.controlled

    @property
    def leaks(self) -> bool:
        """Whether a leak is shown: all of R's interval lies above the gate, and the controls are right."""
        return self.leak.r.low > GATE and self.controlled

    @property
    def controlled(self) -> bool:
        """Whether both controls read what they must: else the test says nothing."""
        return self.shuffle.r.high <= GATE and self.planted.r.value >= SEEN


def steps(count: int, train: int) -> int:
    """Give how many steps of progress a simulated test says."""
    return count + train + len(ATTACKS)


def run_simulated(
    count: int,
    train: int,
    seed: str,
    *,
    processes: int = PROCESSES,
    size: Size = COUNTY,
    progress: Progress = lambda step: None,
) -> Tested:
    """Simulate `train` semesters to learn on and `count` to foretell, and run the test on them.

    The same seed gives the same numbers, whatever `processes` is.
    """
    county = county_of(districts_of(seed, size))
    semesters = []
    for semester in _each(partial(_simulate, seed, size), range(count + train), processes):
        semesters.append(semester)
        progress(_("semester {number} of {all}").format(number=len(semesters), all=count + train))
    return _run(_Trial(county, semesters, train, seed, None), processes, progress)


def _each(do: Callable[[One], Found], ones: Sequence[One], processes: int) -> Iterator[Found]:
    """Do the same with each, several at a time where there are processes; results in the order of `ones`."""
    if processes == 1:
        yield from map(do, ones)
        return
    fresh = multiprocessing.get_context("spawn")  # a fork would copy locks of the solver's threads
    with ProcessPoolExecutor(processes, mp_context=fresh) as pool:
        yield from pool.map(do, ones)


def _simulate(seed: str, size: Size, number: int) -> Semester:
    return simulate(seed, number, load_all(), size)


@dataclass(frozen=True, slots=True)
class _Trial:
    """What every attack starts from."""

    county: County
    semesters: Sequence[Semester]
    train: int
    seed: str
    samples: Sequence[Sequence[int]] | None

    def attack(self, what: str) -> tuple[dict[str, Leak], dict[str, Answer]]:
        """Try one of ATTACKS; none of them reads what another found.

        Returns
        -------
        What T1 leaks, by attack, and the answers by task; of the controls only what leaks.
        """
        ground = ground_of(self.county)
        several: Sequence[Semester] = self.semesters
        chance = np.random.default_rng(_number(self.seed, what))
        if what == SHUFFLE:
            several = [shuffled(one, chance) for one in several]
        elif what == PLANTED:
            several = [planted(one, ground, chance) for one in several]
        known = cases(ground, several, self.samples)
        with one_thread():
            if what == REST:
                return {}, {task: answer(task, known, self.train) for task in OTHERS}
            found, first = leak(known, self.train, _number(self.seed, "bootstrap"))
            return {what: found}, {"T1": first} if what == PLANS else {}


def _run(trial: _Trial, processes: int, progress: Progress) -> Tested:
    said = {
        REST: ", ".join(OTHERS),
        PLANS: _("T1 on the plans"),
        SHUFFLE: _("control: shuffled"),
        PLANTED: _("control: planted"),
    }
    leaked: dict[str, Leak] = {}
    tasks: dict[str, Answer] = {}
    for what, (more, answers) in zip(ATTACKS, _each(trial.attack, ATTACKS, processes), strict=True):
        leaked |= more
        tasks |= answers
        progress(said[what])
    tested = trial.semesters[trial.train :]
    county = trial.county
    visits = sum(len(one.visits) for one in tested)
    busy = sum(len({visit.day for visit in one.visits}) for one in tested)
    metres = sum(one.metres for one in tested)
    return Tested(
        leak=leaked[PLANS],
        tasks={task: tasks[task] for task in sorted(tasks)},
        shuffle=leaked[SHUFFLE],
        planted=leaked[PLANTED],
        tested=len(tested),
        train=trial.train,
        units=len(county.units),
        visits=visits,
        rho=visits / len(county.units) / len(tested),
        km=metres / 1000 / busy if metres and busy else None,
    )


def _number(seed: str, what: str) -> int:
    """Give a number for a library's generator that follows from the seed and its use."""
    return int.from_bytes(prf(seed.encode("utf-8"), "auditor/leak-chance/v1", what)[:8], "big")


def run_plans(
    db: Database,
    seed: str,
    plugins: Plugins,
    train: int | None = None,
    progress: Progress = lambda step: None,
) -> Tested:
    """Run the test on the closed plans of a bureau: learn on the earlier semesters, foretell the later.

    Semesters are February to July and August to January. What is still sealed is not read. The
    interval resamples months.

    Parameters
    ----------
    train
        Semesters to learn on; the earlier half where it is not given.

    Raises
    ------
    Infeasible
        If there are too few closed plans for any interval.
    """
    numbers, county = _closed(db)
    grouped: dict[tuple[int, int], list[Public]] = {}
    for one in numbers:
        grouped.setdefault(half_year(one.commit["spec"]["period"][0]), []).append(one)
    learn = len(grouped) // 2 if train is None else train
    later = list(islice((grouped[key] for key in sorted(grouped)), learn, None))
    months = {one.commit["spec"]["period"][0][:7] for several in later for one in several}
    if learn < FEWEST_SEMESTERS or len(months) < FEWEST_PLANS:
        raise Infeasible(
            reason=_(
                "{plans} closed plans are too few: an interval needs {fewest} months to foretell ({months} "
                "here) and at least two semesters before them to learn from; until then test the tool "
                "itself, `auditor leak test --simulate 60`"
            ).format(plans=len(numbers), fewest=FEWEST_PLANS, months=len(months))
        )
    semesters = [semester_of(grouped[key], county, plugins) for key in sorted(grouped)]
    samples, before = [], 0
    for semester in semesters:
        samples.append([before + plan for plan in semester.plan_of])
        before += max(semester.plan_of) + 1
    tested = _run(_Trial(county, semesters, learn, seed, samples), PROCESSES, progress)
    due = round(tested.visits / 10)
    if due >= DUE_FINE:
        return tested
    need = DUE_ROUGH if due < DUE_ROUGH else DUE_FINE
    rough = _(
        "{visits} visits are few: to tell R from {gate} takes about {need}; the interval is rough"
    ).format(visits=tested.visits, gate=SEEN if due < DUE_ROUGH else GATE, need=need * 10)
    return replace(tested, warnings=(rough,))


def half_year(day: str) -> tuple[int, int]:
    """Give year and half of a day's semester: 0 from February, 1 from August to January."""
    year, month = int(day[:4]), int(day[5:7])
    return (year - 1, 1) if month == 1 else (year, 0 if month < 8 else 1)


def _closed(db: Database) -> tuple[list[Public], County]:
    """Read every closed number and the county of all their units, as each was frozen last."""
    found = []
    places: dict[str, tuple[Point, Point]] = {}
    strata: dict[str, str] = {}
    for _key, (number, _plan) in sorted(read_plans(db).items()):
        closed = read_draw(db, number)
        if closed is None:
            continue
        parts = read_frozen(db, number)
        if "places" in parts:
            here = plans.frozen_places(parts["places"])
        else:  # an open demonstration has its places from the register
            here = plans.places_of(plans.units_of_frames(db, closed["frames"])[0], plans.start_of(db))
        known = [unit for frame in closed["frames"].values() for unit in frame["units"]]
        if any(unit["id"] not in here.points for unit in known):
            continue
        strata |= {unit["id"]: unit["stratum"] for unit in known}
        places |= {unit["id"]: (here.points[unit["id"]], here.start) for unit in known}
        found.append(
            Public(
                commit=closed["commit"],
                frames=closed["frames"],
                field=closed["field"],
                visits=[one for one in closed["plan"] if one["source"] == "drawn"],
                staff={neutral: own for own, neutral in plans.staff_key(db, number).items()},
            )
        )
    units = sorted(places)
    return found, County(
        units=tuple(units),
        points=tuple(places[unit][0] for unit in units),
        towns=tuple(strata[unit] for unit in units),
        strata=tuple(strata[unit] for unit in units),
        starts=tuple(places[unit][1] for unit in units),
        staff=tuple(sorted({own for one in found for own in one.staff.values()})),
    )
