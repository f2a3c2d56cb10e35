"""What a plugin's author needs: the marker for hooks and the values that hooks take and give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.entities import Condition as Condition
from auditor.entities import Domain as Domain
from auditor.entities import Finding as Finding
from auditor.entities import Item as Item
from auditor.entities import Score as Score
from auditor.entities import Unit as Unit
from auditor.entities import Window as Window

__version__ = "0.1.0"

if TYPE_CHECKING:
    import pluggy

    hookimpl = pluggy.HookimplMarker("auditor")
    """Marks a function of a plugin as the answer to the hook of the same name."""


def __getattr__(name: str) -> object:
    """Make ``hookimpl`` when a plugin asks for it: importing pluggy would cost every command 50 ms."""
    if name == "hookimpl":
        import pluggy

        return pluggy.HookimplMarker("auditor")
    raise AttributeError(name)


__all__ = ["Condition", "Domain", "Finding", "Item", "Score", "Unit", "Window", "__version__", "hookimpl"]
