"""The two commands: what they say when something is missing, and that they need nothing installed."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def bootstrap() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_imports_the_standard_library_only() -> None:
    """It runs before anything is installed."""
    tree = ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"))
    tops = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert tops <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("arguments", "code"), [([], 2), (["nothing"], 2), (["--help"], 0), (["wheelhouse"], 2)]
)
def test_usage(arguments: list[str], code: int) -> None:
    """No command, a wrong one, help; in an encoding that has no Chinese too."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bootstrap.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == code
    assert "bootstrap.py" in done.stderr


def test_an_old_python_is_told_plainly(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In both languages, with the version that is needed."""
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    assert bootstrap.main(["demo"]) == 1
    said = capsys.readouterr().err
    assert "3.11" in said
    assert "需要" in said


def test_a_missing_venv_module_names_its_package(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Debian parts python3-venv from python3."""
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    failed = subprocess.CompletedProcess([], 1, "", "ensurepip is not available")
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *_args, **_named: failed)
    with pytest.raises(SystemExit) as ended:
        bootstrap.make_venv()
    assert ended.value.code == 1
    assert "-venv" in capsys.readouterr().err
    assert not (tmp_path / ".venv").exists()


def test_pins_are_read_in_a_folder_with_blanks(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """pip parts PIP_CONSTRAINT at blanks: a plain path would be two files that are not there."""
    root = tmp_path / "我的 文件夹 100%"
    root.mkdir()
    (root / "constraints.txt").write_text("click==0.0.7\n", encoding="utf-8")
    monkeypatch.setattr(bootstrap, "ROOT", root)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--no-index", "--dry-run", "click"],
        capture_output=True,
        text=True,
        check=False,
        env=bootstrap.environment() | {"PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode != 0
    assert "0.0.7" in done.stdout + done.stderr
    assert "Could not open" not in done.stderr


def test_constraints_pin_every_line_and_name_no_host() -> None:
    """Versions only: no address, no path."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    assert len(lines) > 20
    assert all(line.count("==") == 1 and "/" not in line and "@" not in line for line in lines)
