"""What the scripts of fixed instances read and write: files value by value, arguments, and RESULT.

Whatever a file holds, it is read whole or refused in one sentence that names the file, the place and what to
write there; no value is left out without a word.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

MOST_BYTES = 50_000_000
"""No file is larger."""
CURE = "correct it and start again"


class BadInstance(Exception):
    """A file or an argument that cannot be used, in one sentence."""


def text_of(file: Path) -> str:
    """Read a text in UTF-8, a byte order mark allowed; raises BadInstance."""
    try:
        with file.open("rb") as opened:
            found = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInstance(
            f"{file}: {error.strerror or error}; name a file that can be read and start again"
        ) from error
    if len(found) > MOST_BYTES:
        raise BadInstance(f"{file}: larger than {MOST_BYTES} bytes; name another file and start again")
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInstance(f"{file}: not UTF-8; save it as UTF-8 and start again") from error


def json_of(file: Path) -> Any:
    """Read JSON, no key twice in a table and no half of a character; raises BadInstance."""
    try:
        found = json.loads(text_of(file), object_pairs_hook=_table)
        json.dumps(found, ensure_ascii=False).encode()  # half a character cannot be written again
    except UnicodeEncodeError as error:
        raise BadInstance(f"{file}: holds half a character (a lone surrogate); {CURE}") from error
    except json.JSONDecodeError as error:
        raise BadInstance(
            f"{file}: no JSON: line {error.lineno}, column {error.colno}: {error.msg}; {CURE}"
        ) from error
    except (ValueError, RecursionError) as error:
        told = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise BadInstance(f"{file}: no JSON: {told}; {CURE}") from error
    return found


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _value in pairs]
        raise ValueError(f"{next(key for key in keys if keys.count(key) > 1)!r} stands twice in a table")
    return found


def check_shape(file: Path, found: Any, shape: type[msgspec.Struct]) -> None:
    """Refuse a value that is not of this shape: which place, and what is expected there."""
    fault = _fault(found, shape)
    if fault is None:
        return
    told, _at, place = fault.partition(" - at ")
    where = place.strip("`").removeprefix("$").removeprefix(".")
    table, many, _rest = where.partition("[...]")
    if many and isinstance(found.get(table), dict):  # which entry of a table it is, is not told
        rows = found[table].items()
        key = next((key for key, row in rows if _fault({**found, table: {key: row}}, shape) == fault), "...")
        where = where.replace("[...]", f"[{key}]", 1)
    told = re.sub("`str` matching regex .*", "a text without line breaks", told, flags=re.DOTALL)
    raise BadInstance(f"{file}: {where + ': ' if where else ''}{told}; {CURE}")


def _fault(found: Any, shape: type[msgspec.Struct]) -> str | None:
    try:
        msgspec.convert(found, shape)
    except msgspec.ValidationError as error:
        return str(error)
    return None


def unread(found: Mapping[str, Any], shape: type[msgspec.Struct]) -> Iterator[str]:
    """Give the keys of a table that its shape does not know."""
    known = {field.encode_name for field in msgspec.structs.fields(shape)}
    return (key for key in found if key not in known)


def short(text: str) -> str:
    """A text in one line, not too long."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 40 else line[:39] + "…")


def whole_number(word: str, least: int, most: int) -> int:
    """Read a whole number between these; raises ValueError with what is wrong."""
    if not re.fullmatch(r"-?[0-9]{1,18}", word) or not least <= int(word) <= most:
        raise ValueError(f"{short(word)} is no whole number from {least} to {most}")
    return int(word)


def whole_of(least: int, most: int) -> Callable[[str], int]:
    """Give the reader of an argument that is a whole number between these."""

    def read(word: str) -> int:
        try:
            return whole_number(word, least, most)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read


def number_of(least: float, most: float) -> Callable[[str], float]:
    """Give the reader of an argument that is a number between these."""

    def read(word: str) -> float:
        try:
            found = float(word)
        except ValueError:
            found = math.nan
        if not least <= found <= most:
            raise argparse.ArgumentTypeError(f"{short(word)} is no number from {least:g} to {most:g}")
        return found

    return read


def check_out(out: Path, *sources: Path) -> None:
    """Refuse a file that RESULT cannot be written to, before any work is done for it."""
    there = out.exists()
    if there and any(source.exists() and out.samefile(source) for source in sources):
        raise BadInstance(f"--out {out} is the instance itself; name another file and start again")
    if out.is_dir() or not out.parent.is_dir() or not os.access(out if there else out.parent, os.W_OK):
        raise BadInstance(
            f"--out {out} cannot be written; name a file in a folder that is there and start again"
        )


def write(out: Path, result: Mapping[str, Any]) -> None:
    """Write RESULT; raises BadInstance."""
    try:
        out.write_bytes((json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())
    except OSError as error:
        raise BadInstance(f"--out {out}: {error.strerror or error}; name another file") from error


def ended(run: Callable[[], int]) -> int:
    """Run a script; a file or an argument that cannot be used is one sentence and exit 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter
    try:
        return run()
    except BadInstance as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
