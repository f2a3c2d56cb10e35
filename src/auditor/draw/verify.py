# fmt: off
"""Check a closed draw of version `auditor-draw/v1`: python verify.py TRANSCRIPT COMMIT PLAN_ROOT [LEDGER]

COMMIT and PLAN_ROOT are the two hashes as published; `-` stands for an argument not given. Prints OK, a line of facts
and notes, and exits 0; or prints each failed check and exits 4. Needs only Python 3.9 or later. The rules are those of
the page "The sealed draw", whose section numbers stand below; it allows 360 lines of 120 characters: no formatter.
"""
from __future__ import annotations
import datetime, functools, gc, hashlib, hmac, json, pathlib, re, sys, unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count, islice
from typing import Any
D, MAX_UNITS, MAX_DRAWS, MAX_STAFF, MAX_DAYS = 1_000_000, 1_000_000, 100, 300, 400  # D: probabilities are millionths
MAX_DOMAINS, MAX_RANK, MAX_STEPS, MAX_LINES, MAX_BYTES = 32, 10_000, 5_000_000, 200, 120_000_000  # steps: see `able`
class Refused(Exception):
    """Holds failed checks after which nothing more can be checked."""
def stop_if(failed: Iterable[str]) -> None:
    if found := list(islice(failed, MAX_LINES)):
        raise Refused(found)
def unmet(*checks: tuple[str, bool]) -> list[str]:
    return [text for text, holds in checks if not holds]
def ascending(x: list[Any]) -> bool:
    return all(x[i] < x[i + 1] for i in range(len(x) - 1))  # sorted by code point and without repetition
# --- Section 1: bytes
def canon(x: Any) -> bytes:  # Python escapes as RFC 8785 does; floats and lone surrogates do not come past `read`
    return json.dumps(x, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
def frame_sha(units: list[Any]) -> str:  # in parts, for a frame may be large
    whole = hashlib.sha256(b'{"units":[')
    for i in range(0, len(units), 1000):
        whole.update(b"," * (i > 0) + canon(units[i:i + 1000])[1:-1])
    whole.update(b"]}")
    return whole.hexdigest()
begun = functools.lru_cache(100)(lambda key: hmac.new(key, digestmod="sha256"))  # a copy is twice as fast as another
def prf(key: bytes, *parts: str) -> bytes:
    mac = begun(key).copy()
    mac.update(b"".join([len(text).to_bytes(4, "big") + text for text in map(str.encode, parts)]))
    return mac.digest()
def coins(key: bytes, label: str) -> Iterator[int]:
    return (int.from_bytes(prf(key, label, str(c))[:8], "big") for c in count())
def below(coin: Iterator[int], m: int) -> int:
    return next(v % m for v in coin if v < 2**64 - 2**64 % m)
Unit = type("Unit", (), {})  # the `vars` of all its objects share their keys, and so need half the memory of a dict
def read(data: bytes, name: str, notes: list[str]) -> Any:
    """Read strict JSON; `int` refuses floats and NaN, and a number cut to 20 digits is still beyond every limit."""
    def record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        x: dict[str, Any] = vars(Unit()) if pairs and pairs[-1][0] == "stratum" else {}
        x.update(pairs)
        if len(x) != len(pairs) or not ((keys := "".join(x)).isascii() and keys.isprintable()):
            raise ValueError("a key stands twice in one object, or is not printable ASCII")
        if type(x.get("stratum")) is str:
            x["stratum"] = sys.intern(x["stratum"])
        return x
    many = data.count(b'"pi":') > D and any(islice(re.finditer(rb'"pi":\s*[0-9]', data), D, None))
    stop_if(unmet((f"size: {name}: too large", len(data) <= MAX_BYTES), (f"size: {name}: over {D} units", not many)))
    try:
        x = json.loads((text := data.decode("utf-8"))[text.startswith("\ufeff"):], object_pairs_hook=record,
            parse_int=functools.lru_cache(10_000)(lambda digits: int(digits[:20])), parse_float=int, parse_constant=int)
        _ = re.search(r"\\u[dD][89A-Fa-f]", text) and canon(x)  # fails for lone surrogates
    except (ValueError, RecursionError, MemoryError) as error:
        raise Refused([f"{name}: not the JSON that is allowed: {error or type(error).__name__}"]) from None
    for it, *of in ("a byte order mark", "^\ufeff"), ("line ends with CR", "\r"), ("indentation", "\n[ \t]", "\r[ \t]"):
        notes += [f"note: {name}: {it} was accepted"] if any(re.search(way, text) for way in of) else []
    return x
def unpublished(t: Any, name: str, argument: str, notes: list[str]) -> list[str]:
    found = "".join(argument.split()).lower()
    notes += unmet((f"note: {name} was NOT checked against its publication: none was given", found != "-"),
                   (f"note: {name}: blanks or capitals in the argument were accepted", found == argument))
    return unmet((f"{name}: not the hash that was published", found in ("-", t[name])))
# --- Shapes: a text is the pattern of a text, a function a test, a list the shape of each item (with a number: of the
# --- first so many), an object the shapes of its keys; a key marked "…" may be absent, "*" is any key, others none.
def misshapen(x: Any, shape: Any, where: str) -> Iterator[str]:
    if isinstance(shape, dict) and isinstance(x, dict):
        yield from (f"{where}: no key {key}" for key in shape if key not in x and key != "*" and key[-1] != "…")
        for key in x:
            inner = shape.get(key) or shape.get(key + "…") or shape.get("*")
            if not (callable(inner) and inner(x[key])):  # else all is well, and quickly so
                yield from misshapen(x[key], inner, f"{where}.{key}") if inner else [f"{where}: unknown key {key}"]
    elif isinstance(shape, list) and isinstance(x, list):
        for i, item in enumerate(x[:shape[1]] if shape[1:] else x):
            yield from misshapen(item, shape[0], f"{where}[{i}]")
    elif not (type(x) is str and re.fullmatch(shape, x) if isinstance(shape, str) else callable(shape) and shape(x)):
        yield f"{where}: not of the kind, spelling, size or order that it must be"
def whole(low: int, high: int = 2**53 - 1) -> Callable[[Any], bool]:
    return lambda x: type(x) is int and low <= x <= high
def row(test: Callable[[Any], bool], least: int = 0) -> Callable[[Any], bool]:
    return lambda x: isinstance(x, list) and len(x) >= least and all(map(test, x)) and ascending(x)
def is_id(x: Any) -> bool:
    return isinstance(x, str) and x != "" and unicodedata.is_normalized("NFC", x) and (
        x.isprintable() or not {"Cc", "Cf", "Cs"}.intersection(map(unicodedata.category, x)))
def is_day(x: Any, tail: str = "") -> bool:
    try:
        return bool(re.fullmatch("[0-9]{4}(-[0-9]{2}){2}" + tail, x) and datetime.date.fromisoformat(x[:10]))
    except (TypeError, ValueError):
        return False
def is_time(x: Any) -> bool:
    return is_day(x, "T([01][0-9]|2[0-3])(:[0-5][0-9]){2}[+-]([01][0-9]|2[0-3]):[0-5][0-9]")
def is_form(x: Any) -> bool:  # a million values: five hex digits, or numbers (twenty of two values are enough)
    numbers = not any(misshapen(x, {"numbers": whole(1), "from": whole(0), "to": whole(1)}, ""))
    return not any(misshapen(x, {"hex": whole(5)}, "")) or (
        numbers and x["from"] < x["to"] and bool((x["to"] - x["from"] + 1) ** min(x["numbers"], 20) >= 1_000_000))
TEXT, SAID, HASH, ID, IDS, SOME, DAY = "(?s:.*)", "(?s:.+)", "[0-9a-f]{64}", is_id, row(is_id), row(is_id, 1), is_day
EVENT = {"what": TEXT, "at": is_time, "form": is_form}
COMMIT = {
    "spec": {"version": "auditor-draw/v1", "level": "simple|standard|strict", "team": whole(1, 4), "floor": whole(0, D),
             "period": lambda x: isinstance(x, list) and len(x) == 2 and all(map(is_day, x)), "domains": SOME,
             "domains_each…": whole(1), "programme_sha256": HASH, "tool": TEXT}, "event": EVENT, "fallback": EVENT,
    "draws": [{"key": ID, "method": "pivotal|poisson", "n": whole(0), "from": DAY, "to": DAY, "frame_sha256": HASH}],
    "number": whole(1), "previous": HASH, "field_sha256": HASH, "share_sha256": [HASH]}
UNIT = {"id": ID, "stratum": ID, "pi": whole(1, D), "domains…": IDS, "closed…": row(is_day)}
STAFF = {"id": ID, "domains": IDS, "conflicts": {"units": IDS, "strata": IDS}, "free": row(lambda x: is_day(x, "/.+"))}
VISIT = {"id": "[0-9a-f]{16}", "unit": ID, "draw…": ID, "domains": SOME, "source": "drawn|directed", "sortie": ID,
         "date": DAY, "slot": ID, "start": "([01][0-9]|2[0-3]):[0-5][0-9]", "team": SOME, "lead": ID}
DEPARTURE = {"sortie": ID, "of": "day|team", "lot": bool, "given": bool, "rank": whole(1), "rule": SAID}
OUTCOME = {"id": TEXT, "outcome": "done|closed|nobody|refused|moved|cancelled|replaced", "reason": TEXT, "date…": DAY,
           "team…": SOME, "by…": ID}
TRANSCRIPT = {
    "commit": COMMIT, "commit_sha256": HASH, "frames": {"*": {"units": [UNIT, 1000]}}, "plan": [VISIT],
    "field": {"staff": [STAFF], "days": row(is_day)}, "drawn": {"*": IDS}, "shares": [HASH], "plan_root": HASH,
    "beacon": {"source": "event|fallback", "value": TEXT, "published_at": is_time}, "departures": [DEPARTURE],
    "unplaced": [{"unit": ID, "draw": ID, "domains": IDS, "reason": SAID, "evidence": TEXT}], "outcomes": [OUTCOME]}
LEDGER = [{"commit": COMMIT, "commit_sha256": HASH, "state": "open|closed|abandoned", "reason": TEXT}]
# --- Sections 2 and 3: what was frozen and published
def unsound_commit(c: Any, name: str) -> list[str]:
    (first, last), draws, event, fallback = c["spec"]["period"], c["draws"], c["event"]["at"], c["fallback"]["at"]
    return unmet(
        (f"{name}: no draws, or not sorted by key", draws != [] and ascending([draw["key"] for draw in draws])),
        (f"{name}: a window is not in the period", all(first <= d["from"] <= d["to"] <= last for d in draws)),
        (f"{name}: n of a poisson draw is not 0", all(d["n"] == 0 or d["method"] == "pivotal" for d in draws)),
        (f"{name}: fallback not later, or of another offset", event < fallback and event[19:] == fallback[19:]),
        (f"{name}: previous must be 64 zeros for number 1 only", (c["number"] == 1) == (c["previous"] == "0" * 64)),
        (f"{name}: too few shares", len(c["share_sha256"]) >= (1 if c["spec"]["level"] == "simple" else 3)))
def spelled(value: str, form: Any) -> bool:
    if "hex" in form:
        return len(value) == form["hex"] and re.fullmatch("[0-9a-f]*", value) is not None
    return len(words := value.split(" ")) == form["numbers"] and all(
        re.fullmatch("0|[1-9][0-9]{0,15}", word) and form["from"] <= int(word) <= form["to"] for word in words)
def unsound_frozen(t: Any) -> Iterator[str]:
    c, beacon, staff, days, shares = t["commit"], t["beacon"], t["field"]["staff"], t["field"]["days"], t["shares"]
    (first, last), domains, source = c["spec"]["period"], c["spec"]["domains"], beacon["source"]
    at, due, total = beacon["published_at"], c[source]["at"], sum(len(frame["units"]) for frame in t["frames"].values())
    sizes = (("units", total, MAX_UNITS), ("draws", len(c["draws"]), MAX_DRAWS), ("staff", len(staff), MAX_STAFF),
             ("days", len(days), MAX_DAYS), ("domains", len(domains), MAX_DOMAINS))
    stop_if(f"size: {size} {what}, at most {most} are allowed" for what, size, most in sizes if size > most)
    yield from unsound_commit(c, "commit") + unmet(
        ("commit: commit_sha256 is not its hash", sha(canon(c)) == t["commit_sha256"]),
        ("field: its hash is not the one committed to", sha(canon(t["field"])) == c["field_sha256"]),
        ("field: the staff are not sorted by id", ascending([person["id"] for person in staff])),
        ("field: a day lies outside the period", all(first <= day <= last for day in days)),
        ("shares: not those committed to", [sha(bytes.fromhex(share)) for share in shares] == c["share_sha256"]),
        ("shares: one is used twice", len(set(shares)) == len(shares)),
        ("beacon: the value is not spelled as the form says", spelled(beacon["value"], c[source]["form"])),
        (f"beacon: published before its {source}, or with another offset", due <= at and due[19:] == at[19:]),
        ("beacon: what the event gives counts only before the fallback", source != "event" or at < c["fallback"]["at"]),
        ("frames or drawn: other draws", t["frames"].keys() == t["drawn"].keys() == {d["key"] for d in c["draws"]}))
    strata: dict[str, str] = {}
    for draw in [draw for draw in c["draws"] if draw["key"] in t["frames"]]:
        name, n, units = f"frame {draw['key']}", draw["n"], t["frames"][draw["key"]]["units"]
        alone, least = draw["method"] == "poisson", c["spec"]["floor"] * n // max(len(units), 1)
        wrong = unmet((f"{name}: its hash is not the one committed to", frame_sha(units) == draw["frame_sha256"]))
        wrong = wrong or [*islice(misshapen(units, [UNIT], f"transcript.frames.{draw['key']}.units"), MAX_LINES)]
        yield from wrong or unmet(
            (f"{name}: the units are not sorted by id", ascending([unit["id"] for unit in units])),
            (f"{name}: a unit has two strata, or one called final",
             all(strata.setdefault(u["id"], u["stratum"]) == u["stratum"] != "final" for u in units)),
            (f"{name}: a domain the spec has not", {d for u in units for d in u.get("domains", ())} <= {*domains}),
            (f"{name}: the sum of pi is not n", alone or sum(unit["pi"] for unit in units) == n * D),
            (f"{name}: a pi is below the floor", alone or all(unit["pi"] >= least for unit in units)))
def unsound_ledger(ledger: Any, t: Any) -> Iterator[str]:
    previous, stopped = "0" * 64, any(record["reason"] == "abandoned" for record in t["unplaced"])
    for i, e in enumerate(ledger, 1):
        name, c, left, ours = f"ledger {i}", e["commit"], e["state"] == "abandoned", e["commit"] == t["commit"]
        yield from unsound_commit(c, name) + unmet(
            (f"{name}: another number, or another hash before", c["number"] == i and c["previous"] == previous),
            (f"{name}: commit_sha256 is not its hash", sha(canon(c)) == e["commit_sha256"]),
            (f"{name}: abandoned without a reason", e["reason"].strip() != "" or not (left or (ours and stopped))),
            (f"{name}: abandoned, yet with drawn visits", not (left and ours and any("draw" in v for v in t["plan"]))))
        previous = e["commit_sha256"]
    yield from unmet(("ledger: this commitment does not stand in it", t["commit"] in [e["commit"] for e in ledger]))
# --- Section 4: drawing
def duel(units: list[tuple[str, int]], coin: Iterator[int], chosen: list[str]) -> list[tuple[str, int]]:
    """Walk the units in the order given; gives who is held at the end, at most one."""
    held: list[tuple[str, int]] = []
    for j, b in units:
        if b == D:
            chosen.append(j)
        elif not held:
            held = [(j, b)]
        else:
            (i, a), t = held[0], held[0][1] + b
            first = below(coin, t) < a if t <= D else below(coin, 2 * D - t) < D - b
            one, other = (i, j) if first else (j, i)  # one stays (t < D) or is chosen (t > D) or both (t = D)
            chosen += [one] if t >= D else []
            held = [] if t == D else [(one, t) if t < D else (other, t - D)]
    return held
def draw_units(units: list[dict[str, Any]], method: str, key: bytes) -> list[str]:
    if method == "poisson":
        return sorted(u["id"] for u in units if below(coins(key, "topup/" + u["id"]), D) < u["pi"])
    chosen, held, strata = list[str](), list[tuple[str, int]](), defaultdict[str, list[tuple[str, int]]](list)
    for unit in sorted(units, key=lambda u: prf(key, "order", u["id"])):
        strata[unit["stratum"]].append((unit["id"], unit["pi"]))
    for stratum in sorted(strata):
        held += duel(strata[stratum], coins(key, "duel/" + stratum), chosen)
    duel(sorted(held, key=lambda unit: prf(key, "order2", unit[0])), coins(key, "duel/final"), chosen)
    return sorted(chosen)
# --- Section 5: lots and plan
# A set of people is a whole number with a bit for each; bits[kind, name] are those who are free, hold or are barred.
def beyond(bits: Any, need: list[str], i: int) -> list[str]:
    return [domain for domain in need if not bits["holds", domain] >> i & 1]
def able(bits: Any, need: list[str], people: int, members: int) -> bool:
    """Whether so many of these people can together hold every domain needed."""
    bits["steps"] += 1
    stop_if(["staff: too many teams to search"] if bits["steps"] > MAX_STEPS else [])
    if not need or members == 0 or bin(people).count("1") < members:
        return not need and bin(people).count("1") >= members
    holders = min([bits["holds", domain] & people for domain in need], key=lambda some: bin(some).count("1"))
    return any(able(bits, beyond(bits, need, i), people & ~(1 << i), members - 1)
               for i in range(holders.bit_length()) if holders >> i & 1)
def teams_of(bits: Any, need: list[str], people: int, order: list[int], members: int) -> Iterator[tuple[int, ...]]:
    """The teams of these people that hold every domain needed, in lexicographic order of places in `order`."""
    yield from [] if members else [()]
    for place, i in enumerate(order if members and able(bits, need, people, members) else []):
        rest, people = beyond(bits, need, i), people & ~(1 << i)
        if able(bits, rest, people, members - 1):
            yield from ((i, *more) for more in teams_of(bits, rest, people, order[place + 1:], members - 1))
def root(leaves: list[bytes]) -> bytes:
    half = 1 << (len(leaves) - 1).bit_length() - 1 if len(leaves) > 1 else 0
    pair = b"\x01" + root(leaves[:half]) + root(leaves[half:]) if half else b""
    return leaves[0] if len(leaves) == 1 else hashlib.sha256(pair).digest()
def unsound_plan(t: Any, key: bytes, drawn: dict[str, list[str]]) -> Iterator[str]:
    c, plan, unplaced, beacon_day = t["commit"], t["plan"], t["unplaced"], t["beacon"]["published_at"][:10]
    draws, domains, size = {draw["key"]: draw for draw in c["draws"]}, c["spec"]["domains"], c["spec"]["team"]
    people, bits, busy = [person["id"] for person in t["field"]["staff"]], defaultdict[Any, int](int), Counter[Any]()
    for i, person in enumerate(t["field"]["staff"]):
        for kind, names in {**person["conflicts"], "free": person["free"], "holds": person["domains"]}.items():
            for name in names:
                bits[kind, name] |= 1 << i
    units = [(draw, unit["id"], unit) for draw in draws for unit in t["frames"][draw]["units"]]
    strata = {u: x["stratum"] for _, u, x in units}
    closed = {(u, day) for _, u, x in units for day in x.get("closed", ())}
    pairs = {(draw, u) for draw in drawn for u in drawn[draw]}
    wanted = {(draw, u): sorted(sorted(x.get("domains", domains), key=lambda d: prf(key, "domain", u, d))
                                [:c["spec"].get("domains_each")]) for draw, u, x in units if (draw, u) in pairs}
    given, visits_of, sorties, lots = (defaultdict[Any, Any](list) for _ in range(4))
    for record in [*plan, *unplaced]:
        given[record.get("draw", ""), record["unit"]] += record["domains"] if "draw" in record else []
    for visit in plan:
        visits_of[visit["unit"]].append((visit["date"], visit["start"], visit["id"]))
        sorties[visit["sortie"]].append(visit)
    yield from (f"unit {u}, draw {draw}: planned and unplaced are not exactly what is to be inspected" for draw, u in
                sorted({*wanted, *given}) if draw and sorted(given[draw, u]) != wanted.get((draw, u)))
    for u, visits in sorted(visits_of.items()):
        ids = [prf(key, "visit", u, str(k)).hex()[:16] for k in range(len(visits))]
        yield from unmet((f"unit {u}: two visits at one time", len({visit[:2] for visit in visits}) == len(visits)),
                         (f"unit {u}: ids of visits are not the key's", [visit[2] for visit in sorted(visits)] == ids))
    for name, visits in sorted(sorties.items()):
        head, among = visits[0], sorted({visit["unit"] for visit in visits})
        day, slot, team, by_lot = head["date"], head["slot"], head["team"], head["source"] == "drawn"
        need = sorted({domain for visit in visits for domain in visit["domains"]})
        lead = min(among, key=lambda u: prf(key, "lead", u)) if by_lot else among[0]
        busy.update((day, slot, person) for person in team)
        shared = {(v["date"], v["slot"], *v["team"], v["lead"], v["source"], "draw" in v) for v in visits}
        found = unmet((f"sortie {name}: its visits do not share date, slot, team, lead and source", len(shared) == 1),
                      (f"sortie {name}: exactly drawn visits name a draw", ("draw" in head) == by_lot),
                      (f"sortie {name}: the lead must be {lead}", head["lead"] == lead),
                      (f"sortie {name}: unknown people or domains", {*team} <= {*people} and {*need} <= {*domains}))
        yield from found
        if found or not by_lot or not {(visit["draw"], visit["unit"]) for visit in visits} <= wanted.keys():
            continue
        barred = functools.reduce(lambda some, u: some | bits["units", u] | bits["strata", strata[u]], among, 0)
        free = {d: bits["free", f"{d}/{slot}"] & ~barred for d in t["field"]["days"] if d > beacon_day
                and all(draws[v["draw"]]["from"] <= d <= draws[v["draw"]]["to"] for v in visits)
                and not any((u, d) in closed for u in among)}
        days = [d for d in sorted(free, key=lambda d: prf(key, "day", lead, d)) if able(bits, need, free[d], size)]
        teams, order = list[list[str]](), sorted((i for i in range(len(people)) if free.get(day, 0) >> i & 1),
                       key=lambda i: prf(key, "staff", lead, people[i]))
        for members in islice(teams_of(bits, need, free.get(day, 0), order, size), MAX_RANK + 1):
            teams.append(sorted(people[i] for i in members))
            if teams[-1] == team:
                break
        if day not in days or team != teams[-1]:
            yield f"sortie {name}: its day or team is not among the lots, or the rank of its team is too high"
        else:
            lots[name, "day"], lots[name, "team"] = (days[0], day, days.index(day)), (teams[0], team, len(teams) - 1)
    due = {where: lot for where, lot in lots.items() if lot[2] > 0}
    told = {(d["sortie"], d["of"]): (d["lot"], d["given"], d["rank"]) for d in t["departures"]}
    yield from (f"departure of sortie {name} in its {of}: missing, needless, or not as the lots say"
                for name, of in sorted({*told, *due}) if told.get((name, of)) != due.get((name, of)))
    leaves = [("visit", visit["id"], visit) for visit in plan]
    leaves += [("unplaced", "/".join((u["unit"], u["draw"], "+".join(u["domains"]))), u) for u in unplaced]
    leaves += [("departure", d["sortie"] + "/" + d["of"], d) for d in t["departures"]]
    hashes = sorted(hashlib.sha256(b"\0" + prf(key, "salt", kind, id_) + canon(x)).digest() for kind, id_, x in leaves)
    stopped = {record["reason"] == "abandoned" for record in unplaced} | {False for visit in plan if "draw" in visit}
    yield from unmet(("departures: one is told twice", len(told) == len(t["departures"])),
                     ("plan: somebody is in two sorties of one half-day", max(busy.values(), default=1) == 1),
                     ("unplaced: no domains", all(u["domains"] or not given[u["draw"], u["unit"]] for u in unplaced)),
                     ("unplaced: a draw is abandoned as a whole or not at all", len(stopped) < 2),
                     ("plan_root: not the root of the records", root(hashes).hex() == t["plan_root"]))
def unsound_outcomes(t: Any, key: bytes, drawn: dict[str, list[str]]) -> Iterator[str]:
    visits, stands, instead = {visit["id"]: visit for visit in t["plan"]}, dict[str, str](), defaultdict(set)
    strata = {unit["id"]: unit["stratum"] for frame in t["frames"].values() for unit in frame["units"]}
    yield from unmet(("outcomes: not one for each visit, by id", [o["id"] for o in t["outcomes"]] == sorted(visits)))
    for outcome in t["outcomes"]:
        visit, by, replaced = visits.get(outcome["id"], {}), outcome.get("by"), outcome["outcome"] == "replaced"
        if replaced and by and outcome["reason"].strip() and visit.get("draw") in drawn:
            instead[visit["draw"], strata.get(visit["unit"], "")].add(by)
            yield from unmet((f"outcomes: {by} stands in twice", stands.setdefault(by, visit["unit"]) == visit["unit"]))
        elif replaced or by:
            yield f"outcome {outcome['id']}: only drawn visits are replaced, with a reason and a unit in `by`"
    for (draw, stratum), named in sorted(instead.items()):
        rest = {u["id"] for u in t["frames"][draw]["units"] if u["stratum"] == stratum}.difference(drawn[draw])
        reserve = sorted(rest, key=lambda unit: prf(prf(key, "draw", draw), "reserve", unit))
        yield from unmet((f"outcomes: those in `by` are not the first of the reserve of {stratum} in draw {draw}",
                          named == {*reserve[:len(named)]}))
# --- Section 6: the whole
def facts(t: Any) -> str:
    def tally(names: Iterable[str]) -> str:
        return ", ".join(f"{name} {times}" for name, times in sorted(Counter(names).items())) or "none"
    units, spec = [unit for frame in t["frames"].values() for unit in frame["units"]], t["commit"]["spec"]
    closed = {(unit["id"], day) for unit in units for day in unit.get("closed", ())}
    ends, ways = Counter(o["outcome"] for o in t["outcomes"]), Counter(visit["source"] for visit in t["plan"])
    return (f"level {spec['level']}; number {t['commit']['number']}; floor {spec['floor']}; units "
            f"{len({u['id'] for u in units})}; certain {len({u['id'] for u in units if u['pi'] == D})}; closed days "
            f"{len(closed)}; drawn {sum(map(len, t['drawn'].values()))}; visits {len(t['plan'])}; unplaced: "
            f"{tally(u['reason'] for u in t['unplaced'])}; departures: {tally(d['rule'] for d in t['departures'])}; "
            f"directed {ways['directed']}; replaced {ends['replaced']}; cancelled {ends['cancelled']}")
def verify(transcript: bytes, commit: str, plan_root: str, ledger: bytes | None = None) -> tuple[list[str], list[str]]:
    """Give the failed checks, none if all is well, and the lines of facts and notes."""
    notes: list[str] = []
    try:
        t, book = read(transcript, "transcript", notes), [] if ledger is None else read(ledger, "ledger", notes)
        stop_if(chain(misshapen(t, TRANSCRIPT, "transcript"), misshapen(book, LEDGER, "ledger")))
        stop_if([*unpublished(t, "commit_sha256", commit, notes), *unpublished(t, "plan_root", plan_root, notes),
                 *unsound_frozen(t), *([] if ledger is None else unsound_ledger(book, t))])
        key = prf(bytes.fromhex("".join(t["shares"])), "auditor/seed/v1", t["commit_sha256"], t["beacon"]["value"])
        drawn = {d["key"]: draw_units(t["frames"][d["key"]]["units"], d["method"], prf(key, "draw", d["key"]))
                 for d in t["commit"]["draws"]}
        stop_if([*(f"draw {name}: others are drawn" for name in sorted(drawn) if t["drawn"][name] != drawn[name]),
                 *unsound_plan(t, key, drawn), *unsound_outcomes(t, key, drawn)])
    except (Refused, RecursionError) as error:
        return error.args[0] if isinstance(error, Refused) else ["transcript: nested too deeply"], notes
    return [], [facts(t), *notes]
def main(arguments: list[str]) -> int:
    transcript, commit, plan_root, ledger, *more = [*arguments, *"----"[len(arguments):]]
    try:
        if more or transcript == "-":
            raise ValueError("usage: python verify.py TRANSCRIPT COMMIT PLAN_ROOT [LEDGER]")
        book = None if ledger == "-" else pathlib.Path(ledger).read_bytes()
        failed, lines = verify(pathlib.Path(transcript).read_bytes(), commit, plan_root, book)
    except (OSError, ValueError, MemoryError) as error:
        failed, lines = [f"no check was possible: {error}"], []
    code = sys.stdout.encoding or "ascii"
    for line in [*(f"FAILED: {check}" for check in failed), *([] if failed else ["OK"]), *lines]:
        print("".join(x if x.isprintable() else "?" for x in line[:1000]).encode(code, "replace").decode(code))
    return 4 if failed else 0
if __name__ == "__main__":
    gc.disable()  # nothing here goes in circles, and looking for some takes a fifth of the time
    sys.exit(main(sys.argv[1:]))
