"""Spot checks are drawn with exactly their chances, by the lots of the contract."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from all_outcomes import outcomes
from auditor.draw import spot, verify
from auditor.draw.prf import prf
from auditor.draw.probabilities import MILLION, TooMany
from auditor.draw.seed import draw_key
from auditor.draw.spot import AGAIN, DAY, NIGHT, Seat, Shift, shifts_of, spot_frames
from auditor.draw.units import draw_pivotal, draw_poisson

FIRST = date(2026, 12, 1)
PERIOD = ("2026-12-01", "2026-12-31")
KEY = bytes(range(32))
PHI = 300_000


def desk_seats(desk: str, days: int) -> list[Seat]:
    """The bureau's default posts on some days: leader 24 h, day and night officer."""
    return [
        Seat(desk=desk, day=FIRST + timedelta(days=at), post=post, start=start, minutes=minutes)
        for at in range(days)
        for post, start, minutes in (("lead", 480, 1440), ("day", 480, 600), ("night", 1080, 840))
    ]


def test_a_leader_of_24_hours_is_called_in_the_shifts_that_he_covers() -> None:
    """Two shifts a day, told by hand; the leader belongs to both, the other officer to none."""
    day, night = shifts_of(desk_seats("bureau", 1))
    assert (day.id, day.night, day.posts) == ("bureau/2026-12-01/08:00-18:00", False, ("day", "lead"))
    assert (night.id, night.night, night.posts) == (
        "bureau/2026-12-01/18:00-08:00",
        True,
        ("lead", "night"),
    )
    assert night.on_duty(0) == ("lead", "night") == night.on_duty(839)
    assert day.on_duty(599) == ("day", "lead")


def test_a_desk_with_seats_of_24_hours_only_is_cut_at_8_and_18() -> None:
    """From 6 to 6: three parts, the last of them on the day on which it begins."""
    seat = Seat(desk="s", day=FIRST, post="duty", start=18 * 60, minutes=1440)
    assert [one.id for one in shifts_of([seat])] == ["s/2026-12-01/18:00-08:00", "s/2026-12-02/08:00-18:00"]


@pytest.mark.parametrize(
    ("start", "minutes", "night"),
    [
        pytest.param(9 * 60 + 40, 40, False, id="stairs between lessons"),
        pytest.param(19 * 60, 120, True, id="evening study"),
        pytest.param(22 * 60, 90, True, id="dormitory round"),
        pytest.param(5 * 60, 119, True, id="middle before six"),
        pytest.param(5 * 60, 120, False, id="middle at six"),
    ],
)
def test_day_and_night_part_by_the_middle_of_a_shift(start: int, minutes: int, night: bool) -> None:
    """Six to six."""
    [shift] = shifts_of([Seat(desk="s", day=FIRST, post="x", start=start, minutes=minutes)])
    assert shift.night is night


SEATS = st.lists(
    st.builds(
        Seat,
        desk=st.sampled_from(["bureau", "0001", "a/b"]),
        day=st.integers(0, 4).map(lambda at: FIRST + timedelta(days=at)),
        post=st.sampled_from(["lead", "day", "night", "stairs"]),
        start=st.integers(0, 1439),
        minutes=st.integers(11, 1440),
    ),
    max_size=14,
)


@given(SEATS)
def test_shifts_have_one_id_each_that_tells_their_times_and_cover_every_seat(seats: list[Seat]) -> None:
    """What a stranger reads from the frame is the shift; no seat is left without one, none is invented."""
    shifts = shifts_of(seats)
    assert len({one.id for one in shifts}) == len(shifts)
    for one in shifts:
        assert spot.read_shift(one.id) == (one.day, one.start, one.minutes)
        assert one.minutes <= spot.LONGEST_MIN
        assert set(one.on_duty(0)) <= set(one.posts)
    called = {(seat.desk, seat.day, seat.post, seat.start) for one in shifts for seat in one.seats}
    assert called <= {(seat.desk, seat.day, seat.post, seat.start) for seat in seats}
    for seat in seats:
        if seat.minutes <= spot.LONGEST_MIN:
            assert any(
                (one.desk, one.day, one.start, one.minutes) == (seat.desk, seat.day, seat.start, seat.minutes)
                for one in shifts
            )


WORLDS = st.tuples(
    st.dictionaries(st.sampled_from(["bureau", "0001", "0002", "0003"]), st.integers(1, 6), min_size=1),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(1, 9),
    st.binary(min_size=32, max_size=32),
)


@settings(max_examples=60)
@given(WORLDS)
def test_numbers_and_desks_come_out_as_their_chances_say(
    world: tuple[dict[str, int], int, int, int, bytes],
) -> None:
    """Sums are whole, nobody lies below the floor, every desk is within one of its sum, and lots repeat."""
    desks, day, night, weight, key = world
    shifts = shifts_of(seat for desk, days in desks.items() for seat in desk_seats(desk, days))
    weights = {one.id: weight for one in shifts if one.day == FIRST}
    half = len(shifts) // 2
    wanted = {DAY: min(day, half), NIGHT: min(night, half)}
    frames, draws = spot_frames(shifts, wanted, weights, PHI, PERIOD)
    assert [one["key"] for one in draws] == sorted(frames)
    for one in draws:
        units = frames[one["key"]]["units"]
        if one["key"] == AGAIN:
            drawn = draw_poisson(units, draw_key(key, AGAIN))
        else:
            n = wanted[one["key"]]
            assert sum(unit["pi"] for unit in units) == n * MILLION
            assert all(unit["pi"] >= PHI * n // len(units) for unit in units)
            drawn = draw_pivotal(units, draw_key(key, one["key"]))
            assert len(drawn) == n
            sums: Counter[str] = Counter()
            for unit in units:
                sums[unit["stratum"]] += unit["pi"]
            took = Counter(unit["stratum"] for unit in units if unit["id"] in drawn)
            for desk, total in sums.items():
                assert total // MILLION <= took[desk] <= -(-total // MILLION)
        # the verifier is another program over the same lots
        assert drawn == verify.draw_units(units, one["method"], verify.prf(key, "draw", one["key"]))


def test_every_shift_is_drawn_with_exactly_its_chance() -> None:
    """All outcomes of all coins of small frames, with their weights as fractions."""
    for days, n, weight in product((1, 2), (1, 2), (1, 3)):
        shifts = shifts_of([*desk_seats("bureau", days), *desk_seats("0001", 1)])
        weights = {one.id: weight for one in shifts if one.desk == "bureau"}
        frames, _draws = spot_frames(shifts, {DAY: n, NIGHT: 0}, weights, PHI, PERIOD)
        units = frames[DAY]["units"]
        chances = dict.fromkeys((unit["id"] for unit in units), Fraction(0))
        for chance, drawn in outcomes(units, KEY):
            for unit in drawn:
                chances[unit] += chance
        assert chances == {unit["id"]: Fraction(unit["pi"], MILLION) for unit in units}


def test_the_chance_over_all_sub_draws_is_one_minus_the_chance_to_be_missed_by_each() -> None:
    """By hand: 1 of 2 shifts, then a third of a call over both: 1 − ½ · 5/6."""
    shifts = shifts_of(desk_seats("bureau", 2))
    frames, _draws = spot_frames(shifts, {DAY: 1, NIGHT: 0}, {}, PHI, PERIOD)
    again = frames[AGAIN]["units"]
    assert {one["pi"] for one in again} == {166_666}  # a quarter of all calls: 1/3 over two day shifts
    assert set(spot.chances_of(frames).values()) == {1 - Fraction(1, 2) * (1 - Fraction(166_666, MILLION))}


def test_more_shifts_than_there_are_cannot_be_drawn() -> None:
    """The sentence comes of the contract's own check."""
    with pytest.raises(TooMany):
        spot_frames(shifts_of(desk_seats("bureau", 2)), {DAY: 3, NIGHT: 1}, {}, PHI, PERIOD)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 840))
def test_a_call_is_never_in_the_last_minutes_and_repeats(key: bytes, minutes: int) -> None:
    """Whoever calls back within five minutes does so before the hand-over; a lot is a lot."""
    at = spot.call_minute(key, "bureau/2026-12-01/18:00-08:00", minutes)
    assert 0 <= at < max(1, minutes - spot.LAST_MIN)
    assert at == spot.call_minute(key, "bureau/2026-12-01/18:00-08:00", minutes)


def test_the_minute_of_a_call_is_known_to_hmac_alone() -> None:
    """Written out without our code: the first value below the limit, modulo 830 minutes."""
    unit = "bureau/2026-12-01/18:00-08:00"
    for counter in range(9):
        message = b"".join(
            len(part.encode()).to_bytes(4, "big") + part.encode() for part in ("call/" + unit, str(counter))
        )
        value = int.from_bytes(hmac.new(KEY, message, hashlib.sha256).digest()[:8], "big")
        if value < 2**64 - 2**64 % 830:
            break
    assert spot.call_minute(KEY, unit, 840) == value % 830


def test_a_shift_drawn_twice_is_called_once_and_stands_in_the_records_of_both_draws() -> None:
    """The contract asks for a record a draw; the call and its minute are the same."""
    shifts = {one.id: one for one in shifts_of(desk_seats("bureau", 1))}
    unit = "bureau/2026-12-01/18:00-08:00"
    drawn = {NIGHT: (unit,), AGAIN: tuple(shifts)}
    times = {one.id: (one.day, one.start, one.minutes) for one in shifts.values()}
    calls = spot.calls_of(KEY, drawn, times)
    assert sorted(one for one, _day, _at in calls) == sorted(shifts)
    records = spot.unplaced_calls(drawn, calls)
    assert len(records) == 3
    assert len({one["evidence"] for one in records if one["unit"] == unit}) == 1


def test_calls_spread_over_the_whole_shift() -> None:
    """Of 2,000 keys a tenth of the calls lies in each tenth of the minutes, within four deviations."""
    tenths = Counter(
        spot.call_minute(prf(KEY, str(at)), "bureau/2026-12-01/18:00-08:00", 840) * 10 // 830
        for at in range(2000)
    )
    assert all(abs(tenths[at] - 200) < 4 * (2000 * 0.1 * 0.9) ** 0.5 for at in range(10))


def test_a_shift_that_the_frame_does_not_name_is_none() -> None:
    """Ids are read strictly: a time that is none is refused."""
    with pytest.raises(ValueError, match="month"):
        spot.read_shift("bureau/2026-13-01/18:00-08:00")


def test_seats_of_one_time_are_one_shift() -> None:
    """Two posts of a school at one hour are one call."""
    seats = [Seat(desk="s", day=FIRST, post=post, start=1140, minutes=120) for post in ("evening", "duty")]
    [shift] = shifts_of(seats)
    assert isinstance(shift, Shift)
    assert shift.posts == ("duty", "evening")
