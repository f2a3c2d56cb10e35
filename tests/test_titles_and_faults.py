"""Domains by their titles, faults of TOML by row and column, and answers that name the next command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomli
from click.testing import CliRunner

from auditor.cli.main import auditor
from auditor.errors import toml_fault
from sealed import DECEMBER, Bureau

KEYS = 'domains = ["dorms", "fire", "food", "transport"]'
TITLES = 'domains = ["学生宿舍", "Fire safety", "food", "校车与学生交通"]'


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """A bureau with the county's units and inspectors."""
    made = Bureau(tmp_path)
    made.county()
    return made


def test_a_programme_may_name_domains_by_title(bureau: Bureau) -> None:
    """The same frames and domains are frozen as by keys; its bytes stay as they are."""
    assert TITLES not in DECEMBER
    bureau.programme(DECEMBER)
    by_key = bureau.json("draw", "freeze", "--programme", "2026-12")
    other = Bureau(bureau.folder / "other")
    other.county()
    other.programme(DECEMBER.replace(KEYS, TITLES))
    assert other.json("programme", "show", "2026-12")["domains"] == ["dorms", "fire", "food", "transport"]
    by_title = other.json("draw", "freeze", "--programme", "2026-12")
    assert by_title["draws"] == by_key["draws"]
    assert by_title["programme_sha256"] != by_key["programme_sha256"]


def test_an_unknown_domain_lists_what_may_be_written(bureau: Bureau) -> None:
    """In a programme keys and titles; in a list of people titles, as its cells hold."""
    (bureau.folder / "p.toml").write_text(DECEMBER.replace(KEYS, 'domains = ["foood"]'), encoding="utf-8")
    told = bureau.refused("programme", "add", bureau.folder / "p.toml", code=2)
    assert "fire Fire safety" in told
    (bureau.folder / "people.csv").write_text("id,name,domains\n1,甲,foood\n", encoding="utf-8")
    done = bureau.run("inspectors", "import", bureau.folder / "people.csv")
    assert ", Fire safety," in done.output


def test_titles_that_mean_one_domain_count_once(bureau: Bureau) -> None:
    """So `domains_each` cannot ask for more than there are."""
    text = DECEMBER.replace(KEYS, 'domains = ["fire", "消防安全"]\ndomains_each = 2')
    (bureau.folder / "p.toml").write_text(text, encoding="utf-8")
    assert "there are only 1 domains" in bureau.refused("programme", "add", bureau.folder / "p.toml", code=2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "a = 1\nb = “x”",
            "row 2, column 5: the value cannot be read; texts stand in straight quotation marks",
        ),
        ("a 1", "row 1, column 3: there is no = after the key"),
        ('a = "x\n', "row 1, column 7: the quotation mark at the end is missing"),
        ("a = 1\na = 2\nb = 3", "row 2, column 6: the key stands twice"),
        ("a = 1 2", "row 1, column 7: something stands behind the value"),
        ('a = "x', "at the end: the quotation mark at the end is missing"),
    ],
)
def test_a_fault_of_toml_has_row_and_column_and_what_to_write(text: str, told: str) -> None:
    """What the reader says in English is said in the language of the program."""
    with pytest.raises(tomli.TOMLDecodeError) as caught:
        tomli.loads(text)
    assert toml_fault(caught.value) == told


def test_a_release_before_any_plan_says_so(bureau: Bureau) -> None:
    """Not that today has no visit: there is no plan."""
    assert "no number has a sealed plan" in bureau.ok("plan", "release")


def test_a_rehearsal_that_was_left_goes_on_by_the_command_it_names(tmp_path: Path) -> None:
    """The folder is taken up again; without the command's folder a new one would be begun."""
    folder = tmp_path / "re"
    runner = CliRunner()
    left = runner.invoke(auditor, ["draw", "ceremony", "--rehearsal", "--out", str(folder)], input="")
    assert left.exit_code == 1
    found = re.search(r"to go on from here: auditor (.*)", left.stderr)
    assert found is not None
    again = runner.invoke(auditor, found[1].split(), input="")
    assert "It goes on where" in again.stdout
    assert "holds other files" not in again.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["re"]


def test_the_leak_test_names_the_option_that_it_has(tmp_path: Path) -> None:
    """`--db` is none of its options."""
    done = CliRunner().invoke(auditor, ["leak", "test", "--plans", str(tmp_path / "no.db")])
    assert done.exit_code == 2
    assert "--plans" in done.stderr
    assert "--db" not in done.stderr
