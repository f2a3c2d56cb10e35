"""A domain goes from an empty form to a scored visit on another computer, and nothing of a sheet is lost."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from auditor.checklists import read_domain
from auditor.checklists.cells import cell_of, value_of
from auditor.checklists.documents import document_of
from auditor.cli.main import auditor
from auditor.entities import KINDS
from auditor.workflow import experts
from shipping import PLUGINS

TWELVE = [
    ("POL-01", "开放时在岗救生员不少于2人", "否决项", "≥", "2", "人", "计数", "GB 19079.1-2013"),
    ("POL-02", "池水清澈见底", "否决项", None, None, None, "照片", "GB 37488-2019"),
    ("POL-03", "游离性余氯在0.3至1.0 mg/L", "重点项", None, None, None, "读数", "GB 37488-2019"),
    ("POL-04", "浑浊度达标", "重点项", "＜＝", "１", "NTU", "读数", "GB 37488-2019"),
    *(
        (f"POL-{at:02d}", f"第{at}项到位", "一般项", None, None, None, "资料", "工作要求")
        for at in range(5, 13)
    ),
]
COLUMNS = ("code", "zh", "severity", "op", "value", "unit", "evidence", "basis")


def run(*arguments: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(auditor, [str(one) for one in arguments])


def done(*arguments: object) -> dict[str, Any]:
    """Run a command that must succeed; give its JSON."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def filled(file: Path, change: Callable[[Workbook], None] | None = None) -> Path:
    """The form, filled in with twelve rows as a person would, and changed."""
    assert run("plugins", "new", "--template", file).exit_code == 0
    book = load_workbook(file)
    head, items = book["领域"], book["检查项"]
    words = {str(row[0].value).split("(")[-1].rstrip(")"): row[1] for row in head.iter_rows(max_col=2)}
    words["zh"].value = "游泳池"
    words["version"].value = "2026.1"
    titles = {str(cell.value).split("(")[-1].rstrip(")"): cell.column for cell in items[1]}
    for down, row in enumerate(TWELVE, start=2):
        for key, value in zip(COLUMNS, row, strict=True):
            items.cell(down, titles[key], value)
    if change is not None:
        change(book)
    book.save(file)
    return file


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and the moment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUDITOR_NOW", "2026-12-02T09:00+08:00")
    return tmp_path


def test_from_an_empty_form_to_a_scored_visit_and_the_next_version(here: Path) -> None:
    """By the README's steps."""
    done("plugins", "new", "pools", "--from", filled(here / "pools.xlsx"))
    assert done("plugins", "check", "pools") == {"faults": []}
    done("plugins", "keygen", "--out", "keys")
    made = done("plugins", "bundle", "pools", "--key", "keys", "--out", "pools(1).zip")
    (here / "r.csv").write_text(
        "学校代码,学校名称,乡镇,经度,纬度\n1,甲小学,禾岭镇,105.2,30.5\n", encoding="utf-8"
    )
    done("units", "import", "r.csv", "--db", "other.db")
    refused = run("plugins", "add", "pools(1).zip", "--db", "other.db")
    assert (refused.exit_code, "not allowed here" in refused.output) == (1, True)
    assert done("plugins", "allow", "pools(1).zip", "--db", "other.db")["sha256"] == made["sha256"]
    done("plugins", "add", "pools(1).zip", "--db", "other.db")
    shown = done("plugins", "show", "pools", "--db", "other.db")
    assert [one["code"] for one in shown["items"]] == [row[0] for row in TWELVE]
    assert [(one["op"], one["value"]) for one in shown["items"][:4]] == [
        (">=", 2), (None, None), (None, None), ("<=", 1)
    ]  # fmt: skip
    assert {tuple(one["source"]) for one in shown["items"]} == {("unverified",)}
    order = ("--domain", "pools", "--directed", "交办1号", "--db", "other.db")
    visit = done("visit", "start", "1", *order)["visit"]
    answers = {row[0]: "符合" for row in TWELVE} | {
        "POL-03": {"answer": "不符合", "value": 0.1, "place": "室内池"}
    }
    (here / "a.json").write_text(json.dumps(answers), encoding="utf-8")
    done("visit", "answer", visit, "--file", "a.json", "--db", "other.db")
    # two veto, two major, eight general: 20 + 10 + 16 = 46; 41 of 46 = 89.13…
    closed = done("visit", "close", visit, "--db", "other.db")["domains"]["pools"]
    assert (closed["score"], closed["band"], closed["checked"], closed["of"]) == (89.1, "good", 12, 12)
    assert closed["hazards"] == [{"code": "POL-03", "level": "general", "place": "室内池"}]

    done("plugins", "show", "pools", "--xlsx", "again.xlsx", "--db", "other.db")
    book = load_workbook("again.xlsx")
    book["检查项"]["B3"].value = "池水清澈见底，池底可见泳道线"
    book.save("again.xlsx")
    refused = run("plugins", "new", "pools", "--from", "again.xlsx")
    assert (refused.exit_code, "raise it in the sheet" in refused.output) == (1, True)
    book["领域"]["B2"].value = "2026.2"
    book.save("again.xlsx")
    done("plugins", "new", "pools", "--from", "again.xlsx")
    done("plugins", "bundle", "pools", "--key", "keys", "--out", "pools2.zip")
    for step in ("allow", "add"):
        done("plugins", step, "pools2.zip", "--db", "other.db")
    assert done("plugins", "show", "pools", "--db", "other.db")["version"] == "2026.2"
    assert "泳道线" in done("plugins", "show", "pools", "--db", "other.db")["items"][1]["zh"]
    assert (
        done("visit", "show", visit, "--db", "other.db")["domains"]["pools"]["items"][1]["zh"]
        == "池水清澈见底"
    )
    older = run("plugins", "allow", "pools(1).zip", "--db", "other.db")
    assert (older.exit_code, "lower than" in older.output) == (1, True)


def put(sheet: str, place: str, value: object) -> Callable[[Workbook], None]:
    """A change of one cell."""
    return lambda book: setattr(book[sheet][place], "value", value)


@pytest.mark.parametrize(
    ("change", "row", "key", "said"),
    [
        (put("检查项", "A3", "POL-01"), 3, "code", "stands in row 2"),
        (put("检查项", "A3", "POL01"), 3, "code", "capitals, a hyphen and a number"),
        (put("检查项", "A3", "FIR-01"), 3, "code", "an item of the domain fire"),
        (put("检查项", "D3", "很严重"), 3, "severity", "否决项, 重点项, 一般项"),
        (put("检查项", "F2", "两人"), 2, "value", "must be a number"),
        (put("检查项", "E2", None), 2, "op", "go together"),
        (put("检查项", "E2", "左右"), 2, "op", "write one of"),
        (put("检查项", "I4", None), 4, "basis", "is missing"),
        (put("检查项", "S4", "寄宿生很多"), 4, "applies_when", "寄宿生数 > 0"),
        (put("检查项", "S4", "有食堂 且 有校车 或 有寄宿生"), 4, "applies_when", "write it like"),
        (put("检查项", "S4", "标签 含 游泳池，学生数 大于 100"), 4, "applies_when", "write it like"),
        (put("检查项", "T4", "拍照"), 4, "follow_up", "不符合要照片"),
        (put("检查项", "U1", "填表人"), 1, "填表人", "unknown heading"),
        (put("检查项", "U1", "代码"), 1, "code", "twice"),
        (put("领域", "B2", None), 2, "version", "is missing"),
        (put("领域", "B2", "二〇二六"), 2, "version", "numbers"),
        (put("领域", "B5", "二十"), 5, "minutes", "must be a number"),
        (put("领域", "B8", "上午 9点"), 8, "windows", "上午; 下午"),
    ],
)
def test_a_clerks_mistake_is_named_by_sheet_row_and_column(
    here: Path, change: Callable[[Workbook], None], row: int, key: str, said: str
) -> None:
    """It is the only fault that is told, and nothing is written."""
    source = filled(here / "f.xlsx", change)
    result = run("plugins", "new", "pools", "--from", source, "--json")
    assert result.exit_code == 1
    faults = json.loads(result.stdout)["faults"]
    assert [(one["line"], one["key"]) for one in faults] == [(row, key)], faults
    assert said in faults[0]["problem"]
    assert not (here / "pools").exists()
    assert f"row {row}" in run("plugins", "new", "pools", "--from", source).output


def test_all_mistakes_are_told_at_once_and_notes_are_passed_over(here: Path) -> None:
    """Several of one row, and of both sheets; a note below the table is no item."""

    def several(book: Workbook) -> None:
        for place, value in (("A3", "POL-01"), ("D4", "重"), ("F2", "两人"), ("A15", "注：以上由安全科填写")):
            book["检查项"][place].value = value
        book["领域"]["B2"].value = None
        book["检查项"].title, book["领域"].title = "表一", "表二"

    result = run("plugins", "new", "pools", "--from", filled(here / "f.xlsx", several), "--json")
    faults = json.loads(result.stdout)["faults"]
    assert [(one["sheet"], one["line"], one["key"]) for one in faults] == [
        ("表二", 2, "version"), ("表一", 2, "value"), ("表一", 3, "code"), ("表一", 4, "severity"),
    ]  # fmt: skip
    assert "以上由安全科填写" in result.stderr


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("op", " ＞＝ ", ">="), ("op", "不少于", ">="), ("op", "≤", "<="), ("value", "１．５", 1.5),
        ("code", "ＰＯＬ－０１", "POL-01"), ("code", "POL–01", "POL-01"), ("severity", "否 决 项", "veto"),
        ("source", "转载；未核实", ["copy", "unverified"]), ("unit", "％", "%"),
        ("zh", "“引号”，全角：１", "“引号”，全角：１"), ("fault", " 未做 ", " 未做 "),
        ("applies_when", "寄宿生 ＞ ０", [{"field": "boarders", "op": ">", "value": 0}]),
        ("applies_when", "有食堂", [{"field": "canteen", "op": "=", "value": True}]),
        (
            "applies_when", '{“field”: “buses”, “op”: “>”, “value”: 0}',
            {"field": "buses", "op": ">", "value": 0},
        ),
        (
            "applies_when", "学段 含 小学、初级中学 且 食堂 = 否",
            [
                {"field": "kind", "op": "in", "value": ["primary", "junior"]},
                {"field": "canteen", "op": "=", "value": False},
            ],
        ),
        ("windows", "上午 9:00-10:30；下午", [
            {"slot": "morning", "earliest": "09:00", "latest": "10:30"}, {"slot": "afternoon"}
        ]),
        ("follow_up", "不符合要照片；部分符合：测量", [
            {"on": "fail", "ask": "photo"}, {"on": "partly", "ask": "measure"}
        ]),
        ("hazard", "否决项1天；重点项 7；一般项：30", {"veto": 1, "major": 7, "general": 30}),
        ("score", "85 分以上 好；0 差", {"bands": [{"least": 85, "name": "好"}, {"least": 0, "name": "差"}]}),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_it_was_meant(key: str, text: str, value: object) -> None:
    """Codes, numbers, operators and conditions are mended; wording never."""
    assert value_of(key, text) == value


LETTERS = st.text(
    st.sampled_from(string.ascii_letters + string.digits + " =+-'\"#@;、，。：且或含（）\n\t_x000D_汉字㎡🏊"),
    min_size=1,
    max_size=20,
).filter(str.strip)
OPS = [">", ">=", "<", "<=", "="]
NUMBER = st.one_of(st.integers(-1000, 10**6), st.floats(-1e6, 1e6, allow_nan=False))
CONDITION = st.one_of(
    st.fixed_dictionaries({"field": st.sampled_from(["students", "boarders", "buses"]),
                           "op": st.sampled_from(OPS), "value": st.integers(0, 5000)}),
    st.fixed_dictionaries({"field": st.just("canteen"), "op": st.just("="), "value": st.booleans()}),
    st.fixed_dictionaries({"field": st.just("kind"), "op": st.just("in"),
                           "value": st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3)}),
    st.fixed_dictionaries({"field": st.sampled_from(["township", "district", "sponsor", "ownership"]),
                           "op": st.just("="), "value": LETTERS}),
    st.fixed_dictionaries({"field": st.just("tags"), "op": st.just("in"),
                           "value": st.lists(LETTERS, min_size=1, max_size=2)}),
)  # fmt: skip
WHEN = st.recursive(
    CONDITION,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=4,
)
ITEM = st.fixed_dictionaries(
    {
        "zh": LETTERS, "en": LETTERS, "basis": LETTERS,
        "severity": st.sampled_from(["veto", "major", "general"]),
        "evidence": st.sampled_from(["photo", "count", "reading", "document", "test", "ask"]),
        "source": st.lists(
            st.sampled_from(["statute", "copy", "unverified"]), min_size=1, max_size=3, unique=True
        ),
    },
    optional={
        "number": st.tuples(st.sampled_from(OPS), NUMBER, st.sampled_from(["人", "m", "%"])),
        "applies_when": st.lists(WHEN, min_size=1, max_size=2),
        "scheme": st.lists(
            st.sampled_from(["direct", "composite", "key", "fine"]), min_size=1, max_size=2, unique=True
        ),
        "weight": st.floats(0.1, 1000), "per": st.sampled_from(["building", "room", "vehicle"]),
        "same_as": st.just("FIR-01"), "rectify_days": st.integers(0, 365), "how": LETTERS, "fault": LETTERS,
        "penalty": LETTERS,
        "follow_up": st.lists(
            st.fixed_dictionaries({"on": st.sampled_from(["pass", "partly", "fail"]),
                                   "ask": st.sampled_from(["photo", "measure"])}), min_size=1, max_size=2
        ),
    },
)  # fmt: skip
LAST = {"least": 0, "name": "b"}
HEAD = st.fixed_dictionaries(
    {"zh": LETTERS, "en": LETTERS, "minutes": st.integers(1, 60)},
    optional={
        "people": st.integers(1, 9), "applies_when": st.lists(WHEN, min_size=1, max_size=2),
        "retired": st.just(["OLD-1", "OLD-2"]),
        "hazard": st.fixed_dictionaries({key: st.integers(0, 365) for key in ("veto", "major", "general")}),
        "score": LETTERS.map(lambda name: {"bands": [{"least": 85.5, "name": name}, LAST]}),
        "determination": st.just({"count": 2, "document": "文；件", "from": date(2026, 1, 1)}),
    },
)  # fmt: skip


@settings(
    max_examples=30, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(head=HEAD, items=st.lists(ITEM, min_size=1, max_size=4))
def test_any_domain_goes_to_a_sheet_and_back_without_loss(
    tmp_path: Path, head: dict[str, Any], items: list[dict[str, Any]]
) -> None:
    """Whatever its words begin with or hold."""
    document = {"key": "d", "version": "1.10", "windows": [{"slot": "morning"}], **head, "items": []}
    for at, item in enumerate(items):
        number = dict(zip(("op", "value", "unit"), item.pop("number", ()), strict=False))
        document["items"].append({"code": f"A-{at:02d}", **item, **number})
    domain = read_domain("d", document)
    book = tmp_path / "d.xlsx"
    book.unlink(missing_ok=True)
    experts.write_sheet(domain, book)
    read = experts.read_sheet(book)
    assert (read.faults, read.notes) == ([], [])
    assert document_of(read_domain("d", read.document)) == document_of(domain)


@settings(max_examples=300, deadline=None)
@example(whens=[{"field": "township", "op": "=", "value": "，"}])
@given(whens=st.lists(WHEN, min_size=1, max_size=2))
def test_conditions_survive_their_words(whens: list[dict[str, Any]]) -> None:
    """Where words could be misread, the cell holds JSON."""
    assert value_of("applies_when", cell_of("applies_when", whens)) == whens


def test_a_name_alone_makes_a_sound_folder_once(here: Path) -> None:
    """With one item as an example, which its author edits as text."""
    done("plugins", "new", "my_pools")
    assert done("plugins", "check", "my_pools") == {"faults": []}
    again = run("plugins", "new", "my_pools")
    assert (again.exit_code, "left as it is" in again.output) == (1, True)


def test_a_form_never_replaces_a_file(here: Path) -> None:
    """The twelve rows that somebody filled in are still there."""
    source = filled(here / "f.xlsx")
    before = source.read_bytes()
    for words in (
        ("plugins", "new", "--template"),
        ("plugins", "show", "fire", "--xlsx"),
        ("units", "template"),
    ):
        refused = run(*words, source)
        assert (refused.exit_code, "left as it is" in refused.output) == (2, True)
    assert source.read_bytes() == before


def test_a_code_that_is_gone_is_retired_by_itself(here: Path) -> None:
    """And never used again."""
    source = filled(here / "f.xlsx")
    done("plugins", "new", "pools", "--from", source)
    book = load_workbook(source)
    book["检查项"].delete_rows(13)
    book["领域"]["B2"].value = "2026.2"
    book.save(source)
    result = run("plugins", "new", "pools", "--from", source)
    assert (result.exit_code, "POL-12" in result.output) == (0, True)
    assert 'retired = [\n    "POL-12",\n]' in (here / "pools" / "pools.toml").read_text(encoding="utf-8")


def test_a_folder_of_domains_is_checked_with_one_look_at_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the shipped domains anew for each file would cost a second."""
    looks: list[int] = []

    def look() -> dict[str, str]:
        looks.append(1)
        return {}

    monkeypatch.setattr(experts, "shipped_codes", look)
    assert experts.check(PLUGINS) == []
    assert len(looks) == 1
