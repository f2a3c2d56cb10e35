"""Everything people read is there in Chinese, and the compiled catalogue is the one committed."""

from __future__ import annotations

import importlib.util
import string
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

SCRIPT = Path(__file__).parent.parent / "data" / "make_catalogue.py"


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
            wanted = {name for text in ids for _, name, _, _ in string.Formatter().parse(text) if name}
            for text in strings:
                given = {name for _, name, _, _ in string.Formatter().parse(text) if name}
                assert given <= wanted, message.id
                assert wanted - given <= ({"n", "count"} if len(ids) > 1 else set()), message.id
