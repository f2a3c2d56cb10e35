"""Here passwords cost what they cost."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", autouse=True)
def quick_passwords() -> None:
    """Leave age's own encryption under a password as it is."""
