"""The duty scripts and what they are given: a roster, or one sentence and exit 2; never a traceback."""

from __future__ import annotations

import copy
import importlib
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FOLDER = Path(__file__).parent.parent.parent / "benchmarks"
DESK: dict[str, Any] = {
    "days": 4,
    "holidays": [3],
    "weekends": [1],
    "people": [
        {"id": "L0", "role": "leader", "leave": [], "carried": {}},
        {"id": "L1", "role": "leader", "leave": [2], "carried": {"total": 1}},
        *({"id": f"O{number}", "role": "officer"} for number in range(3)),
    ],
    "posts": {
        "LD": {"role": "leader", "counts_as_night": True},
        "N": {"role": "officer", "counts_as_night": True},
    },
    "demand": [{"day": day, "post": post, "need": 1} for day in range(4) for post in ("LD", "N")],
    "min_days_between_starts": {"leader": 1, "officer": 1},
    "weights": {"holiday": 8, "weekend": 4, "night": 3, "total": 2},
}
CALL = """
num_staff = 3; work_load = [100, 50, 100]; num_days = 6; % per cent
unavailable = [{1, 2}, {3}, {}]; fixed = [{}, {}, {1}];
weekend_offset = 2; adj_days_str = 2; wed_before_weekend_str = 1;
"""
ODD = (10**30, -1, 10**7, 1.5, float("nan"), True, None, "", "²", "\ud800", "a\nb", [], ["LD"], {}, {"x": 1})


@pytest.fixture(scope="module")
def scripts() -> Iterator[dict[str, Any]]:
    """The scripts as modules, from their folder as Python finds them when they are run."""
    names = ("inputs", "desk", "oncall", "year")
    sys.path.insert(0, str(FOLDER))
    try:
        yield {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(FOLDER))
        for name in names:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for files."""
    return tmp_path_factory.mktemp("inputs")


def put(place: Path, found: Any, name: str = "desk.json") -> str:
    """Write a file, a text as it stands and anything else as JSON."""
    file = place / name
    file.write_text(found if isinstance(found, str) else json.dumps(found), encoding="utf-8")
    return str(file)


def test_a_class_that_no_demand_touches_counts_what_is_carried(scripts: dict[str, Any]) -> None:
    """No day is a weekend: each role's greatest counter of weekends is what its people bring along."""
    desk = changed("weekends", to=[])
    desk["people"][0]["carried"] = {"weekend": 4}
    desk["people"][3]["carried"] = {"weekend": 3}
    stages = {one["class"]: one for one in scripts["desk"].made(desk, lexicographic=True)["stages"]}
    assert stages["weekend"] == {"class": "weekend", "value": 7, "bound": 7}
    totals = scripts["desk"].totals(desk, scripts["desk"].made(desk, lexicographic=True)["roster"])
    for name, one in stages.items():
        tops = (max(own[name] for who, own in totals.items() if who[0] == role) for role in "LO")
        assert one["value"] == sum(tops)


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The desk with another value in one place."""
    found: Any = copy.deepcopy(DESK)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return dict(found)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (changed("people", 0, "role", to=["leader"]), "people[0].role: Expected `str`, got `array`"),
        (changed("people", 0, "role", to={}), "people[0].role"),
        (changed("people", 0, "role", to="cook"), "person L0: no post is of the role cook"),
        (changed("people", 0, "leave", to=[10**9]), "people[0].leave[0]"),
        (changed("people", 0, "leave", to=[4]), "person L0: leave on day 4 is none"),
        (changed("people", 1, "carried", to={"total": 10**30}), "people[1].carried.total"),
        (changed("people", 1, "carried", to={"nights": 1}), "unknown field `nights`"),
        (changed("people", 0, "id", to="\ud800"), "half a character"),
        (changed("people", 0, "id", to="a\nb"), "people[0].id: Expected a text without line breaks"),
        (changed("demand", 0, "post", to=["LD"]), "demand[0].post"),
        (changed("demand", 0, "post", to="X"), "demand of post X on day 0: there is no such post"),
        (changed("demand", 0, "need", to=10**12), "demand[0].need"),
        (changed("demand", 0, "need", to=float("nan")), "demand[0].need"),
        (changed("days", to=10**18), "days: Expected `int` <= 1000"),
        (changed("min_days_between_starts", "leader", to=10**30), "min_days_between_starts[leader]"),
        (changed("min_days_between_starts", "cook", to=2), "no post is of the role cook"),
        (changed("weights", "total", to=10**30), "weights.total"),
        (changed("posts", "N", "counts_as_night", to="no"), "posts[N].counts_as_night"),
        (changed("holidays", to=[4]), "holidays: day 4 is none"),
        ('{"days": 1, "days": 2}', "'days' stands twice"),
        ('{"days": ' + "9" * 5000 + "}", "no JSON"),
        ("[" * 100_000, "nested too deep"),
        ("", "line 1, column 1"),
    ],
)
def test_a_desk_that_cannot_be_used_is_one_sentence(
    scripts: dict[str, Any], place: Path, capsys: pytest.CaptureFixture[str], found: Any, told: str
) -> None:
    """The file, the place in it and the cure; exit 2."""
    file = put(place, found)
    assert scripts["desk"].main([file, "--out", str(place / "out.json")]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Error: {file}: ")
    assert told in said
    assert said.endswith("start again\n")
    assert said.count("\n") == 1


def places(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a value, the outermost left out."""
    inner = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(places(DESK))),
            st.sampled_from(ODD) | st.integers(-2, 6) | st.recursive(st.text(max_size=3), st.lists),
        ),
        min_size=1,
        max_size=3,
    ),
    st.booleans(),
)
def test_no_desk_gives_a_traceback(
    scripts: dict[str, Any], place: Path, changes: list[tuple[tuple[Any, ...], Any]], drop: bool
) -> None:
    """Whatever stands wherever: a roster that its check lets pass, no roster, or a sentence."""
    found: Any = copy.deepcopy(DESK)
    for path, value in changes:
        inner = found
        try:
            for key in path[:-1]:
                inner = inner[key]
            if drop:
                del inner[path[-1]]
            else:
                inner[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # a change before took its place away
    file = put(place, found, "any.json")
    assert scripts["desk"].main([file, "--out", str(place / "any.out")]) in {0, 2, 3}


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 2**32), st.sampled_from(["{1..5}", "-1", "999999", "x", "{", "]", "1..3", ";", "%", "²"])
)
def test_no_call_file_gives_a_traceback(scripts: dict[str, Any], place: Path, seed: int, odd: str) -> None:
    """One number, set or sign of the file is another."""
    chance = random.Random(seed)
    at = chance.randrange(len(CALL))
    file = put(place, CALL[:at] + odd + CALL[at + chance.randrange(3) :], "any.dzn")
    assert scripts["oncall"].main([file, "--out", str(place / "any.out")]) in {0, 2, 3}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{1, 2}", "{1..5}", "unavailable: '1..5' is no whole number"),
        ("{1, 2}", "{-1}", "unavailable: '-1' is no whole number"),
        ("{1, 2}", "{x}", "unavailable: 'x' is no whole number"),
        ("{1, 2}", "1, 2", "unavailable: 4 entries for 3 people"),
        ("fixed = [{}, {}, {1}]", "fixed = [{}, {}, {7}]", "fixed: '7' is no whole number from 1 to 6"),
        ("100, 50", "99999999999999999999, 50", "work_load: '99999999999999999999' is no whole number"),
        ("100, 50", "100.5, 50", "work_load: '100.5' is no whole number"),
        ("num_days = 6", "num_days = 999999", "num_days: '999999' is no whole number"),
        ("num_days = 6", "num_days = 6; num_days = 7", "num_days is set twice"),
        ("num_days = 6", "num_days = 6; days = 7", "'days = 7' sets none of"),
        ("weekend_offset = 2", "weekend_offset = 9", "weekend_offset: '9' is no whole number from 0 to 6"),
        ("str = 1;", "str = 1", "does not end with a semicolon"),
    ],
)
def test_a_call_file_that_cannot_be_used_is_one_sentence(
    scripts: dict[str, Any],
    place: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    told: str,
) -> None:
    """No value is read as another one."""
    assert old in CALL
    file = put(place, CALL.replace(old, new), "call.dzn")
    assert scripts["oncall"].main([file, "--out", str(place / "out.json")]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.endswith("start again\n")


def test_days_of_a_call_file_are_a_list_or_a_range(scripts: dict[str, Any], place: Path) -> None:
    """What MiniZinc writes either way is one and the same; days off behind the last day are none."""
    read = scripts["oncall"].read
    listed = read(Path(put(place, CALL.replace("{1, 2}", "{ 3, 4 , 5, 99, 5 }"), "a.dzn")))
    ranged = read(
        Path(put(place, CALL.replace("{1, 2}", "3..5").replace("% per", "/* x = */ % per"), "b.dzn"))
    )
    assert listed == ranged
    assert listed.away[0] == {2, 3, 4}


def test_a_byte_order_mark_is_no_fault(scripts: dict[str, Any], place: Path) -> None:
    """What a Windows editor saves is read like any other file."""
    out = str(place / "out.json")
    assert scripts["desk"].main([put(place, "\ufeff" + json.dumps(DESK)), "--out", out]) == 0
    assert scripts["oncall"].main([put(place, "\ufeff" + CALL, "call.dzn"), "--out", out]) == 0


def test_where_nothing_can_be_written_nothing_is_made(
    scripts: dict[str, Any], place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No folder, a folder itself, the instance itself: told before the work, not after it."""
    desk, call = put(place, DESK), put(place, CALL, "call.dzn")
    monkeypatch.setattr(scripts["desk"], "made", None)
    monkeypatch.setattr(scripts["oncall"], "solved", None)
    monkeypatch.setattr(scripts["year"], "instance", None)
    for out in (str(place / "none" / "out.json"), str(place), desk, call):
        if out != call:
            assert scripts["desk"].main([desk, "--out", out]) == 2
        if out != desk:
            assert scripts["oncall"].main([call, "--out", out]) == 2
        if out not in (desk, call):
            assert scripts["year"].main(["--out", out]) == 2
    assert all(line.startswith("Error: --out ") for line in capsys.readouterr().err.splitlines())
    assert json.loads(Path(desk).read_text(encoding="utf-8")) == DESK


def test_a_key_that_is_not_read_is_told(
    scripts: dict[str, Any], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt `leave` would be no leave at all."""
    found = copy.deepcopy(DESK)
    found["people"][0]["leaves"] = [1]
    scripts["desk"].read(Path(put(place, found)))
    assert "person L0: 'leaves' is not read" in capsys.readouterr().err


def test_a_post_that_needs_nobody_and_has_nobody_is_no_matter(scripts: dict[str, Any], place: Path) -> None:
    """A post of a role without people stands for another part of the year."""
    out = place / "out.json"
    without = put(place, changed("posts", "X", to={"role": "driver"}))
    assert scripts["desk"].main([without, "--out", str(out)]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["objective"] == found["bound"]


@pytest.mark.parametrize(
    ("changes", "absent", "told"),
    [
        ({"O9": {"0": "N"}}, ("O0", "2", "3"), "O9 is not known"),
        ({"O0": {"0": "X"}}, ("O0", "2", "3"), "has the post X"),
        ({"O0": {"04": "N"}}, ("O0", "2", "3"), "has a duty on '04'"),
        ({"O0": {"9": "N"}}, ("O0", "2", "3"), "has a duty on '9'"),
        ({"O0": {"0": "LD"}}, ("O0", "2", "3"), "O0 cannot fill LD"),
        ({"O0": {}, "O1": {}, "O2": {}}, ("O0", "2", "3"), "0 of 1"),
        ({"O0": {"0": ["N"]}}, ("O0", "2", "3"), "roster[O0][...]: Expected `str`, got `array`"),
        ({}, ("O0", "²", "3"), "'²' is no whole number from 0 to 3"),
        ({}, ("O0", "3", "2"), "3 comes after 2"),
        ({}, ("O0", "2", "4"), "'4' is no whole number from 0 to 3"),
        ({}, ("Z", "2", "3"), "Z is nobody of this desk"),
    ],
)
def test_what_cannot_be_repaired_is_one_sentence(
    scripts: dict[str, Any],
    place: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    absent: tuple[str, str, str],
    told: str,
) -> None:
    """A RESULT of another desk, a day or a person that is none."""
    roster = {"L0": {"0": "LD", "2": "LD"}, "L1": {"1": "LD", "3": "LD"}, "O0": {"0": "N", "3": "N"}}
    roster |= {"O1": {"1": "N"}, "O2": {"2": "N"}}
    file, out = put(place, DESK), str(place / "out.json")
    before = put(place, {"roster": roster | changes}, "before.json")
    assert scripts["desk"].main([file, "--out", out, "--previous", before, "--absent", *absent]) == 2
    assert told in capsys.readouterr().err


def test_a_result_of_a_desk_with_other_counters_is_not_repaired(
    scripts: dict[str, Any], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its people, posts and days are the same; what it counted is not. Its own desk repairs it."""
    file, out, mended = put(place, DESK), str(place / "before.json"), str(place / "after.json")
    asked = ["--out", mended, "--previous", out, "--absent", "O0", "1", "3"]
    assert scripts["desk"].main([file, "--out", out]) == 0
    assert scripts["desk"].main([file, *asked]) == 0
    other = put(place, changed("people", 1, "carried", to={"total": 5}), "other.json")
    assert scripts["desk"].main([other, *asked]) == 2
    assert "not of this desk: its objective is" in capsys.readouterr().err


def test_arguments_that_are_none_end_with_2(scripts: dict[str, Any], place: Path) -> None:
    """Told by the parser; none is left out without a word."""
    desk, call, out = put(place, DESK), put(place, CALL, "call.dzn"), str(place / "out.json")
    repair = ["--previous", out, "--absent", "O0", "1", "2"]
    for name, words in (
        ("desk", [desk, "--out", out, "--lexicographic", *repair]),
        ("desk", [desk, "--out", out, "--previous", out]),
        ("oncall", [call, "--out", out, "--work", "nan"]),
        ("oncall", [call, "--out", out, "--work", "-1"]),
        ("year", ["--out", out, "--year", "²"]),
        ("year", ["--out", out, "--leaders", "0"]),
        ("year", ["--out", out, "--officers", "10000000"]),
        ("year", ["--out", out, "--work", "inf"]),
    ):
        with pytest.raises(SystemExit) as caught:
            scripts[name].main(words)
        assert caught.value.code == 2
