"""Long work done at once in the test's own process: what a job does is the same, its start is cheaper."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.desk import apart, jobs, processes
from auditor.desk.places import write_json
from auditor.desk.work import Task, in_both
from auditor.errors import AuditorError


def work_here(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Make every job end before its order returns; the working folder is put back after the test."""
    monkeypatch.chdir(folder)

    def launch(self: jobs.Jobs, number: int, order: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        path = self._order(number)
        write_json(path, {**order, "pid": os.getpid(), "started": processes.started_at(os.getpid())})
        task = Task(path, dict(secrets))
        try:
            outcome = jobs.task_of(str(order["kind"])).run(task)
        except AuditorError as error:
            task.note(state="failed", error=in_both(error))
        else:
            task.note(state="done", outcome=outcome)

    monkeypatch.setattr(jobs.Jobs, "_launch", launch)


def work_never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every job one whose process ended without a word, before it did anything."""

    def launch(self: jobs.Jobs, number: int, order: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        write_json(self._order(number), {**order, "pid": 0, "started": ""})

    monkeypatch.setattr(jobs.Jobs, "_launch", launch)


def files_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make small files in this process too."""
    monkeypatch.setattr(apart, "_apart", apart.make_here)
