"""The page on registers, in both languages, names every flag and every refusal."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from auditor.register.columns import UNIT_ALIASES
from auditor.register.flags import FLAGS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["registers.md", "registers.zh-CN.md"])
def test_every_flag_and_field_is_explained(page: str) -> None:
    """Each flag as a row with an example and a cure; each field in code letters."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for flag in FLAGS:
        assert re.search(rf"^\| `{flag}` \| .+ \| .+ \|$", text, re.MULTILINE), flag
    for field in UNIT_ALIASES:
        assert f"`{field}`" in text, field


def _texts(node: ast.AST) -> list[str]:
    """The texts for people inside a piece of code."""
    calls = [one for one in ast.walk(node) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)]
    return [
        str(one.args[0].value)
        for one in calls
        if isinstance(one.func, ast.Name) and one.func.id == "_" and isinstance(one.args[0], ast.Constant)
    ]


def problems(source: str) -> set[str]:
    """Every problem that a row can be refused for: the last but one argument, or what is kept as such."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "refuse":
            found += _texts(node.args[-2])
        elif isinstance(node, ast.Assign) and "problem" in ast.unparse(node.targets[0]):
            parts = node.value.elts[:1] if isinstance(node.value, ast.Tuple) else [node.value]
            found += [text for part in parts for text in _texts(part)]
    return set(found)


def test_every_refusal_is_explained() -> None:
    """What the register room can say stands in the page, in the same words."""
    said = (DOCS / "registers.md").read_text(encoding="utf-8").replace("`", "")
    rooms = ("units", "matching", "staff", "leave", "past")
    folder = DOCS.parent / "src" / "auditor" / "register"
    found = set().union(*(problems((folder / f"{room}.py").read_text(encoding="utf-8")) for room in rooms))
    assert len(found) > 20
    for problem in found:
        words = re.sub(r" ?\{\w+\}.*", "", problem)
        assert words in said, problem
