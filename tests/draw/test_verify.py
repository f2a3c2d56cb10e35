"""The verifier accepts the golden transcript and refuses every other."""

from __future__ import annotations

import ast
import hashlib
import hmac
import json
import os
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw import verify as verifier
from auditor.draw.verify import coins, draw_units, main, teams_of, verify

COMMIT = "249ba840ff5fd0a6381107713f6382d4aac5303341e66f3196baa0812a9a57a3"
PLAN_ROOT = "f0b2c52367f1bc05237c64daee272d4e5356b42f34372f343d729589ef7a5c6f"
GOLDEN_FILE = Path(__file__).parent / "golden-transcript.json"
GOLDEN = GOLDEN_FILE.read_bytes()
PATH = tuple[str | int, ...]


def golden() -> Any:
    return json.loads(GOLDEN)


def check(transcript: Any, commit: str = COMMIT, plan_root: str = PLAN_ROOT, ledger: Any = None) -> list[str]:
    """The failed checks of a transcript against published hashes, the golden ones unless told."""
    book = None if ledger is None else json.dumps(ledger).encode()
    return verify(json.dumps(transcript).encode(), commit, plan_root, book)[0]


def at(tree: Any, path: PATH) -> Any:
    for step in path:
        tree = tree[step]
    return tree


# --- The contract again, by other means: from sections 1, 3 and 5 of the page ------------------------


def canon(x: Any) -> str:
    if isinstance(x, dict):
        return "{" + ",".join(canon(key) + ":" + canon(x[key]) for key in sorted(x)) + "}"
    if isinstance(x, list):
        return "[" + ",".join(map(canon, x)) + "]"
    if isinstance(x, int):
        return str(x)
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    return '"' + "".join(short.get(c, f"\\u{ord(c):04x}" if c < " " else c) for c in x) + '"'


def sha(x: Any) -> str:
    return hashlib.sha256(canon(x).encode()).hexdigest()


def prf(key: bytes, *parts: str) -> bytes:
    mac = hmac.new(key, digestmod="sha256")
    for part in parts:
        mac.update(len(part.encode()).to_bytes(4, "big") + part.encode())
    return mac.digest()


def key_of(t: Any) -> bytes:
    shares = b"".join(bytes.fromhex(share) for share in t["shares"])
    return prf(shares, "auditor/seed/v1", t["commit_sha256"], t["beacon"]["value"])


def tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962 from below: neighbours pair, an odd one out rises."""
    level = leaves or [hashlib.sha256().digest()]
    while len(level) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        level = [hashlib.sha256(b"\x01" + b"".join(p)).digest() if len(p) == 2 else p[0] for p in pairs]
    return level[0]


def reseal(t: Any) -> tuple[str, str]:
    """Make every hash of the transcript agree with what it holds; gives both as they would be published."""
    c = t["commit"]
    c["field_sha256"] = sha(t["field"])
    c["share_sha256"] = [hashlib.sha256(bytes.fromhex(share)).hexdigest() for share in t["shares"]]
    for draw in c["draws"]:
        if draw["key"] in t["frames"]:
            draw["frame_sha256"] = sha(t["frames"][draw["key"]])
    t["commit_sha256"] = sha(c)
    return t["commit_sha256"], seal_plan(t)


def seal_plan(t: Any) -> str:
    """Make plan_root agree with the records; gives it."""
    named = [("visit", v["id"], v) for v in t["plan"]]
    named += [("unplaced", f"{u['unit']}/{u['draw']}/{'+'.join(u['domains'])}", u) for u in t["unplaced"]]
    named += [("departure", f"{d['sortie']}/{d['of']}", d) for d in t["departures"]]
    key = key_of(t)
    salted = [prf(key, "salt", kind, ident) + canon(record).encode() for kind, ident, record in named]
    t["plan_root"] = tree_hash(sorted(hashlib.sha256(b"\x00" + leaf).digest() for leaf in salted)).hex()
    return str(t["plan_root"])


def name_visits(t: Any) -> None:
    """Give visits their ids by date and start, and outcomes one for each visit, by id."""
    key, old = key_of(t), {outcome["id"]: outcome for outcome in t["outcomes"]}
    outcomes = []
    for unit in {v["unit"] for v in t["plan"]}:
        visits = sorted((v for v in t["plan"] if v["unit"] == unit), key=lambda v: (v["date"], v["start"]))
        for k, visit in enumerate(visits):
            outcome = old.get(visit["id"], {"outcome": "done", "reason": ""})
            visit["id"] = prf(key, "visit", unit, str(k)).hex()[:16]
            outcomes.append({**outcome, "id": visit["id"]})
    t["outcomes"] = sorted(outcomes, key=lambda outcome: outcome["id"])


def sealed(alter: Callable[[Any], object]) -> list[str]:
    """The failed checks when only the plan was altered, then sealed and published as if it were true."""
    t = golden()
    alter(t)
    name_visits(t)
    return check(t, COMMIT, seal_plan(t))


def frozen(alter: Callable[[Any], object]) -> list[str]:
    """The failed checks when what was frozen is altered, published as it then is, drawn, and abandoned."""
    t = golden()
    alter(t)
    reseal(t)
    key = key_of(t)
    t.update(plan=[], unplaced=[], departures=[], outcomes=[], drawn={})
    spec = t["commit"]["spec"]
    for draw in t["commit"]["draws"]:
        units = {unit["id"]: unit for unit in t["frames"][draw["key"]]["units"]}
        drawn = draw_units(list(units.values()), draw["method"], prf(key, "draw", draw["key"]))
        t["drawn"][draw["key"]] = drawn
        for unit in drawn:
            order = sorted(
                units[unit].get("domains", spec["domains"]), key=lambda d, u=unit: prf(key, "domain", u, d)
            )
            record = {"unit": unit, "draw": draw["key"], "domains": sorted(order[: spec.get("domains_each")])}
            t["unplaced"].append({**record, "reason": "abandoned", "evidence": ""})
    return check(t, t["commit_sha256"], seal_plan(t))


# --- The golden transcript ---------------------------------------------------------------------------


def test_the_golden_transcript_passes_with_its_published_hashes() -> None:
    failed, lines = verify(GOLDEN, COMMIT, PLAN_ROOT)
    assert failed == []
    assert lines[0] == (
        "level standard; number 1; floor 300000; units 60; certain 1; closed days 3; drawn 14; visits 16; "
        "unplaced: no-team 1; departures: cars 3, load 2; directed 1; replaced 1; cancelled 1"
    )


def test_the_second_way_to_seal_gives_the_golden_hashes() -> None:
    """So the altered copies below are sealed as the contract says."""
    t = golden()
    name_visits(t)
    assert reseal(t) == (COMMIT, PLAN_ROOT)
    assert t == golden()


def test_another_published_hash_is_refused() -> None:
    assert verify(GOLDEN, PLAN_ROOT, PLAN_ROOT)[0] == ["commit_sha256: not the hash that was published"]
    assert verify(GOLDEN, COMMIT, COMMIT)[0] == ["plan_root: not the hash that was published"]


def test_one_file_of_at_most_360_lines_of_120_characters_needs_the_standard_library_only() -> None:
    source = Path(verifier.__file__).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 360
    assert max(map(len, source.splitlines())) <= 120
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module).split(".")[0])
    assert imported <= sys.stdlib_module_names


# --- Every path of the golden transcript, altered ----------------------------------------------------

FREE_ORDER = {("plan",), ("unplaced",), ("departures",)}  # the page gives these lists no order
WORDS = {"done", "closed", "nobody", "refused", "moved", "cancelled"}
TREE = golden()


def walk(tree: Any, path: PATH = ()) -> Iterator[tuple[PATH, Any]]:
    yield path, tree
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, inner in steps:
        yield from walk(inner, (*path, step))


def altered(x: Any) -> Iterator[Any]:
    """Values near x: of the same kind, of another kind, and with a part lost, doubled, swapped or added."""
    if isinstance(x, int):
        yield from (x + 1, x - 1, -x - 1, 2**53, str(x), None, True, [x])
    elif isinstance(x, str):
        yield from (x + "a", x[:-1], x.swapcase() if x.swapcase() != x else x + x, "", 7, None, [x], {})
        digit = next((i for i in range(len(x) - 1, -1, -1) if x[i].isdigit()), None)
        if digit is not None:
            yield x[:digit] + str((int(x[digit]) + 1) % 10) + x[digit + 1 :]
    elif isinstance(x, list):
        yield from (x[:-1], [*x, *x[-1:]], [*x, 7], [*x, None], None, {}, "")
        if len(x) > 1:
            yield from ([x[1], x[0], *x[2:]], x[1:])
    else:
        yield from ({**x, "extra": 0}, {**x, "domains…": []}, {**x, "?": 1}, [], None)
        yield from ({other: x[other] for other in x if other != key} for key in x)


def mutants() -> Iterator[tuple[PATH, Any]]:
    """Every path once at least; of those alike but for places in lists, the first in all ways."""
    groups: dict[PATH, list[PATH]] = {}
    for path, _ in walk(TREE):
        groups.setdefault(tuple("*" if isinstance(step, int) else step for step in path), []).append(path)
    del groups[()]
    for paths in groups.values():
        for number, path in enumerate(paths):
            values = list(altered(at(TREE, path)))
            few = [values[number % len(values)]]
            yield from ((path, value) for value in (values if number == 0 else few))


def may_pass(path: PATH, before: Any, after: Any) -> bool:
    """Whether the page lets this pass: a public fact, another time of the day, an order it does not give."""
    if path in FREE_ORDER and isinstance(after, list):
        return len(before) == len(after) and sorted(map(repr, before)) == sorted(map(repr, after))
    if path == ("beacon", "published_at"):
        return isinstance(after, str) and after[:10] == before[:10] and after[:19] >= before[:19]
    if path[0] != "outcomes":
        return False
    if len(path) == 2:
        kept = ("id", "outcome", "by")
        same = isinstance(after, dict) and all(before.get(k) == after.get(k) for k in kept)
        return same and "reason" in after
    return path[2:3] in (("reason",), ("date",), ("team",)) or (
        path[2:] == ("outcome",) and before != "replaced" and after in WORDS
    )


def test_every_altered_field_of_the_golden_transcript_is_refused() -> None:
    """Whatever is changed, lost, doubled, swapped or added, but for the public facts that the page names."""
    t, passed, count = golden(), [], 0
    for path, value in mutants():
        parent, before = at(t, path[:-1]), at(t, path)
        if value == before and type(value) is type(before):
            continue
        parent[path[-1]] = value
        count += 1
        if not check(t) and not may_pass(path, before, value):
            passed.append((path, before, value))
        parent[path[-1]] = before
    assert t == golden()
    assert count > 2000
    assert passed == []


# --- What was frozen, altered and published as if it were the true one -------------------------------


def put(*path: str | int, to: Any) -> Callable[[Any], None]:
    """An alteration: the value at the path becomes `to`, or what `to` makes of it."""

    def alter(t: Any) -> None:
        parent = at(t, path[:-1])
        parent[path[-1]] = to(parent[path[-1]]) if callable(to) else to

    return alter


def both(*alterations: Callable[[Any], object]) -> Callable[[Any], None]:
    def alter(t: Any) -> None:
        for one in alterations:
            one(t)

    return alter


def numbers(k: int, to: int, value: str) -> Callable[[Any], None]:
    form = {"numbers": k, "from": 0, "to": to}
    return both(put("commit", "event", "form", to=form), put("beacon", "value", to=value))


def hexes(k: int, value: str) -> Callable[[Any], None]:
    return both(put("commit", "event", "form", to={"hex": k}), put("beacon", "value", to=value))


def shares(level: str, count: int) -> Callable[[Any], None]:
    return both(put("commit", "spec", "level", to=level), put("shares", to=lambda x: x[:count]))


def published(source: str, time: str) -> Callable[[Any], None]:
    return both(put("beacon", "source", to=source), put("beacon", "published_at", to=time))


MAIN = ("frames", "main", "units")
NOBODY = {"domains": [], "conflicts": {"units": [], "strata": []}, "free": []}


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(lambda t: None, id="abandoned as a whole"),
        pytest.param(shares("simple", 1), id="simple: one share"),
        pytest.param(shares("strict", 3), id="strict: three shares"),
        pytest.param(numbers(6, 9, "0 0 0 0 0 0"), id="a million values"),
        pytest.param(hexes(5, "0a1b2"), id="five hex digits"),
        pytest.param(published("fallback", "2026-12-03T21:15:00+08:00"), id="fallback at its time"),
        pytest.param(published("event", "2026-12-03T21:14:59+08:00"), id="event just before the fallback"),
        pytest.param(put("commit", "spec", "domains_each", to=33), id="all domains of each unit"),
        pytest.param(lambda t: t["commit"]["spec"].pop("domains_each"), id="without domains_each"),
        pytest.param(
            both(put("commit", "number", to=2), put("commit", "previous", to="ab" * 32)), id="number 2"
        ),
        pytest.param(
            put("commit", "spec", "tool", to='\x01\n\u2028\U0001f600 \\ " / \x7f'), id="escaped text"
        ),
        pytest.param(
            put("commit", "spec", "domains", to=lambda x: [*map(str, range(10, 39)), *x]), id="32 domains"
        ),
    ],
)
def test_what_the_page_allows_is_accepted(alter: Callable[[Any], object]) -> None:
    assert frozen(alter) == []


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        (shares("standard", 2), "commit: too few shares"),
        (shares("simple", 0), "commit: too few shares"),
        (put("shares", to=lambda x: [x[0], x[1], x[0]]), "shares: one is used twice"),
        (put("shares", 0, to=lambda x: x.upper()), "transcript.shares[0]"),
        (put("shares", 0, to=lambda x: x + "00"), "transcript.shares[0]"),
        (numbers(5, 9, "0 0 0 0 0"), "transcript.commit.event.form"),
        (numbers(6, 9, "0 0 0 0 00"), "beacon: the value"),
        (numbers(6, 9, "0 0 0 0 0  0"), "beacon: the value"),
        (numbers(6, 9, "0 0 0 0 0 0 "), "beacon: the value"),
        (numbers(6, 9, "0 0 0 0 0"), "beacon: the value"),
        (numbers(6, 9, "0 0 0 0 0 10"), "beacon: the value"),
        (numbers(6, 9, "0 0 0 0 0 ٣"), "beacon: the value"),
        (hexes(4, "0a1b"), "transcript.commit.event.form"),
        (hexes(5, "0A1B2"), "beacon: the value"),
        (hexes(5, "0a1b"), "beacon: the value"),
        (published("event", "2026-12-01T21:14:59+08:00"), "beacon: published before its event"),
        (published("event", "2026-12-03T21:15:00+08:00"), "beacon: what the event gives"),
        (
            published("event", "2026-12-01T22:15:00+09:00"),
            "beacon: published before its event, or with another",
        ),
        (published("event", "2026-12-01T24:00:00+08:00"), "transcript.beacon.published_at"),
        (published("event", "2026-12-01T21:15:00Z"), "transcript.beacon.published_at"),
        (published("fallback", "2026-12-03T21:14:59+08:00"), "beacon: published before its fallback"),
        (put("commit", "fallback", "at", to="2026-12-01T21:15:00+08:00"), "commit: fallback not later"),
        (put("commit", "fallback", "at", to="2026-12-03T21:15:00+09:00"), "commit: fallback not later"),
        (put("commit", "draws", 0, "to", to="2027-01-01"), "commit: a window"),
        (put("commit", "draws", 0, "to", to="2026-12-06"), "commit: a window"),
        (put("commit", "draws", 0, "to", to="2026-12-32"), "transcript.commit.draws[0].to"),
        (put("commit", "spec", "period", to=lambda x: x[::-1]), "commit: a window"),
        (put("commit", "draws", to=lambda x: x[::-1]), "commit: no draws, or not sorted"),
        (both(put("commit", "draws", to=[]), put("frames", to={})), "commit: no draws"),
        (put("commit", "draws", 0, "n", to=1), "commit: n of a poisson"),
        (put("commit", "draws", 2, "n", to=11), "frame main: the sum of pi"),
        (put("commit", "number", to=2), "commit: previous"),
        (put("commit", "number", to=0), "transcript.commit.number"),
        (put("commit", "previous", to="ab" * 32), "commit: previous"),
        (put("commit", "spec", "version", to="auditor-draw/v2"), "transcript.commit.spec.version"),
        (put("commit", "spec", "floor", to=1_000_001), "transcript.commit.spec.floor"),
        (put("commit", "spec", "floor", to=900_000), "frame main: a pi is below the floor"),
        (put("commit", "spec", "team", to=5), "transcript.commit.spec.team"),
        (put("commit", "spec", "domains", to=[]), "transcript.commit.spec.domains"),
        (put("commit", "spec", "domains_each", to=0), "transcript.commit.spec.domains_each"),
        (put(*MAIN, 3, "domains", to=["zzz"]), "frame main: a domain"),
        (put(*MAIN, to=lambda x: x[::-1]), "frame main: the units are not sorted"),
        (put(*MAIN, 3, "stratum", to="final"), "frame main: a unit has two strata, or one called final"),
        (put(*MAIN, 3, "stratum", to="邦均镇"), "a unit has two strata"),
        (put(*MAIN, 3, "closed", to=["2026-12-02", "2026-12-01"]), "transcript.frames.main.units[3].closed"),
        (put(*MAIN, 3, "pi", to=0), "transcript.frames.main.units[3].pi"),
        (put(*MAIN, 3, "pi", to=True), "transcript.frames.main.units[3].pi"),
        (put(*MAIN, 3, "id", to=""), "transcript.frames.main.units[3].id"),
        (put(*MAIN, 3, "id", to=unicodedata.normalize("NFD", "é")), "transcript.frames.main.units[3].id"),
        (put(*MAIN, 3, "id", to="初\u200b"), "transcript.frames.main.units[3].id"),
        (put("field", "staff", to=lambda x: x[::-1]), "field: the staff are not sorted"),
        (put("field", "days", to=lambda x: [*x, "2027-01-01"]), "field: a day lies outside"),
        (put("field", "staff", 0, "free", to=["2026-12-01"]), "transcript.field.staff[0].free"),
        (put("field", "staff", to=[{"id": f"P{i:03}", **NOBODY} for i in range(301)]), "size: 301 staff"),
        (
            put(
                "field",
                "days",
                to=[f"{y}-{m:02}-{d:02}" for y in (2026, 2027) for m in range(1, 13) for d in range(1, 29)],
            ),
            "size: 672 days",
        ),
        (put("commit", "spec", "domains", to=[f"{i:02}" for i in range(33)]), "size: 33 domains"),
    ],
)
def test_what_the_page_forbids_is_refused_though_every_hash_agrees(
    alter: Callable[[Any], object], words: str
) -> None:
    assert any(words in failed for failed in frozen(alter))


def test_no_stratum_is_called_final() -> None:
    """It would share its coins with the last round."""

    def rename(t: Any) -> None:
        for frame in t["frames"].values():
            for unit in frame["units"]:
                unit["stratum"] = unit["stratum"].replace("邦均镇", "final")

    assert any("or one called final" in failed for failed in frozen(rename))


def test_more_than_a_hundred_draws_are_refused() -> None:
    t = golden()
    put("commit", "draws", to=lambda x: x + [{**x[2], "key": f"z{i:03}"} for i in range(98)])(t)
    assert check(t, *reseal(t)) == ["size: 101 draws, at most 100 are allowed"]


def test_too_many_units_are_refused_before_anything_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "MAX_UNITS", 167)
    monkeypatch.setattr(verifier, "sha", None)
    assert check(golden()) == ["size: 168 units, at most 167 are allowed"]


def test_a_wrong_hash_stops_the_check_before_the_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "draw_units", None)
    t = golden()
    t["field"]["days"].pop()
    assert check(t) == ["field: its hash is not the one committed to"]


# --- The plan, altered and sealed again --------------------------------------------------------------


def sortie(name: str, **values: Any) -> Callable[[Any], None]:
    def alter(t: Any) -> None:
        for v in t["plan"]:
            if v["sortie"] == name:
                v.update(values)

    return alter


def visit(whose: str, **values: Any) -> Callable[[Any], None]:
    def alter(t: Any) -> None:
        next(v for v in t["plan"] if v["unit"] == whose).update(values)

    return alter


def without(unit: str) -> Callable[[Any], None]:
    return put("plan", to=lambda plan: [v for v in plan if v["unit"] != unit])


def departed(name: str, of: str, lot: Any, instead: Any, rank: int) -> Callable[[Any], None]:
    record = {"sortie": name, "of": of, "lot": lot, "given": instead, "rank": rank, "rule": "load"}
    return put("departures", to=lambda x: [*x, record])


def test_a_directed_team_may_be_of_any_size() -> None:
    assert sealed(sortie("directed-1", team=["P00"])) == []
    assert sealed(sortie("directed-1", team=["P00", "P01", "P02", "P03", "P04"])) == []


def test_a_team_that_is_not_its_lot_is_accepted_with_its_true_departure_only() -> None:
    """P05 and P09 are S001's second team in golden-draws.json: rank 1."""
    lot, instead = ["P08", "P09"], ["P05", "P09"]
    move = sortie("S001", team=instead)
    wrong = ["departure of sortie S001 in its team: missing, needless, or not as the lots say"]
    assert sealed(both(move, departed("S001", "team", lot, instead, 1))) == []
    assert sealed(move) == wrong
    assert sealed(both(move, departed("S001", "team", lot, instead, 2))) == wrong
    assert sealed(both(move, departed("S001", "team", instead, lot, 1))) == wrong


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        (put("departures", 0, "rank", to=3), "departure of sortie S003 in its day"),
        (put("departures", 0, "rank", to=0), "transcript.departures[0].rank"),
        (put("departures", 0, "rule", to=""), "transcript.departures[0].rule"),
        (put("departures", 0, "lot", to="2026-12-17"), "departure of sortie S003 in its day"),
        (put("departures", to=lambda x: x[1:]), "departure of sortie S003 in its day"),
        (put("departures", to=lambda x: [*x, x[0]]), "departures: one is told twice"),
        (departed("S001", "day", "2026-12-02", "2026-12-02", 1), "departure of sortie S001 in its day"),
        (departed("directed-1", "day", "2026-12-02", "2026-12-01", 1), "departure of sortie directed-1"),
        (departed("S999", "day", "2026-12-02", "2026-12-01", 1), "departure of sortie S999"),
        (sortie("S001", team=["P08"]), "sortie S001: its day or team"),
        (sortie("S001", team=["P05", "P08", "P09"]), "sortie S001: its day or team"),
        (sortie("S001", team=["P09", "P08"]), "transcript.plan"),
        (sortie("S001", date="2026-12-01"), "sortie S001: its day or team"),
        (sortie("S001", date="2026-12-31"), "sortie S001: its day or team"),
        (sortie("S001", date="2026-12-05"), "sortie S001: its day or team"),
        (sortie("S001", slot="evening"), "sortie S001: its day or team"),
        (sortie("S001", lead="初818536"), "sortie S001: the lead must be 初206974"),
        (sortie("directed-1", lead="初206974"), "sortie directed-1: the lead must be 初011716"),
        (sortie("directed-1", team=["P99"]), "sortie directed-1: unknown people"),
        (sortie("directed-1", team=["fire"]), "sortie directed-1: unknown people"),
        (sortie("directed-1", domains=["zzz"]), "sortie directed-1: unknown people or domains"),
        (sortie("directed-1", draw="main"), "sortie directed-1: exactly drawn visits"),
        (sortie("directed-1", sortie="S001"), "sortie S001: its visits do not share"),
        (visit("初818536", slot="afternoon"), "sortie S001: its visits do not share"),
        (visit("初818536", date="2026-12-30"), "sortie S001: its visits do not share"),
        (visit("初818536", team=["P05", "P09"]), "sortie S001: its visits do not share"),
        (visit("初818536", source="directed"), "sortie S001: its visits do not share"),
        (visit("初818536", domains=["dorms"]), "unit 初818536, draw main: planned and unplaced"),
        (visit("初818536", domains=["dorms", "fire"]), "unit 初818536, draw main: planned and unplaced"),
        (
            visit("初818536", domains=["dorms", "fire", "food"]),
            "unit 初818536, draw main: planned and unplaced",
        ),
        (visit("初818536", domains=[]), "transcript.plan"),
        (visit("初818536", draw="floor/2026-W50"), "unit 初818536, draw floor/2026-W50: planned"),
        (visit("初818536", draw="nothing"), "unit 初818536, draw nothing: planned"),
        (visit("初818536", unit="初011716"), "unit 初011716, draw main: planned"),
        (visit("初818536", start="24:00"), "transcript.plan"),
        (visit("初206974", unit="初818536", start="10:00"), "unit 初818536: two visits at one time"),
        (without("初818536"), "unit 初818536, draw main: planned and unplaced"),
        (put("unplaced", to=[]), "unit 高734576, draw floor/2026-W50: planned and unplaced"),
        (put("unplaced", to=lambda x: [*x, *x]), "unit 高734576, draw floor/2026-W50: planned and unplaced"),
        (put("unplaced", to=lambda x: [*x, {**x[0], "domains": []}]), "unplaced: no domains"),
        (
            put("unplaced", to=lambda x: [*x, {**x[0], "unit": "初011716"}]),
            "unit 初011716, draw floor/2026-W50",
        ),
        (put("unplaced", to=lambda x: [*x, {**x[0], "draw": "zzz"}]), "unit 高734576, draw zzz"),
        (put("unplaced", 0, "reason", to=""), "transcript.unplaced[0].reason"),
        (
            put("unplaced", 0, "reason", to="abandoned"),
            "unplaced: a draw is abandoned as a whole or not at all",
        ),
        (
            sortie("directed-1", date="2026-12-02", slot="morning", team=["P08"]),
            "plan: somebody is in two sorties",
        ),
    ],
)
def test_an_altered_plan_is_refused_though_it_was_sealed_so(
    alter: Callable[[Any], object], words: str
) -> None:
    assert any(words in failed for failed in sealed(alter))


def one_visit(team: str, **conflicts: list[str]) -> list[str]:
    """The failed checks of a draw of one unit `u` of stratum `s`, visited by P1, who has conflicts, or P2."""
    t = golden()
    t["commit"]["spec"].update(team=1, domains=["fire"])
    t["commit"]["draws"] = [{**t["commit"]["draws"][2], "n": 1}]
    t["frames"] = {"main": {"units": [{"id": "u", "stratum": "s", "pi": 10**6}]}}
    person = {"domains": ["fire"], "free": ["2026-12-07/morning"]}
    none = {"units": [], "strata": []}
    staff = [
        {"id": "P1", **person, "conflicts": {**none, **conflicts}},
        {"id": "P2", **person, "conflicts": none},
    ]
    t["field"] = {"staff": staff, "days": ["2026-12-07"]}
    record = {
        **{"id": "", "unit": "u", "draw": "main", "domains": ["fire"], "source": "drawn", "sortie": "S1"},
        **{"date": "2026-12-07", "slot": "morning", "start": "09:00", "team": [team], "lead": "u"},
    }
    t.update(drawn={"main": ["u"]}, plan=[record], unplaced=[], departures=[], outcomes=[])
    reseal(t)
    lots = sorted(["P1", "P2"], key=lambda p: prf(key_of(t), "staff", "u", p))
    if not any(conflicts.values()) and team != lots[0]:
        departed("S1", "team", lots[:1], [team], 1)(t)
    name_visits(t)
    return check(t, t["commit_sha256"], seal_plan(t))


def test_nobody_visits_a_unit_or_stratum_that_they_have_a_conflict_with() -> None:
    wrong = ["sortie S1: its day or team is not among the lots, or the rank of its team is too high"]
    for conflicts in ({"units": ["u"]}, {"strata": ["s"]}):
        assert one_visit("P1", **conflicts) == wrong
        assert one_visit("P2", **conflicts) == []
    assert one_visit("P1") == one_visit("P2") == []


def test_a_visit_with_another_id_is_refused_though_it_was_sealed_so() -> None:
    t = golden()
    t["plan"][1]["id"] = "0" * 16
    ids = sorted(v["id"] for v in t["plan"])
    t["outcomes"] = [{"id": ident, "outcome": "done", "reason": ""} for ident in ids]
    assert check(t, COMMIT, seal_plan(t)) == ["unit 初206974: ids of visits are not the key's"]


def test_drawing_another_unit_is_refused() -> None:
    t = golden()
    t["drawn"]["main"] = sorted([*t["drawn"]["main"][1:], "初011716"])
    assert check(t) == ["draw main: others are drawn"]


def outcomes(alter: Callable[[dict[str, Any]], object]) -> list[str]:
    t = golden()
    alter({outcome["id"]: outcome for outcome in t["outcomes"]})
    return check(t)


def test_replacements_come_from_the_head_of_the_reserve_order() -> None:
    """In the golden transcript 幼326642, the first of its stratum's reserve, replaces a visit to 初206974."""
    t = golden()
    replaced, same_unit = "8afd68088fb09000", "88c303d2e039c6dd"
    other, directed = "b7e7dcb18d1be92e", "0e4961f2c70d5eab"
    strata = {unit["id"]: unit["stratum"] for unit in t["frames"]["main"]["units"]}
    key = prf(key_of(t), "draw", "main")
    rest = [u for u in strata if strata[u] == strata["初206974"] and u not in t["drawn"]["main"]]
    reserve = sorted(rest, key=lambda u: prf(key, "reserve", u))
    assert reserve[0] == "幼326642"
    for alter in (
        lambda o: o[replaced].update(by=reserve[1]),
        lambda o: o[replaced].update(reason=" "),
        lambda o: o[replaced].pop("by"),
        lambda o: o[replaced].update(outcome="done"),
        lambda o: o[other].update(by=reserve[1]),
        lambda o: o[directed].update(outcome="replaced", by=reserve[1], reason="x"),
        lambda o: o[same_unit].update(outcome="replaced", by=reserve[2], reason="x"),
    ):
        assert outcomes(alter)
    twin = {"outcome": "replaced", "by": reserve[0], "reason": "x"}
    assert "outcomes: 幼326642 stands in twice" in outcomes(lambda o: o[other].update(twin))
    # Both visits of the one unit may be replaced, by one unit or by the first two of the order.
    assert outcomes(lambda o: o[same_unit].update(twin)) == []
    assert outcomes(lambda o: o[same_unit].update({**twin, "by": reserve[1]})) == []


def test_public_facts_may_differ() -> None:
    moved = {"outcome": "moved", "date": "2026-12-30"}
    for values in (moved, {"team": ["P05"]}, {"reason": "雨"}):
        t = golden()
        next(o for o in t["outcomes"] if o["id"] == "b7e7dcb18d1be92e").update(values)
        assert check(t) == []
    t = golden()
    t["beacon"]["published_at"] = "2026-12-01T23:59:59+08:00"
    assert check(t) == []
    t["beacon"]["published_at"] = "2026-12-02T00:00:00+08:00"
    assert check(t) == [
        "sortie S001: its day or team is not among the lots, or the rank of its team is too high"
    ]


# --- Lots and draws by other means -------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.booleans(), st.sets(st.sampled_from("abcd"))), max_size=7),
    st.integers(1, 4),
    st.sets(st.sampled_from("abcd")),
    st.randoms(use_true_random=False),
)
def test_valid_teams_are_those_that_trying_every_subset_finds(
    staff: list[tuple[bool, set[str]]], size: int, need: set[str], random: Any
) -> None:
    bits: defaultdict[Any, int] = defaultdict(int)
    people = 0
    for i, (free, holds) in enumerate(staff):
        people |= free << i
        for domain in holds:
            bits["holds", domain] |= 1 << i
    order = [i for i, (free, _) in enumerate(staff) if free]
    random.shuffle(order)
    subsets = [
        team for team in combinations(order, size) if need <= set().union(*(staff[i][1] for i in team))
    ]
    assert list(teams_of(bits, sorted(need), people, order, size)) == subsets
    assert verifier.able(bits, sorted(need), people, size) == bool(subsets)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.integers(1, 10**6)), min_size=2, max_size=30), st.binary()
)
def test_every_stratum_holds_the_floor_or_ceiling_of_its_sum(
    units: list[tuple[str, int]], key: bytes
) -> None:
    short = -sum(pi for _, pi in units) % 10**6
    units = [*units, ("w", short)] if short else units
    frame = [{"id": f"{i:03}", "stratum": stratum, "pi": pi} for i, (stratum, pi) in enumerate(units)]
    drawn = draw_units(frame, "pivotal", key)
    assert len(drawn) * 10**6 == sum(pi for _, pi in units)
    for stratum in "wxyz":
        total = sum(pi for name, pi in units if name == stratum)
        count = sum(units[int(unit)][0] == stratum for unit in drawn)
        assert total // 10**6 <= count <= -(-total // 10**6)
    assert {f"{i:03}" for i, (_, pi) in enumerate(units) if pi == 10**6} <= set(drawn)


def test_a_unit_is_drawn_as_often_as_its_probability_says() -> None:
    chances = {"a1": 900_000, "a2": 300_000, "b1": 500_000, "b2": 250_000, "c1": 50_000}
    frame = [{"id": unit, "stratum": unit[0], "pi": pi} for unit, pi in chances.items()]
    trials = 2_000
    for method in ("pivotal", "poisson"):
        seen = Counter(unit for i in range(trials) for unit in draw_units(frame, method, str(i).encode()))
        for unit, pi in chances.items():
            expected = trials * pi / 10**6
            assert abs(seen[unit] - expected) < 5 * (expected * (1 - pi / 10**6)) ** 0.5


def test_numbers_and_bytes_are_those_of_the_golden_draws() -> None:
    key = bytes(range(32))
    answer = "d4105666e93d16e7bb995badd099a13e2f38a381df2685ae054fb0c27ad40260"
    assert verifier.prf(key, "a", "学校").hex() == answer
    coin = coins(key, "duel/城关镇")
    assert [verifier.below(coin, m) for m in (2, 10, 1_000_000, 3, 7)] == [1, 9, 165244, 1, 6]


def test_values_that_would_bend_the_chances_are_skipped() -> None:
    """Of m = 2^63 + 1 only one run of values fits into 2^64: nearly every second value is skipped."""
    key, m = b"key", 2**63 + 1
    values = [int.from_bytes(prf(key, "x", str(c))[:8], "big") for c in range(200)]
    kept = [v for v in values if v < m]
    assert 60 < len(kept) < 140
    coin = coins(key, "x")
    assert [verifier.below(coin, m) for _ in kept] == kept


@settings(deadline=None, max_examples=60)
@given(
    st.recursive(
        st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abAB _", min_size=1), inner),
    )
)
def test_canon_is_spelled_as_by_hand(x: Any) -> None:
    assert verifier.canon(x) == canon(x).encode()


# --- Malformed input ---------------------------------------------------------------------------------

TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([2**53, "2026-12-01"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@settings(deadline=None, max_examples=60)
@given(st.binary() | TREES.map(lambda x: json.dumps(x).encode()), st.text())
def test_whatever_the_files_hold_is_a_failed_check(data: bytes, text: str) -> None:
    assert verify(data, "-", "-")[0]
    assert verify(GOLDEN, text, "-")[0] or text.strip() == "-"
    assert verify(GOLDEN, COMMIT, PLAN_ROOT, data)[0]


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([path for path, _ in walk(TREE) if path]), TREES)
def test_whatever_stands_in_one_place_is_a_failed_check_and_no_crash(path: PATH, value: Any) -> None:
    t = golden()
    before = at(t, path)
    at(t, path[:-1])[path[-1]] = value
    assert check(t) or value == before or may_pass(path, before, value)


NUMBER = b'"number": 1,'


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[" * 200_000, id="deep lists"),
        pytest.param(b'{"a":' * 200_000, id="deep objects"),
        pytest.param(b"[" * 900 + b"]" * 900, id="deep and whole"),
        pytest.param(b"1" * 100_000, id="huge number"),
        pytest.param(GOLDEN.replace(NUMBER, NUMBER * 2), id="key twice"),
        pytest.param(GOLDEN.replace(NUMBER, b'"number": 1.0,'), id="float"),
        pytest.param(GOLDEN.replace(NUMBER, b'"number": 1e0,'), id="exponent"),
        pytest.param(GOLDEN.replace(NUMBER, b'"number": NaN,'), id="NaN"),
        pytest.param(GOLDEN.replace(NUMBER, b'"number": -Infinity,'), id="infinity"),
        pytest.param(GOLDEN.replace(NUMBER, b'"number": true,'), id="true"),
        pytest.param(GOLDEN.replace(NUMBER, b'"number": 1' + b"0" * 50 + b","), id="beyond 2^53"),
        pytest.param(GOLDEN.replace(b'"golden"', rb'"\ud800"'), id="lone surrogate"),
        pytest.param(GOLDEN.replace(b'"golden"', b'"\xff"'), id="no UTF-8"),
        pytest.param(GOLDEN.replace(b'"golden"', b'"a\tb"'), id="raw control character"),
        pytest.param(
            GOLDEN.replace(b'"domains_each":', '"domains_each…":'.encode()), id="key of other letters"
        ),
        pytest.param(GOLDEN + b"x", id="more after the end"),
        pytest.param(GOLDEN.decode().encode("utf-16"), id="UTF-16"),
    ],
)
def test_malformed_json_is_a_failed_check(data: bytes) -> None:
    assert verify(data, "-", "-")[0]


def test_a_search_made_to_be_endless_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "MAX_STEPS", 20)
    assert check(golden()) == ["staff: too many teams to search"]


def test_a_team_of_too_high_a_rank_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The highest rank of a team in the golden plan is 3."""
    monkeypatch.setattr(verifier, "MAX_RANK", 3)
    assert check(golden()) == []
    monkeypatch.setattr(verifier, "MAX_RANK", 2)
    assert any("the rank of its team is too high" in failed for failed in check(golden()))


# --- Ledger ------------------------------------------------------------------------------------------


def entry(commit: Any, state: str = "closed", reason: str = "") -> dict[str, Any]:
    return {"commit": commit, "commit_sha256": sha(commit), "state": state, "reason": reason}


def next_after(commit: Any, **values: Any) -> Any:
    return {**commit, "number": commit["number"] + 1, "previous": sha(commit), **values}


def test_a_ledger_with_its_chain_and_this_commitment_passes() -> None:
    first = golden()["commit"]
    second = next_after(first)
    third = next_after(second)
    assert check(golden(), ledger=[entry(first)]) == []
    ledger = [entry(first), entry(second, "abandoned", "a custodian's share is lost"), entry(third, "open")]
    assert check(golden(), ledger=ledger) == []


def test_a_broken_ledger_is_refused() -> None:
    first = golden()["commit"]
    second = next_after(first)
    ledgers: tuple[tuple[Any, str], ...] = (
        ([], "does not stand in it"),
        ([entry({**first, "spec": {**first["spec"], "tool": "x"}})], "does not stand in it"),
        ([entry(second), entry(first)], "another number"),
        ([entry(first), entry(first)], "another number"),
        ([entry(first), entry(next_after(first, number=3))], "another number"),
        (
            [entry(first), entry(next_after(first, previous="ab" * 32))],
            "another number, or another hash before",
        ),
        ([entry(first), {**entry(second), "commit_sha256": "ab" * 32}], "commit_sha256 is not its hash"),
        ([entry(first), entry(second, "abandoned")], "abandoned without a reason"),
        ([entry(first, "abandoned", "why")], "abandoned, yet with drawn visits"),
        ([entry(first, "done")], "ledger[0].state"),
        ([{**entry(first), "more": 1}], "unknown key more"),
        ([entry(first), entry({**second, "draws": []})], "no draws"),
        ({}, "ledger: not of the kind"),
    )
    for ledger, words in ledgers:
        assert any(words in failed for failed in check(golden(), ledger=ledger)), words


def test_an_abandoned_number_needs_its_reason_in_the_ledger() -> None:
    t = golden()
    t["commit"]["draws"] = [{**t["commit"]["draws"][2], "n": 1}]
    t["frames"] = {"main": {"units": [{"id": "a", "stratum": "s", "pi": 10**6, "domains": ["fire"]}]}}
    record = {"unit": "a", "draw": "main", "domains": ["fire"], "reason": "abandoned", "evidence": ""}
    t.update(drawn={"main": ["a"]}, plan=[], unplaced=[record], departures=[], outcomes=[])
    hashes = reseal(t)
    assert check(t, *hashes, ledger=[entry(t["commit"], "abandoned", "why")]) == []
    assert check(t, *hashes, ledger=[entry(t["commit"], "closed", "why")]) == []
    assert check(t, *hashes, ledger=[entry(t["commit"])]) == ["ledger 1: abandoned without a reason"]


# --- The command -------------------------------------------------------------------------------------


def test_the_command_says_ok_and_the_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(GOLDEN_FILE), COMMIT, PLAN_ROOT]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "OK"
    assert lines[1].startswith("level standard; number 1;")
    assert not any("NOT checked" in line for line in lines)


def test_without_its_arguments_it_says_what_was_not_checked(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["-", "-"], [], ["-", "-", "-"]):
        assert main([str(GOLDEN_FILE), *arguments]) == 0
        assert capsys.readouterr().out.count("NOT checked against its publication") == 2
    assert main([str(GOLDEN_FILE), COMMIT, "-"]) == 0
    assert "plan_root was NOT checked" in capsys.readouterr().out


def test_other_spellings_are_accepted_with_a_note() -> None:
    grouped = " ".join(COMMIT.upper()[i : i + 4] for i in range(0, 64, 4))
    plain = json.dumps(golden()).encode()
    assert verify(plain, COMMIT, PLAN_ROOT)[1][1:] == []
    for data, commit, words in (
        (b"\xef\xbb\xbf" + plain, COMMIT, "a byte order mark"),
        (plain + b"\r\n", COMMIT, "line ends with CR"),
        (GOLDEN, COMMIT, "indentation"),
        (plain, grouped, "blanks or capitals"),
        (plain, COMMIT + "\n", "blanks or capitals"),
    ):
        failed, lines = verify(data, commit, PLAN_ROOT)
        assert failed == []
        assert len(lines) == 2
        assert words in lines[1]


def test_every_failure_exits_4_and_never_says_ok(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps({"A\nOK": 1, "commit": "\nOK\n"}), encoding="utf-8")
    whole, none = str(GOLDEN_FILE), str(tmp_path / "none.json")
    for arguments in (
        [], ["-"], [str(tmp_path)], [none], ["\0"], [str(forged), "-", "-"],
        [whole, "zzz", "-"], [whole, COMMIT[:-1], "-"], [whole, "", "-"], [whole, PLAN_ROOT, COMMIT],
        [whole, COMMIT, PLAN_ROOT, none], [whole, COMMIT, PLAN_ROOT, str(forged)],
        [whole, COMMIT, PLAN_ROOT, "-", "more"],
    ):  # fmt: skip
        assert main(arguments) == 4
        lines = capsys.readouterr().out.splitlines()
        assert lines
        assert all(line.startswith(("FAILED: ", "note: ")) for line in lines)
        assert lines[0].startswith("FAILED: ")


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_terminal_of_another_encoding_is_no_reason_to_fail(encoding: str) -> None:
    command = [sys.executable, "-B", str(verifier.__file__), str(GOLDEN_FILE), COMMIT, PLAN_ROOT]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.splitlines()[0] == b"OK"
