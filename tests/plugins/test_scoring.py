"""Each scheme decides as its document says; every example was worked out by hand and stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.checklists.answers import BadAnswer, read_answers
from auditor.checklists.layers import BANDS, Layer
from auditor.checklists.scoring import PROFILES, Outcome, score
from auditor.entities import ANSWERS, Condition, Determination, Domain, Item, ShareRule, Unit
from effort import EFFORT

DAY = date(2026, 12, 1)
SCHOOL = Unit(id="1", name="甲小学", boarders=0)


def item(code: str, severity: str = "general", **more: Any) -> Item:
    """An Item of this severity."""
    return Item(code=code, zh="项", en="item", severity=severity, evidence=more.pop("evidence", "photo"),
                basis="-", **more)  # fmt: skip


def domain(*items: Item, **more: Any) -> Domain:
    """A domain of these Items."""
    return Domain(key="d", version="1", zh="域", en="d", minutes=10, items=items, **more)


TEN = domain(
    item("A-1", "veto"), item("A-2", "veto"),
    item("A-3", "major"), item("A-4", "major"), item("A-5", "major"),
    *(item(f"A-{at}") for at in range(6, 11)),
)  # fmt: skip
"""Two veto Items, three major, five general: weights 20 + 15 + 10 = 45."""


def answered(of: Domain, found: Mapping[str, Any], rest: str = "pass") -> dict[str, Any]:
    """Answers to all Items: those given, and `rest` for the others."""
    return {one.code: found.get(one.code, rest) for one in of.items}


def judge(of: Domain, found: Mapping[str, Any], profile: str, rest: str = "pass", **more: Any) -> Outcome:
    """Score such answers."""
    on = more.pop("on", DAY)
    unit = more.pop("unit", SCHOOL)
    return score(of, unit, read_answers(of, answered(of, found, rest)), profile=profile, on=on, **more)


@pytest.mark.parametrize(
    ("found", "points", "band"),
    [
        # all in order: 45 of 45
        ({}, 100, "good"),
        # one major fails: 40 of 45 = 88.88…, cut to one decimal
        ({"A-3": "fail"}, 88.8, "good"),
        # one major fails, one partly: 37.5 of 45 = 83.33…
        ({"A-3": "fail", "A-4": "partly"}, 83.3, "fair"),
        # all majors and all generals fail: 20 of 45 = 44.44…
        ({f"A-{at}": "fail" for at in range(3, 11)}, 44.4, "poor"),
        # a veto fails: 35 of 45 = 77.77…, and the result is the lowest
        ({"A-1": "fail"}, 77.7, "poor"),
        # two majors do not apply: 30 of 35 with one general… none failed
        ({"A-3": "na", "A-4": "na"}, 100, "good"),
        # two majors do not apply, one general fails: 33 of 35 = 94.28…
        ({"A-3": "na", "A-4": "na", "A-6": "fail"}, 94.2, "good"),
    ],
)  # fmt: skip
def test_weighted(found: dict[str, str], points: float, band: str) -> None:
    """10, 5 and 2; points got of those that apply; from 85 good, from 60 fair."""
    outcome = judge(TEN, found, "weighted")
    assert (outcome.score, outcome.band, outcome.determination) == (points, band, "none")


@pytest.mark.parametrize(
    ("found", "points", "band"),
    [
        ({}, 10, "excellent"),
        # nine of ten in full: 9.0
        ({"A-6": "fail"}, 9, "excellent"),
        # 10 - 1.5 = 8.5
        ({"A-6": "fail", "A-7": "partly"}, 8.5, "good"),
        # six in full: 6.0; five: 5.0 is no grade
        ({f"A-{at}": "fail" for at in (5, 6, 7, 8)}, 6, "fair"),
        ({f"A-{at}": "fail" for at in (4, 5, 6, 7, 8)}, 5, "none"),
        # one key item may fail, two give no grade whatever the mean
        ({"A-1": "fail"}, 9, "excellent"),
        ({"A-1": "fail", "A-2": "fail"}, 8, "none"),
        # two do not apply: 7 of 8 = 8.75
        ({"A-9": "na", "A-10": "na", "A-6": "fail"}, 8.7, "good"),
    ],
)
def test_grade(found: dict[str, str], points: float, band: str) -> None:
    """The mean of 0 to 10 over the Items that apply, with the cut-offs of 2012."""
    outcome = judge(TEN, found, "grade")
    assert (outcome.score, outcome.band) == (points, band)


@pytest.mark.parametrize(
    ("since", "band"),
    [
        ({"licence": date(2026, 9, 1)}, "excellent"), ({"licence": date(2026, 9, 2)}, ""),
        ({"incident": date(2026, 6, 1)}, "excellent"), ({"incident": date(2026, 6, 2)}, ""),
    ],
)  # fmt: skip
def test_no_grade_so_soon_after_a_licence_or_an_incident(since: dict[str, date], band: str) -> None:
    """Three months and six; other schemes know no such window."""
    assert judge(TEN, {}, "grade", since=since).band == band
    assert judge(TEN, {}, "weighted", since=since).band == "good"


@pytest.mark.parametrize(
    ("found", "band"),
    [
        ({}, "pass"), ({"A-6": "fail"}, "rectify"), ({"A-1": "fail"}, "case"), ({"A-6": "partly"}, "rectify"),
        ({"A-6": "fail", "A-3": "fail"}, "rectify"),
    ],
)  # fmt: skip
def test_key_items(found: dict[str, str], band: str) -> None:
    """No score: what failed decides, a key one as a case."""
    outcome = judge(TEN, found, "key-items")
    assert (outcome.score, outcome.band) == (None, band)


def test_campus_deducts_for_each_fault() -> None:
    """A major Item (5) with three faults loses 3, with nine all 5; 45 - 3 = 42 of 45 = 93.33…"""
    of = domain(*(item(one.code, one.severity, evidence="count") for one in TEN.items))
    three = judge(of, {"A-3": {"answer": "fail", "value": 3}}, "campus")
    assert (three.score, three.band) == (93.3, "excellent")
    assert judge(of, {"A-3": {"answer": "fail", "value": 9}}, "campus").score == 88.8
    assert judge(of, {"A-1": "fail"}, "campus").band == "refused"


FIRE = domain(
    item("F-1", "veto", scheme=("direct",)), item("F-2", "major", scheme=("composite",)),
    item("F-3", "major", scheme=("composite",)), item("F-4", "major", scheme=("composite",)),
    item("F-5", "major", scheme=("composite",)), item("F-6", "major", scheme=("direct",)),
    determination=Determination(
        count=3, document="GB 35181-2017", from_on=date(2018, 7, 1), to_on=date(2025, 10, 31),
        shares=(
            ShareRule(code="F-5", scheme="composite", op=">", value=0.5),
            ShareRule(code="F-6", scheme="direct", op="<", value=0.8),
        ),
    ),
)  # fmt: skip
BEFORE = date(2025, 10, 31)
THREE = {"F-2": "fail", "F-3": "fail", "F-4": "fail"}


@pytest.mark.parametrize(
    ("found", "determination", "band"),
    [
        ({}, "none", "pass"),
        ({"F-1": "fail"}, "direct", "case"),
        # put right at once: a failed key item still, but no element
        ({"F-1": {"answer": "fail", "fixed": True}}, "none", "case"),
        ({"F-2": "fail", "F-3": "fail"}, "none", "rectify"),
        (THREE, "composite", "case"),
        ({**THREE, "F-4": {"answer": "fail", "fixed": True}}, "none", "rectify"),
        # 11 of 20 doors damaged are more than half, 10 are not; without a share it is no element
        ({"F-2": "fail", "F-3": "fail", "F-5": {"answer": "fail", "value": "11/20"}}, "composite", "case"),
        ({"F-2": "fail", "F-3": "fail", "F-5": {"answer": "fail", "value": "10/20"}}, "none", "rectify"),
        ({"F-2": "fail", "F-3": "fail", "F-5": "fail"}, "none", "rectify"),
        # width below 80 % of what is required decides at once
        ({"F-6": {"answer": "fail", "value": "79/100"}}, "direct", "case"),
        ({"F-6": {"answer": "fail", "value": "80/100"}}, "none", "rectify"),
    ],
)
def test_major_hazard(found: dict[str, Any], determination: str, band: str) -> None:
    """One direct element, or three composite ones while the document is in force."""
    outcome = judge(FIRE, found, "major-hazard", on=BEFORE)
    assert (outcome.determination, outcome.band) == (determination, band)
    levels = {one["level"] for one in outcome.hazards}
    assert ("major" in levels) is (determination != "none")


def test_a_composite_rule_whose_document_has_ended_determines_nothing_until_a_layer_gives_one() -> None:
    """Said as provisional; the layer's count and document hold from its first day to its last."""
    after = judge(FIRE, THREE, "major-hazard", on=DAY)
    assert (after.determination, after.band) == ("none", "rectify")
    assert "GB 35181-2017" in str(after.why[1]["note"])
    layer = Layer(domain="d", level="province", document="川教厅办函〔2025〕10号", from_on=date(2026, 1, 1),
                  to_on=DAY, count=2)  # fmt: skip
    found = judge(FIRE, THREE, "major-hazard", on=DAY, layers=[layer])
    assert (found.determination, found.layer) == ("composite", "province")
    assert found.why[1] == {"part": "determination", "layer": "province", "document": layer.document}
    assert judge(FIRE, THREE, "major-hazard", on=date(2026, 12, 2), layers=[layer]).determination == "none"


def test_the_bands_of_a_domain_are_those_of_its_own_profile_alone() -> None:
    """Bands of 0 to 100 say nothing about a mean of 0 to 10."""
    of = domain(*TEN.items, bands=((95, "top"), (0, "rest")), profile="weighted")
    assert judge(of, {"A-6": "fail"}, "").band == "top"
    assert judge(of, {"A-6": "fail"}, "grade").band == "excellent"


def test_a_domain_may_determine_beside_its_own_score() -> None:
    """Its rule goes with its own way of scoring; a profile that is asked for has its own."""
    of = domain(
        *TEN.items, item("B-1", "major", scheme=("direct",)), determination=Determination(rule="major-hazard")
    )
    found = judge(of, {"B-1": "fail"}, "")
    assert (found.score, found.band, found.determination) == (90, "poor", "direct")  # 45 of 50
    assert judge(of, {"B-1": "fail"}, "weighted").determination == "none"


def test_layers_lie_over_one_another_by_level_and_day() -> None:
    """A list is replaced whole; an Item's number too; the answer names who decided each part."""
    of = domain(item("A-1", "major", op=">=", value=2.0, unit="个"), item("A-2", "major"))
    province = Layer(domain="d", level="province", document="省", from_on=date(2026, 1, 1),
                     bands={"weighted": ((95, "good"), (0, "poor"))}, values={"A-1": 3.0})  # fmt: skip
    bureau = Layer(domain="d", level="bureau", document="局", from_on=date(2026, 6, 1), values={"A-1": 4.0})
    both = judge(of, {"A-2": "partly"}, "weighted", layers=[bureau, province])
    assert (both.score, both.band, both.layer) == (75, "poor", "bureau")
    assert both.why == (
        {"part": "score", "layer": "province", "document": "省"},
        {"part": "A-1", "layer": "bureau", "document": "局"},
    )
    early = judge(of, {"A-2": "partly"}, "weighted", layers=[bureau, province], on=date(2026, 5, 31))
    assert [one["layer"] for one in early.why] == ["province", "province"]
    assert judge(of, {"A-2": "partly"}, "weighted").band == "fair"


@pytest.mark.parametrize(("unchecked", "band"), [(1, "good"), (2, "good"), (3, "")])
def test_more_than_a_fifth_unchecked_gives_no_band(unchecked: int, band: str) -> None:
    """Two of ten are a fifth; the score stands beside what was checked."""
    found = {f"A-{at}": "not-checked" for at in range(6, 6 + unchecked)}
    outcome = judge(TEN, found, "weighted")
    assert (outcome.band, outcome.checked, outcome.of) == (band, 10 - unchecked, 10)
    assert outcome.score == 100


def test_an_unchecked_veto_gives_no_band_and_a_determination_gives_the_lowest_all_the_same() -> None:
    """However much else is unchecked."""
    assert judge(TEN, {"A-1": "not-checked"}, "weighted").band == ""
    assert judge(TEN, {"A-1": "not-checked", "A-2": "fail"}, "weighted").band == ""
    outcome = judge(FIRE, {"F-1": "fail"}, "major-hazard", rest="not-checked")
    assert (outcome.determination, outcome.band) == ("direct", "case")


def test_an_item_asked_in_another_domain_of_the_visit_is_counted_there() -> None:
    """Once answered, one hazard, counted once."""
    of = domain(item("A-1"), item("A-2", same_as="F-1"))
    assert judge(of, {"A-2": "fail"}, "weighted", elsewhere={"F-1": "pass"}).of == 1
    assert judge(of, {"A-2": "fail"}, "weighted").of == 2


def test_several_places_count_by_the_worst_and_give_a_hazard_each() -> None:
    """Two of three dormitory buildings fail."""
    of = domain(item("A-1", per="building"), item("A-2"))
    places = [{"answer": "fail", "place": "1号楼"}, {"answer": "pass", "place": "2号楼"},
              {"answer": "partly", "place": "3号楼"}]  # fmt: skip
    outcome = judge(of, {"A-1": places}, "weighted")
    assert outcome.score == 50
    assert [(one["code"], one["place"]) for one in outcome.hazards] == [("A-1", "1号楼"), ("A-1", "3号楼")]


def test_items_that_do_not_apply_are_not_asked() -> None:
    """An unknown fact means that the Item is asked."""
    of = domain(item("A-1"), item("A-2", applies_when=(Condition(field="boarders", op=">", value=0),)))
    assert judge(of, {}, "weighted").of == 1
    assert judge(of, {}, "weighted", unit=Unit(id="1", name="甲")).of == 2


@pytest.mark.parametrize(
    "given",
    [
        {"A-1": "good"}, {"B-1": "pass"}, {"A-1": {"value": 3}}, {"A-1": {"answer": "pass", "value": "many"}},
        {"A-1": {"answer": "fail", "value": "3/0"}}, {"A-1": {"answer": "fail", "value": "4/3"}}, {"A-1": []},
        {"A-1": {"answer": "fail", "who": "甲"}}, {"A-1": 3}, {"A-1": {"answer": "fail", "fixed": "yes"}},
        {"A-1": {"answer": "fail", "value": float("nan")}}, {"A-99": "pass"},
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_is_refused_by_its_code(given: dict[str, Any]) -> None:
    """A retired code is named as such."""
    of = domain(*TEN.items, retired=("A-99",))
    with pytest.raises(BadAnswer, match=next(iter(given))):
        read_answers(of, given)


RICH = domain(
    *TEN.items,
    item("B-1", "veto", scheme=("direct",)), item("B-2", "major", scheme=("composite",)),
    item("B-3", "major", scheme=("composite",), per="room"), item("B-4", "major"),
    item("B-5", "general", weight=7, evidence="count"), item("B-6", "general", scheme=("key",)),
    item("B-7", "general", op=">=", value=3, unit="个", evidence="reading"),
    determination=Determination(
        count=2, document="指南", shares=(ShareRule(code="B-4", scheme="composite", op=">=", value=0.5),)
    ),
)  # fmt: skip
"""Everything a scheme looks at: elements, a share, places, a count, weights of its own, a threshold."""

CODES = [one.code for one in RICH.items]
VALUES = st.one_of(st.none(), st.integers(0, 9), st.sampled_from(["1/20", "10/20", "20/20"]))
ONE = st.fixed_dictionaries({"answer": st.sampled_from(ANSWERS), "value": VALUES, "fixed": st.booleans()})
PLACES = st.lists(st.tuples(ONE, st.sampled_from(["", "1号楼", "2号楼"])), min_size=1, max_size=3)
FOUND = st.dictionaries(
    st.sampled_from(CODES), PLACES.map(lambda several: [one | {"place": place} for one, place in several])
)
PROFILE = st.sampled_from(sorted(PROFILES))
ORDER = {profile: [name for _least, name in BANDS[how]] for profile, (how, _rule) in PROFILES.items()}
GRAVITY = ("none", "composite", "direct")
JUDGED = 40 * EFFORT
"""To make up the answers of a whole visit costs ten milliseconds, ten times what judging them does."""


@settings(max_examples=4 * JUDGED, deadline=None)
@given(found=FOUND, code=st.sampled_from(CODES), value=VALUES, profile=PROFILE)
def test_turning_a_fault_into_order_lowers_nothing(
    found: dict[str, Any], code: str, value: Any, profile: str
) -> None:
    """Neither score, band nor determination, under any profile, whatever was measured beside it."""
    worse = judge(RICH, {**found, code: {"answer": "fail", "value": value}}, profile)
    better = judge(RICH, {**found, code: {"answer": "pass", "value": value}}, profile)
    assert (worse.score is None) == (better.score is None)
    if worse.score is not None and better.score is not None:
        assert better.score >= worse.score
    assert GRAVITY.index(better.determination) <= GRAVITY.index(worse.determination)
    if worse.band and better.band:
        assert ORDER[profile].index(better.band) <= ORDER[profile].index(worse.band)
    if worse.band and worse.determination == "none":
        assert better.band
    assert (better.checked, better.of) == (worse.checked, worse.of)


@settings(max_examples=3 * JUDGED, deadline=None)
@given(found=FOUND, code=st.sampled_from(CODES), profile=PROFILE)
def test_not_applicable_scores_as_if_the_item_were_absent(
    found: dict[str, Any], code: str, profile: str
) -> None:
    """All that it comes to is the same as with a checklist that never had it."""
    without = domain(
        *(one for one in RICH.items if one.code != code),
        determination=replace(
            RICH.determination, shares=tuple(one for one in RICH.determination.shares if one.code != code)
        ),
    )
    assert judge(RICH, {**found, code: "na"}, profile) == judge(without, found, profile)


def word(found: Mapping[str, Any], code: str) -> str:
    """The answer of an Item over its places, worked out from the words alone."""
    words = [one["answer"] for one in found[code]] if code in found else ["pass"]
    return next(one for one in ("fail", "partly", "not-checked", "pass", "na") if one in words)


@settings(max_examples=4 * JUDGED, deadline=None)
@given(found=FOUND, profile=PROFILE)
def test_leaving_things_unchecked_never_earns_a_band(found: dict[str, Any], profile: str) -> None:
    """A veto Item, or more than a fifth of what applies: no band, unless what was found decides."""
    words = {one.code: word(found, one.code) for one in RICH.items}
    applies = [one for one in RICH.items if words[one.code] != "na"]
    open_ones = [one for one in applies if words[one.code] == "not-checked"]
    too_much = len(open_ones) == len(applies) or 5 * len(open_ones) > len(applies)
    outcome = judge(RICH, found, profile)
    assert (outcome.checked, outcome.of) == (len(applies) - len(open_ones), len(applies))
    if outcome.determination == "none":
        assert (outcome.band == "") == (too_much or any(one.severity == "veto" for one in open_ones))
    else:
        assert outcome.band == ORDER[profile][-1]


@settings(max_examples=3 * JUDGED, deadline=None)
@given(found=FOUND, code=st.sampled_from(CODES), profile=PROFILE)
def test_where_there_was_no_band_checking_less_gives_none(
    found: dict[str, Any], code: str, profile: str
) -> None:
    """Whatever else was found."""
    if not judge(RICH, found, profile).band and word(found, code) != "na":
        assert judge(RICH, {**found, code: "not-checked"}, profile).band == ""
