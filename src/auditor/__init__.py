"""What a plugin's author needs: the marker for hooks and the values that hooks take and give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.entities import AllOf as AllOf
from auditor.entities import AnyOf as AnyOf
from auditor.entities import Condition as Condition
from auditor.entities import Determination as Determination
from auditor.entities import Domain as Domain
from auditor.entities import Finding as Finding
from auditor.entities import FollowUp as FollowUp
from auditor.entities import Item as Item
from auditor.entities import Score as Score
from auditor.entities import Unit as Unit
from auditor.entities import Window as Window

__version__ = "0.1.0"

if TYPE_CHECKING:
    import pluggy

    from auditor.checklists import load_domain as load_domain

    hookimpl = pluggy.HookimplMarker("auditor")
    """Marks a function of a plugin as the answer to the hook of the same name."""


def __getattr__(name: str) -> object:
    """Give ``hookimpl`` and ``load_domain`` when a plugin asks: they would cost every command 50 ms."""
    if name == "hookimpl":
        import pluggy

        return pluggy.HookimplMarker("auditor")
    if name == "load_domain":
        from auditor.checklists import load_domain as found

        return found
    raise AttributeError(name)


__all__ = [
    "AllOf",
    "AnyOf",
    "Condition",
    "Determination",
    "Domain",
    "Finding",
    "FollowUp",
    "Item",
    "Score",
    "Unit",
    "Window",
    "__version__",
    "hookimpl",
    "load_domain",
]
