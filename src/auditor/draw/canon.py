"""Canonical bytes of a value, section 1 of the contract: no floats, sorted keys, RFC 8785 strings."""

from __future__ import annotations

import hashlib
import re

from auditor.errors import AuditorError
from auditor.i18n import N_

LARGEST = 2**53 - 1
"""The largest whole number that every JSON reader keeps exact."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_KEY = re.compile(r"[\x20-\x7e]*")


class NotCanonical(AuditorError):
    """A value that a draw cannot hold."""

    sentence = N_("{value} cannot stand in a draw: {why}")


def _string(text: str) -> str:
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        raise NotCanonical(value=ascii(text), why="lone surrogate")
    return '"' + _ESCAPED.sub(lambda found: _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04x}", text) + '"'


def _text(value: object) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical(value=value, why="beyond 2^53 - 1")
        return str(int(value))
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str) or not _KEY.fullmatch(key):
                raise NotCanonical(value=ascii(key), why="keys are printable ASCII")
        return "{" + ",".join(f"{_string(key)}:{_text(value[key])}" for key in sorted(value)) + "}"
    raise NotCanonical(value=repr(value), why=type(value).__name__)


def canon(value: object) -> bytes:
    """Give the canonical bytes of a value; raises NotCanonical for what the contract refuses."""
    return _text(value).encode("utf-8")


def digest(data: bytes) -> str:
    """Give SHA-256 as 64 lower-case hexadecimal digits (``H`` of the contract)."""
    return hashlib.sha256(data).hexdigest()
