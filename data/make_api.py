"""Write ``docs/api.txt``: all that a plugin may rely on, name by name.

Run ``python data/make_api.py`` after a change that is meant. What goes away or changes here breaks
plugins that stand on other people's computers; what is added does not.
"""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import auditor
from auditor import hookspecs

TARGET = Path(__file__).parent.parent / "docs" / "api.txt"


def members(name: str, value: Any) -> list[str]:
    """Give the lines of one name: the fields of a value, the arguments of a function."""
    if is_dataclass(value):
        lines = [f"auditor.{name}"]
        for one in fields(value):
            free = one.default is MISSING and one.default_factory is MISSING
            lines.append(f"auditor.{name}.{one.name}: {one.type}{'' if free else ' (optional)'}")
        methods = [key for key, method in vars(value).items() if inspect.isfunction(method) and key[0] != "_"]
        return lines + [
            f"auditor.{name}.{key}{inspect.signature(getattr(value, key))}" for key in sorted(methods)
        ]
    if inspect.isfunction(value):
        return [f"auditor.{name}{inspect.signature(value)}"]
    return [f"auditor.{name}"]


def listing() -> str:
    """Give the listing: the hooks, then the names of `auditor`."""
    lines = []
    for name, spec in sorted(vars(hookspecs).items()):
        if name.startswith("auditor_"):
            first = " (first answer counts)" if spec.auditor_spec["firstresult"] else ""
            lines.append(f"hook {name}{inspect.signature(spec)}{first}")
    for name in sorted(auditor.__all__):
        lines += members(name, getattr(auditor, name))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(listing(), encoding="utf-8")
