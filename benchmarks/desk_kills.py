"""Kill the desk's server, and separately the work, at random moments; see that nothing is lost.

    python benchmarks/desk_kills.py [N] [--seed 1] [--folder DIR]

For each of import, draw, plan, roster and publish the desk is brought to just before it, once. Then N times
the server, and N times the process of the work, gets SIGKILL at a random moment of it (a draw of so small a
register and publishing are done by the server itself). After each the desk is started again over the same
file: it must be sound, hold all of the work or nothing of it, the page of the work must say which, and what
was not done can be done. Prints a table; exit code 1 for a fault.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

MORNING, LATER = "2026-11-27T09:00:00+08:00", "2026-11-27T09:30:00+08:00"
MONTH = "2026-12"
Killed = (ConnectionError, http.client.HTTPException, OSError)


class _Forms(HTMLParser):
    """The forms of a page with what they send if nobody changes them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append((of.get("action", ""), []))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        if tag == "button" and of.get("formaction"):
            self.forms.append((of["formaction"], list(fields)))
        if tag == "input" and of.get("name") and of.get("type") != "file":
            if of.get("type") not in ("radio", "checkbox") or "checked" in of:
                fields.append((of["name"], of.get("value", "")))
        elif tag == "select":
            self._select = of.get("name", "")
        elif tag == "option" and self._select and "selected" in of:
            fields.append((self._select, of.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None


class Desk:
    """A desk in a process of its own, and a browser without scripts before it."""

    def __init__(self, db: Path, now: str) -> None:
        self.db = db
        command = [sys.executable, "-m", "auditor", "desk", "--db", str(db), "--no-open", "--json"]
        self.process = subprocess.Popen(
            [*command, "--lang", "en", "--now", now],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        url = json.loads(self.process.stdout.readline())["url"]
        self.host, _, key = url.removeprefix("http://").partition("/")
        self.cookie = ""
        self.ask("GET", f"/{key}")

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, str, str]:
        """Give status, address it leads to, and text."""
        line = http.client.HTTPConnection(self.host, timeout=120)
        heads = {"cookie": self.cookie, "origin": f"http://{self.host}"}
        try:
            line.request(method, path, body or None, heads | ({"content-type": kind} if kind else {}))
            answer = line.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            line.close()
        for head in answer.headers.get_all("set-cookie") or ():
            if head.startswith("auditor_desk_"):
                self.cookie = head.partition(";")[0]
        return answer.status, answer.headers.get("location", ""), text

    def page(self, path: str) -> str:
        """Give a page that must be there."""
        status, _where, text = self.ask("GET", path)
        if status != 200:
            raise RuntimeError(f"{path}: {status}")
        return text

    def form(self, path: str, action: str, changed: Mapping[str, str]) -> tuple[str, bytes]:
        """Give the content type and body of a form of a page."""
        parser = _Forms()
        parser.feed(self.page(path))
        fields = next(fields for url, fields in parser.forms if url.partition("?")[0] == action)
        kept = [one for one in fields if one[0] not in changed]
        return "application/x-www-form-urlencoded", urlencode([*kept, *changed.items()]).encode()

    def submit(self, path: str, action: str, **changed: str) -> str:
        """Send a form; give where it leads."""
        kind, body = self.form(path, action, changed)
        return self.send(action, kind, body)

    def send(self, action: str, kind: str, body: bytes) -> str:
        """Send a body; give where it leads."""
        status, where, text = self.ask("POST", action, body, kind)
        if status != 303:
            said = re.sub(r"<[^>]+>", " ", text.partition("<main")[2])
            raise RuntimeError(f"{action}: {status} {' '.join(said.split())[:300]}")
        return where

    def drop(self, path: str, action: str, file: Path) -> str:
        """Send a file by the form that takes it."""
        token = re.search(r'name="token" value="([^"]+)"', self.page(path).partition(f'action="{action}"')[2])
        assert token is not None
        edge = "edge-of-a-part"
        body = (
            f'--{edge}\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token[1]}\r\n--{edge}\r\n'
            f'Content-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
        ).encode() + file.read_bytes()
        return self.send(
            action, f"multipart/form-data; boundary={edge}", body + f"\r\n--{edge}--\r\n".encode()
        )

    def wait(self, seconds: float = 600) -> None:
        """Wait until no work is done."""
        end = time.monotonic() + seconds
        while lives(self.db) and time.monotonic() < end:
            time.sleep(0.05)

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()


def orders(db: Path) -> list[int]:
    """Give the numbers of all work that was ordered."""
    folder = db.parent / f"{db.name}.desk" / "work"
    return sorted(int(one.stem) for one in folder.glob("*.json") if one.stem.isdecimal())


def pid_of(db: Path, number: int) -> int:
    """Give the process of a piece of work, 0 while it has none."""
    with contextlib.suppress(OSError, ValueError):
        folder = db.parent / f"{db.name}.desk" / "work"
        return int(json.loads((folder / f"{number}.json").read_text()).get("pid", 0))
    return 0


def lives(db: Path) -> int:
    """Give the process that is at work, or 0."""
    from auditor.desk import processes

    for number in orders(db)[-1:]:
        folder = db.parent / f"{db.name}.desk" / "work"
        with contextlib.suppress(OSError, ValueError):
            order = json.loads((folder / f"{number}.json").read_text())
            if processes.lives(order.get("pid", 0), order.get("started", "")):
                return int(order["pid"])
    return 0


def entries(db: Path) -> int:
    """Give how many entries the log has; raises where the file is not sound."""
    with contextlib.closing(sqlite3.connect(db)) as link:
        found = link.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise RuntimeError(f"the file is damaged: {found}")
        return int(link.execute("SELECT count(*) FROM log").fetchone()[0])


def register_file(folder: Path) -> Path:
    """Write a register of 2,000 units."""
    file = folder / "units.csv"
    rows = [f"9{at:09d},第{at}小学,乡{at % 20},{100 + at % 900}" for at in range(2000)]
    file.write_text("\n".join(["学校代码,学校名称,乡镇,学生数", *rows]) + "\n", encoding="utf-8")
    return file


Act = Callable[[Desk], None]


def do_import(desk: Desk) -> None:
    """Apply a file that was read before."""
    for number in reversed(orders(desk.db)):  # later ones are what applied it and was killed
        if desk.ask("GET", f"/imports/{number}")[0] == 200:
            desk.submit(f"/imports/{number}", f"/imports/{number}/apply")
            return


def do_draw(desk: Desk) -> None:
    """Draw number 1."""
    desk.submit("/draws/1?value=3+1+4+1+5+9&signed=1", "/draws/1/run")


def do_plan(desk: Desk) -> None:
    """Plan what was drawn."""
    desk.submit("/draws/1", "/plans/make")


def do_roster(desk: Desk) -> None:
    """Make the month's roster."""
    desk.submit(f"/rosters/{MONTH}", f"/rosters/{MONTH}/make")


def do_publish(desk: Desk) -> None:
    """Publish it."""
    desk.submit(f"/rosters/{MONTH}", f"/rosters/{MONTH}/step/publish")


ACTS: dict[str, Act] = {
    "import": do_import, "draw": do_draw, "plan": do_plan, "roster": do_roster, "publish": do_publish,
}  # fmt: skip

OF_SERVER = ("draw", "publish")
"""Done within an answer of the server, not as work in a process of its own."""


@contextmanager
def desk_over(folder: Path, now: str) -> Iterator[Desk]:
    """Run a desk over the bureau of a folder."""
    desk = Desk(folder / "bureau.db", now)
    try:
        yield desk
    finally:
        desk.close()


def prepare(folder: Path, kept: Path) -> dict[str, float]:
    """Bring a bureau to before each act, keep a copy there; give how long each act takes undisturbed."""
    took: dict[str, float] = {}
    here = folder / "now"
    here.mkdir()

    def act(name: str, desk: Desk) -> None:
        shutil.copytree(here, kept / name, ignore=shutil.ignore_patterns("running.json", "*-shm"))
        began = time.monotonic()
        before = entries(desk.db)
        ACTS[name](desk)
        desk.wait()
        took[name] = time.monotonic() - began
        if entries(desk.db) == before:
            raise RuntimeError(f"{name} does nothing even undisturbed")

    with desk_over(here, MORNING) as desk:
        desk.submit("/welcome?at=3&name=Q", "/welcome", name="Q", level="simple")
        desk.submit("/welcome?at=4", "/welcome/county")
        desk.wait()
        desk.submit("/programmes/new", "/programmes", month=MONTH, basis="§ 6", how="units", units="6")
        desk.submit("/draws", "/draws/freeze")
        desk.wait()
        desk.submit("/draws/1", "/draws/1/commit")
        desk.wait()
    with desk_over(here, LATER) as desk:
        act("draw", desk)
        act("plan", desk)
        act("roster", desk)
        for step in ("submit", "approve"):
            desk.submit(f"/rosters/{MONTH}/step/{step}", f"/rosters/{MONTH}/step/{step}", by="李局长")
        act("publish", desk)
        desk.drop("/units", "/imports/units", register_file(folder))
        desk.wait()
        act("import", desk)
    return took


def trial(name: str, target: str, start: Path, here: Path, wait: float) -> tuple[str, str]:
    """Kill once; give what the file holds and what the desk says, or raise RuntimeError."""
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(start, here)
    db = here / "bureau.db"
    desk = Desk(db, LATER)
    before, known = entries(db), orders(db)
    ended = threading.Event()

    def kill() -> None:
        if target == "server":
            ended.wait(wait)
            desk.process.send_signal(signal.SIGKILL)
            return
        end = time.monotonic() + 60
        while time.monotonic() < end:  # the work begins, then a random moment of it
            new = [one for one in orders(db) if one not in known]
            pid = pid_of(db, new[-1]) if new else 0
            if pid:
                time.sleep(wait)
                with contextlib.suppress(ProcessLookupError):
                    if lives(db) == pid:
                        os.kill(pid, signal.SIGKILL)
                return
            time.sleep(0.002)

    killer = threading.Thread(target=kill)
    killer.start()
    with contextlib.suppress(*Killed):
        ACTS[name](desk)
        desk.wait()
    killer.join()
    desk.wait()
    desk.close()
    with desk_over(here, LATER) as after:
        now = entries(db)
        new = [one for one in orders(db) if one not in known]
        said = "nothing begun"
        if new:
            page = after.page(f"/jobs/{new[-1]}")
            found = re.search(r'id="job" class="job" data-state="(\w+)"', page)
            said = found[1] if found else "nothing"
        after.page("/")
        held = "all" if now > before else "nothing"
        if said == "nothing" or (said == "done") != (held == "all" and bool(new)):
            raise RuntimeError(f"{name}, {target}: the file holds {held} of it, its page says {said}")
        if now - before not in (0, 1):
            raise RuntimeError(f"{name}, {target}: {now - before} entries of one deed")
        if held == "nothing":  # the way is free: it can be done again
            ACTS[name](after)
            after.wait()
            if entries(db) == before:
                raise RuntimeError(f"{name}, {target}: it cannot be done again")
    return held, said


def main() -> None:
    """Run the trials and print a table."""
    reader = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    reader.add_argument("n", nargs="?", type=int, default=50)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--folder", type=Path)
    given = reader.parse_args()
    dice = random.Random(given.seed)
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or Path(made)
        kept, here = folder / "kept", folder / "try"
        kept.mkdir()
        took = prepare(folder, kept)
        print("undisturbed: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items()))
        table: dict[tuple[str, str], Counter[str]] = {}
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):  # stopped early, it tells what it has
            for at in range(2 * given.n):
                target = ("server", "job")[at % 2]
                names = [one for one in ACTS if target == "server" or one not in OF_SERVER]
                name = names[at // 2 % len(names)]
                of = table.setdefault((name, target), Counter())
                try:
                    held, said = trial(name, target, kept / name, here, dice.uniform(0, 1.1 * took[name]))
                except (RuntimeError, StopIteration, *Killed) as error:
                    faults.append(str(error) or repr(error))
                    of["faults"] += 1
                    continue
                of[held] += 1
                of[said] += 1
        heads = ("kills", "all", "nothing", "done", "lost", "nothing begun", "faults")
        print(f"{'':16}" + "".join(f"{head:>15}" for head in heads))
        for (name, target), of in sorted(table.items()):
            kills = of["all"] + of["nothing"] + of["faults"]
            row: list[Any] = [kills, *(of[head] for head in heads[1:])]
            print(f"{name + ', ' + target:16}" + "".join(f"{one:>15}" for one in row))
    for one in faults:
        print(one)
    print("load", *(f"{one:.1f}" for one in os.getloadavg()))
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
