"""The documents tell of every command and hook, and their links and examples hold."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from auditor import hookspecs
from auditor.plan import check_together, rules

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_every_command_is_documented() -> None:
    """``docs/commands.md`` is what the program says of itself, in a process of its own."""
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('m', {str(ROOT / 'data' / 'make_commands.py')!r})\n"
        "m = importlib.util.module_from_spec(spec); spec.loader.exec_module(m)\n"
        "sys.stdout.buffer.write(m.page().encode())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (ROOT / "docs" / "commands.md").read_bytes() == done.stdout


def test_every_rule_of_a_plan_is_documented_in_the_order_in_which_departures_name_them() -> None:
    """A row each, in one table; the check knows the same ones."""
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    part = text.partition("## Rules of a plan")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z][a-z-]*)` \|", part, re.MULTILINE)
    assert rows == [rule.NAME for rule in rules.RULES] == list(check_together.RULES)


def test_what_plugins_rely_on_is_what_was_promised() -> None:
    """``docs/api.txt`` lists every hook, name, field and argument; a change of it is meant, or a mistake."""
    spec = importlib.util.spec_from_file_location("make_api", ROOT / "data" / "make_api.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    listed = (ROOT / "docs" / "api.txt").read_text(encoding="utf-8")
    assert listed == module.listing(), "run `python data/make_api.py` if the change is meant"
    assert all(f"hook {name}(" in listed for name in vars(hookspecs) if name.startswith("auditor_"))


def test_every_command_has_help_with_an_example() -> None:
    """Each leaf command shows how it is called."""
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for part in text.split("\n## ")[1:]:
        if "COMMAND [ARGS]" not in part:
            assert "Example" in part, part[:60]


@pytest.mark.parametrize("name", [name for name in vars(hookspecs) if name.startswith("auditor_")])
def test_every_hook_and_its_arguments_are_documented(name: str) -> None:
    """``docs/plugins.md`` has a section for each, with the arguments in order."""
    arguments = ", ".join(inspect.signature(getattr(hookspecs, name)).parameters)
    text = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    assert f"### `{name}({arguments})`" in text


def test_the_documented_plugin_works(tmp_path: Path) -> None:
    """The smallest plugin of the page, as it stands there."""
    from auditor.plugins import load_plugins

    text = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(from auditor import Domain.*?)```", text, re.DOTALL)
    assert found
    (tmp_path / "gas.py").write_text(found[1], encoding="utf-8")
    assert "gas" in load_plugins((tmp_path,)).domains


def test_the_documented_scorer_works(tmp_path: Path) -> None:
    """It scores the smallest plugin's checklist, as `plugins score` does."""
    from auditor.checklists.answers import read_answers
    from auditor.entities import Unit
    from auditor.workflow.domains import load_all, outcome

    text = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    parts = re.findall(r"```python\n(from auditor import (?:Domain|Score).*?)```", text, re.DOTALL)
    assert len(parts) == 2
    (tmp_path / "gas.py").write_text("\n".join(parts), encoding="utf-8")
    plugins = load_all((tmp_path,))
    domain = plugins.domain("gas")
    for word, points, band in (("pass", 100.0, "good"), ("fail", 0.0, "poor"), ("na", None, "poor")):
        answers = read_answers(domain, {"GAS-01": word})
        found = outcome(plugins, domain, Unit(id="1", name="甲"), answers, on=date(2026, 12, 1))
        assert (found.score, found.band) == (points, band)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is a file of the project."""
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_starts_with_the_two_commands(name: str) -> None:
    """Title, then the two lines that a stranger types, then the picture."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert lines[2:6] == ["```", "python3 bootstrap.py demo", "python3 bootstrap.py test", "```"]
    assert any(line.startswith("![") for line in lines[6:10])


def test_every_command_of_the_readme_exists() -> None:
    """What the README types is what the program knows."""
    spec = importlib.util.find_spec("auditor.cli.main")
    assert spec is not None
    parts = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").split("\n## ")[1:]
    # a group is no command: it needs the word that follows
    known = {part[1 : part.index("`", 1)] for part in parts if "COMMAND [ARGS]" not in part}
    for name in ("README.md", "README.zh-CN.md"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line.startswith("auditor "):
                words = line.split()
                assert {" ".join(words[:count]) for count in (2, 3, 4)} & known, line


def test_no_path_of_a_machine_and_no_host_of_a_registry() -> None:
    """The project speaks of itself alone."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("no git checkout")
    # put together, so that this file does not find itself
    words = ["/wo" + "rk/", "/ro" + "ot/", "pypi" + ".org", "pythonho" + "sted", "index" + "-url"]
    for name in filter(None, tracked.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in (".png", ".mo", ".xlsx") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        assert not [word for word in words if word in text], name
