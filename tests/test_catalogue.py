"""Everything people read is there in Chinese, and the compiled catalogue is the one committed."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import string
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import click
import pytest
from babel.messages.pofile import read_po

from auditor.cli.clicks import ASKED, HELP, USAGE, VALUES

UNUSED = ("_termui_impl", "_winconsole", "shell_completion")
"""Modules of click for what our commands do not have: editors, bars, consoles of old, completion."""
PROGRAMMERS = {
    "deprecated",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
    "Could not determine name for option with declarations {decls!r}",
    "No options defined but a name was passed ({name}). Did you mean to declare an argument instead? "
    "Did you mean to pass '--{name}'?",
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Name '{name}' defined twice",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Invalid start character for option ({option})",
    "Unknown color {colour!r}",
    "Choice({choices})",
    "{value!r} is not a valid UUID.",
    "Unknown standard stream '{name}'",
}
"""What click says to those who write commands, and of kinds of values that no command of ours takes."""
SCRIPT = Path(__file__).parent.parent / "data" / "make_catalogue.py"


def blanks(text: str) -> set[str]:
    """The names that a text fills in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.fixture(scope="module")
def make_catalogue() -> ModuleType:
    """The script that makes the catalogue."""
    spec = importlib.util.spec_from_file_location("make_catalogue", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_catalogue_is_current(make_catalogue: ModuleType) -> None:
    """Running the script again changes neither file, and no text waits for a translation."""
    catalogue = make_catalogue.merged()
    assert make_catalogue.untranslated(catalogue) == []
    po = make_catalogue.po_bytes(catalogue)
    assert make_catalogue.PO.read_bytes() == po
    assert make_catalogue.PO.with_suffix(".mo").read_bytes() == make_catalogue.mo_bytes(po)


def test_every_translation_fills_the_same_blanks(make_catalogue: ModuleType) -> None:
    """A translation that names another blank would be a traceback in Chinese only."""
    with make_catalogue.PO.open("rb") as file:
        for message in read_po(file, locale="zh_CN"):
            ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
            strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
            wanted = [blanks(text) for text in ids]
            for text in strings:
                given = blanks(text)
                assert given <= set.union(*wanted), message.id
                may_lack = {"n", "count", "nargs", "len"} if len(ids) > 1 else {"number_type"}
                assert any(one - given <= may_lack for one in wanted), message.id


def test_click_speaks_chinese_too() -> None:
    """Each text that click gives to gettext is marked in `clicks`, or belongs to what we do not use."""
    marked = {one for group in (HELP, USAGE, VALUES, ASKED) for one in group}
    found: set[str | tuple[str, str]] = set()
    for path in Path(click.core.__file__).parent.glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
                if call.func.id == "_" and texts and path.stem not in UNUSED:
                    found.add(texts[0])
                elif call.func.id == "ngettext":
                    found.add((texts[0], texts[1]))
    assert found - marked == PROGRAMMERS
    assert marked - found == {"required"}, "a text that click does not have any longer"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "用法："),
        (("plan", "make", "--help"), 0, "显示此帮助并退出。"),
        (("plan", "make", "--help"), 0, "auditor plan make [选项]"),
        (("plan", "--help"), 0, "auditor plan [选项] 命令 [参数]..."),
        (("plan", "nonsense"), 2, "没有 'nonsense' 这个命令。"),
        (("plan", "make"), 2, "缺少选项 '--programme'"),
        (("plan", "make", "--programm", "x"), 2, "没有 '--programm' 这个选项。 是不是 '--programme'？"),
        (("draw", "commit", "x"), 2, "'x' 不是有效的数。"),
        (("units", "list", "more"), 2, "多余的参数（more）"),
    ],
)
def test_the_program_says_in_chinese_what_click_says(arguments: Sequence[str], code: int, told: str) -> None:
    """Whatever the system's language is; and in English nothing of it is Chinese."""
    for language, seen in (("zh", True), ("en", False)):
        done = subprocess.run(
            [sys.executable, "-m", "auditor", *arguments],
            capture_output=True, encoding="utf-8", check=False,
            env={**os.environ, "AUDITOR_LANG": language, "LC_ALL": "de_DE.UTF-8", "PYTHONUTF8": "1"},
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert (done.returncode, told in said) == (code, seen), said
        assert not seen or not {"Usage", "Error", "Options", "Commands"} & set(
            re.findall("[A-Z][a-z]+", said)
        )


@pytest.mark.parametrize("group", ["", "plan", "draw", "units", "plugins", "visit"])
def test_a_list_of_commands_says_what_each_does(group: str) -> None:
    """In Chinese, where no blank tells where a help may be cut, nothing is cut to three dots."""
    done = subprocess.run(
        [sys.executable, "-m", "auditor", *group.split(), "--help"],
        capture_output=True, encoding="utf-8", check=True,
        env={**os.environ, "AUDITOR_LANG": "zh", "PYTHONUTF8": "1"},
    )  # fmt: skip
    listed = done.stdout.partition("命令:")[2].splitlines()
    assert len(listed) > 3
    assert not [line for line in listed if line.endswith("...")]
    names = [re.fullmatch(r"  ([a-z-]+)  +(.*)", line) for line in listed]
    assert all(re.search("[\u4e00-\u9fff]{2}", one[2]) for one in names if one is not None)
