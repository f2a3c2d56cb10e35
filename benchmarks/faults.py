"""Imports killed at random moments, and into full disks: the bureau is as before or as after.

python benchmarks/faults.py                        300 kills, 100 full disks
python benchmarks/faults.py --kills 20 --full 10   a few of each

A register is imported into a bureau that holds an older one: every row changes, some are new. Half of
the kills are spread over the whole command, half over what follows its transaction's begin. A
tenth as many kills hit a first import, where there is no bureau yet. A full disk is a tmpfs of some size
where mounting is allowed, else a bound on the size of any file. After each fault `auditor log verify` must
exit 0, every table and entry of the log must be as before or as after, and nothing may lie beside the
bureau's file. After a killed first import the same import must go through; what the killed one left beside
must be named by `auditor doctor`. Exits 1 if anything else was found.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.store.log import read_tables
from auditor.store.opening import close_bureau, open_bureau

NOW = "2026-12-01T08:00+08:00"
HEAD = ("学校标识码", "学校名称", "办学类型", "乡镇", "经度", "纬度", "学生数", "寄宿生数", "食堂")
BLOCK = 1024

WATCHED = """
import os, resource, sqlite3, sys
tell, bound = int(sys.argv[1]), int(sys.argv[2])
if bound:
    resource.setrlimit(resource.RLIMIT_FSIZE, (bound, bound))
WORDS = {"begin immediate": b"b", "commit": b"c", "pragma wal_checkpoint": b"w"}

def told(statement):
    for word, letter in WORDS.items():
        if statement.lstrip().lower().startswith(word):
            os.write(tell, letter)

def connect(*arguments, **options):
    connection = made(*arguments, **options)
    connection.set_trace_callback(told)
    return connection

made, sqlite3.connect = sqlite3.connect, connect
sys.argv = ["auditor", *sys.argv[3:]]
from auditor.cli import entry
entry()
"""
"""The program, telling when its transaction begins (b), is committed (c) and lies in the file (w)."""

PHASES = (
    "before the transaction",
    "inside it",
    "while it was committed",
    "while it was brought home",
    "it had ended",
)

State = tuple[Any, ...]


@dataclass(slots=True)
class Tally:
    """What was found after the faults of one kind, by where they fell."""

    title: str
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, where: str, end: str, faults: list[str]) -> None:
        """Count one fault."""
        counter = self.counts.setdefault(where, Counter())
        counter[end] += 1
        counter["all"] += 1
        counter["wrong"] += bool(faults)
        self.wrong += [f"{self.title}, {where}: {one}" for one in faults]

    def show(self) -> None:
        """Print the counts as a table."""
        total = sum((counter for counter in self.counts.values()), Counter())
        print(f"\n{self.title}\n{'':28}{'faults':>8}{'as before':>11}{'as after':>10}{'wrong':>7}")
        for where in [one for one in PHASES if one in self.counts] + sorted(set(self.counts) - set(PHASES)):
            self._line(where, self.counts[where])
        self._line("all", total)

    @staticmethod
    def _line(where: str, counter: Counter[str]) -> None:
        print(
            f"{where:28}{counter['all']:8}{counter['before']:11}{counter['after']:10}{counter['wrong']:7}",
            flush=True,
        )


@dataclass(frozen=True, slots=True)
class World:
    """Two registers, the bureau before and after, and what they hold."""

    folder: Path
    older: Path
    newer: Path
    before: Path
    after: Path
    states: dict[str, State]

    def judge(self, path: Path, named: str = "") -> tuple[str, list[str]]:
        """Give whether a bureau is as before or as after, and what is wrong with it.

        Files beside it are wrong unless they are `named`.
        """
        faults = []
        done = auditor("log", "verify", "--db", path)
        if done.returncode:
            faults.append(f"log verify exits {done.returncode}: {done.stdout}{done.stderr}")
        beside = sorted(one.name for one in path.parent.iterdir() if one != path and one.name not in named)
        if beside:
            faults.append(f"beside the file lie {', '.join(beside)}")
        found = state(path)
        end = next((name for name, wanted in self.states.items() if wanted == found), "")
        if not end:
            faults.append("the tables are neither as before nor as after")
        return end, faults


def auditor(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [sys.executable, "-m", "auditor", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def state(path: Path) -> State:
    """Give all that a bureau holds: every table, and of the log what no chance is in."""
    db = open_bureau(path)
    try:
        tables = read_tables(db)
        entries = db.execute("select idx, kind, at, payload from log order by idx").fetchall()
    finally:
        close_bureau(db)
    return tables, entries


def write_register(path: Path, rows: int, students: int) -> Path:
    """Write a register of so many rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for at in range(rows):
            place = (round(109 + at % 97 / 400, 6), round(27 + at % 89 / 400, 6))
            kind, canteen = "小学", "有" if at % 3 else "无"
            row = (f"{2133000000 + at}", f"第{at}小学", kind, f"{at % 40}镇", *place, students + at % 900)
            writer.writerow([*row, at % 90, canteen])
    return path


def build(folder: Path, rows: int) -> World:
    """Make the bureau as it is before and after the import."""
    older = write_register(folder / "older.csv", rows, 100)
    newer = write_register(folder / "newer.csv", rows + rows // 4, 101)
    before, after = folder / "before.db", folder / "after.db"
    for path, register in ((before, older), (after, newer)):
        if path == after:
            shutil.copy(before, after)
        done = auditor("units", "import", register, "--db", path, "--now", NOW, "--json")
        assert done.returncode in (0, 5), done.stderr
        counts = {key: json.loads(done.stdout)[key] for key in ("added", "changed", "unchanged")}
        print(f"{register.name}: {counts}, {path.stat().st_size // BLOCK} kB", flush=True)
    return World(folder, older, newer, before, after, {"before": state(before), "after": state(after)})


@dataclass(slots=True)
class Run:
    """A watched import: its process, when it was started, and the letters it told so far, with moments."""

    process: subprocess.Popen[bytes]
    ear: int
    started: float
    letters: list[tuple[str, float]] = field(default_factory=list)

    def listen(self, until: float, wanted: str = "") -> bool:
        """Hear what is told until a moment, or until a letter is; give whether the process still runs."""
        while (left := until - time.perf_counter()) > 0:
            if select.select([self.ear], [], [], left)[0]:
                heard = os.read(self.ear, 1)
                if not heard:
                    return False
                self.letters.append((heard.decode(), time.perf_counter() - self.started))
                if wanted and heard.decode() == wanted:
                    return True
        return True

    def phase(self, running: bool) -> str:
        """Name where the process is, by what it told last."""
        if not running:
            return PHASES[4]
        told = "".join(letter for letter, _moment in self.letters)
        return PHASES[{"": 0, "b": 1, "c": 2, "w": 3}[told[-1:]]]


@contextmanager
def watched(register: Path, path: Path, bound: int = 0) -> Iterator[Run]:
    """Start an import that tells how far it is; it is killed in the end."""
    ear, mouth = os.pipe()
    command = [sys.executable, "-c", WATCHED, str(mouth), str(bound), "units", "import", str(register)]
    started = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--db", str(path), "--now", NOW, "--json"],
        pass_fds=[mouth],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    os.close(mouth)
    try:
        yield Run(process, ear, started)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(ear)
        assert process.stderr is not None
        process.stderr.close()


def fresh(world: World, name: str) -> Path:
    """Give an empty folder's bureau file, which is not there."""
    folder = world.folder / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder / "bureau.db"


def measure(start: Callable[[], Path], register: Path) -> tuple[float, float]:
    """Give the median seconds of a whole import, and those from its first transaction's begin to its end."""
    times = []
    for _ in range(3):
        path = start()
        with watched(register, path) as run:
            run.listen(time.perf_counter() + 600)
            run.process.wait()
            total = time.perf_counter() - run.started
        times.append((total, run.letters[-1][1] - run.letters[0][1]))
    total, transaction = sorted(times)[1]
    print(f"a whole import: {total:.2f} s, from its first transaction on {transaction:.2f} s", flush=True)
    return total, transaction


def kill_at_random(run: Run, number: int, total: float, transaction: float, chance: random.Random) -> str:
    """Kill an import, an even one anywhere, an odd one from its transaction's begin on; say where it was."""
    if number % 2:
        running = run.listen(time.perf_counter() + 600, wanted="b")
        running = running and run.listen(time.perf_counter() + chance.uniform(0, transaction))
    else:
        running = run.listen(run.started + chance.uniform(0, total))
    os.kill(run.process.pid, signal.SIGKILL)
    return run.phase(running)


def kill(world: World, kills: int, chance: random.Random) -> Tally:
    """Kill imports into a bureau."""

    def start() -> Path:
        path = fresh(world, "killed")
        shutil.copy(world.before, path)
        return path

    tally = Tally(f"{kills} imports killed")
    total, transaction = measure(start, world.newer)
    for number in range(kills):
        path = start()
        with watched(world.newer, path) as run:
            where = kill_at_random(run, number, total, transaction, chance)
        end, faults = world.judge(path)
        if (where, end) in ((PHASES[0], "after"), (PHASES[1], "after"), (PHASES[4], "before")):
            faults.append(f"it is as {end}")
        tally.add(where, end, faults)
    return tally


def kill_first(world: World, kills: int, chance: random.Random) -> Tally:
    """Kill first imports: no file or a whole one is there, and the same import goes through after it."""

    def start() -> Path:
        return fresh(world, "first")

    tally = Tally(f"{kills} first imports killed")
    total, transaction = measure(start, world.older)
    for number in range(kills):
        path = start()
        with watched(world.older, path) as run:
            where = kill_at_random(run, number, total, transaction, chance)
        end = "after" if path.exists() else "before"
        faults = []
        done = auditor("units", "import", world.older, "--db", path, "--now", NOW)
        if done.returncode not in (0, 5):
            faults.append(f"the same import again exits {done.returncode}: {done.stderr.strip()}")
        else:
            kept, faults = world.judge(path, named=auditor("doctor", "--db", path, "--lang", "en").stdout)
            if kept != "before":  # what the other imports start from
                faults.append("the bureau is not whole after the same import again")
        tally.add(where, end, faults)
    return tally


def may_mount(folder: Path) -> bool:
    """Whether a tmpfs can be mounted here."""
    folder.mkdir(exist_ok=True)
    if shutil.which("mount") is None or os.geteuid() != 0:
        return False
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True)
    return done.returncode == 0 and subprocess.run(["umount", folder], check=True).returncode == 0


@contextmanager
def disk(folder: Path, size: int) -> Iterator[None]:
    """Mount a disk of so many bytes on a folder."""
    folder.mkdir(exist_ok=True)
    options = f"size={-(-size // BLOCK)}k"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def fill(world: World, times: int) -> Tally:
    """Import where the disk ends somewhere: from no room at all to more than is needed."""
    folder = world.folder / "disk"
    mounts = may_mount(folder)
    kind = "tmpfs" if mounts else "no file above a size"
    tally = Tally(f"{times} imports into a full disk ({kind})")
    before, after = world.before.stat().st_size, world.after.stat().st_size
    # beside the file a disk holds its -wal; no file of the two becomes bigger than the bureau will be
    least, most = (before, before + after) if mounts else (32 * BLOCK, after)
    for number in range(times):
        size = least + (most - least) * number // max(1, times - 1)
        if mounts:
            with disk(folder, size + 8 * BLOCK):
                path = folder / "bureau.db"
                shutil.copy(world.before, path)
                ended = _import_told(world, path, 0)
                on_full = auditor("log", "verify", "--db", path)
                subprocess.run(["mount", "-o", "remount,size=1g", folder], check=True)
                end, faults = world.judge(path)
                if on_full.returncode and "Traceback" in on_full.stderr:
                    faults.append(f"on the full disk log verify says {on_full.stderr}")
                where = "log verified on it" if not on_full.returncode else "log verified with room only"
        else:
            path = fresh(world, "bound")
            shutil.copy(world.before, path)
            ended = _import_told(world, path, size)
            end, faults = world.judge(path)
            where = "log verified"
        code, words = ended
        if code not in (0, 1, 5) or "Traceback" in words:
            faults.append(f"the import exits {code}: {words}")
        if (code == 1) is (end == "after"):
            faults.append(f"the import exits {code}, and the bureau is as {end}")
        tally.add(where, end, faults)
    return tally


def _import_told(world: World, path: Path, bound: int) -> tuple[int, str]:
    """Run the import to its end; give its exit code and what it said."""
    with watched(world.newer, path, bound) as run:
        assert run.process.stderr is not None
        words = run.process.stderr.read().decode()
        return run.process.wait(), words


def main() -> int:
    """Run all, print the tables, and name what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--full", type=int, default=100)
    parser.add_argument("--rows", type=int, default=2500, help="of the register")
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        world = build(Path(folder), options.rows)
        tallies = [kill(world, options.kills, chance)] if options.kills else []
        if options.kills >= 10:
            tallies.append(kill_first(world, options.kills // 10, chance))
        if options.full:
            tallies.append(fill(world, options.full))
    for tally in tallies:
        tally.show()
    wrong = [one for tally in tallies for one in tally.wrong]
    print(f"\n{time.perf_counter() - began:.0f} s; wrong: {len(wrong)}")
    for one in wrong[:20]:
        print(f"  {one}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
