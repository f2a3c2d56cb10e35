"""Settings of a duty desk: the template is the default, faults are told in a sentence, JSON comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.entities import Leave, Person, Post
from auditor.errors import AuditorError, UsageProblem
from auditor.roster.by_name import called
from auditor.roster.check import DEFAULT_DESK
from auditor.roster.desk import (
    FAIR,
    TEMPLATE,
    BadDesk,
    DutyDesk,
    desk_json,
    desk_of_json,
    read_desk,
)
from auditor.roster.make import RULES
from auditor.roster.problem import build_problem
from auditor.roster.styles import make_month
from auditor.store import Database
from auditor.store.staff import put_staff
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from auditor.workflow.duty import desk_settings, rosters
from auditor.workflow.duty.roster_repairs import explain
from auditor.workflow.months import month_of
from desk_world import BEFORE, desk_people
from roster.test_rules import WORLDS, random_worlds
from roster.world import FIRST, days, people

POST = '[[posts]]\nid = "day"\nrole = "officer"\nstart = "08:00"\nminutes = 600\n'


def test_the_template_is_the_default_desk() -> None:
    """Kept as it is printed, it changes nothing; and the check knows the same desk by itself."""
    assert desk_json(read_desk(TEMPLATE.encode(), "t")) == desk_json(DutyDesk())
    assert desk_json(DutyDesk(style=FAIR)) == DEFAULT_DESK


def test_every_key_and_every_rule_is_documented() -> None:
    """Keys of the settings in roster.md, rules in a row each in rules.md."""
    docs = Path(__file__).parent.parent.parent / "docs"
    page = (docs / "roster.md").read_text(encoding="utf-8")
    assert [key for key in DEFAULT_DESK if f"`{key}`" not in page and f"[{key}]" not in page] == []
    part = (docs / "rules.md").read_text(encoding="utf-8").partition("## Rules of a roster")[2]
    rows = re.findall(r"^\| `([a-z][a-z-]*)` \|", part, re.MULTILINE)
    assert sorted(rows) == sorted(rule.NAME for rule in RULES)


def test_every_line_of_the_template_can_be_used() -> None:
    """With the comments taken away from its tables it is a desk still."""
    text = re.sub(r'(?m)^# (?=\[|[a-z_0-9]+ = |"\w+" = )', "", TEMPLATE)
    found = read_desk(text.encode(), "t")
    assert {post.id for post in found.posts} == {"lead", "day", "night", "phone", "reserve"}
    assert found.groups[0].members == ("o01", "o02", "o03")
    assert found.acting == {"张三": "李四"}
    assert found.opening == {"王五": {"total": 5, "night": 2}}


@given(random_worlds())
def test_a_desk_comes_back_from_json(world: Any) -> None:
    """To the letter, whatever its rules."""
    written = desk_json(world.desk)
    assert desk_json(desk_of_json(json.loads(json.dumps(written)), "t")) == written


@pytest.mark.parametrize("name", WORLDS)
def test_the_desks_of_the_other_tests_come_back(name: str) -> None:
    """Posts that overlap on purpose and rests of their own too."""
    written = desk_json(WORLDS[name].desk)
    assert desk_json(desk_of_json(written, "t")) == written


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(POST + POST.replace("day", "late").replace("08:00", "17:00"), "overlap", id="overlap"),
        pytest.param(POST + POST, "day stands twice", id="twice"),
        pytest.param(POST.replace("officer", "cook"), "cook is none of leader, officer", id="role"),
        pytest.param(POST.replace('role = "officer"\n', ""), "role is missing", id="no role"),
        pytest.param(POST + "need = -1", "need: -1: write a whole number from 0", id="negative need"),
        pytest.param(POST + "need = { feast = 1 }", "feast is none of work", id="class"),
        pytest.param(POST + "need = 0", "nobody is needed anywhere", id="nobody"),
        pytest.param(POST.replace("08:00", "8 Uhr"), "write a time like 08:00", id="time"),
        pytest.param(POST.replace("600", "1441"), "from 1 to 1440", id="longer than a day"),
        pytest.param(POST + "by_phone = true", "only a leader's post", id="phone"),
        pytest.param(POST + "callable_minutes = 30", "belongs to stand-by", id="callable"),
        pytest.param('styel = "fair"', "styel is no key of a duty desk", id="key"),
        pytest.param('style = "quick"', "quick is none of rotation, fair", id="style"),
        pytest.param("[gaps]\nofficer = 0", "gaps: officer: 0: write a whole number from 1", id="gap"),
        pytest.param("[gaps]\ndriver = 2", "no post is of the role driver", id="no such post"),
        pytest.param('weekend_block = ["late"]', "late is no post", id="block"),
        pytest.param("weekend_block = true\n[runs]\nofficer = 1", "two days on end", id="block and runs"),
        pytest.param('[[pairs]]\npeople = ["a"]\ntogether = true', "name two", id="pair"),
        pytest.param(
            '[[pairs]]\npeople = ["a", "b"]\ntogether = true\n'
            '[[pairs]]\npeople = ["b", "a"]\ntogether = false',
            "a and b stand twice",
            id="pairs",
        ),
        pytest.param('[[groups]]\nleader = "a"\nmembers = ["a"]', "two places", id="group"),
        pytest.param('[acting]\na = "a"', "cannot act for himself", id="acting"),
        pytest.param("[opening.a]\ntotal = -1", "write a whole number", id="opening"),
        pytest.param("posts = 7", "write it as tables", id="shape"),
        pytest.param("style = ", "not TOML", id="toml"),
        pytest.param('style = "fair" "fair"', "not TOML", id="toml twice"),
        pytest.param('sharing = "leximin"', 'belongs to style = "fair"', id="sharing of a rotation"),
        pytest.param("[weights]\nstandby = 3", "weights: there is no stand-by post", id="weight"),
        pytest.param("[opening.a]\nstandby = 3", "opening.a: there is no stand-by", id="balance"),
        pytest.param('[[groups]]\nleader = "a"\nmembers = []', "of a has no members", id="empty group"),
        pytest.param(POST + 'kind = "standby"\n[gaps]\nofficer = 2', "stand-by posts only", id="gap waits"),
        pytest.param(POST + 'kind = "standby"\nnight = true', "and no night", id="night of stand-by"),
        pytest.param(POST + 'zh = "白班"\nname = "日班"', "zh and name are the same", id="two names"),
        pytest.param(POST + "overlap = true", "overlaps no post", id="overlap with nothing"),
        pytest.param(
            'weekend_block = ["day"]\n' + POST + "need = { weekend = 0 }",
            "needs nobody on weekends",
            id="block of nobody",
        ),
    ],
)
def test_a_fault_is_told_in_one_sentence(text: str, told: str) -> None:
    """Which key, what was found, what to write; exit 2, nothing kept."""
    with pytest.raises(BadDesk) as caught:
        read_desk(text.encode(), "desk.toml")
    said = str(caught.value)
    assert told in said
    assert said.startswith("desk.toml: ")
    assert said.endswith("nothing was kept")
    assert "\n" not in said
    assert caught.value.exit_code == 2


STAFF = [
    Person(id="l1", name="孙副", roles=("leader",)), Person(id="l2", name="周督", roles=("leader",)),
    Person(id="o1", name="李纪", roles=("officer",)), Person(id="o2", name="张伟", roles=("officer",)),
    Person(id="o3", name="张伟", roles=("officer",)), Person(id="王五", name="o1", roles=("officer",)),
]  # fmt: skip


def test_people_are_called_by_name_or_by_id_wherever_a_desk_lists_them() -> None:
    """The same desk comes of both; who bears somebody else's id as a name is not meant by it."""
    by_name, by_id = (
        read_desk(
            f'''order = ["{l2}", "o2", "{o1}"]
[[pairs]]
people = ["{o1}", "o3"]
together = false
[[groups]]
leader = "{l1}"
members = ["{o1}", "o2"]
[acting]
"{l1}" = "{l2}"
[opening."{o1}"]
total = 3'''.encode(),
            "t",
        )
        for l1, l2, o1 in (("孙副", "周督", "李纪"), ("l1", "l2", "o1"))
    )
    assert by_name != by_id
    assert called(by_name, STAFF) == (by_id, [])
    assert called(by_id, STAFF) == (by_id, [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('order = ["周督", "赵六"]', "order: 赵六 is nobody here"),
        ('order = ["张伟"]', "order: 2 people are called 张伟 (o2, o3); write the id of one"),
        ('order = ["周督", "l2"]', "order: l2 stands twice, by id and by name"),
        ('[[pairs]]\npeople = ["o1", "nobody"]\ntogether = true', "pairs: nobody is nobody here"),
        ('[[pairs]]\npeople = ["o1", "李纪"]\ntogether = true', "pairs: o1 stands twice"),
        ('[[pairs]]\npeople = ["o1", "o2"]\ntogether = true\n[[pairs]]\npeople = ["李纪", "o2"]\n'
         "together = false", "pairs: o1 + o2 stands twice"),
        ('[[groups]]\nleader = "张伟"\nmembers = ["o1"]', "groups: 2 people are called 张伟"),
        ('[[groups]]\nleader = "l1"\nmembers = ["赵六"]', "groups: 赵六 is nobody here"),
        ('[[groups]]\nleader = "l1"\nmembers = ["o1", "孙副"]', "groups: l1 stands twice"),
        ('[acting]\nl1 = "赵六"', "acting: 赵六 is nobody here"),
        ('[acting]\nl1 = "孙副"', "acting: l1 cannot act for himself"),
        ('[acting]\nl1 = "l2"\n"孙副" = "l2"', "acting: l1 stands twice"),
        ("[opening.赵六]\ntotal = 1".replace("赵六", '"赵六"'), "opening: 赵六 is nobody here"),
    ],
)  # fmt: skip
def test_a_word_that_is_nobody_or_two_people_is_told_with_its_key(text: str, told: str) -> None:
    """Which list, which word, what to write."""
    _desk, faults = called(read_desk(text.encode(), "t"), STAFF)
    assert [fault[: len(told)] for fault in faults] == [told]


def test_a_file_names_people_and_the_bureau_keeps_their_ids(tmp_path: Path) -> None:
    """Names before the people are there wait for them; a name of nobody is refused then, and nothing kept."""
    now = BEFORE
    file = tmp_path / "desk.toml"
    with bureau_of(tmp_path / "a.db") as db:
        file.write_text('order = ["L3", "L1"]\n', encoding="utf-8")
        desk_settings.keep_desk(db, file, now)
        assert desk_settings.desk_of(db).order == ("L3", "L1")
        with write_tx(db, "people", now) as tx:
            put_staff(tx, [*desk_people(), Person(id="x", name="X", roles=("network",))])
        assert desk_settings.desk_of(db).order == ("l3", "l1")
        made = rosters.make(db, month_of("2026-12"), work=20)
        assert made["desk"]["order"] == ["l3", "l1"]
        leaders = [row["person"] for row in made["assignments"] if row["post"] == "lead"]
        assert leaders[:3] == ["l3", "l1", "l0"]
        for text, told in (
            ('order = ["L3", "谁"]', "order: 谁 is nobody here"),
            ('order = ["X"]', "X, who can fill no post of the desk"),
            (
                '[[pairs]]\npeople = ["X", "O1"]\ntogether = true',
                "X, who can fill no post .* out of pairs with",
            ),
            ('[acting]\n张伟 = "王芳"', 'a name as a key stands in quotes: "张伟" = '),
            ("[opening.张伟]\ntotal = 3", 'a name as a key stands in quotes: "张伟" = '),
            ('[acting]\nL1 = "O1"', "fill no post of one role"),
        ):
            file.write_text(text, encoding="utf-8")
            with pytest.raises(AuditorError, match=told):
                desk_settings.keep_desk(db, file, now)
        assert desk_settings.desk_of(db).order == ("l3", "l1")
        file.write_text('order = ["L9", "L1"]', encoding="utf-8")
    with bureau_of(tmp_path / "b.db") as db:
        desk_settings.keep_desk(db, file, now)
        with write_tx(db, "people", now) as tx:
            put_staff(tx, desk_people())
        december = month_of("2026-12")
        with pytest.raises(BadDesk, match="order: L9 is nobody here"):
            rosters.make(db, december, work=20)
        with pytest.raises(BadDesk, match="order: L9 is nobody here"):
            explain(db, december, now=now, work=20)


@contextmanager
def bureau_of(path: Path) -> Iterator[Database]:
    """A bureau without people."""
    bureau.init(path, "青石县教育局", None, BEFORE)
    with bureau.opened(path) as db:
        yield db


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(sorted(DEFAULT_DESK)),
)
def test_any_value_anywhere_is_a_desk_or_a_fault(value: object, key: str) -> None:
    """No traceback, whatever stands there."""
    with suppress(BadDesk):
        desk_of_json({key: value}, "t")


def test_a_day_has_the_need_of_its_class() -> None:
    """Work day, weekend, holiday and key period each have their own; none is no seat at all."""
    post = Post(id="day", role="officer", start=480, minutes=600, night=False)
    need = {"day": {"work": 1, "weekend": 2, "holiday": 0, "key": 3}}
    desk = DutyDesk(style=FAIR, posts=(post,), need=need)
    problem = build_problem(days(6, holidays=[1], key=[2]), people(0, 4), [], {}, desk=desk)
    found = [(problem.day(shift), shift.need) for shift in problem.shifts]
    assert found == [(0, 1), (2, 3), (3, 1), (4, 2), (5, 2)]


def test_whoever_is_away_long_or_joins_is_credited_what_the_others_bore() -> None:
    """Half of ten days: half the duties of a full month each, rounded down; he need not make them up."""
    half = FIRST.replace(day=6)
    staff = [replace(one, from_on=half) if one.id == "o1" else one for one in people(0, 3)]
    carried = {one.id: {"total": 4} for one in staff}
    problem = build_problem(days(10), staff, [], {}, carried=carried, desk=DutyDesk(style=FAIR))
    joiner = next(one for one in problem.people if one.id == "o1")
    assert joiner.days == 5
    # 20 duties on 25 days of people: each day's part is 4/5 of a duty, five days are 4
    assert joiner.credit["total"] == 4
    assert joiner.carried["total"] == 8
    short = [Leave(person="o1", from_on=FIRST, to_on=FIRST.replace(day=5))]
    kept = build_problem(days(10), people(0, 3), short, {}, carried=carried, desk=DutyDesk(style=FAIR))
    assert next(one for one in kept.people if one.id == "o1").days is None


def test_opening_balances_are_a_joiners_and_nobody_elses() -> None:
    """Who has counters keeps them; who has none begins with what the desk says, the rest from the mean."""
    desk = DutyDesk(style=FAIR, opening={"o2": {"total": 9}, "o0": {"total": 9}})
    carried = {who: {"total": 2, "night": 1} for who in ("o0", "o1")}
    problem = build_problem(days(2), people(0, 3), [], {}, carried=carried, desk=desk)
    found = {one.id: (one.carried["total"], one.carried["night"]) for one in problem.people}
    assert found == {"o0": (2, 1), "o1": (2, 1), "o2": (9, 1)}


def test_a_cell_is_fixed_for_nobody_whose_name_another_bears(tmp_path: Path) -> None:
    """O3 has been renamed O4: the name means both, the ids mean one each."""
    with bureau_of(tmp_path / "a.db") as db:
        with write_tx(db, "people", BEFORE) as tx:
            put_staff(tx, [replace(one, name="O4") if one.id == "o03" else one for one in desk_people()])
        asked = rosters.Asked(fixed=("2026-12-10/day=O4",), work=20)
        with pytest.raises(UsageProblem, match="2 people are called so; write the id of one: o03"):
            rosters.make(db, month_of("2026-12"), asked=asked)
        made = rosters.make(db, month_of("2026-12"), asked=replace(asked, fixed=("2026-12-10/day=o03",)))
        assert made["fixed"] == [{"date": "2026-12-10", "post": "day", "person": "o03"}]


def test_the_weightiest_class_is_shared_out_first() -> None:
    """By leximin nights come first where a desk says that they weigh most; by default holidays do."""
    assert list(DutyDesk().counted) == ["holiday", "weekend", "night", "total"]
    heavy = read_desk(b'style = "fair"\nsharing = "leximin"\n[weights]\nnight = 9\ntotal = 8', "t")
    assert list(heavy.counted) == ["night", "holiday", "total", "weekend"]
    record = make_month(build_problem(days(7), people(2, 4), [], {}, desk=heavy))
    names = [stage["name"] for stage in record["stages"] if stage["roles"] == ["officer"]]
    assert names == ["night", "total", "weekend", "fairness"]


@pytest.mark.parametrize("posts", ["", POST + 'zh = "早班"'])
def test_a_weekends_posts_are_called_by_name_or_by_id(posts: str) -> None:
    """As people are; ids are kept, and one post that is named twice is one."""
    ident, name = ("day", "早班") if posts else ("lead", "带班")
    found = read_desk(f'weekend_block = ["{name}", "{ident}"]\n{posts}'.encode(), "desk.toml")
    assert found.weekend_block == (ident,)
