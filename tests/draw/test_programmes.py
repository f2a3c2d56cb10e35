"""A programme's file is taken whole or refused with everything that is wrong with it."""

from __future__ import annotations

import time
import unicodedata
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw.frames import MOST_DAYS, name_fault
from auditor.draw.programmes import (
    CERTAIN,
    DRIVER,
    KEYS,
    LEAST_FLOOR,
    MODES,
    STRATA,
    BadProgramme,
    Programme,
    read_programme,
)
from auditor.entities import SLOTS

REQUIRED = {
    "id": '"autumn"',
    "name": '"秋季抽查"',
    "from": "2026-12-01",
    "to": "2026-12-31",
    "basis": '"年度计划"',
    "domains": '["food", "fire"]',
}


def document(**other: str | None) -> str:
    """A programme that is right, with keys written otherwise; None leaves one out; `first` is `from`."""
    rows: dict[str, str | None] = dict(REQUIRED)
    for key, value in other.items():
        rows["from" if key == "first" else key] = value
    return "".join(f"{key} = {value}\n" for key, value in rows.items() if value is not None)


def read(**other: str | None) -> Programme:
    """What the programme says."""
    return read_programme(document(**other).encode(), "p.toml")


def refused(**other: str | None) -> str:
    """All the faults of the programme."""
    with pytest.raises(BadProgramme) as caught:
        read(**other)
    return str(caught.value.facts["faults"])


def test_the_least_programme_has_the_defaults_of_the_page() -> None:
    """Six keys are enough; the floor is 0.3, a team two, a quarter of the visits weekly, no number."""
    assert read() == Programme(
        id="autumn", name="秋季抽查", first=date(2026, 12, 1), last=date(2026, 12, 31), basis="年度计划",
        item="", document="", domains=("fire", "food"), domains_each=None, units=None, share=None,
        floor=300_000, strata="township", certain=(), grades=(), team=2, weekly=Fraction(1, 4),
        modes=("明查",), cap=None, cap_enterprises=None, keep=2,
    )  # fmt: skip


@pytest.mark.parametrize("key", list(REQUIRED))
def test_a_key_that_is_required_is_missed_by_name(key: str) -> None:
    """Without it nothing is kept, and only it is named."""
    assert refused(**{"first" if key == "from" else key: None}) == f"{key} is missing"


@pytest.mark.parametrize("key", ["unit", "Id", "总体", "from_", "first", '"a{b}"', '""', '"%s"'])
def test_a_key_that_is_none_is_named_with_those_that_are(key: str) -> None:
    """Misspelt, capital, foreign, empty, or with letters that a template would fill."""
    with pytest.raises(BadProgramme) as caught:
        read_programme(f"{document()}{key if key.isascii() else chr(34) + key + chr(34)} = 1\n".encode(), "p")
    assert f"{key.strip(chr(34))} is no key of a programme; known are " in str(caught.value)
    assert all(known in str(caught.value) for known in KEYS)


def test_every_fault_is_named_at_once() -> None:
    """Ten faults of ten kinds: one look is enough to mend the file."""
    faults = refused(
        name="7", first='"tomorrow"', basis='""', team="5", floor="1.5", weekly="1", strata='"street"',
        units="0", share="0.5", modes='["暗访", "梦访"]', colour="1", id=None,
    )  # fmt: skip
    keys = ["name:", "from:", "basis:", "team:", "floor:", "weekly:", "strata:", "units:", "modes:"]
    assert all(key in faults for key in keys)
    assert "colour is no key" in faults
    assert "id is missing" in faults
    assert "units, share: write one of them" in faults
    assert faults.count("; ") >= 11


WRONG_TYPES = {
    "text": ["1", "1.5", "true", "[]", "{}", "2026-12-01", '["a"]'],
    "day": ["1", "1.5", "true", "[]", "{}", '"x"', "2026-12-01T00:00:00", "00:00:00", "20261201"],
    "whole": ["1.0", "1e0", "true", "false", '"1"', "[1]", "{}", "2026-12-01", "nan", "inf"],
    "part": ['"0.25"', "true", "false", "[0.2]", "{}", "2026-12-01", "nan", "+nan", "inf", "-inf"],
    "texts": ["1", "true", "[]", "[1]", "{}", '["a", 1]', '[["a"]]', "2026-12-01"],
    "truth": ["1", "0", '"true"', "[]", "{}", "nan", "2026-12-01"],
    "counts": ['"2"', "true", "1.0", "[2]", "nan", "{ morning = '2' }", "{ morning = true }", "2026-12-01"],
    "choice": ["1", "true", "[]", '["township"]', "{}", "nan", '""', '"Township"'],
}
TYPES = {
    "id": "text", "name": "text", "basis": "text", "item": "text", "document": "text", "from": "day",
    "to": "day", "domains_each": "whole", "units": "whole", "team": "whole", "cap": "whole",
    "cap_enterprises": "whole", "keep": "whole", "share": "part", "floor": "part", "weekly": "part",
    "domains": "texts", "certain": "texts", "grades": "texts", "modes": "texts", "strata": "choice",
    "kind": "choice", "revisit_gap_days": "whole", "driver_seat": "truth", "mix": "truth", "cars": "counts",
    "partners": "counts", "starts": "counts",
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, kind in TYPES.items() for value in WRONG_TYPES[kind]]
)
def test_a_value_of_another_type_is_refused_by_its_key(key: str, value: str) -> None:
    """A bool is no number, a number no text, 1.0 no whole number: the key is named, and nothing else."""
    faults = refused(**{"first" if key == "from" else key: value})
    assert faults.startswith(f"{key}: ")
    assert "; " not in faults


def test_every_key_of_a_programme_is_tried_with_another_type() -> None:
    """The table above misses none but `capacity`, which is true or absent."""
    assert set(TYPES) | {"capacity"} == set(KEYS)


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("domains_each", ["1", "2"], ["0", "-1", "3", "33"]),
        ("units", ["1", "1_000_000", "0x10", '"capacity"'], ["0", "-1", "1_000_001", "9" * 4000, '"all"']),
        ("team", ["1", "4"], ["0", "5", "-2"]),
        ("cap", ["1", "366"], ["0", "367"]),
        ("cap_enterprises", ["1", "366"], ["0", "367"]),
        ("keep", ["0", "366"], ["-1", "367"]),
        ("revisit_gap_days", ["0", "366"], ["-1", "367"]),
        ("cars", ["0", "150", "{}", "{ evening = 0 }"], ["-1", "151", "{ evening = 151 }", "{ night = 1 }"]),
        (
            "partners",
            ['"公安1人"', '["公安 1", "市监2人"]', '{ "公安" = 9 }'],
            [
                "{}",
                '{ "公安" = 0 }',
                '["公安10人"]',
                '["司机1人"]',
                '["公安"]',
                '["1人"]',
                '["公安1", "公安 2"]',
            ],
        ),
        ("share", ["0.000001", "1", "1.0", "0.333333333"], ["0", "0.000000999", "1.000000001", "-0.5"]),
        ("floor", ["0", "1", "0.3", "0.000001", "0.999999", "0.1000000"], ["-0.000001", "1.000001", "2"]),
        ("weekly", ["0", "0.0", "0.999", "0.9999999999"], ["1", "1.0", "1.5", "-0.001"]),
        ("strata", [f'"{one}"' for one in STRATA], ['"final"', '"street"', '" township"']),
        ("kind", ['"sample"'], ['"lottery"', '"Sample"']),
        ("certain", ['["overdue-major"]', '"overdue-major"'], ['["overdue"]', '[""]']),
        ("modes", ['"夜查"', str(list(MODES)).replace("'", '"')], ['["查"]', '["明查 "]']),
        ("capacity", ["true"], ["false", "1", '"true"', "[]", "1.0"]),
    ],
)
def test_both_sides_of_each_border(key: str, good: list[str], bad: list[str]) -> None:
    """The last value that is allowed is taken, the first that is not is refused by its key."""
    for value in good:
        read(**{key: value})
    for value in bad:
        assert refused(**{key: value}).startswith(f"{key}: "), value


def test_cars_are_a_number_for_all_half_days_or_one_for_each() -> None:
    """What is not said of a kind of half-day is two, as without the key."""
    assert read().cars == {"morning": 2, "afternoon": 2, "evening": 2}
    assert read(cars="3").cars == {"morning": 3, "afternoon": 3, "evening": 3}
    assert read(cars="{ morning = 3, evening = 1 }").cars == {"morning": 3, "afternoon": 2, "evening": 1}


def test_partners_and_the_driver_are_seats() -> None:
    """By name, the driver last; without any there are none."""
    assert read().seats == {}
    made = read(partners='["市监2人", "公安1人"]', driver_seat="true")
    assert list(made.seats.items()) == [("公安", 1), ("市监", 2), ("司机", 1)]
    assert read(driver_seat="false").seats == {}


def test_one_person_is_not_of_two_departments() -> None:
    """A mix needs a team of two; the default team is one."""
    assert read(mix="true").mix is True
    assert "mix: " in refused(mix="true", team="1")
    assert read(mix="false", team="1").mix is False


@pytest.mark.parametrize(
    ("text", "millionths"), [("0.3", 300_000), ("0.123456", 123_456), ("1e-6", 1), ("1", 10**6), ("-0.0", 0)]
)
def test_a_floor_is_exact_to_the_millionth(text: str, millionths: int) -> None:
    """As decimals say it, not as floats do."""
    assert read(floor=text).floor == millionths


@pytest.mark.parametrize("text", ["0.1234567", "0.30000001", "1e-7", "0.3000000000000000001"])
def test_a_floor_finer_than_millionths_is_refused(text: str) -> None:
    """A seventh decimal could not be kept, so it is not dropped in silence."""
    assert "six decimals" in refused(floor=text)


@pytest.mark.parametrize(
    "text",
    [
        "1e999", "1e-999", "1e999999999", "1e-99999999", "-1e-99999999", "1e99999999999999999999",
        "1e-99999999999999999999", "0." + "9" * 5000, "0." + "0" * 5000 + "1", "9" * 5000 + ".0",
        "0e-99999999",
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["floor", "share", "weekly", "team", "id", "kind", "from", "certain"])
def test_a_number_of_absurd_size_is_refused_at_once(key: str, text: str) -> None:
    """A line of a few bytes neither escapes as another error nor keeps the machine for minutes."""
    begun = time.process_time()
    assert refused(**{"first" if key == "from" else key: text})
    assert time.process_time() - begun < 5


def test_of_units_share_and_capacity_one_is_written() -> None:
    """Each alone is taken; two or three are named, also where one of them is wrong by itself."""
    each = {"units": "7", "share": "0.5", "capacity": "true"}
    assert (read(units="7").units, read(units="7").share) == (7, None)
    assert (read(share="0.5").units, read(share="0.5").share) == (None, Fraction(1, 2))
    assert (read(capacity="true").units, read(capacity="true").share) == (None, None)
    assert read(units='"capacity"') == read(capacity="true") == read()
    for left_out in each:
        two = {key: value for key, value in each.items() if key != left_out}
        assert refused(**two) == f"{', '.join(two)}: write one of them"
    assert refused(**each) == "units, share, capacity: write one of them"
    assert "units, capacity: write one of them" in refused(units="7", capacity="false")
    assert "units, share: write one of them" in refused(units='"capacity"', share="0.5")


@pytest.mark.parametrize("order", ["交办", "应急"])
def test_an_order_has_the_number_of_its_document(order: str) -> None:
    """In the basis or as document; other words in front make it no order."""
    assert order in refused(basis=f'"{order}"')
    assert order in refused(basis=f'"  {order}：上级来文"')
    assert read(basis=f'"{order} 京教〔2026〕12号"').document == ""
    assert read(basis=f'"{order}"', document='"京教〔2026〕12号"').document == "京教〔2026〕12号"
    assert read(basis=f'"年度计划，非{order}"')
    both = refused(basis=f'"{order}"', document='" "')
    assert both.startswith("document: ")
    assert "basis" not in both


@pytest.mark.parametrize(
    ("each", "domains", "good"),
    [
        ("2", '["food", "fire"]', True),
        ("3", '["food", "fire"]', False),
        ("1", '["food"]', True),
        ("2", '["food", "food"]', False),
        ("2", '["food", " food "]', False),
    ],
)
def test_no_more_domains_each_than_there_are(each: str, domains: str, good: bool) -> None:
    """All of them is possible, one more is not; one that is written twice counts once."""
    if good:
        assert read(domains_each=each, domains=domains).domains_each == int(each)
    else:
        assert "domains_each: there are only " in refused(domains_each=each, domains=domains)


def test_domains_are_sorted_and_without_repetition() -> None:
    """As the contract wants them: a domain twice, even with a blank, would be refused at the close."""
    assert read(domains='["b", "a", "b", " a", "a "]').domains == ("a", "b")
    assert read(domains='"food"').domains == ("food",)


@pytest.mark.parametrize(("count", "good"), [(32, True), (33, False)])
def test_a_programme_has_at_most_32_domains(count: int, good: bool) -> None:
    """The contract's most, and one more."""
    text = str([f"d{at}" for at in range(count)]).replace("'", '"')
    if good:
        assert len(read(domains=text).domains) == count
    else:
        assert refused(domains=text).startswith("domains: at most 32")


def test_grades_that_are_certain_must_be_named() -> None:
    """A grade alone says nothing; grades alone, or with another certain rule, are possible."""
    assert "grades" in refused(certain='["grade"]')
    assert read(certain='["grade"]', grades='["red", "red"]').grades == ("red",)
    assert read(certain='["overdue-major"]').certain == ("overdue-major",)
    assert read(grades='["red"]').certain == ()


# --- Days


@pytest.mark.parametrize("quote", ["{}", '"{}"', "'{}'"])
def test_a_day_is_a_toml_date_or_a_text(quote: str) -> None:
    """Both say the same day; the first day may be the last."""
    made = read(first=quote.format("2028-02-29"), to=quote.format("2028-02-29"))
    assert made.first == made.last == date(2028, 2, 29)


@pytest.mark.parametrize(
    "text",
    ["2026-12-1", "20261201", "2026-W49-2", "2026-336", "2026/12/01", "２０２６-12-01", " 2026-12-01",
     "2026-12-01T00:00:00", "2026-02-29", "0000-01-01", "2026-12-01\\n", "-026-12-01", ""],
)  # fmt: skip
def test_a_day_is_spelled_in_one_way(text: str) -> None:
    """Other spellings of a date, weeks among them, and days that no calendar has."""
    assert refused(first=f'"{text}"') == "from: write a date like 2026-12-01"


def test_a_toml_date_that_does_not_exist_is_no_toml() -> None:
    """30 February is not read as another day."""
    assert refused(to="2027-02-30").startswith("not TOML")


@pytest.mark.parametrize(
    ("days", "fault"),
    [(-1, "to lies before from"), (0, ""), (MOST_DAYS - 1, ""), (MOST_DAYS, "more than 400 days")],
)
def test_a_period_has_1_to_400_days(days: int, fault: str) -> None:
    """First and last day count both."""
    first = date(2026, 1, 1)
    last = str(first + timedelta(days=days))
    if fault:
        assert fault in refused(first=str(first), to=last)
    else:
        assert str(read(first=str(first), to=last).last) == last


# --- Names and texts


@pytest.mark.parametrize(
    "name",
    ["a\u200bb", "\u200b", "a\u202eb", "\ufeffa", "a\u00adb", "e\u0301", "a\\u0000", "a\\tb", "a\u0085b"],
)
@pytest.mark.parametrize("key", ["id", "domains"])
def test_names_of_the_draw_hold_nothing_invisible(key: str, name: str) -> None:
    """Zero-width, direction marks, soft hyphens, control characters, or letters that are not NFC."""
    assert refused(**{key: f'"{name}"'}).startswith(f"{key}: ")


@pytest.mark.parametrize("name", ["final", "秋季", "a b", "é", "𠮷", "floor/2026-W49", "x" * 80])
def test_other_names_are_taken_as_they_are(name: str) -> None:
    """`final` is reserved among strata only; blanks around a name are left out, those inside stay."""
    assert read(id=f'"{name}"').id == name
    assert read(id=f'" {name} "').id == name
    assert read(domains=f'["{name}"]').domains == (name,)


@pytest.mark.parametrize(("key", "most"), [("id", 80), ("domains", 80), ("name", 500), ("basis", 500)])
def test_a_text_has_a_greatest_length(key: str, most: int) -> None:
    """The longest is taken, one letter more is refused."""
    read(**{key: f'"{"字" * most}"'})
    assert refused(**{key: f'"{"字" * (most + 1)}"'}).startswith(f"{key}: ")


@pytest.mark.parametrize("key", ["name", "basis", "item", "document"])
@pytest.mark.parametrize(
    "text", ["", "   ", "\u3000", "a\\u0007b", "a\\nb", "a\\u007f", "a\\u009bb", "\\u0000"]
)
def test_a_text_is_one_visible_line(key: str, text: str) -> None:
    """Neither empty nor with control characters: it is printed on protocols."""
    assert refused(**{key: f'"{text}"'}).startswith(f"{key}: ")


# --- The file itself


def test_a_byte_order_mark_and_line_ends_of_windows_change_nothing() -> None:
    """As Notepad saves it: the same programme."""
    data = document().encode()
    crlf = data.replace(b"\n", b"\r\n")
    assert read_programme(b"\xef\xbb\xbf" + crlf, "p") == read_programme(crlf, "p") == read()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (document().encode("utf-16"), "not UTF-8"),
        (document().encode("gbk"), "not UTF-8"),
        (b"\xff\xfe", "not UTF-8"),
        (document(name='"\ud800"').encode("utf-8", "surrogatepass"), "not UTF-8"),
        (b"\xef\xbb\xbf\xef\xbb\xbf" + document().encode(), "not TOML"),
        (document().encode().replace(b"\n", b"\r"), "not TOML"),
        (document().encode() + b"\0", "not TOML"),
        (b"{}", "not TOML"),
        (b"id", "not TOML"),
        (document().encode() + b'id = "twice"\n', "not TOML"),
        (document().encode() + b"units = " + b"9" * 5000, "not TOML"),
        (document().encode() + b"x = " + b"[" * 100_000, "not TOML"),
        (document().encode() + b"x = " + b"[" * 5_000 + b"]" * 5_000, "not TOML"),
        (document().encode() + b"x = " + b"{a=" * 5_000 + b"1" + b"}" * 5_000, "not TOML"),
        (document().encode() + b"x" + b".a" * 5_000 + b" = 1", "not TOML"),
        (b"[" + b"a." * 5_000 + b"a]", "not TOML"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_a_file_that_is_no_toml_says_so(data: bytes, why: str) -> None:
    """Another encoding, another language, a key twice, numbers and nesting without end."""
    with pytest.raises(BadProgramme, match=why):
        read_programme(data, "p")


@pytest.mark.parametrize("data", [b"", b"\n", b"# nothing\n", b"\xef\xbb\xbf"])
def test_an_empty_file_misses_all_that_is_required(data: bytes) -> None:
    """Every required key is named."""
    with pytest.raises(BadProgramme) as caught:
        read_programme(data, "p")
    assert caught.value.facts["faults"] == "; ".join(f"{key} is missing" for key in REQUIRED)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=80), st.integers(0, 200), st.booleans())
def test_hostile_bytes_are_refused_and_nothing_else(noise: bytes, at: int, alone: bool) -> None:
    """Noise alone or in the midst of a good file: a programme or BadProgramme."""
    data = document().encode()
    with suppress(BadProgramme):
        read_programme(noise if alone else data[:at] + noise + data[at:], "{file}")


ODD = st.recursive(
    st.one_of(
        st.none().map(lambda _none: date(2026, 1, 1)), st.booleans(), st.integers(-(2**63), 2**63 - 1),
        st.floats(), st.text(max_size=9), st.sampled_from(["{x}", "%s", "\u200b", "capacity", "grade"]),
        st.datetimes(), st.times(),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), ODD, max_size=8))
def test_any_toml_is_a_programme_or_refused(table: dict[str, Any]) -> None:
    """Whatever types stand at whatever keys."""
    with suppress(BadProgramme):
        read_programme(tomli_w.dumps(table).encode(), "p")


letters = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"))
names = st.text(letters, min_size=1, max_size=12).map(lambda text: unicodedata.normalize("NFC", text).strip())
names = names.filter(lambda text: text != "" and not name_fault(text))
millionths = st.integers(0, 1_000_000)


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Any programme that is right."""
    first = draw(st.dates(date(1, 1, 1), date(9998, 1, 1)))
    domains = draw(st.sets(names, min_size=1, max_size=5))
    number = draw(st.sampled_from(["units", "share", "none"]))
    certain = draw(st.lists(st.sampled_from(CERTAIN), unique=True))
    grades = draw(st.lists(names, unique=True, min_size=int("grade" in certain), max_size=3))
    cap = st.none() | st.integers(1, 366)
    team = draw(st.integers(1, 4))
    cars = {slot: draw(st.integers(0, 150)) for slot in SLOTS}
    partners = draw(st.dictionaries(names.filter(lambda name: name != DRIVER), st.integers(1, 9), max_size=8))
    return Programme(
        id=draw(names), name=draw(names), first=first,
        last=first + timedelta(days=draw(st.integers(0, MOST_DAYS - 1))),
        basis=draw(names | names.map(lambda text: f"交办{text}1")),
        item=draw(st.just("") | names), document=draw(names), domains=tuple(sorted(domains)),
        domains_each=draw(st.none() | st.integers(1, len(domains))),
        units=draw(st.integers(1, 1_000_000)) if number == "units" else None,
        share=Fraction(draw(st.integers(1, 10**6)), 10**6) if number == "share" else None,
        floor=draw(millionths), strata=draw(st.sampled_from(STRATA)), certain=tuple(certain),
        grades=tuple(grades), team=team, cars=cars, partners=partners,
        revisit_gap_days=draw(st.integers(0, 366)), driver_seat=draw(st.booleans()),
        mix=team > 1 and draw(st.booleans()),
        weekly=Fraction(draw(st.integers(0, 999_999)), 10**6),
        modes=tuple(draw(st.lists(st.sampled_from(MODES), unique=True, min_size=1))), cap=draw(cap),
        cap_enterprises=draw(cap), keep=draw(st.integers(0, 366)),
    )  # fmt: skip


def written(made: Programme, *, days_as_text: bool) -> bytes:
    """The programme as TOML, by the library, keys of nothing left out."""
    table: dict[str, Any] = {"kind": "sample"}
    for key in KEYS:
        if key in ("kind", "capacity"):
            continue
        value = getattr(made, {"from": "first", "to": "last"}.get(key, key))
        if key in ("from", "to") and days_as_text:
            value = value.isoformat()
        elif key == "floor":
            value = Decimal(value) / 1_000_000
        elif isinstance(value, Fraction):
            value = Decimal(value.numerator) / value.denominator
        elif isinstance(value, tuple):
            value = list(value)
        if value not in (None, [], "", {}):
            table[key] = value
    return tomli_w.dumps(table).encode()


@settings(deadline=None, max_examples=100)
@given(programmes(), st.booleans(), st.booleans())
def test_a_programme_that_is_written_is_read_back_equal(made: Programme, texts: bool, windows: bool) -> None:
    """Every key, every value: what was written is what is read, also as Windows saves it."""
    data = written(made, days_as_text=texts)
    if windows:
        data = b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")
    assert read_programme(data, "p") == made


def test_the_least_floor_is_that_of_the_contract() -> None:
    """φ = 0.3 where nothing is said; a lower one is read, for the office decides whether to accept it."""
    assert read().floor == LEAST_FLOOR == 300_000
    assert read(floor="0").floor == 0
