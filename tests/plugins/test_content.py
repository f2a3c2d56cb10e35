"""The twelve domains that come with us say what the public tables say, and score as they promise."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from auditor.checklists import BadDomain, load_domain
from auditor.checklists.answers import Answer
from auditor.checklists.asking import asked_once
from auditor.entities import Domain, Unit, Window
from auditor.plugins import load_plugins
from auditor.workflow.domains import outcome
from shipping import PLUGINS, SHIPPED

DAY = date(2026, 12, 1)

MARKS = {"S": "statute", "W": "copy", "U": "unverified"}


def shipped(key: str) -> Domain:
    """The domain from its file, without the plugin manager."""
    return load_domain(PLUGINS / f"auditor_{key}" / f"{key}.toml")


SCHOOL = Unit(id="1", name="第一小学", boarders=0, canteen=True, buses=0)


# -- what the files say ------------------------------------------------------------------------------


TABLES = {
    "fire": 36, "food": 38, "transport": 36, "dorms": 34, "security": 16,
    "hazchem": 15, "crowd": 14, "health": 14, "drowning": 13,
}  # fmt: skip
"""The domains with a reference table, and how many items each has."""


def rows_of(key: str, shared: Path) -> dict[str, dict[str, str]]:
    """The reference table of a domain: code to its cells."""
    names = ("code", "zh", "en", "threshold", "basis", "severity", "evidence", "scheme", "source")
    table = {}
    text = (shared / "reference" / "domains" / f"{key}.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        if re.match(r"\| [A-Z]{3}-\d\d ", line):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            table[cells[0]] = dict(zip(names, cells, strict=True))
    return table


@pytest.mark.parametrize("key", TABLES)
def test_a_checklist_is_its_table_item_by_item(key: str, shared: Path) -> None:
    """Every code in the order of the table, with its severity, evidence, sources and scheme."""
    table = rows_of(key, shared)
    domain = shipped(key)
    assert [item.code for item in domain.items] == list(table)
    assert len(table) == TABLES[key]
    schemes = {"D": "direct", "C": "composite", "key": "key", "fine": "fine"}
    for item in domain.items:
        row = table[item.code]
        assert item.severity == row["severity"], item.code
        assert item.evidence == {"doc": "document"}.get(row["evidence"], row["evidence"]), item.code
        assert item.source == tuple(MARKS[mark] for mark in row["source"].split("+")), item.code
        named = {schemes[word] for word in re.findall(r"\b(D|C|key|fine)\b", row["scheme"])}
        assert set(item.scheme) == named, item.code
        assert item.basis, item.code


NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.mark.parametrize("key", TABLES)
def test_the_numbers_of_the_table_stand_in_value_or_wording(key: str, shared: Path) -> None:
    """Of every threshold; a number that decides the level of a hazard may stand in how it is checked."""
    lost = []
    for item in shipped(key).items:
        cell = re.sub(
            r"(GB(/T|J)?|WS|DB\S*) ?[\d.\-]+|\d{4}-\d{2}-\d{2}|\d{4}",
            "",
            rows_of(key, shared)[item.code]["threshold"],
        )
        words = " ".join(
            (
                item.zh,
                item.en,
                item.how,
                item.penalty,
                item.basis,
                f"{item.value:g}" if item.value is not None else "",
            )
        )
        have = {float(one) for one in NUMBER.findall(words.replace(",", ""))}
        have |= {one / 100 for one in have} | {one * 100 for one in have}
        lost += [
            (item.code, one)
            for one in NUMBER.findall(cell.replace(",", ""))
            if float(one) not in have and float(one) > 10
        ]
    assert lost == []


@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_every_item_is_of_its_domain_and_in_both_languages(key: str) -> None:
    """One prefix, Chinese in zh, how and fault, none in en, a basis, days to put right."""
    domain = shipped(key)
    assert domain.key == key
    prefixes = {item.code[:3] for item in domain.items}
    assert len(prefixes) == 1 or prefixes == {"DRN", "PER"}  # ponds and the school's surroundings
    for item in domain.items:
        for text in (item.zh, item.how, item.fault):
            assert re.search(r"[一-鿿]", text), item.code
        assert not re.search(r"[一-鿿]", item.en), item.code
        assert item.basis, item.code
        assert item.rectify_days is not None, item.code
        assert re.match(r"未|存在|擅自|使用|在|将|违|没有", item.fault), item.code


def test_the_parts_of_a_visit_have_their_windows() -> None:
    """The kitchen before lunch, dormitories in the evening, the rest in daylight."""
    day = (Window(slot="morning"), Window(slot="afternoon"))
    windows = {key: shipped(key).windows for key in SHIPPED}
    assert windows.pop("food") == (Window(slot="morning", earliest=10 * 60 + 30, latest=11 * 60 + 45),)
    assert windows.pop("dorms") == (Window(slot="evening", earliest=19 * 60, latest=20 * 60 + 30),)
    assert windows == dict.fromkeys(windows, day)


@pytest.mark.parametrize(
    ("facts", "keys"),
    [
        ({"boarders": 0, "canteen": False, "kind": "junior"}, {"hazchem"}),
        ({"boarders": 1, "canteen": False, "kind": "kindergarten"}, {"dorms"}),
        ({"boarders": 0, "canteen": True, "kind": "training"}, {"food"}),
        ({}, {"food", "dorms", "hazchem"}),
    ],
)
def test_domains_apply_by_the_facts_and_unknown_facts_skip_nothing(
    facts: dict[str, Any], keys: set[str]
) -> None:
    """Dormitories with boarders, food with a canteen, chemicals in laboratories, the others everywhere."""
    unit = Unit(id="1", name="校", **facts)
    assert {key for key in SHIPPED if shipped(key).applies(unit)} == SHIPPED - {
        "food", "dorms", "hazchem",
    } | keys  # fmt: skip


def test_bus_items_are_looked_at_only_where_there_are_buses() -> None:
    """A school without buses keeps the items of the gate and of unlicensed vehicles."""
    domain = shipped("transport")
    none = {item.code for item in domain.asked(SCHOOL)}
    assert none == {"BUS-35", "BUS-36"}
    one = Unit(id="1", name="校", buses=1)
    assert len(domain.asked(one)) == len(domain.items)


# -- the hooks -----------------------------------------------------------------------------------------


def test_hook_auditor_domain(tmp_path: Path) -> None:
    """A copy of a plugin's folder works by ``--plugins-dir``, from any place, under another key."""
    source = PLUGINS / "auditor_fire"
    copy = tmp_path / "auditor_gas"
    copy.mkdir()
    for file in ("__init__.py", "fire.toml"):
        text = (source / file).read_text(encoding="utf-8")
        (copy / file).write_text(
            text.replace('key = "fire"', 'key = "gas"').replace("FIR-", "GAS-"), encoding="utf-8"
        )
    plugins = load_plugins((tmp_path,))
    assert plugins.failed == []
    assert [item.zh for item in plugins.domain("gas").items] == [
        item.zh for item in plugins.domain("fire").items
    ]


def test_hook_auditor_score(tmp_path: Path) -> None:
    """A plugin that scores its domain itself goes before the profiles, for its own domain only."""
    (tmp_path / "gas.py").write_text(
        "from auditor import Domain, Item, Score, hookimpl\n"
        "@hookimpl\ndef auditor_domain():\n"
        "    item = Item(code='GAS-1', zh='燃', en='g', severity='major', evidence='test', basis='-')\n"
        "    return Domain(key='gas', version='1', zh='燃气', en='Gas', minutes=9, items=(item,))\n"
        "@hookimpl\ndef auditor_score(domain, answers):\n"
        "    if domain.key == 'gas':\n"
        "        return Score(points=7.0, band='mine', checked=len(answers), of=1)\n",
        encoding="utf-8",
    )
    plugins = load_plugins((tmp_path,))
    unit = Unit(id="1", name="校")
    gas = outcome(plugins, plugins.domain("gas"), unit, {"GAS-1": (Answer(answer="pass"),)}, on=DAY)
    assert (gas.score, gas.band, gas.checked) == (7.0, "mine", 1)
    asked = outcome(plugins, plugins.domain("gas"), unit, {}, profile="weighted", on=DAY)
    assert asked.score is None
    fire = outcome(plugins, plugins.domain("fire"), unit, {}, on=DAY)
    assert (fire.score, fire.band, fire.checked) == (None, "", 0)


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


def test_a_task_sheet_asks_each_thing_once() -> None:
    """What the dormitories and fire safety both ask stands under fire safety alone."""
    domains = {key: shipped(key) for key in ("fire", "dorms")}
    unit = Unit(id="1", name="甲", boarders=30, canteen=False)
    asked = {key: {item.code for item in items} for key, items in asked_once(domains, unit).items()}
    assert "DOR-16" not in asked["dorms"]
    assert "FIR-12" in asked["fire"]
    assert "FIR-30" not in asked["fire"]  # no canteen
    assert "DOR-16" in {item.code for item in asked_once({"dorms": domains["dorms"]}, unit)["dorms"]}
