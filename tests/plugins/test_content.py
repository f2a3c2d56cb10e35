"""The four domains that come with us say what the public tables say, and score as they promise."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.checklists import BadDomain, applicable, load_domain, score_weighted
from auditor.entities import ANSWERS, Domain, Item, Unit, Window
from auditor.plugins import load_plugins

PLUGINS = Path(__file__).parent.parent.parent / "plugins"
KEYS = ("dorms", "fire", "food", "transport")
MARKS = {"S": "statute", "W": "copy", "U": "unverified"}


def shipped(key: str) -> Domain:
    """The domain from its file, without the plugin manager."""
    return load_domain(PLUGINS / f"auditor_{key}" / f"{key}.toml")


def small(*severities: str) -> Domain:
    """A domain of one Item per severity given, codes A-1, A-2, …"""
    return Domain(
        key="small",
        version="1",
        zh="小",
        en="small",
        minutes=10,
        items=tuple(
            Item(code=f"A-{at}", zh="项", en="item", severity=severity, evidence="doc", basis="-")
            for at, severity in enumerate(severities, start=1)
        ),
    )


SCHOOL = Unit(id="1", name="第一小学", boarders=0, canteen=True, buses=0)


# -- what the files say ------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_severity_and_source_are_those_of_the_tables(key: str, shared: Path) -> None:
    """Every Item stands in the reference table with its severity; no source is made better there."""
    table = {}
    for line in (shared / "reference" / "domains" / f"{key}.md").read_text(encoding="utf-8").splitlines():
        if re.match(r"\| [A-Z]{3}-\d\d ", line):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            table[cells[0]] = (cells[5], {MARKS[mark] for mark in cells[8].split("+")})
    for item in shipped(key).items:
        severity, sources = table[item.code]
        assert item.severity == severity, item.code
        assert set(item.source) <= sources, item.code


@pytest.mark.parametrize("key", KEYS)
def test_every_item_is_of_its_domain_and_in_both_languages(key: str) -> None:
    """At least fourteen Items, one prefix, Chinese in zh, none in en, and a basis."""
    domain = shipped(key)
    assert domain.key == key
    assert len(domain.items) >= 14
    assert len({item.code[:3] for item in domain.items}) == 1
    for item in domain.items:
        assert re.search(r"[一-鿿]", item.zh), item.code
        assert not re.search(r"[一-鿿]", item.en), item.code
        assert item.basis, item.code


def test_the_parts_of_a_visit_have_their_windows() -> None:
    """The kitchen before lunch, dormitories in the evening, the rest in daylight."""
    day = (Window(slot="morning"), Window(slot="afternoon"))
    assert {key: shipped(key).windows for key in KEYS} == {
        "fire": day,
        "food": (Window(slot="morning", earliest=10 * 60 + 30, latest=11 * 60 + 45),),
        "transport": day,
        "dorms": (Window(slot="evening", earliest=19 * 60, latest=20 * 60 + 30),),
    }


@pytest.mark.parametrize(
    ("facts", "keys"),
    [
        ({"boarders": 0, "canteen": False, "buses": 0}, {"fire", "transport"}),
        ({"boarders": 1, "canteen": False, "buses": 0}, {"fire", "transport", "dorms"}),
        ({"boarders": 0, "canteen": True, "buses": 3}, {"fire", "transport", "food"}),
        ({}, {"fire", "transport", "food", "dorms"}),
    ],
)
def test_domains_apply_by_the_facts_and_unknown_facts_skip_nothing(
    facts: dict[str, int], keys: set[str]
) -> None:
    """Dormitories where there are boarders, food where there is a canteen, the others everywhere."""
    unit = Unit(id="1", name="校", **facts)
    assert {key for key in KEYS if shipped(key).applies(unit)} == keys


def test_bus_items_are_looked_at_only_where_there_are_buses() -> None:
    """A school without buses keeps the items of the gate and of unlicensed vehicles."""
    domain = shipped("transport")
    none = {item.code for item in applicable(domain, SCHOOL)}
    assert none == {"BUS-35", "BUS-36"}
    one = Unit(id="1", name="校", buses=1)
    assert len(applicable(domain, one)) == len(domain.items)


# -- the hooks -----------------------------------------------------------------------------------------


def test_hook_auditor_domain(tmp_path: Path) -> None:
    """A copy of a plugin's folder works by ``--plugins-dir``, from any place, under another key."""
    source = PLUGINS / "auditor_fire"
    copy = tmp_path / "auditor_gas"
    copy.mkdir()
    for file in ("__init__.py", "fire.toml"):
        text = (source / file).read_text(encoding="utf-8")
        (copy / file).write_text(text.replace('key = "fire"', 'key = "gas"'), encoding="utf-8")
    plugins = load_plugins((tmp_path,))
    assert plugins.failed == []
    assert plugins.domain("gas").items == plugins.domain("fire").items


@pytest.mark.parametrize("key", KEYS)
def test_hook_auditor_score(key: str) -> None:
    """Each plugin scores its own domain and leaves a stranger's alone."""
    plugins = load_plugins()
    domain = plugins.domain(key)
    unit = Unit(id="1", name="校", boarders=9, canteen=True, buses=1)
    answers = {item.code: "pass" for item in domain.items}
    score = plugins.manager.hook.auditor_score(domain=domain, unit=unit, answers=answers)
    assert (score.points, score.band, score.checked) == (100.0, "excellent", len(domain.items))
    assert plugins.manager.hook.auditor_score(domain=small("major"), unit=unit, answers={}) is None


# -- the score -----------------------------------------------------------------------------------------


def test_a_score_by_hand() -> None:
    """10 + 5/2 of 10 + 5 + 2 points; the one not applicable is on neither side."""
    domain = small("veto", "major", "general", "general")
    score = score_weighted(domain, SCHOOL, {"A-1": "pass", "A-2": "partly", "A-3": "fail", "A-4": "na"})
    assert (score.points, score.band, score.checked, score.of) == (73.5, "pass", 3, 3)
    assert score.vetoed == ()


@pytest.mark.parametrize(
    ("failed", "band"),
    [(2, "excellent"), (3, "good"), (5, "good"), (6, "pass"), (8, "pass"), (9, "fail")],
)
def test_bands_begin_at_90_75_and_60(failed: int, band: str) -> None:
    """Of twenty general Items each is five points: 90 is excellent, 85 good, 75 good, 70 pass, …"""
    domain = small(*["general"] * 20)
    answers = {f"A-{at}": "fail" if at <= failed else "pass" for at in range(1, 21)}
    score = score_weighted(domain, SCHOOL, answers)
    assert (score.points, score.band) == (100 - 5 * failed, band)


@pytest.mark.parametrize(("unchecked", "banded"), [(4, True), (5, False)])
def test_more_than_a_fifth_unchecked_holds_the_band_back(unchecked: int, banded: bool) -> None:
    """Exactly a fifth of twenty is still enough; one more is not."""
    answers = {f"A-{at}": "pass" for at in range(unchecked + 1, 21)}
    score = score_weighted(small(*["general"] * 20), SCHOOL, answers)
    assert bool(score.band) is banded
    assert (score.points, score.checked, score.of) == (100.0, 20 - unchecked, 20)


def test_an_unchecked_veto_item_holds_the_band_back_and_a_failed_one_decides() -> None:
    """One of ten is less than a fifth, but it may decide all; failed, it decides whatever is open."""
    domain = small("veto", *["general"] * 9)
    rest = {f"A-{at}": "pass" for at in range(2, 11)}
    assert score_weighted(domain, SCHOOL, rest).band == ""
    assert score_weighted(domain, SCHOOL, {"A-1": "na"} | rest).band == "excellent"
    failed = score_weighted(domain, SCHOOL, {"A-1": "fail", "A-2": "pass"})
    assert (failed.band, failed.vetoed) == ("fail", ("A-1",))


def test_nothing_counted_is_no_points() -> None:
    """No answers, all "na", or a domain that does not apply: no points and no band."""
    every = {item.code: "na" for item in shipped("fire").items}
    for domain, answers in ((shipped("fire"), {}), (shipped("fire"), every), (shipped("dorms"), {})):
        score = score_weighted(domain, SCHOOL, answers)
        assert (score.points, score.band, score.checked) == (None, "", 0)


def test_an_answer_that_is_none_is_refused() -> None:
    """A misspelt answer is not taken for "not checked"."""
    with pytest.raises(ValueError, match="A-1"):
        score_weighted(small("major"), SCHOOL, {"A-1": "Pass"})


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["veto", "major", "general"]), st.sampled_from(ANSWERS)), min_size=1)
)
def test_points_are_the_exact_share_cut_to_a_tenth(rows: list[tuple[str, str]]) -> None:
    """Against fractions; so a band is never better or worse than the points that are shown."""
    domain = small(*(severity for severity, _ in rows))
    score = score_weighted(domain, SCHOOL, {f"A-{at}": row[1] for at, row in enumerate(rows, start=1)})
    weigh = {"veto": 10, "major": 5, "general": 2}
    part = {"pass": Fraction(1), "partly": Fraction(1, 2), "fail": Fraction(0)}
    counted = [(weigh[severity], part[answer]) for severity, answer in rows if answer in part]
    if not counted:
        assert score.points is None
        return
    exact = 100 * sum(w * p for w, p in counted) / sum(w for w, _ in counted)
    assert score.points is not None
    assert 0 <= exact - Fraction(score.points).limit_denominator(10) < Fraction(1, 10)
    if score.band and not score.vetoed:
        floors = {"excellent": 90, "good": 75, "pass": 60, "fail": 0}
        assert score.points >= floors[score.band]


# -- a file that is wrong ------------------------------------------------------------------------------

GOOD = """
key = "gas"
version = "1"
zh = "燃气"
en = "Gas"
minutes = 25
windows = [{slot = "morning"}]

[[items]]
code = "GAS-01"
zh = "报警器有效"
en = "The alarm works"
severity = "veto"
evidence = "test"
basis = "GB 50028"
source = ["copy"]
op = ">="
value = 1
unit = "count"
applies_when = [{field = "canteen", op = "=", value = true}]
"""


def read(tmp_path: Path, text: str) -> Domain:
    """Read a domain's text from a file."""
    file = tmp_path / "gas.toml"
    file.write_text(text, encoding="utf-8")
    return load_domain(file)


def test_the_good_file_is_good(tmp_path: Path) -> None:
    """The base of the cases below."""
    domain = read(tmp_path, GOOD)
    assert (domain.key, domain.items[0].value, domain.items[0].source) == ("gas", 1.0, ("copy",))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("minutes = 25", "", ("the head", "minutes")),
        ("minutes = 25", "minutes = 0", ("the head", "minutes")),
        ("minutes = 25", "minutes = true", ("the head", "minutes")),
        ('key = "gas"', 'key = "Gas"', ("the head", "key")),
        ('en = "Gas"', 'en = "Gas"\ncolour = "red"', ("the head", "colour")),
        ('{slot = "morning"}', '{slot = "noon"}', ("the head", "slot", "noon")),
        ('{slot = "morning"}', "", ("the head", "windows")),
        ('{slot = "morning"}', '{slot = "morning"}, {slot = "morning"}', ("the head", "windows")),
        ('{slot = "morning"}', '{slot = "morning", latest = "12:10"}', ("the head", "latest")),
        ('{slot = "morning"}', '{slot = "morning", latest = 700}', ("the head", "latest")),
        ('severity = "veto"', 'severity = "grave"', ("GAS-01", "severity", "grave")),
        ('severity = "veto"', "severity = 3", ("GAS-01", "severity")),
        ('severity = "veto"', "", ("GAS-01", "severity", "missing")),
        ('evidence = "test"', 'evidence = "rumour"', ("GAS-01", "evidence")),
        ('zh = "报警器有效"', 'zh = " "', ("GAS-01", "zh")),
        ('source = ["copy"]', "source = []", ("GAS-01", "source")),
        ('source = ["copy"]', 'source = ["hearsay"]', ("GAS-01", "source")),
        ('source = ["copy"]', 'source = [["copy"]]', ("GAS-01", "source")),
        ('op = ">="', "", ("GAS-01", "op")),
        ('op = ">="', 'op = "=>"', ("GAS-01", "op")),
        ("value = 1\n", 'value = "1"\n', ("GAS-01", "value")),
        ("value = 1\n", "value = nan\n", ("GAS-01", "value")),
        ('code = "GAS-01"', "", ("item 1", "code")),
        ('code = "GAS-01"', 'code = "gas 1"', ("gas 1", "code")),
        ('field = "canteen"', 'field = "colour"', ("GAS-01", "field")),
        ("value = true", 'value = "true"', ("GAS-01", "value")),
        ('basis = "GB 50028"', 'basis = "GB 50028', ("the file", "TOML")),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, named: tuple[str, ...]
) -> None:
    """The sentence names file, Item and key."""
    assert old in GOOD
    with pytest.raises(BadDomain) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    for word in ("gas.toml", *named):
        assert word in str(caught.value)


def test_a_code_twice_and_a_file_without_items_are_refused(tmp_path: Path) -> None:
    """A code stands for one Item; a checklist is not empty."""
    head, item = GOOD.split("[[items]]")
    with pytest.raises(BadDomain, match="GAS-01: code"):
        read(tmp_path, f"{head}[[items]]{item}[[items]]{item}")
    with pytest.raises(BadDomain, match="items"):
        read(tmp_path, f"{head}items = []")
    with pytest.raises(BadDomain, match=r"nowhere\.toml"):
        load_domain(tmp_path / "nowhere.toml")
