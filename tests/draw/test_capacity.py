"""How many units fit: the largest n, by a flow of visits to slots instead of Hall's condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw.capacity import Need, capacity
from auditor.draw.probabilities import MILLION, probabilities

SLOTS = ("afternoon", "evening", "morning")
GROUPS = [
    tuple(slot for slot, there in zip(SLOTS, chosen, strict=True) if there)
    for chosen in product((False, True), repeat=3)
    if any(chosen)
]


def flows(load: Mapping[tuple[str, ...], Fraction], room: Mapping[str, Fraction]) -> bool:
    """Whether all loads can be poured into slots: augmenting paths over what is left."""
    rest = dict(room)
    poured = {(group, slot): Fraction(0) for group in load for slot in group}
    for group, amount in load.items():
        while amount > 0:
            # breadth first from this group over slots, back over what other groups poured there
            came: dict[str, tuple[str, tuple[str, ...]] | None] = dict.fromkeys(group)
            queue = list(group)
            end = ""
            while queue and not end:
                slot = queue.pop(0)
                if rest[slot] > 0:
                    end = slot
                    break
                for other in load:
                    if slot in other and poured[other, slot] > 0:
                        for further in other:
                            if further not in came:
                                came[further] = (slot, other)
                                queue.append(further)
            if not end:
                return False
            path: list[tuple[str, str, tuple[str, ...]]] = []
            at = end
            while (step := came[at]) is not None:
                path.append((step[0], at, step[1]))
                at = step[0]
            by = min([amount, rest[end], *(poured[other, slot] for slot, _to, other in path)])
            rest[end] -= by
            amount -= by
            poured[group, at] += by
            for slot, to, other in path:
                poured[other, slot] -= by
                poured[other, to] += by
    return True


needs_of_units = st.lists(
    st.lists(st.builds(Need, slots=st.sampled_from(GROUPS), lunch=st.booleans()), min_size=1, max_size=2),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=60)
@given(needs_of_units, st.integers(0, 40), st.tuples(*[st.integers(0, 4)] * 3))
def test_the_largest_number_that_fits_is_found(
    visits: Sequence[Sequence[Need]], usable: int, stand_by: tuple[int, ...]
) -> None:
    """Every n is tried one by one, its visits poured into slots; risk grows with the index."""
    needs = {f"u{at}": one for at, one in enumerate(visits)}
    points = {unit: 1 + at for at, unit in enumerate(needs)}
    standing_by = dict(zip(SLOTS, stand_by, strict=True))
    room = {slot: Fraction(2, 3) * count for slot, count in standing_by.items()}

    def load(n: int) -> dict[tuple[str, ...], Fraction]:
        out: dict[tuple[str, ...], Fraction] = {}
        for unit, pi in probabilities(points, n, 300_000).items():
            for need in needs[unit]:
                each = Fraction(10, 13) if need.lunch else Fraction(2, 3)
                out[need.slots] = out.get(need.slots, Fraction(0)) + each * pi / MILLION
        return out

    fitting = [
        n
        for n in range(1, len(needs) + 1)
        if sum(load(n).values()) <= Fraction(9, 10) * usable and flows(load(n), room)
    ]
    found = capacity(
        needs, lambda n: probabilities(points, n, 300_000), usable=usable, standing_by=standing_by
    )
    assert found.n == max(fitting, default=0)
    assert fitting == list(range(1, found.n + 1))
    if found.n:
        total = {"+".join(group): amount for group, amount in load(found.n).items() if amount}
        assert {group: amount for group, amount in found.expected.items() if amount} == total


def test_capacity_by_hand() -> None:
    """Ten equal units, one flexible visit each: 0.9 × 8 = 7.2 sorties × 1.5 = 10.8 units, so all ten.

    With 4 half-days: 3.6 × 1.5 = 5.4, so 5. With lunch visits and 3 mornings: 2/3 × 3 × 1.3 = 2.6.
    """
    points = {f"u{at}": 1 for at in range(10)}

    def n_of(need: Need, usable: int, morning: int) -> int:
        return capacity(
            {unit: [need] for unit in points},
            lambda n: probabilities(points, n, 300_000),
            usable=usable,
            standing_by={"morning": morning, "afternoon": 12},
        ).n

    flexible = Need(slots=("afternoon", "morning"))
    assert n_of(flexible, 8, 12) == 10
    assert n_of(flexible, 4, 12) == 5
    assert n_of(Need(slots=("morning",), lunch=True), 100, 3) == 2
    assert n_of(flexible, 0, 12) == 0


def test_visits_that_may_go_to_two_slots_must_fit_into_both_together() -> None:
    """Three half-days in all: 2/3 × 3 = 2 sorties × 1.5 = 3 of the ten units, however they are split."""
    points = {f"u{at}": 1 for at in range(10)}
    for morning, afternoon in ((3, 0), (2, 1), (0, 3)):
        found = capacity(
            {unit: [Need(slots=("afternoon", "morning"))] for unit in points},
            lambda n: probabilities(points, n, 300_000),
            usable=100,
            standing_by={"morning": morning, "afternoon": afternoon, "evening": 50},
        )
        assert found.n == 3
        assert found.expected == {"afternoon+morning": 2}
