"""Measure the desk in a browser: start, server time of every page, bytes, memory, large plans and files.

    python benchmarks/desk_pages.py [--units 1500] [--rosters 24] [--rounds 5] [--readers 0] [--json]

A bureau is made from the synthetic county, its units multiplied, with two years of records; every page that a
link of the desk leads to is asked for, each kind of address (`/units/ID`) three times. Then a plan of 1,200
visits is looked at, a file of 15,000 rows dropped, read and kept, and the first paint of home, units, plan
and roster taken in Chromium, where it is there. With --readers a program draws, plans and rosters beside
them. Prints a table and the machine's load.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

PAGES = 400
"""So many addresses at most are asked for."""
FILE_ROWS = 15_000
PLAN_VISITS = 1_200
A_KIND = 3
"""So many addresses of one kind."""


def make_bureau(
    file: Path, count: int, *, years: int = 2, rosters: int = 0, at: datetime | None = None
) -> None:
    """Make a bureau whose units are the county's, multiplied, with what `years` of work leave behind.

    The last `rosters` months have a published duty roster.
    """
    from auditor.workflow import bureau, county
    from auditor.workflow.domains import load_all

    now = at or datetime.now().astimezone()
    bureau.init(file, county.NAME, county.START, now)
    with bureau.opened(file) as db:
        county.fill(db, load_all(), now)
        multiply(db, count, now)
        add_records(db, 12 * years, now)
        for first in months_before(now, rosters):
            publish(db, f"{first:%Y-%m}", now - (now.date() - first) - timedelta(days=7))


def multiply(db: Any, count: int, now: datetime) -> None:
    """Add copies of a bureau's units until it has so many; copies lie beside, in townships of their own."""
    from auditor.store.units import put_units
    from auditor.store.writing import write_tx
    from auditor.workflow import units

    own = units.list_units(db)
    if count <= len(own):
        return
    more = [
        replace(
            one,
            id=f"{one.id}-{copy}",
            name=f"{one.name}{copy}",
            township=f"{one.township}{copy % 20 or ''}",
            lat=None if one.lat is None else round(one.lat + (copy % 13) * 0.011, 6),
            lng=None if one.lng is None else round(one.lng + (copy % 17) * 0.013, 6),
        )
        for copy in range(1, count // len(own) + 1)
        for one in own
    ]
    with write_tx(db, units.IMPORT, now) as tx:
        put_units(tx, more[: count - len(own)])


def add_records(db: Any, months: int, now: datetime) -> None:
    """Add what was found in the months before: a fiftieth of the units inspected in each, 300 at most.

    Two of three inspections found something: one or two of the county's own findings.
    """
    from auditor.entities import Inspection
    from auditor.store.findings import put_findings
    from auditor.store.past import put_inspections
    from auditor.store.writing import write_tx
    from auditor.workflow import county, units

    every = [one.id for one in units.list_units(db)]
    known = county.findings(now.date())
    visited = 0
    for first in months_before(now, months):
        inspected, found = [], []
        for _ in range(min(300, len(every) // 50)):
            visited += 1
            unit = every[visited * 7919 % len(every)]  # a prime: all units come before one comes again
            day = first + timedelta(days=visited % 28)
            some = [known[(visited + n) % len(known)] for n in range(visited % 3)]
            found += [replace(one, unit=unit, found_on=day) for one in some]
            domains = tuple(sorted({one.domain for one in some})) or (known[0].domain,)
            inspected.append(Inspection(unit=unit, on=day, domains=domains))
        with write_tx(db, "past import", min(now, now - (now.date() - first) + timedelta(days=40))) as tx:
            put_inspections(tx, inspected)
            put_findings(tx, found)


def months_before(now: datetime, count: int) -> list[date]:
    """Give the first days of so many months before this one, the earliest first."""
    whole = now.year * 12 + now.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(whole - count, whole)]


def publish(db: Any, month: str, now: datetime) -> None:
    """Make a month's duty roster and bring it through approval."""
    from auditor.workflow.duty import roster_life, rosters
    from auditor.workflow.months import month_of

    roster_life.revise(db, month, rosters.make(db, month_of(month)), by="王芳", now=now)
    for step in ("submitted", "approved", "published"):
        roster_life.advance(db, month, step, by="李局长", now=now)


class Desk:
    """A running desk, and a browser without scripts."""

    def __init__(self, file: Path) -> None:
        began = time.monotonic()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "auditor",
                "desk",
                "--db",
                str(file),
                "--no-open",
                "--json",
                "--lang",
                "zh",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        url = json.loads(self.process.stdout.readline())["url"]
        self.start_s = time.monotonic() - began
        self.host, _, key = url.removeprefix("http://").partition("/")
        self.cookie = ""
        answer = self.get(f"/{key}")
        self.cookie = answer["headers"]["set-cookie"].partition(";")[0]

    def get(self, path: str) -> dict[str, Any]:
        """Ask for a page over a connection of its own."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        began = time.monotonic()
        connection.request("GET", path, headers={"cookie": self.cookie, "accept-encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        seconds = time.monotonic() - began
        headers = {key.lower(): value for key, value in answer.getheaders()}
        size = len(body)
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        connection.close()
        return {"status": answer.status, "seconds": seconds, "bytes": size, "headers": headers, "body": body}

    def post(self, path: str, fields: Mapping[str, str], file: tuple[str, bytes] | None = None) -> str:
        """Send a form; give the address that it leads to."""
        mark = "a" * 30
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        if file is not None:
            kind = f'Content-Disposition: form-data; name="file"; filename="{file[0]}"'
            parts.append(f"--{mark}\r\n{kind}\r\n\r\n".encode() + file[1] + b"\r\n")
        body = b"".join([*parts, f"--{mark}--\r\n".encode()])
        connection = http.client.HTTPConnection(self.host, timeout=60)
        headers = {"cookie": self.cookie, "content-type": f"multipart/form-data; boundary={mark}"}
        connection.request("POST", path, body, headers | {"origin": f"http://{self.host}"})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        if answer.status != 303:
            raise RuntimeError(f"{path} answers {answer.status}: {re.sub('<[^>]*>', ' ', text)[-400:]}")
        return str(answer.getheader("location"))

    def wait(self, path: str, mark: bytes, *, there: bool) -> str:
        """Ask for a page until a mark stands on it, or does no more; give the page."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            body = self.get(path)["body"]
            if (mark in body) == there:
                return str(body.decode())
            time.sleep(0.02)
        raise RuntimeError(f"{path} came to no result")

    def memory_mb(self) -> float:
        """Give the memory of the server; nan where the system does not say it."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return float("nan")
        found = re.search(r"VmRSS:\s*(\d+)", status)
        return int(found[1]) / 1024 if found else float("nan")

    def end(self) -> tuple[int, float]:
        """End it; give its exit code and how long that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        return code, time.monotonic() - began


def kind_of(path: str) -> str:
    """Give the kind of an address: what is a key in it does not matter."""
    plain, _, query = path.partition("?")
    parts = [one if at == 0 or one.isalpha() else "…" for at, one in enumerate(plain.strip("/").split("/"))]
    names = sorted(re.findall(r"([a-z]+)=", query))
    return "/" + "/".join(parts) + ("?" + "&".join(names) if names else "")


def crawl(desk: Desk, rounds: int) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """Ask for every page that links lead to; give the answers by kind, and what went wrong."""
    waiting, seen, wrong = ["/"], {"/"}, []
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    asked: Counter[str] = Counter()
    while waiting and asked.total() < PAGES:
        path = waiting.pop(0)
        kind = kind_of(path)
        asked[kind] += 1
        for _ in range(rounds):
            answer = desk.get(path)
            found[kind].append(answer | {"path": path})
        if answer["status"] >= 400:
            wrong.append(f"{answer['status']} {path}")
        text = answer["body"].decode("utf-8", "replace")
        for link in re.findall(r'(?:href|hx-get|src)="([^"]+)"', text):
            link = unescape(link).partition("#")[0]
            if link.startswith("?"):
                link = path.partition("?")[0] + link
            if not link.startswith("/") or link in seen or "lang=" in link:
                continue
            seen.add(link)
            if sum(kind_of(one) == kind_of(link) for one in waiting) + asked[kind_of(link)] < A_KIND:
                waiting.append(link)
    return found, wrong


def form_of(page: str, action: str) -> dict[str, str]:
    """Give the hidden fields of the form of a page that holds this action."""
    before, _, after = page.partition(f'{action}"')
    form = before.rpartition("<form")[2] + after.partition("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    selects = re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL)
    chosen = {}
    for name, options in selects:
        marked = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        chosen[name] = unescape(marked[1]) if marked else ""
    boxes = re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]*)" checked', form)
    return {name: unescape(value) for name, value in hidden + boxes} | chosen


def drop_file(desk: Desk, rows: int) -> dict[str, float]:
    """Drop a register of new units, wait until it is read, keep it; give the seconds of each."""
    head = "学校代码,学校名称,办学类型,乡镇,在校生数,纬度,经度"
    lines = [f"9{at:09d},新校{at}小学,小学,第{at % 30}镇,{at % 900},30.{at % 9999:04d},105.{at % 9999:04d}"
             for at in range(rows)]  # fmt: skip
    data = "\n".join([head, *lines]).encode()
    token = form_of(desk.get("/units")["body"].decode(), "/imports/units")["token"]
    began = time.monotonic()
    place = desk.post("/imports/units", {"token": token}, ("register.csv", data))
    upload = time.monotonic() - began
    page = desk.wait(place, b'data-action="import"', there=True)
    preview = time.monotonic() - began - upload
    began = time.monotonic()
    desk.post(f"{place}/apply", form_of(page, f"{place}/apply"))
    desk.wait(place, b'data-action="import"', there=False)
    return {"upload_s": upload, "preview_s": preview, "apply_s": time.monotonic() - began}


def first_paints(desk: Desk, paths: Sequence[str]) -> dict[str, float]:
    """Give the milliseconds to the first contentful paint of pages in headless Chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return {}
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        return {}
    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        name, _, value = desk.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": f"http://{desk.host}"}])
        page = context.new_page()
        for path in paths:
            page.goto(f"http://{desk.host}{path}")
            page.wait_for_timeout(300)
            found[path] = page.evaluate(
                "performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)[0] ?? NaN"
            )
        browser.close()
    return found


def add_plan(file: Path, visits: int) -> str:
    """Multiply the visits of a demonstration's one plan; give its month.

    The units of the copies are the copies of the units (`multiply`).
    """
    from auditor.store.records import put_plan, read_plans
    from auditor.store.writing import write_tx
    from auditor.workflow import bureau, units

    with bureau.opened(file) as db:
        ((month, (draw, record)),) = read_plans(db).items()
        known = {one.id for one in units.list_units(db)}
        copies = max(1, len(known) // len({one.partition("-")[0] for one in known}))
        several: list[dict[str, Any]] = []
        copy = 0
        while len(several) < visits:
            for one in record["visits"]:
                unit = f"{one['unit']}-{copy % copies}" if copy % copies else one["unit"]
                if unit in known:
                    ident = f"{one['id'][:12]}{copy:04x}"
                    several.append(one | {"unit": unit, "sortie": f"{one['sortie']}-{copy}", "id": ident})
            copy += 1
        with write_tx(db, "plan", datetime.now().astimezone()) as tx:
            put_plan(tx, month, draw, {**record, "visits": several[:visits]})
    return month


def look_at_plan(units: int, visits: int, rounds: int) -> dict[str, float]:
    """Give the milliseconds of the page of a large plan: the first look after a change, and the others."""
    from auditor.workflow import bureau, demo
    from auditor.workflow.domains import load_all

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "demo")
        demo.run(demo.Request(out=out, month="2026-12", seed="pages"), load_all(), lambda _loop, _out: None)
        file = out / "bureau.db"
        with bureau.opened(file) as db:
            multiply(db, units, datetime.now().astimezone())
        month = add_plan(file, visits)
        desk = Desk(file)
        try:
            desk.get("/")
            times = [desk.get(f"/plans/{month}")["seconds"] * 1000 for _ in range(rounds)]
            paints = first_paints(desk, ("/", "/units", f"/plans/{month}", f"/rosters/{month}"))
        finally:
            desk.end()
    told = {"plan_first_ms": times[0], "plan_ms": statistics.median(times[1:])}
    return told | {f"paint_ms {path}": value for path, value in paints.items()}


def read_beside(desk: Desk, readers: int, seconds: float) -> list[float]:
    """Let some readers click each 1.5 s beside a program that plans; give how long each answer took, in s."""
    times: list[float] = []
    until = time.monotonic() + seconds

    def read(number: int) -> None:
        time.sleep(1.5 * number / readers)
        paths = ("/", "/units", "/units?q=小学", "/units?sort=-students")
        at = number
        while time.monotonic() < until:
            answer = desk.get(paths[at % len(paths)].replace("小学", "%E5%B0%8F%E5%AD%A6"))
            times.append(answer["seconds"] if answer["status"] == 200 else float("inf"))
            at += 1
            time.sleep(1.5)

    def plan() -> None:
        while time.monotonic() < until:
            with tempfile.TemporaryDirectory() as folder:
                words = [sys.executable, "-m", "auditor", "demo", "--month", "2026-12", "--out"]
                subprocess.run([*words, str(Path(folder, "demo"))], stdout=subprocess.DEVNULL, check=True)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    threads.append(threading.Thread(target=plan))
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return times


def share(values: list[float], of: float) -> float:
    """Give the value below which this share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(of * len(ordered)))]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=int, default=1500)
    parser.add_argument("--rosters", type=int, default=24, help="so many published months")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--readers", type=int, default=0)
    parser.add_argument("--db", type=Path, help="measure this bureau's file instead of a made one")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = asked.db or Path(folder, "bureau.db")
        if asked.db is None:
            make_bureau(file, asked.units, rosters=asked.rosters)
        desk = Desk(file)
        try:
            desk.get("/")  # templates are compiled and plugins loaded once
            found, wrong = crawl(desk, asked.rounds)
            beside = read_beside(desk, asked.readers, 15) if asked.readers else []
            memory = desk.memory_mb()
            dropped = drop_file(desk, FILE_ROWS)
        finally:
            code, end_s = desk.end()
    pages = {kind: answers for kind, answers in found.items() if not kind.startswith("/static")}
    static = [one for kind, answers in found.items() if kind.startswith("/static") for one in answers]
    shown = [
        one
        for answers in pages.values()
        for one in answers[1:]
        if one["headers"].get("content-type", "").startswith("text/html")
        and not one["headers"].get("content-disposition", "").startswith("attachment")
    ]
    times = [one["seconds"] for one in shown]
    files = [one["seconds"] for answers in pages.values() for one in answers[1:] if one not in shown]
    result = {
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "units": asked.units,
        "start_s": round(desk.start_s, 2),
        "pages": len(pages),
        "median_ms": round(statistics.median(times) * 1000, 1),
        "p95_ms": round(share(times, 0.95) * 1000, 1),
        "first_visit_kB": round(
            (found["/"][0]["bytes"] + sum({one["path"]: one["bytes"] for one in static}.values())) / 1000
        ),
        "largest_page_kB": round(max(one["bytes"] for one in shown) / 1000),
        "files_p95_ms": round(share(files, 0.95) * 1000, 1) if files else None,
        "memory_MB": round(memory),
        "exit": code,
        "end_s": round(end_s, 2),
        "wrong": wrong,
    }
    result |= {f"{FILE_ROWS} rows: {key}": round(value, 2) for key, value in dropped.items()}
    result |= {key: round(value) for key, value in look_at_plan(asked.units, PLAN_VISITS, 6).items()}
    if beside:
        result["readers_p95_ms"] = round(share(beside, 0.95) * 1000)
    if asked.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        for kind, answers in sorted(pages.items()):
            own = [one["seconds"] for one in answers]
            print(f"{kind:50} {statistics.median(own) * 1000:7.1f} ms {answers[-1]['bytes'] / 1000:7.1f} kB")
        for key, value in result.items():
            print(f"{key:20} {value}")
    return 1 if wrong or code else 0


if __name__ == "__main__":
    sys.exit(main())
