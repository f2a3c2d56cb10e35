"""The house stands: imports go down only, and each outside thing has one room."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "auditor"

STOREYS = (
    ("__main__",),
    ("cli",),
    ("desk",),
    ("workflow",),
    (
        "register",
        "risk",
        "draw",
        "plan",
        "roster",
        "visits",
        "leak",
        "store",
        "tables",
        "pages",
        "seal",
        "calendars",
        "plugins",
        "shipped",
    ),
    ("hookspecs", "__init__"),
    ("solving", "checklists"),
    ("entities", "errors"),
    ("i18n",),
)
"""From the roof to the ground; rooms of one storey do not know each other, unless below."""

ONE_ROOM = {
    "sqlite3": {"store"},
    "sqlite_utils": {"store"},
    "icalendar": {"calendars"},
    "python_calamine": {"tables"},
    "pluggy": {"plugins", "hookspecs", "__init__", "risk"},
    "click": {"cli"},
    "gettext": {"i18n"},
    "pyrage": {"seal"},
    "segno": {"pages"},
    "sklearn": {"leak"},
    "starlette": {"desk"},
    "jinja2": {"desk"},
    "uvicorn": {"desk"},
    "anyio": {"desk"},
}


def storey(room: str) -> int:
    """The number of the storey a room is on; 0 is the roof."""
    return next(number for number, rooms in enumerate(STOREYS) if room in rooms)


def modules() -> list[Path]:
    """All modules of the program."""
    return sorted(SOURCE.rglob("*.py"))


def room_of(path: Path) -> str:
    """The room a module stands in."""
    inside = path.relative_to(SOURCE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imports(path: Path) -> Iterator[str]:
    """Every dotted name that a module imports, late ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def broken_imports(room: str, names: Iterator[str]) -> list[str]:
    """Names that a module of `room` may not import."""
    broken = []
    for name in names:
        top, _, rest = name.partition(".")
        if top != "auditor":
            if top in ONE_ROOM and room not in ONE_ROOM[top]:
                broken.append(name)
            continue
        other = rest.partition(".")[0] or "__init__"
        if not any(other in rooms for rooms in STOREYS):
            other = "__init__"
        if other != room and storey(other) <= storey(room):
            broken.append(name)
    return broken


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_down_only(path: Path) -> None:
    """No module imports a room of its own storey or of one above."""
    assert broken_imports(room_of(path), imports(path)) == []


@pytest.mark.parametrize(
    ("room", "name"),
    [
        ("plan", "auditor.draw.prf"),
        ("draw", "auditor.workflow.plans"),
        ("roster", "sqlite3"),
        ("entities", "auditor.store"),
        ("cli", "sqlite_utils"),
    ],
)
def test_the_contract_can_fail(room: str, name: str) -> None:
    """An import upwards, sideways or of another room's library is found."""
    assert broken_imports(room, iter([name])) == [name]


def test_entities_import_the_standard_library_only() -> None:
    """The words need nothing installed."""
    tops = {name.partition(".")[0] for name in imports(SOURCE / "entities.py")}
    assert tops - {"__future__"} <= set(sys.stdlib_module_names)


def test_the_verifier_imports_nothing_of_ours() -> None:
    """A stranger runs it with Python alone."""
    tops = {name.partition(".")[0] for name in imports(SOURCE / "draw" / "verify.py")}
    assert tops - {"__future__"} <= set(sys.stdlib_module_names)


def test_help_loads_nothing_heavy() -> None:
    """``auditor --help`` stays fast: no solver, no tables, no database library."""
    code = (
        "import sys; from auditor.cli.main import auditor\n"
        "try: auditor(['--help'], prog_name='auditor')\n"
        "except SystemExit: pass\n"
        "heavy = {'ortools', 'pandas', 'numpy', 'sklearn', 'sqlite_utils', 'openpyxl', 'icalendar',"
        " 'python_calamine'}\n"
        "sys.exit(str(sorted(heavy & set(sys.modules))) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_only_solving_sets_solver_parameters() -> None:
    """One place decides how long and how repeatably the solver works."""
    for path in modules():
        if room_of(path) != "solving":
            assert ".parameters." not in path.read_text(encoding="utf-8"), path


def test_only_the_store_speaks_sql() -> None:
    """No other room executes a statement."""
    for path in modules():
        if room_of(path) != "store":
            assert ".execute(" not in path.read_text(encoding="utf-8"), path
