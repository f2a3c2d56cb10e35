"""The guide names what the pages say: buttons, fields and headings, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
DESK = ROOT / "src" / "auditor" / "desk"
ROOMS = ("start", "first", "register", "people", "draw", "plan", "repair", "roster", "calendar", "trouble")
LARGEST = 2_500_000
"""The guide's pictures together, in bytes."""


def said() -> set[str]:
    """Every text that a page may show, as it stands in the sources."""
    files = [*DESK.rglob("*.html"), *DESK.rglob("*.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    found = re.findall(r'\bN?_\(\s*"((?:[^"\\]|\\.)*)"\s*,?\s*\)', text)
    for one, more in re.findall(r'ngettext\(\s*"([^"]*)",\s*"([^"]*)"', text):
        found += [one, more]
    return set(found)


def chinese(texts: set[str]) -> set[str]:
    """The same in Chinese, as far as the catalogue has it."""
    with (ROOT / "src/auditor/locale/zh_CN/LC_MESSAGES/auditor.po").open("rb") as file:
        catalogue = read_po(file)
    found = set()
    for message in catalogue:
        keys = message.id if isinstance(message.id, tuple) else (message.id,)
        if set(keys) & texts:
            found.update(message.string if isinstance(message.string, tuple) else (message.string,))
    return found


def unknown(page: str, quoted: str, texts: set[str]) -> list[str]:
    """What a page of the guide quotes and no page of the desk says."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [one for one in dict.fromkeys(re.findall(quoted, text)) if one not in texts]


@pytest.mark.parametrize("name", ["guide", "witness"])
def test_every_quoted_word_stands_on_a_page(name: str) -> None:
    """Words in 「」 are Chinese of the catalogue, words in bold are English of the sources."""
    texts = said()
    assert len(texts) > 500
    assert unknown(f"{name}.zh.md", r"「([^」]+)」", chinese(texts)) == []
    if name == "guide":
        assert unknown(f"{name}.en.md", r"\*\*([^*]+)\*\*", texts) == []


def test_a_word_that_no_page_says_is_found(tmp_path: Path) -> None:
    """A button that was renamed does not stay in the guide."""
    copy = tmp_path / "guide.md"
    copy.write_text("click **Save** or **Save it all**", encoding="utf-8")
    assert unknown(str(copy), r"\*\*([^*]+)\*\*", said()) == ["Save it all"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_guide_has_ten_pages_with_a_picture_each(lang: str) -> None:
    """Made by `tests/make_pictures.py --guide`; together they stay small."""
    text = (DOCS / f"guide.{lang}.md").read_text(encoding="utf-8")
    parts = text.split("\n## ")[1:]
    assert [re.findall(r"!\[[^\]]+\]\((.*?)\)", part) for part in parts] == [
        [f"guide/{room}.{lang}.png"] for room in ROOMS
    ]
    assert sum(file.stat().st_size for file in (DOCS / "guide").glob("*.png")) < LARGEST
