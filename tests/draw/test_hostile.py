"""A file that is no closed draw is refused by the verifier at once, in little memory and in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

VERIFIER = Path(__file__).parents[2] / "src" / "auditor" / "draw" / "verify.py"
GOLDEN = (Path(__file__).parent / "golden-transcript.json").read_bytes()

MOST_S, MOST_MB = 10, 400
"""Seconds of the processor: 5 are allowed on a quiet machine, and tests run beside others."""

pytestmark = pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs wait4 to measure another process")

LAUNCH = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
said = child.stdout.read()
_, status, used = os.wait4(child.pid, 0)
peak = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1, used.ru_utime + used.ru_stime, peak, flush=True)
sys.stdout.buffer.write(said)
"""
"""Runs a command from a small process: a child's peak memory counts that of the process it came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the verifier said, and what it used."""

    code: int
    seconds: float
    peak_mb: float
    lines: list[str]


def answer(file: Path) -> Answer:
    """Run the verifier on a file as a stranger would, and measure it."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCH, sys.executable, "-B", str(VERIFIER), str(file), "-", "-"],
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""  # no traceback
    measured, *lines = done.stdout.decode("utf-8").splitlines()
    code, seconds, peak = measured.split()
    return Answer(code=int(code), seconds=float(seconds), peak_mb=float(peak), lines=lines)


def golden() -> Any:
    return json.loads(GOLDEN)


def written(t: Any) -> bytes:
    return json.dumps(t, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def altered(alter: Callable[[Any], object]) -> bytes:
    """The golden transcript with one thing changed; its hashes are as they were."""
    t = golden()
    alter(t)
    return written(t)


def with_units(count: int) -> Iterator[bytes]:
    """The golden transcript with so many units, all in its main frame, whose hash is then wrong."""
    t = golden()
    for name, frame in t["frames"].items():
        frame["units"] = ["HERE"] if name == "main" else []
    before, after = written(t).split(b'"HERE"')
    yield before
    for first in range(0, count, 10_000):
        units = (
            f'{{"id":"校{at:07d}","pi":{60_000 + at % 25},"stratum":"镇{at % 2000:04d}"}}'
            for at in range(first, min(first + 10_000, count))
        )
        yield (("," if first else "") + ",".join(units)).encode()
    yield after


def long_days(t: Any) -> None:
    first = date.fromisoformat(t["commit"]["spec"]["period"][0])
    t["commit"]["spec"]["period"][1] = "2028-01-31"
    t["field"]["days"] = [(first + timedelta(days=at)).isoformat() for at in range(401)]


def more_staff(t: Any) -> None:
    one = t["field"]["staff"][0]
    t["field"]["staff"] = [{**one, "id": f"P{at:03d}"} for at in range(301)]


def more_draws(t: Any) -> None:
    one = t["commit"]["draws"][-1]
    t["commit"]["draws"] = [{**one, "key": f"z{at:03d}"} for at in range(101)]


def more_domains(t: Any) -> None:
    t["commit"]["spec"]["domains"] = [f"{at:02d}" for at in range(33)]


def deep_lot(t: Any) -> None:
    """Lists as deep as the reader just takes, in a place whose kind is not looked at."""
    deep: list[Any] = []
    for _ in range(900):
        deep = [deep]
    t["departures"][0]["lot"] = deep


def deep_unit(t: Any) -> None:
    """A unit of lists that is as deep as the reader just takes, with whatever hash."""
    deep_lot(t)
    t["frames"]["main"]["units"] = [t["departures"][0]["lot"]]


def text_of(megabytes: int, letter: str) -> Callable[[Any], None]:
    def alter(t: Any) -> None:
        t["commit"]["spec"]["tool"] = letter * (megabytes * 10**6 // len(letter.encode()))

    return alter


HASH = "its hash is not the one committed to"
UNREAD = "transcript: not the JSON that is allowed"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda: with_units(1_000_001), "size: transcript: over 1000000 units", id="units"),
        pytest.param(lambda: [altered(more_draws)], "size: 101 draws", id="101 draws"),
        pytest.param(lambda: [altered(more_staff)], "size: 301 staff", id="301 staff"),
        pytest.param(lambda: [altered(long_days)], "size: 401 days", id="401 days"),
        pytest.param(lambda: [altered(more_domains)], "size: 33 domains", id="33 domains"),
        pytest.param(
            lambda: [altered(lambda t: t["commit"]["spec"].update(team=9))],
            "transcript.commit.spec.team",
            id="a team of nine",
        ),
        pytest.param(lambda: with_units(1_000_000), f"frame main: {HASH}", id="a million units, wrong hash"),
        pytest.param(lambda: [b"".join(with_units(100_000))[:-1]], UNREAD, id="cut short"),
        pytest.param(lambda: [b"[" * 100_000], UNREAD, id="deep lists"),
        pytest.param(lambda: [b'{"commit":' * 100_000], UNREAD, id="deep objects"),
        pytest.param(lambda: [b"[" * 100_000 + b"]" * 100_000], UNREAD, id="deep and whole"),
        pytest.param(lambda: [altered(deep_lot)], "", id="deep departure"),
        pytest.param(lambda: [altered(deep_unit)], "", id="deep unit"),
        pytest.param(lambda: [b"[" * 10**7] * 20, "size: transcript: too large", id="200 MB"),
        pytest.param(lambda: [altered(text_of(30, "a"))], "commit: commit_sha256", id="30 MB of text"),
        pytest.param(lambda: [altered(text_of(30, "校"))], "commit: commit_sha256", id="30 MB of Chinese"),
        pytest.param(
            lambda: [altered(text_of(20, "\N{GRINNING FACE}"))], "commit: commit_sha256", id="20 MB of faces"
        ),
        pytest.param(
            lambda: [GOLDEN.replace(b'"number": 1,', b'"number": ' + b"7" * 10**6 + b",")],
            "transcript.commit.number",
            id="a million digits",
        ),
        pytest.param(
            lambda: [b'{"commit":1' + b',"commit":1' * 10**6 + b"}"], UNREAD, id="a key a million times"
        ),
        pytest.param(
            lambda: [b"{" + b",".join(b'"%d":1' % at for at in range(10**6)) + b"}"],
            "transcript: no key commit",
            id="a million keys",
        ),
        pytest.param(
            lambda: [altered(lambda t: t.update(plan=[0] * 10**6))], "transcript.plan[0]", id="plan of zeros"
        ),
        pytest.param(lambda: [b"\xff" * 10**7], UNREAD, id="no UTF-8"),
        pytest.param(lambda: [b'"' + b"\\u0061" * 10**7], UNREAD, id="escapes without an end"),
    ],
)
def test_it_is_refused_within_five_seconds_and_400_megabytes(
    make: Callable[[], Iterator[bytes]], words: str, tmp_path: Path
) -> None:
    """Whatever is beyond the page's sizes or broken before the draw: exit 4, a reason, no traceback."""
    file = tmp_path / "hostile.json"
    with file.open("wb") as out:
        for part in make():
            out.write(part)
    found = answer(file)
    file.unlink()
    assert found.code == 4
    assert any(line.startswith("FAILED: ") and words in line for line in found.lines)
    assert "OK" not in found.lines
    assert found.seconds < MOST_S
    assert found.peak_mb < MOST_MB


def test_the_golden_transcript_is_no_hostile_file(tmp_path: Path) -> None:
    """So the bounds above are not met by refusing everything."""
    file = tmp_path / "golden.json"
    file.write_bytes(GOLDEN)
    found = answer(file)
    assert (found.code, found.lines[0]) == (0, "OK")
