"""Every chance is exactly what the frame says, whatever the order of the input."""

from __future__ import annotations

import hashlib
import hmac
import random
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw.canon import NotCanonical, canon
from auditor.draw.lots import keep_order
from auditor.draw.prf import Coins, prf
from auditor.draw.probabilities import MILLION, TooMany, probabilities
from auditor.draw.tree import inclusion_path, node, root
from auditor.draw.units import draw_pivotal, draw_poisson, reserve_order

KEY = bytes(range(32))


def test_prf_is_hmac_over_length_prefixed_strings() -> None:
    """Written out by hand: 00000001 'a' 00000006 '学校'."""
    message = b"\0\0\0\x01a\0\0\0\x06" + "学校".encode()
    assert prf(KEY, "a", "学校") == hmac.new(KEY, message, hashlib.sha256).digest()
    # printf '\0\0\0\1a\0\0\0\6学校' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f
    assert prf(KEY, "a", "学校").hex() == "d4105666e93d16e7bb995badd099a13e2f38a381df2685ae054fb0c27ad40260"


def test_a_value_that_would_be_biased_is_skipped_and_counted() -> None:
    """With m = 2^63 + 1 every second value is too large: written out, the counter goes on over it."""
    m = 2**63 + 1
    values = [
        int.from_bytes(
            hmac.new(KEY, b"\0\0\0\x01x" + bytes([0, 0, 0, len(c)]) + c, "sha256").digest()[:8], "big"
        )
        for c in (str(at).encode() for at in range(60))
    ]
    small = [value for value in values if value < m]
    assert 10 < len(small) < 50
    coins = Coins(KEY, "x")
    assert [coins.below(m) for _ in small] == small


@pytest.mark.parametrize("value", [1.5, 2**53, "\ud800", {"键": 1}, {1: 2}, [float("nan")], {1}, b""])
def test_what_a_draw_cannot_hold_is_refused(value: object) -> None:
    """Floats, large numbers, lone surrogates and keys that are not ASCII."""
    with pytest.raises(NotCanonical):
        canon(value)


def test_canon_by_hand() -> None:
    """Sorted by code point, escaped as RFC 8785 does, no blanks."""
    assert (
        canon({"b": [1, True, None], "a": 'é"\\\n\x01/'})
        == "a".join(['{"', '":"é\\"\\\\\\n\\u0001/","b":[1,true,null]}']).encode()
    )


frames = st.lists(st.integers(1, 60), min_size=1, max_size=40)


@settings(deadline=None, max_examples=200)
@given(frames, st.data(), st.sampled_from([0, 300_000, 500_000, MILLION]))
def test_probabilities_keep_sum_floor_and_order(points: list[int], data: st.DataObject, floor: int) -> None:
    """The sum is exact, nobody is under the floor or over one, more points never mean less."""
    n = data.draw(st.integers(1, len(points)))
    by_id = {f"u{at:03d}": s for at, s in enumerate(points)}
    pi = probabilities(by_id, n, floor)
    assert sum(pi.values()) == n * MILLION
    assert all(floor * n // len(points) <= one <= MILLION for one in pi.values())
    ranked = sorted(by_id, key=lambda unit: by_id[unit])
    assert all(pi[a] <= pi[b] + 1 for a, b in pairwise(ranked))
    shuffled = dict(data.draw(st.permutations(list(by_id.items()))))
    assert probabilities(shuffled, n, floor) == pi


def test_probabilities_by_hand() -> None:
    """n 2 of 4, floor 0.3: 150000 each; the rest 1.4 by 1:1:2:10 caps the last; 0.55 by 1:1:2."""
    assert probabilities({"a": 1, "b": 1, "c": 2, "d": 10}, 2, 300_000) == {
        "a": 287_500,
        "b": 287_500,
        "c": 425_000,
        "d": MILLION,
    }


def by_the_page(points: dict[str, int], n: int, floor: int) -> dict[str, int]:
    """Section 2 of the contract word for word, in fractions: floors, shares, caps, largest remainders."""
    least = Fraction(floor, MILLION) * n / len(points)
    exact = dict.fromkeys(points, Fraction(1))
    below_one = dict(points)
    while below_one:
        rest = n - (len(points) - len(below_one)) - least * len(below_one)
        total = sum(below_one.values())
        exact |= {unit: least + rest * s / total for unit, s in below_one.items()}
        passing = [unit for unit in below_one if exact[unit] > 1]
        if not passing:
            break
        for unit in passing:
            exact[unit] = Fraction(1)
            del below_one[unit]
    whole = {unit: int(pi * MILLION) for unit, pi in exact.items()}
    by_remainder = sorted(exact, key=lambda unit: (whole[unit] - exact[unit] * MILLION, unit))
    for unit in by_remainder[: n * MILLION - sum(whole.values())]:
        whole[unit] += 1
    return whole


@settings(deadline=None, max_examples=3_000)
@given(st.integers(0, 2**64))
def test_probabilities_are_those_of_the_page(frame: int) -> None:
    """3,000 random frames, small and large risks mixed: the same millionths, none under its floor."""
    chance = random.Random(frame)
    count = chance.randint(1, 12)
    points = {
        f"u{at}": chance.choice((1, 2, chance.randint(1, 9), chance.randint(1, 500))) for at in range(count)
    }
    n = chance.randint(1, count)
    floor = chance.choice((0, 1, 300_000, 500_000, 999_999, MILLION))
    pi = probabilities(points, n, floor)
    assert pi == by_the_page(points, n, floor)
    assert sum(pi.values()) == n * MILLION
    assert min(pi.values()) >= floor * n // count


@pytest.mark.parametrize("n", [0, -1, 3])
def test_more_than_there_are_cannot_be_drawn(n: int) -> None:
    """Neither none nor more than all."""
    with pytest.raises(TooMany):
        probabilities({"a": 1, "b": 1}, n, 300_000)


def chances(units: list[dict[str, object]]) -> dict[str, Fraction]:
    """Every unit's exact chance: all outcomes of all duels, walked one by one.

    A coin below m that is compared with a bound c says yes for c of its m values, so the walk
    gives both answers with the chances c/m and 1 - c/m.
    """
    totals = {str(unit["id"]): Fraction(0) for unit in units}

    class Coin(int):
        """A coin that is told what it is compared with."""

        def __lt__(self, bound: int) -> bool:
            depth = len(path)
            answer = script[depth] if depth < len(script) else True
            path.append((answer, Fraction(bound, self)))
            return answer

    class Source:
        """Give coins that know their m."""

        def below(self, m: int) -> int:
            """Give the coin."""
            return Coin(m)

    script: list[bool] = []
    while True:
        path: list[tuple[bool, Fraction]] = []
        drawn = draw_pivotal(units, KEY, lambda _label: Source())
        weight = Fraction(1)
        for answer, chance in path:
            weight *= chance if answer else 1 - chance
        for unit in drawn:
            totals[unit] += weight
        while path and not path[-1][0]:
            path.pop()
        if not path:
            return totals
        script = [answer for answer, _ in path[:-1]] + [False]


@pytest.mark.parametrize(
    "points",
    [[1, 1, 1, 1], [1, 2, 3, 4, 5], [1, 1, 9, 9], [5, 1, 2, 7, 3, 2]],
)
def test_every_chance_is_exact(points: list[int]) -> None:
    """All outcomes of all coins, weighed: each unit's chance is its millionths to the last digit."""
    pi = probabilities({f"u{at}": s for at, s in enumerate(points)}, 2, 300_000)
    units: list[dict[str, object]] = [
        {"id": unit, "stratum": "AB"[at % 2], "pi": one} for at, (unit, one) in enumerate(pi.items())
    ]
    assert chances(units) == {unit: Fraction(one, MILLION) for unit, one in pi.items()}


@settings(deadline=None, max_examples=60)
@given(frames, st.data(), st.binary(min_size=32, max_size=32))
def test_a_draw_has_its_size_and_every_stratum_its_share(
    points: list[int], data: st.DataObject, key: bytes
) -> None:
    """n units, every stratum the floor or ceiling of its sum, whatever the order of the input."""
    n = data.draw(st.integers(1, len(points)))
    pi = probabilities({f"u{at:03d}": s for at, s in enumerate(points)}, n, 300_000)
    units = [
        {"id": unit, "stratum": data.draw(st.sampled_from("甲乙丙")), "pi": one} for unit, one in pi.items()
    ]
    drawn = draw_pivotal(units, key)
    assert len(drawn) == len(set(drawn)) == n
    for stratum in "甲乙丙":
        total = sum(one["pi"] for one in units if one["stratum"] == stratum)
        held = sum(one["stratum"] == stratum and one["id"] in drawn for one in units)
        assert total // MILLION <= held <= -(-total // MILLION)
    assert draw_pivotal(data.draw(st.permutations(units)), key) == drawn
    reserve = reserve_order(units, drawn, key)
    assert sorted(sum(reserve.values(), drawn)) == sorted(pi)


def test_a_poisson_draw_gives_each_unit_its_own_coin() -> None:
    """Certain units are in, and another unit's probability changes nothing for the rest."""
    units = [
        {"id": f"u{at}", "stratum": "A", "pi": pi} for at, pi in enumerate([MILLION, 1, 500_000, 500_000])
    ]
    drawn = draw_poisson(units, KEY)
    assert "u0" in drawn
    units[1]["pi"] = MILLION
    assert set(draw_poisson(units, KEY)) - {"u1"} == set(drawn) - {"u1"}


def test_who_is_kept_depends_on_the_key_alone() -> None:
    """The order of the input changes nothing; another key does."""
    units = [f"u{at}" for at in range(20)]
    assert keep_order(KEY, units) == keep_order(KEY, units[::-1])
    assert keep_order(KEY, units) != keep_order(KEY[::-1], units)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 13])
def test_every_leaf_has_a_path_to_the_root(count: int) -> None:
    """Hashing a leaf with its path, left or right by its index, gives the root."""
    leaves = [hashlib.sha256(bytes([at])).digest() for at in range(count)]
    for index in range(count):
        at, last, hashed = index, count - 1, leaves[index]
        for other in inclusion_path(leaves, index):
            while at % 2 == 0 and at == last:
                at, last = at // 2, last // 2
            hashed = node(other, hashed) if at % 2 else node(hashed, other)
            at, last = at // 2, last // 2
        assert hashed == root(leaves)
