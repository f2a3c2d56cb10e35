"""Whatever a plugin does while it loads becomes one listed error, and the others work."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import AuditorError
from auditor.plugins import Plugins, load_plugins
from shipping import SHIPPED

GOOD = """
from auditor import Domain, Item, hookimpl

@hookimpl
def auditor_domain():
    return Domain(key="{key}", version="1", zh="试", en="trial", minutes=20, items=(
        Item(code="TRY-01", zh="试", en="try", severity="general", evidence="document", basis="-"),))
"""


def load(tmp_path: Path, **files: str) -> Plugins:
    """Load the installed plugins and `files` from a folder."""
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    return load_plugins((tmp_path,))


def row(plugins: Plugins, name: str) -> tuple[bool, str]:
    """Whether the plugin of this name loaded, and its error."""
    return next((one.ok, one.error) for one in plugins.listed if one.key == name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_like_this", "ModuleNotFoundError"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("1 / 0", "ZeroDivisionError"),
        ("from auditor import hookimpl\n@hookimpl\ndef auditor_domian(): ...", "auditor_domian"),
        ("from auditor import hookimpl\n@hookimpl\ndef auditor_domain(): return 7", "no Domain"),
        ("from auditor import hookimpl\n@hookimpl\ndef auditor_domain(): raise OSError('disk')", "disk"),
        ("from auditor import hookimpl\n@hookimpl\ndef auditor_domain(extra): ...", "extra"),
        (GOOD.format(key="fire"), "already taken"),
        (GOOD.format(key="a\\nb"), "small letters"),
        (GOOD.format(key="gas").replace("minutes=20", "minutes=999"), "1 to 180"),
    ],
)
def test_a_plugin_that_fails_is_listed_and_the_others_work(tmp_path: Path, text: str, said: str) -> None:
    """One row with the error; those that come with us are loaded."""
    plugins = load(tmp_path, bad=text)
    ok, error = row(plugins, "bad")
    assert not ok
    assert said in error
    assert set(plugins.domains) == SHIPPED


def test_a_plugin_that_prints_does_not_spoil_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON on standard output stays JSON."""
    plugins = load(tmp_path, loud="print('hello')\n" + GOOD.format(key="loud"))
    assert row(plugins, "loud") == (True, "")
    assert capsys.readouterr().out == ""


def test_the_same_file_by_both_doors_is_ignored() -> None:
    """The project's own plugins folder may be named with ``--plugins-dir``."""
    folder = Path(__file__).parent.parent.parent / "plugins"
    assert [one.record() for one in load_plugins((folder,)).listed] == [
        one.record() for one in load_plugins().listed
    ]


def test_a_folder_that_is_not_there_is_a_listed_error(tmp_path: Path) -> None:
    """A misspelt ``--plugins-dir`` is not silence."""
    plugins = load_plugins((tmp_path / "nowhere",))
    assert [one.key for one in plugins.failed] == ["nowhere"]


def test_a_missing_domain_names_its_plugin_error(tmp_path: Path) -> None:
    """A planning run that needs a failed domain says which and why."""
    plugins = load(tmp_path, gas="raise OSError('no data file')")
    with pytest.raises(AuditorError, match=r"gas.*no data file"):
        plugins.domain("gas")


def test_the_hash_is_of_the_files_and_not_of_the_place(tmp_path: Path) -> None:
    """The same files give the same hash in another folder; one byte more gives another."""
    hashes = []
    for folder, extra in (("a", ""), ("b", ""), ("c", "\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "gas.py").write_text(GOOD.format(key="gas") + extra, encoding="utf-8")
        plugins = load_plugins((tmp_path / folder,))
        hashes.append(next(one.sha256 for one in plugins.listed if one.key == "gas"))
    assert hashes[0] == hashes[1] != hashes[2]
