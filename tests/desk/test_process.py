"""The desk as a process: its first line, its end, work that outlives it, what it does not load."""

from __future__ import annotations

import asyncio
import errno
import http.client
import http.cookies
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from auditor.desk import processes, serve
from auditor.desk.jobs import DONE, LOST, STOPPED, AtWork
from auditor.desk.places import write_json
from auditor.store import once
from auditor.workflow import bureau, units
from desk_client import NOW, Client, county_in, desk_of, revision_in, text_of, wait


def start(file: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a desk over a file; give the process and the address that it tells."""
    process = subprocess.Popen(
        [sys.executable, "-m", "auditor", "desk", "--db", str(file), "--no-open", "--json", "--lang", "en"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["url"]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_0_within_two_seconds(tmp_path: Path, sign: signal.Signals) -> None:
    """Also with a page open; a second start before that shows the same desk and ends.

    Beside other tests a process may wait for a processor: one of three starts tells how long it takes.
    """
    file = county_in(tmp_path / "bureau.db")
    assert any(ended_after(file, sign) < 2 for _ in range(3))
    assert not (tmp_path / "bureau.db.desk" / "running.json").exists()


def ended_after(file: Path, sign: signal.Signals) -> float:
    """Start a desk twice, open its home and send it a signal; give the seconds until it ends with 0."""
    process, url = start(file)
    try:
        again = subprocess.run(
            [sys.executable, "-m", "auditor", "desk", "--db", str(file), "--no-open", "--json"],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        assert (again.returncode, json.loads(again.stdout)["url"]) == (0, url)
        host, _, rest = url.removeprefix("http://").partition("/")
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", f"/{rest}")
        answer = connection.getresponse()
        answer.read()
        cookie = http.cookies.SimpleCookie(answer.headers["set-cookie"])
        pair = "; ".join(f"{key}={one.value}" for key, one in cookie.items())
        connection.request("GET", "/", headers={"cookie": pair})
        page = connection.getresponse()
        assert page.status == 200
        page.read()
        began = time.monotonic()
        process.send_signal(sign)
        assert process.wait(timeout=10) == 0
        took = time.monotonic() - began
        connection.close()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
    return took


def test_a_desk_that_is_told_to_end_while_it_loads_ends_at_once() -> None:
    """Its rooms are loaded beside the first request; whoever closes the window does not wait for that."""
    enough, loaded = threading.Event(), threading.Event()

    def build() -> Any:
        enough.wait(10)
        loaded.set()
        raise RuntimeError

    late = serve._Late(build)

    async def begin() -> None:
        late.built()

    began = time.monotonic()
    asyncio.run(begin())
    assert time.monotonic() - began < 5
    assert not loaded.is_set()
    enough.set()
    assert loaded.wait(10)
    late.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
def test_another_address_is_refused_with_the_reason(tmp_path: Path, host: str) -> None:
    """Accounts and encryption come later."""
    from click.testing import CliRunner

    from auditor.cli.main import auditor

    done = CliRunner().invoke(auditor, ["desk", "--db", str(tmp_path / "b.db"), "--host", host])
    assert done.exit_code == 2
    assert "no accounts" in done.output
    assert not (tmp_path / "b.db.desk").exists()


def test_neither_ortools_nor_pandas_loads_in_the_server(tmp_path: Path) -> None:
    """After a page of every room, and of those that read most."""
    file = county_in(tmp_path / "bureau.db")
    code = (
        "import sys; from pathlib import Path; from desk_client import desk_of\n"
        f"client = desk_of(Path({str(file)!r}))\n"
        "more = ('/units/0099001025', '/people/l01', '/imports', '/health', '/welcome?at=4', '/search?q=1')\n"
        "for address in (*(path for path, _word in client.desk.nav), *more):\n"
        "    assert client.get(address).status_code == 200, address\n"
        "assert client.get('/nothing').status_code == 404\n"
        "heavy = {'ortools', 'pandas', 'numpy', 'sklearn', 'scipy', 'openpyxl'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    tests = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tests)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_work_is_found_again_by_the_next_desk_and_one_at_a_time(tmp_path: Path) -> None:
    """Another desk of the same file sees it run, starts no second one, and shows what came of it."""
    file = tmp_path / "bureau.db"
    bureau.init(file, "", None, NOW)
    first, second = desk_of(file), desk_of(file)
    number = first.desk.jobs.start("county", {}, {}, revision=revision_in(file), number="a")
    assert first.desk.jobs.start("county", {}, {}, revision=revision_in(file), number="a") == number
    with pytest.raises(AtWork):
        second.desk.jobs.start("county", {}, {}, revision=revision_in(file), number="b")
    assert second.desk.jobs.running().number == number
    assert wait(second, number) == DONE
    with bureau.opened(file) as db:
        assert len(units.list_units(db)) == 120


def test_a_result_upon_an_overtaken_revision_is_refused(tmp_path: Path) -> None:
    """Something was written between the order and its result: nothing is kept, and the page says why."""
    file = tmp_path / "bureau.db"
    bureau.init(file, "", None, NOW)
    client = desk_of(file)
    number = client.desk.jobs.start("county", {}, {}, revision="0", number="a")
    assert wait(client, number) == "failed"
    assert "omething else was changed meanwhile" in client.page(f"/jobs/{number}")
    with bureau.opened(file) as db:
        assert units.list_units(db) == []


def test_work_that_is_stopped_or_lost_says_so(tmp_path: Path) -> None:
    """By the button, and by a killed process."""
    file = tmp_path / "bureau.db"
    bureau.init(file, "", None, NOW)
    client = desk_of(file)
    for end, state in ((client.desk.jobs.stop, STOPPED), (_kill, LOST)):
        number = client.desk.jobs.start("county", {}, {}, revision=revision_in(file), number="")
        end(number) if end is not _kill else _kill(client, number)
        found = wait(client, number)
        assert found in (state, DONE)
        if found == DONE:
            pytest.skip("it was faster than the signal")
        assert client.page(f"/jobs/{number}")


def test_work_that_ended_after_it_had_kept_its_result_is_done(tmp_path: Path) -> None:
    """Its number is in the bureau, though no note of its end is; one whose number is not there is lost."""
    file = tmp_path / "bureau.db"
    bureau.init(file, "", None, NOW)
    client = desk_of(file)
    with bureau.opened(file) as db, once.asked("kept", None):
        units.add_unit(db, {"id": "1", "name": "u"}, now=NOW)
    for number, (name, state) in enumerate((("kept", DONE), ("other", LOST)), start=1):
        order = {
            "kind": "county", "arguments": {}, "once": name, "at": NOW.isoformat(), "pid": 0, "started": ""
        }  # fmt: skip
        write_json(client.desk.places.work / f"{number}.json", order)
        job = client.desk.jobs.job(number)
        assert job is not None
        assert job.state == state
    assert "It was kept" in text_of(client.page("/jobs/1"))


def _kill(client: Client, number: int) -> None:
    order = json.loads(client.desk.jobs._order(number).read_text())
    assert processes.lives(order["pid"], order["started"])
    os.kill(order["pid"], signal.SIGKILL)


def test_a_process_is_known_by_number_and_start() -> None:
    """Another start time is another process."""
    own = processes.started_at(os.getpid())
    assert processes.lives(os.getpid(), own)
    assert not processes.lives(os.getpid(), own + "0")
    assert not processes.lives(2**22 + 7, own)


def test_no_process_of_the_desk_takes_a_module_from_where_it_was_started(tmp_path: Path) -> None:
    """Beside a bureau's file may lie anything; what is called as a module of ours is none of it."""
    file = county_in(tmp_path / "bureau.db")
    for name in ("jinja2", "json", "openpyxl", "auditor"):
        (tmp_path / f"{name}.py").write_text(
            f"open({str(tmp_path / 'ran')!r}, 'w').write({name!r})\n", encoding="utf-8"
        )
    code = (
        "import time\nfrom pathlib import Path\nfrom auditor.desk.compiled import Compiled\n"
        "from auditor.desk.symptoms import Symptoms\n"
        f"found, health = Compiled(), Symptoms(Path({str(file)!r}))\nfound.begin()\nhealth._look('en')\n"
        "until = time.monotonic() + 60\n"
        "while time.monotonic() < until and len(found._found) < 60:\n    time.sleep(0.1)\n"
        "print(len(found._found) >= 60, bool(health._looks))\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.stdout.split() == ["True", "True"], done.stderr
    assert not (tmp_path / "ran").exists()


def test_a_computer_that_starts_nothing_more_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form to download and long work; nothing is half begun."""
    client = desk_of(county_in(tmp_path / "bureau.db"))
    page = client.page("/people")

    def cannot(*_asked: Any, **_named: Any) -> Any:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", cannot)
    assert "further program can be started" in client.get("/imports/form/leave.xlsx").text
    files = {"file": ("a.csv", "姓名\n甲\n".encode(), "text/csv")}
    assert "further program can be started" in client.submit("/imports/people", page, files=files).text
    assert client.desk.jobs.running() is None
