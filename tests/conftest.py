"""What all tests share: where the reference data lies, and a language that does not change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from hypothesis import settings

import passwords
from auditor.i18n import set_language

ROOT = Path(__file__).parent.parent
# Beside other tests a first example may take long; how fast a thing is is measured elsewhere. Half the usual
# number of examples, where a test names none; outside CI each run tries others.
settings.register_profile("unhurried", settings(), deadline=None, max_examples=50)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data (``AUDITOR_SHARED``, else beside the project), or skip."""
    folder = Path(os.environ.get("AUDITOR_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("reference data is not here; set AUDITOR_SHARED to its folder")
    return folder


@pytest.fixture(scope="module", autouse=True)
def quick_passwords() -> Iterator[None]:
    """A password costs age a second to set and a second to try; here it costs milliseconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyrage.passphrase, "encrypt", passwords.encrypt)
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Tests read English unless they ask for another language."""
    set_language("en")
    yield
    set_language("en")
