"""The attacker finds what is there, and nothing where nothing is."""

from __future__ import annotations

import re
import sys
from typing import cast

import numpy as np
import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor
from auditor.leak import controls, features, trial
from auditor.leak.attacker import NoBoosting, boosting, one_thread
from auditor.leak.declared import Declared
from auditor.leak.ground import ground_of
from auditor.leak.records import Semester
from leak.world import DAYS, UNITS, by_lot, county, sweep

TRAIN = 8
GROUND = ground_of(county())


def attacked(semesters: list[Semester]) -> trial.Leak:
    """Try T1 on semesters in this order."""
    with one_thread():
        return trial.leak(features.cases(GROUND, semesters), TRAIN, 1)[0]


def test_a_sweep_from_town_to_town_is_found() -> None:
    """Who knows the last day knows the town of the next: far above the policy attacker."""
    found = attacked([sweep(at) for at in range(20)])
    assert found.r.low > 2.0
    assert found.full > 3.0


def test_an_order_by_lot_gives_nothing_beyond_the_policy() -> None:
    """Who is done is the policy's own leak; R stays about 1."""
    found = attacked([by_lot(at) for at in range(20)])
    assert found.policy > 1.2
    assert found.r.low < 1.0 < found.r.high < 1.15


def test_a_sweep_whose_days_are_shuffled_gives_nothing() -> None:
    """The pure shuffle takes the order away and keeps every tour."""
    chance = np.random.default_rng(1)
    before = [sweep(at) for at in range(20)]
    after = [controls.shuffled(one, chance) for one in before]
    for one, other in zip(before, after, strict=True):
        assert {(v.tour, v.unit) for v in one.visits} == {(v.tour, v.unit) for v in other.visits}
        assert sorted(v.day for v in one.visits) == sorted(v.day for v in other.visits)
    found = attacked(after)
    assert found.r.low < 1.0 < found.r.high < 1.15


def test_the_same_attack_gives_the_same_numbers() -> None:
    """Nothing depends on threads or on what ran before."""
    semesters = [by_lot(at) for at in range(12)]
    assert attacked(semesters) == attacked(semesters)


class _Always:
    """A chance that plants every day and leaves every order as it is."""

    def random(self) -> float:
        """Give the smallest number."""
        return 0.0

    def permutation(self, count: int) -> list[int]:
        """Give the order that there was."""
        return list(range(count))


def test_the_planted_bias_brings_the_nearest_tour_forward() -> None:
    """With all days planted, the next tour is the nearest of those to come; tours stay whole."""
    before = by_lot(3)
    chance = cast("np.random.Generator", _Always())
    after = controls.planted(before, GROUND, chance)
    of_day: dict[int, list[int]] = {}
    for visit in after.visits:
        of_day.setdefault(visit.day, []).append(visit.unit)
    assert sorted(map(sorted, of_day.values())) == sorted(
        sorted(v.unit for v in before.visits if v.tour == tour) for tour in range(UNITS // 2)
    )
    for day in range(len(of_day) - 1):
        far = [
            max(min(GROUND.km[unit, were] for were in of_day[day]) for unit in of_day[later])
            for later in range(day + 1, len(of_day))
        ]
        assert far[0] == min(far)


def test_each_task_asks_about_those_who_could_be_meant() -> None:
    """T1 all units, T2 all but the first stop, T3 a week, T4 those who stand by, T5 the days."""
    case = features.cases(GROUND, [by_lot(1), by_lot(2)])[1]
    rows = {name: ask(case) for name, ask in features.TASKS.items()}
    busy = UNITS // 2
    assert (len(rows["T1"]), rows["T1"].true.sum()) == (busy * UNITS, UNITS)
    assert (len(rows["T2"]), rows["T2"].true.sum()) == (busy * (UNITS - 1), busy)
    weeks = len({day.isocalendar()[:2] for day in case.semester.days})
    assert (len(rows["T3"]), rows["T3"].true.sum()) == (weeks * UNITS, UNITS)
    assert (len(rows["T4"]), rows["T4"].true.sum()) == (busy * 4, busy * 2)
    assert (len(rows["T5"]), rows["T5"].true.sum()) == (DAYS, busy)
    assert len(set(rows["T5"].question.tolist())) == 1


def test_no_feature_knows_the_day_that_it_foretells() -> None:
    """The rows of a day stay as they are when that day and all later ones are visited otherwise."""
    old, one, other = by_lot(1), by_lot(2), by_lot(3)
    day = 9
    early = tuple(visit for visit in one.visits if visit.day < day)
    late = tuple(visit for visit in other.visits if visit.day >= day)
    mixed = Semester(**{name: getattr(one, name) for name in one.__slots__} | {"visits": (*early, *late)})
    rows = [features.tomorrow(features.cases(GROUND, [old, this])[1]) for this in (one, mixed)]
    for of_day in range(day + 1):
        same = [this.known[this.question == of_day] for this in rows]
        assert np.array_equal(*same)
        assert np.array_equal(*(this.hazard[this.question == of_day] for this in rows))


def test_the_declared_hazard_sums_to_what_is_still_to_come() -> None:
    """Certain to be visited within the window, and not seen yet: one visit in all that is left."""
    semester = by_lot(1)
    declared = Declared(semester, GROUND.same_stratum)
    nobody = np.zeros((DAYS, UNITS), dtype=np.int64)
    for known in (0, 13, DAYS - 1):
        left = sum(declared.hazard(nobody, day, known) for day in range(known, DAYS))
        assert left == pytest.approx(np.ones(UNITS))
    seen = nobody.copy()
    seen[3, 5] = 1
    assert declared.hazard(seen, 20, 20)[5] < 1e-4


def test_without_the_library_one_sentence_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback of an import."""
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(NoBoosting, match=r"-m pip install scikit-learn"):
        boosting()
    done = CliRunner().invoke(auditor, ["leak", "test", "--simulate", "2"])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert re.fullmatch(r"Error: .*scikit-learn.* -m pip install scikit-learn\n", done.stderr)
