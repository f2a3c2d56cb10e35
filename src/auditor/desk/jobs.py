"""Long work: started in a process of its own, one at a time, found again by whoever runs the desk next."""

from __future__ import annotations

import contextlib
import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.desk import processes
from auditor.desk.page_names import name_pages
from auditor.desk.places import Places, read_json, write_json
from auditor.errors import AuditorError
from auditor.i18n import N_, _, language
from auditor.store import once
from auditor.store.sessions import Sessions
from auditor.workflow.months import BEIJING

RUNNING, DONE, FAILED, STOPPED, LOST = "running", "done", "failed", "stopped", "lost"
"""What work can be: lost is that its process ended without a word."""


_CHILDREN: list[subprocess.Popen[bytes]] = []
"""Processes that this one started: asked now and then, so that none stays as a zombie."""


class AtWork(AuditorError):
    """Other work is being done."""

    sentence = N_("other work is being done; wait until it has ended, or stop it: {title}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A piece of work as it was noted: its order, and how far it is."""

    number: int
    kind: str
    state: str
    arguments: Mapping[str, Any]
    started_at: str
    ended_at: str = ""
    progress: Mapping[str, Any] = field(default_factory=dict)
    outcome: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    keeps_best: bool = False
    points: Sequence[Sequence[float]] = ()

    @property
    def title(self) -> str:
        """What is being done, in the language of the context."""
        return str(task_of(self.kind).title(self.arguments))

    @property
    def told(self) -> str:
        """What came of it, in the language of the context."""
        if self.state != DONE:
            return ""
        if not self.outcome:
            return _("It was kept; its process ended before it could say more.")
        return str(task_of(self.kind).told(self.outcome))


def task_of(kind: str) -> Any:
    """Give the module of a kind of work; raises ValueError for a name that is none."""
    if not kind.isidentifier():
        raise ValueError(kind)
    return importlib.import_module(f"auditor.desk.tasks.{kind}")


def _is_order(order: Mapping[str, Any]) -> bool:
    """Whether a file beside the bureau's is an order of ours, whole."""
    fits = {"kind": str, "arguments": dict, "at": str, "once": str, "pid": int, "started": str}
    if not all(isinstance(order.get(key), one) for key, one in fits.items()):
        return False
    try:
        datetime.fromisoformat(order["at"])
        task_of(order["kind"])
    except (ValueError, ImportError):
        return False
    return True


class Jobs:
    """The work of one bureau, noted beside its file: N.json the order, N.now.json how far it is."""

    def __init__(
        self,
        places: Places,
        sessions: Sessions,
        plugins_dirs: Sequence[Path] = (),
        now: datetime | None = None,
    ) -> None:
        self._places = places
        self._sessions = sessions
        self._plugins_dirs = [str(one.absolute()) for one in plugins_dirs]
        self._now = now.astimezone(BEIJING) if now is not None else None
        self._lock = threading.Lock()

    def _order(self, number: int) -> Path:
        return self._places.work / f"{number}.json"

    def _numbers(self) -> list[int]:
        folder = self._places.work
        if not folder.is_dir():
            return []
        return sorted(int(one.stem) for one in folder.glob("*.json") if one.stem.isdecimal())

    def job(self, number: int) -> Job | None:
        """Give a piece of work, or None."""
        order = read_json(self._order(number))
        if not _is_order(order):
            return None
        _CHILDREN[:] = [one for one in _CHILDREN if one.poll() is None]
        now = self._now_of(number)
        state = str(now.get("state", RUNNING))
        if state == RUNNING and not processes.lives(order.get("pid", 0), order.get("started", "")):
            now = self._now_of(number)  # it may have ended just now
            state = str(now.get("state", RUNNING))
            if state == RUNNING:
                stop = (self._places.work / f"{number}.stop").exists()
                state = DONE if self._was_kept(order) else STOPPED if stop else LOST
        error = name_pages(str(now.get("error", {}).get(language(), ""))) if state == FAILED else ""
        return Job(
            number=number,
            kind=order["kind"],
            state=state,
            arguments=order["arguments"],
            started_at=order["at"],
            ended_at=now.get("ended", ""),
            progress=now.get("progress", {}),
            outcome=now.get("outcome", {}),
            error=error,
            keeps_best=bool(order.get("keeps_best")),
            points=now.get("points", ()),
        )

    def _now_of(self, number: int) -> dict[str, Any]:
        """Read how far work is; what a disk spoiled of it is as if it had not been noted."""
        found = read_json(self._places.work / f"{number}.now.json")
        kinds = {"progress": dict, "outcome": dict, "error": dict, "points": list, "ended": str}
        found = {key: one for key, one in found.items() if isinstance(one, kinds.get(key, object))}
        if found.get("state") not in (RUNNING, DONE, FAILED, STOPPED):
            found.pop("state", None)
        return found

    def _was_kept(self, order: Mapping[str, Any]) -> bool:
        """Whether the result was written, of work whose process ended before it noted that."""
        with contextlib.suppress(AuditorError), self._sessions.reading() as db:
            return once.done(db, str(order["once"])) is not None
        return False

    def running(self) -> Job | None:
        """Give the work that is being done, or None."""
        for number in self._numbers()[-1:]:
            found = self.job(number)
            if found is not None and found.state == RUNNING:
                return found
        return None

    def recent(self, kind: str, count: int) -> list[Job]:
        """Give the last pieces of work of a kind, the newest first, of the last hundred of all kinds."""
        found = [self.job(number) for number in reversed(self._numbers()[-100:])]
        return [one for one in found if one is not None and one.kind == kind][:count]

    def latest(self, kind: str) -> Job | None:
        """Give the last work of a kind, or None."""
        for number in reversed(self._numbers()):
            if read_json(self._order(number)).get("kind") == kind and (found := self.job(number)):
                return found
        return None

    def start(
        self,
        kind: str,
        arguments: Mapping[str, Any],
        secrets: Mapping[str, str],
        *,
        revision: str,
        number: str,
    ) -> int:
        """Start work in a process of its own; give its number.

        Parameters
        ----------
        secrets
            Told to the process on its standard input, and kept nowhere.
        revision
            That of the log (`once.revision_of`); the result is refused if it is another by then.
        number
            The one-time number of the form that asked; one that asked before is given the work of then.

        Raises
        ------
        AtWork
        """
        module = task_of(kind)
        with self._lock:
            for known in reversed(self._numbers()):
                if number and read_json(self._order(known)).get("once") == number:
                    return known
            other = self.running()
            if other is not None:
                raise AtWork(title=other.title)
            fresh = max(self._numbers(), default=0) + 1
            order = {
                "kind": kind,
                "arguments": dict(arguments),
                "db": str(self._places.db),
                "plugins_dirs": self._plugins_dirs,
                "revision": revision,
                "once": number or f"work-{fresh}",
                "language": language(),
                "at": datetime.now(BEIJING).isoformat(timespec="seconds"),
                "now": self._now.isoformat() if self._now else "",
                "keeps_best": bool(getattr(module, "KEEPS_BEST", False)),
            }
            self._places.work.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._launch(fresh, order, secrets)
        return fresh

    def _launch(self, number: int, order: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        log = self._places.log.open("ab")
        own: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own = {"creationflags": processes.NO_WINDOW | 0x00000200}  # a group of its own
        with log, processes.starting():
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "auditor.desk.work", str(self._order(number))],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._places.folder,
                **own,
            )
        assert child.stdin is not None
        try:
            own_order = {**order, "pid": child.pid, "started": processes.started_at(child.pid)}
            write_json(self._order(number), own_order)
        except BaseException:  # a full disk: it must not wait for another order of this number
            child.kill()
            child.stdin.close()
            child.wait()
            raise
        _CHILDREN.append(child)
        # the process waits for this line: by then its order is written
        with child.stdin as line:
            line.write(json.dumps(dict(secrets)).encode() + b"\n")

    def stop(self, number: int, *, keep_best: bool = False) -> None:
        """Ask work to end: with the best it has, or at once, nothing kept."""
        order = read_json(self._order(number))
        if not order:
            return
        word = "keep" if keep_best else "stop"
        write_json(self._places.work / f"{number}.stop", {"word": word})
        if not keep_best:
            processes.end(order.get("pid", 0), order.get("started", ""))


def state_word(state: str) -> str:
    """Say what work is."""
    return {
        RUNNING: _("running"), DONE: _("done"), FAILED: _("failed"), STOPPED: _("stopped"),
        LOST: _("ended without a word"),
    }[state]  # fmt: skip
