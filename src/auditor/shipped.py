"""The files that come with auditor, in a checkout as in a wheel."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def county_folder() -> Traversable:
    """Give the folder of the synthetic county's registers."""
    return files("auditor_data") / "county"


def calendars_folder() -> Traversable:
    """Give the folder of year files, key periods and terms."""
    return files("auditor_calendars")


def verify_page() -> bytes:
    """Give the page in which a browser checks a closed draw."""
    return (files("auditor.draw") / "verify.html").read_bytes()
