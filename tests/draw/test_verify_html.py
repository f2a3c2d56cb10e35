"""The verifier in a browser gives the verdict of verify.py on every file, and shows one's own unit."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import inspect
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from auditor.draw import verify as verifier
from auditor.draw.verify import verify
from browser import Browser, Page, chromium_path
from effort import EFFORT

HERE = Path(__file__).parent
PAGE = Path(verifier.__file__).with_suffix(".html")
GOLDEN_FILE = HERE / "golden-transcript.json"
GOLDEN = GOLDEN_FILE.read_bytes()
COMMIT = "249ba840ff5fd0a6381107713f6382d4aac5303341e66f3196baa0812a9a57a3"
PLAN_ROOT = "f0b2c52367f1bc05237c64daee272d4e5356b42f34372f343d729589ef7a5c6f"

Case = tuple[bytes, str, str, bytes | None]
Verdict = tuple[list[str], list[str]]


def module_of(name: str) -> ModuleType:
    """Another test file as a module of its own, so that what is patched in it stays ours."""
    spec = importlib.util.spec_from_file_location(f"copy_of_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests here."""
    chromium_path()
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    """The page, to compute in."""
    return browser.open(PAGE.as_uri())


# --- One input, two programs -------------------------------------------------------------------------

SCRIPT = """
(() => {
  const bytes = (text) => text === null ? null : Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  return %s.map(([t, commit, root, ledger]) => verifyDraw(bytes(t), commit, root, bytes(ledger)));
})()
"""


def in_browser(page: Page, cases: list[Case]) -> list[Verdict]:
    """What the page says of each case, some megabytes at a time."""
    found: list[Verdict] = []
    some: list[list[str | None]] = []
    size = 0
    for at, (transcript, commit, root, ledger) in enumerate(cases):
        book = None if ledger is None else base64.b64encode(ledger).decode()
        some.append([base64.b64encode(transcript).decode(), commit, root, book])
        size += len(transcript)
        if size > 4_000_000 or at == len(cases) - 1:
            answers = page.evaluate(SCRIPT % json.dumps(some))
            assert all(answer["ok"] == (answer["failed"] == []) for answer in answers)
            found += [(answer["failed"], answer["told"]) for answer in answers]
            some, size = [], 0
    return found


def plain(verdict: Verdict) -> tuple[list[str], list[str]]:
    """A verdict without what may differ: the order of failures, and the words for what is no JSON."""
    json_said = re.compile("(: not the JSON that is allowed: ).*", re.DOTALL)
    return sorted(json_said.sub(r"\1…", failed) for failed in verdict[0]), verdict[1]


def differing(page: Page, cases: list[Case], expected: list[Verdict] | None = None) -> list[Any]:
    """The cases of which the two programs say different things, failures and notes word by word."""
    with ThreadPoolExecutor(1) as pool:  # the browser works on the other core
        answers = pool.submit(in_browser, page, cases)
        if expected is None:
            expected = [verify(*case) for case in cases]
        found = answers.result()
    assert len(found) == len(expected) == len(cases)
    pairs = zip(expected, found, strict=True)
    return [(at, a, b) for at, (a, b) in enumerate(pairs) if plain(a) != plain(b)]


def test_the_golden_values_come_out_in_the_browser(page: Page) -> None:
    """prf, below, the three draws, and the key of the commitment."""
    golden = json.loads((HERE / "golden-draws.json").read_text(encoding="utf-8"))
    script = """((golden) => {
        const mac = (hex) => new core.Mac(core.fromHex(hex)), { below, seed } = golden;
        const coins = new core.Coins(mac(below.key_hex), below.label);
        const key = mac(seed.shares.join("")).hex("auditor/seed/v1", seed.commit_sha256, seed.value);
        return {
          prf: golden.prf.map((one) => mac(one.key_hex).hex(...one.parts)),
          below: below.m.map((m) => coins.below(m)),
          draws: golden.draws.map((one) => core.drawUnits(one.units, "pivotal", mac(one.key_hex))),
          K: key, K_d: Object.keys(seed.K_d).map((name) => mac(key).hex("draw", name)),
        };
        })"""
    found = page.evaluate(f"{script}({json.dumps(golden)})")
    assert found["prf"] == [one["hex"] for one in golden["prf"]]
    assert found["below"] == golden["below"]["values"]
    assert found["draws"] == [sorted(one["drawn"]) for one in golden["draws"]]
    assert found["K"] == golden["seed"]["K"]
    assert found["K_d"] == list(golden["seed"]["K_d"].values())


def test_sixty_four_bits_are_reduced_without_bias(page: Page) -> None:
    """Against whole numbers of any size: at the border of what is skipped, and anywhere."""
    chance = random.Random(64)
    cases = []
    for m in [
        1,
        2,
        3,
        7,
        999_983,
        1_000_000,
        1_999_999,
        2_000_000,
        *(chance.randint(1, 10**6) for _ in range(200)),
    ]:
        border = 2**64 - 2**64 % m
        values = {0, m, 2**32 - 1, 2**32, border - 1, border, 2**64 - 1, chance.getrandbits(64)}
        cases += [(v, m) for v in sorted(values) if v < 2**64]
    asked = [(v >> 32, v & 0xFFFFFFFF, m) for v, m in cases]
    found = page.evaluate(f"{json.dumps(asked)}.map(([high, low, m]) => core.reduced(high, low, m))")
    assert found == [v % m if v < 2**64 - 2**64 % m else -1 for v, m in cases]
    assert -1 in found


def test_numbers_under_any_key_and_text_are_those_of_hmac(page: Page) -> None:
    """Keys and texts of every length around a block, and letters of one to four bytes."""
    chance = random.Random(1)
    cases = []
    for size in (0, 1, 31, 32, 63, 64, 65, 96, 200):
        for length in (0, 1, 40, 47, 48, 55, 56, 64, 119, 1000, 5000):
            text = "".join(chance.choice("aé学\U0001f600") for _ in range(length))
            cases.append((chance.randbytes(size).hex(), text))
    found = page.evaluate(f"{json.dumps(cases)}.map(([k, s]) => new core.Mac(core.fromHex(k)).hex('x', s))")
    assert found == [verifier.prf(bytes.fromhex(key), "x", text).hex() for key, text in cases]


def test_every_altered_field_gets_the_same_verdict(page: Page) -> None:
    """The edits of test_verify.py: whatever is changed, lost, doubled, swapped or added.

    Of paths that are alike but for places in lists, the first; all of them with more effort.
    """
    written = module_of("test_verify")
    tree, firsts = json.loads(GOLDEN), {}
    edits = [
        [path, value]
        for path, value in written.mutants()
        if firsts.setdefault(tuple("*" if isinstance(step, int) else step for step in path), path) == path
        or EFFORT > 1
    ]
    assert len(edits) > 1200
    script = f"""((tree, edits) => edits.map(([path, value]) => {{
        const last = path.pop(), parent = path.reduce((inner, step) => inner[step], tree);
        const before = parent[last];
        parent[last] = value;
        const bytes = new TextEncoder().encode(JSON.stringify(tree));
        parent[last] = before;
        return verifyDraw(bytes, "{COMMIT}", "{PLAN_ROOT}");
        }}))({json.dumps(tree)}, {json.dumps(edits)})"""
    expected = []
    with ThreadPoolExecutor(1) as pool:  # the browser works on the other core
        pending = pool.submit(page.evaluate, script)
        for path, value in edits:
            parent = written.at(tree, path[:-1])
            before, parent[path[-1]] = parent[path[-1]], value
            expected.append(verify(json.dumps(tree).encode(), COMMIT, PLAN_ROOT))
            parent[path[-1]] = before
        answers = pending.result()
    pairs = [
        (plain(verdict), plain((one["failed"], one["told"])))
        for verdict, one in zip(expected, answers, strict=True)
    ]
    assert [(edit, pair) for edit, pair in zip(edits, pairs, strict=True) if pair[0] != pair[1]] == []


def test_whatever_the_tests_of_verify_py_try_gets_the_same_verdict(
    page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rule breakers that were sealed as if they were true, ledgers, malformed bytes, other spellings."""
    written = module_of("test_verify")
    seen: list[tuple[Case, Verdict]] = []

    def recording(transcript: bytes, commit: str, plan_root: str, ledger: bytes | None = None) -> Verdict:
        verdict = verify(transcript, commit, plan_root, ledger)
        seen.append(((transcript, commit, plan_root, ledger), verdict))
        return verdict

    monkeypatch.setattr(written, "verify", recording)
    skipped = "test_every_altered_field_of_the_golden_transcript_is_refused"  # above
    for name, test in vars(written).items():
        if not name.startswith("test_") or name == skipped or hasattr(test, "hypothesis"):
            continue
        names = list(inspect.signature(test).parameters)
        marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
        if names and not marks:
            continue  # it wants fixtures: limits are changed, or the command is called
        for values in marks[0].args[1] if marks else [()]:
            values = getattr(values, "values", values)
            with contextlib.suppress(AssertionError):  # whether it passes is for its own file to say
                test(*(values if isinstance(values, tuple) else (values,)))
    assert len(seen) > 150
    assert sum(verdict[0] == [] for _, verdict in seen) > 20
    assert differing(page, [case for case, _ in seen], [verdict for _, verdict in seen]) == []


def test_what_is_no_allowed_json_is_refused_alike(page: Page) -> None:
    """Bytes, numbers, texts, keys and depth; and what is allowed though it looks odd."""
    number, tool = b'"number": 1,', b'"golden"'
    numbers = [
        "1.0", "1e0", "1E3", "1e3", "-0", "-1", "01", "00", "+1", "1.", ".5", "-", "NaN", "Infinity",
        "-Infinity", "0x1", "1_0", "true", "null", "9007199254740991", "9007199254740992",
        "-9007199254740993", "1 0", "١", "1" + "0" * 19, "1" * 5000,
    ]  # fmt: skip
    texts = [
        r"\ud800", r"\udc00", r"\ud83d\ude00", r"\ud83d", r"\ude00\ud83d", r"\u00e9", r"\/", r"\x41",
        r"\u12", r"\u 123", r"\U0041", r"\'",
    ]  # fmt: skip
    datas = [GOLDEN.replace(number, f'"number": {one},'.encode()) for one in numbers]
    datas += [GOLDEN.replace(tool, b'"' + one.encode() + b'"') for one in texts]
    datas += [
        GOLDEN.replace(tool, b'"' + one + b'"')
        for one in (
            b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe5\xad", b"\x00", b"\x1f",
            b"\x7f", b"\t", b"\\u0000",
            b"\\ud83d\xf0\x9f\x98\x80", "\u2028\ufeff\ufffe\uffff".encode(), b"\\", b"\\u",
        )
    ]  # fmt: skip
    datas += [
        b"", b" ", b"null", b"0", b"-0", b'""', b"[]", b"{}", b"\xef\xbb\xbf", b"\xef\xbb\xbf{}", b"{,}",
        b"[,]", b"[1,]", b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000,
        b"[" * 500 + b"]" * 500,
        b"1" * 100_000,
    ]  # fmt: skip
    datas += [GOLDEN.replace(number, b'"n\\u0075mber": 1,'), GOLDEN.replace(number, b"'number': 1,")]
    datas += [GOLDEN.replace(number, b'"__proto__": {"number": 1},')]
    datas += [
        GOLDEN.replace(number, number + more)
        for more in (
            number, b'"n\\u0075mber": 1,', b'"\xc3\xa9": 1,', b'"": 1,', b'"\\u0007": 1,',
            b'"__proto__": {},', b'"constructor": 1,',
        )
    ]  # fmt: skip
    datas += [GOLDEN.replace(b"\n", end) for end in (b"\r\n", b"\r", b"\n\t", b"\x0b", b"\xc2\xa0")]
    datas += [b"\xef\xbb\xbf" + GOLDEN, b"\xef\xbb\xbf" * 2 + GOLDEN]
    datas += [GOLDEN + more for more in (b"\xef\xbb\xbf", b"\0", b"//", GOLDEN)]
    datas += [GOLDEN.decode().encode(code) for code in ("utf-16", "utf-32", "gb18030")]
    datas += [*(GOLDEN[:cut] for cut in range(0, len(GOLDEN), 2999)), GOLDEN.strip()[:-1]]
    spaced = "\x1c" + COMMIT[:5] + "\u3000\x85\xa0\u2028" + COMMIT[5:].upper()
    arguments = [
        "-",
        "",
        " - ",
        "--",
        COMMIT,
        COMMIT.upper(),
        spaced,
        "\ufeff" + COMMIT,
        COMMIT[:-1],
        COMMIT + "\u200b",
    ]
    cases: list[Case] = [(data, "-", "-", None) for data in datas]
    cases += [(GOLDEN, COMMIT, PLAN_ROOT, data) for data in datas]
    cases += [(GOLDEN, one, other, None) for one in arguments for other in (PLAN_ROOT, "-")]
    cases += [(GOLDEN, COMMIT, one, b"[]") for one in arguments]
    assert differing(page, cases) == []


# Values that a careless reader might take for others.
ODD: list[Any] = [
    0, 1, -1, 10**6, 2**53 - 1, 2**53, 10**30, True, False, None, "", " ", "-", "a\u0301", "\u00e1",
    "\u200b", "final", "\U0001f600", "\uff21", "\ufb01", "\ue000", "\x7f", "\xad", "2026-02-29",
    "2026-12-01", "0000-01-01", "2024-02-29", "2026-12-07/morning", "2026-12-07/a\nb", "2026-12-07/\u2028",
    "2026-12-07/", "23:59", "24:00", [], {}, [[]], ["a", "b"], ["\U0001f600", "\uff21"],
    ["\uff21", "\U0001f600"], ["b", "a"], ["a", "a"], {"__proto__": []}, {"10": 1, "9": 2},
    "2026-12-01T21:15:00+08:00", "2026-12-02T21:15:60+08:00", {"hex": 5}, {"hex": 4},
    {"numbers": 20, "from": 0, "to": 1}, {"numbers": 19, "from": 0, "to": 1},
    {"numbers": 2**53 - 1, "from": 0, "to": 2**53 - 1}, {"numbers": 1, "from": 1, "to": 10**6},
]  # fmt: skip


def test_files_altered_at_random_get_the_same_verdict(page: Page) -> None:
    """One to three changes anywhere, as they are or with all hashes made to agree."""
    written = module_of("test_verify")
    chance, cases = random.Random(20261201), []
    paths = [path for path, _ in written.walk(json.loads(GOLDEN)) if path]
    groups: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for path in paths:
        groups[tuple("*" if isinstance(step, int) else step for step in path)].append(path)
    kinds = list(groups.values())
    while len(cases) < 200 * EFFORT:
        t = json.loads(GOLDEN)
        for _ in range(chance.randint(1, 3)):
            path = chance.choice(chance.choice(kinds))
            try:
                parent = written.at(t, path[:-1])
                old = parent[path[-1]]
                near = [*written.altered(old)] if isinstance(old, (int, str, list, dict)) else []
                parent[path[-1]] = chance.choice(near if near and chance.random() < 0.5 else ODD)
            except (KeyError, IndexError, TypeError):
                continue
        hashes = (COMMIT, PLAN_ROOT)
        if chance.random() < 0.6:
            try:
                hashes = written.reseal(t)
            except Exception:  # it is too broken to be sealed
                hashes = ("-", "-")
        cases.append(
            (
                json.dumps(t, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass"),
                *hashes,
                None,
            )
        )
    assert differing(page, cases) == []


def drawn_anew(written: ModuleType, chance: random.Random) -> Case:
    """A whole small draw of random names and numbers, valid but for what chance spoils, with its ledger."""
    letters = "ab\u00e9\u5b66\uff21\U0001f600\ue000Z~"

    def name() -> str:
        return "".join(chance.choice(letters) for _ in range(chance.randint(1, 4)))

    t = json.loads(GOLDEN)
    spec, template = t["commit"]["spec"], t["commit"]["draws"][2]
    spec["domains"] = sorted({name() for _ in range(chance.randint(1, 6))})
    spec["floor"] = 0
    spec.pop("domains_each", None)
    if chance.random() < 0.6:
        spec["domains_each"] = chance.randint(1, 4)
    strata = [name() for _ in range(4)]
    stratum_of = {name(): chance.choice(strata) for _ in range(chance.randint(2, 40))}
    t["frames"], t["commit"]["draws"] = {}, []
    for key in sorted(
        {chance.choice("abZ~19") for _ in range(3)} | ({"__proto__"} if chance.random() < 0.3 else set())
    ):
        units: list[dict[str, Any]] = []
        for unit in sorted(chance.sample(sorted(stratum_of), chance.randint(1, len(stratum_of)))):
            units.append({"id": unit, "stratum": stratum_of[unit], "pi": chance.randint(1, 10**6)})
            if chance.random() < 0.3:
                units[-1]["domains"] = sorted(
                    chance.sample(spec["domains"], chance.randint(0, len(spec["domains"])))
                )
            if chance.random() < 0.2:
                units[-1]["closed"] = ["2026-12-07", "2026-12-09"]
        method, n = chance.choice(["pivotal", "poisson"]), 0
        if method == "pivotal":
            n = -(-sum(unit["pi"] for unit in units) // 10**6)
            short = n * 10**6 - sum(unit["pi"] for unit in units)
            for unit in units:
                more = min(short, 10**6 - unit["pi"])
                unit["pi"] += more
                short -= more
        t["frames"][key] = {"units": units}
        t["commit"]["draws"].append({**template, "key": key, "method": method, "n": n})
    written.reseal(t)
    k = written.key_of(t)
    t.update(plan=[], unplaced=[], departures=[], outcomes=[], drawn={})
    reason = chance.choice(["abandoned", "capacity"])
    for draw in t["commit"]["draws"]:
        units = t["frames"][draw["key"]]["units"]
        drawn = verifier.draw_units(units, draw["method"], verifier.prf(k, "draw", draw["key"]))
        t["drawn"][draw["key"]] = drawn
        for unit in units:
            if unit["id"] in drawn:
                held = unit.get("domains", spec["domains"])
                order = sorted(held, key=lambda d, u=unit: verifier.prf(k, "domain", u["id"], d))
                record = {
                    "unit": unit["id"],
                    "draw": draw["key"],
                    "domains": sorted(order[: spec.get("domains_each")]),
                }
                t["unplaced"].append({**record, "reason": reason, "evidence": ""})
    if chance.random() < 0.2 and t["unplaced"]:
        t["unplaced"].pop()
    if chance.random() < 0.2:
        t["drawn"][draw["key"]] = t["drawn"][draw["key"]][1:]
    root = written.seal_plan(t)
    state = chance.choice(["open", "closed", "abandoned"])
    ledger = [written.entry(t["commit"], state, chance.choice(["", "\u3000", "\ufeff", "\x85", "why"]))]
    return json.dumps(t).encode(), t["commit_sha256"], root, json.dumps(ledger).encode()


def test_draws_of_random_names_and_numbers_get_the_same_verdict(page: Page) -> None:
    """Names beyond the basic plane, where JavaScript sorts otherwise, and a draw called __proto__."""
    written, chance = module_of("test_verify"), random.Random(7)
    cases = [drawn_anew(written, chance) for _ in range(60 * EFFORT)]
    expected = [verify(*case) for case in cases]
    assert 0.27 < sum(failed == [] for failed, _ in expected) / len(cases) < 0.93
    assert differing(page, cases, expected) == []


def test_the_limits_of_the_search_for_teams_are_the_same(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """After every number of steps, and at every rank, both stop or both go on."""
    steps = [*range(0, 60, 7), *range(60, 3000, 211)]
    limited = """((golden, limits) => {
        const before = { ...core.LIMITS }, bytes = new TextEncoder().encode(golden);
        try {
          return limits.map((one) => {
            Object.assign(core.LIMITS, one);
            return verifyDraw(bytes, "-", "-").failed;
          });
        } finally { Object.assign(core.LIMITS, before); }
        })"""
    text = json.dumps(GOLDEN.decode())
    found = page.evaluate(f"{limited}({text}, {json.dumps([{'steps': one} for one in steps])})")
    expected = []
    for one in steps:
        monkeypatch.setattr(verifier, "MAX_STEPS", one)
        expected.append(verify(GOLDEN, "-", "-")[0])
    assert found == expected
    assert [] in expected
    assert ["staff: too many teams to search"] in expected
    monkeypatch.undo()
    ranks = [0, 1, 2, 3, 4]
    found = page.evaluate(f"{limited}({text}, {json.dumps([{'rank': one} for one in ranks])})")
    expected = []
    for one in ranks:
        monkeypatch.setattr(verifier, "MAX_RANK", one)
        expected.append(verify(GOLDEN, "-", "-")[0])
    assert [sorted(one) for one in found] == [sorted(one) for one in expected]
    assert [bool(one) for one in expected] == [True, True, True, False, False]


def test_the_search_for_teams_takes_the_same_steps(page: Page) -> None:
    """Random staff of up to three words of bits: the same teams after the same number of steps."""
    chance, cases, expected = random.Random(3), [], []
    for _ in range(60):
        domains = sorted(chance.sample("abcdefgh", chance.randint(1, 8)))
        staff = [
            sorted(chance.sample(domains, chance.randint(0, min(3, len(domains)))))
            for _ in range(chance.randint(0, 70))
        ]
        people = sorted(chance.sample(range(len(staff)), chance.randint(0, min(len(staff), 25))))
        order, members = chance.sample(people, len(people)), chance.randint(1, 4)
        need = sorted(chance.sample(domains, chance.randint(1, len(domains))))
        cases.append([domains, staff, order, need, members])
        bits: defaultdict[Any, int] = defaultdict(int)
        for i, holds in enumerate(staff):
            for domain in holds:
                bits["holds", domain] |= 1 << i
        mask = sum(1 << i for i in people)
        teams = []
        for team in verifier.teams_of(bits, need, mask, order, members):
            teams.append(list(team))
            if len(teams) == 300:
                break
        expected.append([teams, bits["steps"]])
    script = """.map(([domains, staff, order, need, members]) => {
        const none = { units: [], strata: [] }, teams = [];
        const people = staff.map((holds, i) => ({ id: `P${i}`, domains: holds, free: [], conflicts: none }));
        const field = new core.Field(people, domains, null), free = field.set();
        for (const i of order) free[i >> 5] |= 1 << (i & 31);
        field.teams(field.need(need), free, order, 0, members, (team) => teams.push([...team]) === 300);
        return [teams, field.steps];
        })"""
    found = page.evaluate(json.dumps(cases) + script)
    assert found == expected
    assert any(teams for teams, _ in expected)


def test_sizes_are_refused_alike(page: Page) -> None:
    """A hundred and one draws, and staff, days and domains beyond the limit."""
    written, cases = module_of("test_verify"), []
    for alter in (
        lambda t: t["commit"]["draws"].extend(
            {**t["commit"]["draws"][2], "key": f"z{i:03}"} for i in range(98)
        ),
        lambda t: t["field"].update(staff=[{"id": f"P{i:03}", **written.NOBODY} for i in range(300)]),
        lambda t: t["field"].update(staff=[{"id": f"P{i:03}", **written.NOBODY} for i in range(301)]),
        lambda t: t["commit"]["spec"].update(domains=[f"{i:02}" for i in range(33)]),
    ):
        t = written.golden()
        alter(t)
        cases += [(json.dumps(t).encode(), *hashes, None) for hashes in (written.reseal(t), ("-", COMMIT))]
    assert differing(page, cases) == []


# --- What a person sees ------------------------------------------------------------------------------


def checked(
    browser: Browser, file: Path, *, language: str, ledger: Path | None = None, width: int = 1280
) -> Page:
    """The page after a person chose the files, typed the hashes and pressed the button."""
    page = browser.open(PAGE.as_uri(), language=language, width=width)
    page.set_files("#transcript", file)
    if ledger:
        page.set_files("#ledger", ledger)
    page.fill("#commit", f" {COMMIT.upper()} ")
    page.fill("#root", PLAN_ROOT)
    page.evaluate("document.querySelector('#go').click()")
    page.wait_for("!document.querySelector('#result').hidden")
    return page


def look_up(page: Page, unit: str) -> str:
    """What stands on the page about a unit, found by its id."""
    page.fill("#sought", unit)
    page.wait_for("document.querySelector('#found button')")
    page.evaluate("document.querySelector('#found button').click()")
    page.wait_for("!document.querySelector('#unit').hidden")
    return str(page.evaluate("document.querySelector('#unit').innerText"))


def test_a_head_sees_ok_the_facts_and_the_own_school(browser: Browser, tmp_path: Path) -> None:
    """The golden transcript and its ledger; then a drawn, an unplaced and a replacing unit."""
    t = json.loads(GOLDEN)
    book = tmp_path / "ledger.json"
    book.write_text(json.dumps([module_of("test_verify").entry(t["commit"])]), encoding="utf-8")
    page = checked(browser, GOLDEN_FILE, language="zh-CN", ledger=book)
    assert page.evaluate("document.querySelector('#verdict h2').innerText") == "OK通过"
    assert (
        page.evaluate("document.querySelector('#line').innerText") == verify(GOLDEN, COMMIT, PLAN_ROOT)[1][0]
    )
    assert page.evaluate("document.querySelectorAll('#checks > .passed').length") == 15
    assert "抽取记录 有缩进" in page.evaluate("document.querySelector('#notes').innerText")

    unit = next(u for u in t["frames"]["main"]["units"] if u["id"] == "初206974")
    lots = {
        one["sortie"]: one for one in json.loads((HERE / "golden-draws.json").read_bytes())["lots"]["sorties"]
    }
    shown = look_up(page, "初20697")
    key = verifier.prf(module_of("test_verify").key_of(t), "draw", "main")
    peers = [u["id"] for u in t["frames"]["main"]["units"] if u["stratum"] == unit["stratum"]]
    place = 1 + sorted(peers, key=lambda u: verifier.prf(key, "order", u)).index("初206974")
    day = lots["S001"]["days"][1]
    for words in (
        "28.1972 %", "城关镇", f"本层 {len(peers)} 个单位中第 {place} 个", "领签单位 初206974", "P08、P09",
        "由 幼326642 递补", f"2 {int(day[5:7])}月{int(day[8:])}日", "2026-12-23",
    ):  # fmt: skip
        assert words in shown
    assert "岛上无船" in look_up(page, "高734576")
    shown = look_up(page, "幼326642")
    assert "初206974" in shown
    assert "第 1 位" in shown
    assert "必查" in look_up(page, "小870243")
    moved = next(v for v in t["plan"] if v["sortie"] == "S003")
    assert "实际用了第 3 个，规则：车辆" in look_up(page, moved["unit"])


def test_a_head_sees_failed_and_why(browser: Browser, tmp_path: Path) -> None:
    """An altered file is refused in words; without a published hash OK says what it is not."""
    t = json.loads(GOLDEN)
    t["field"]["days"].pop()
    file = tmp_path / "transcript.json"
    file.write_text(json.dumps(t), encoding="utf-8")
    page = checked(browser, file, language="zh-CN")
    assert page.evaluate("document.querySelector('#verdict h2').innerText") == "FAILED未通过"
    shown = page.evaluate("document.querySelector('#checks .failed').innerText")
    assert "检查人员与工作日：与封存的指纹不符" in shown
    assert page.evaluate("document.querySelectorAll('#checks > .failed').length") == 1
    assert page.evaluate("document.querySelector('#own').hidden && document.querySelector('#facts').hidden")
    page.set_files("#transcript", GOLDEN_FILE)
    page.wait_for("document.querySelector('#result').hidden")
    page.fill("#commit", "")
    page.evaluate("document.querySelector('#go').click()")
    page.wait_for("!document.querySelector('#result').hidden")
    assert "但未与公布的指纹比对" in page.evaluate("document.querySelector('#verdict.unsure').innerText")


def test_both_languages_are_whole_and_fit_a_phone(browser: Browser) -> None:
    """The reader's language is first, the switch gives the other; no key stands bare, nothing sticks out."""
    page = checked(browser, GOLDEN_FILE, language="en-GB", width=360)
    look_up(page, "初206974")
    texts = []
    for lang in ("en", "zh-CN"):
        assert page.evaluate("document.documentElement.lang") == lang
        texts.append(page.evaluate("document.body.innerText"))
        assert "⟦" not in texts[-1]
        assert "undefined" not in texts[-1]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.evaluate("document.querySelector('#language').click()")
    assert not re.search("[。，：；“”]|核验|指纹", texts[0].replace("中文", ""))
    assert "Fingerprint" not in texts[1]
    bare = page.evaluate(
        """[WORDS, NAMED, core.NOTES, core.REASONS]
        .flatMap((table) => Object.entries(table).filter(([, pair]) => pair.length !== 2 || !pair[1]))
        .concat(Object.entries(core.FAILURES)
          .filter(([, all]) => all.length !== 3 || !core.CHECKS.includes(all[0])))
        .concat(core.CHECKS.filter((check) => !WORDS[`check_${check}`]))"""
    )
    assert bare == []
    source = PAGE.read_text(encoding="utf-8")
    used = set(re.findall(r"say\(\"(\w+)\"", source)) | set(re.findall(r'data-t="(\w+)"', source))
    assert used <= set(page.evaluate("Object.keys(WORDS)"))


def test_the_page_asks_nothing_of_the_network(browser: Browser) -> None:
    """One file: its policy allows no request, it names no address, and none was asked for."""
    source = PAGE.read_text(encoding="utf-8")
    assert "default-src 'none'" in source
    assert "connect-src" not in source
    assert not re.search(
        r"https?://|\bimport\b\s*[({'\"]|fetch\(|XMLHttpRequest|<iframe|localStorage", source
    )
    page = checked(browser, GOLDEN_FILE, language="zh-CN")
    assert all(url == PAGE.as_uri() or url.startswith(("blob:", "data:")) for url in page.requests())
    refused = page.evaluate("fetch('https://example.org/').then(() => 'sent', () => 'refused')")
    assert refused == "refused"


def test_where_workers_are_refused_the_page_computes_itself(browser: Browser) -> None:
    """Some browsers start no worker for a file on disk."""
    page = browser.open(PAGE.as_uri())
    page.evaluate("window.Worker = function () { throw new DOMException('no workers', 'SecurityError'); }; 0")
    page.set_files("#transcript", GOLDEN_FILE)
    page.evaluate("document.querySelector('#go').click()")
    page.wait_for("!document.querySelector('#result').hidden")
    assert page.evaluate("document.querySelector('#verdict h2').innerText").startswith("OK")
    assert "28.1972 %" in look_up(page, "初206974")
