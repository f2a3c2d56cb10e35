"""JSON lists in: an object for each row; numbers stay as they are written."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from typing import NoReturn

from auditor.i18n import N_, _
from auditor.tables.decoding import MOST_TEXT, Text
from auditor.tables.errors import BadJson, OwnRecord, TooLargeFile
from auditor.tables.layout import LAST_ROW, MOST_BYTES
from auditor.tables.table import Cell, Table
from auditor.tables.texts import Room, Rows

_MOST_OBJECT = 2**22
_WINDOW = 2**16
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_FLAT = re.compile(
    rb'\{(?:[^{}\[\]"]++|%b|\[(?:[^{}\[\]"]++|%b)*+\])*+\}' % (_STRING, _STRING), re.DOTALL
)  # an object, in which lists hold neither lists nor objects: found without being built
_BLANK = re.compile(rb"[ \t\r\n]*+")
_NEXT = re.compile(rb"[ \t\r\n]*+([,\]])[ \t\r\n]*+")
_OWN = (
    (("commit", "commit_sha256"), N_("the record of a draw"), "auditor draw verify"),
    (("assignments", "demand"), N_("a roster"), "auditor roster check"),
    (("visits", "unplaced"), N_("a plan"), "auditor plan check"),
)


class _Twice(ValueError):
    """A key that stands twice in one object."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise _Twice(Counter(key for key, _value in pairs).most_common(1)[0][0])
    return row


def _no_number(name: str) -> NoReturn:
    raise ValueError(_("{name} is no number").format(name=name))


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=str, parse_float=str, parse_constant=_no_number
)


def _past_blanks(data: bytes | bytearray, at: int) -> int:
    found = _BLANK.match(data, at)
    return found.end() if found else at


def read_json(text: Text) -> Table:
    """Read a list of flat objects; a list of strings becomes one cell, joined by semicolons.

    Row 0 has the keys. Each object is seen to be flat before it is built, so that no nesting takes room.

    Raises
    ------
    BadJson, OwnRecord, TooLargeFile
    """
    data = _utf8(text)
    at = _past_blanks(data, 0)
    if data[at : at + 1] != b"[":
        raise _no_list(text, data, at)
    titles: dict[str, None] = {}
    rows = Rows(Room(text.path))
    at = _past_blanks(data, at + 1)
    number, left, more = 0, MOST_TEXT, data[at : at + 1] != b"]"
    at += not more
    while more:
        number += 1
        found = _FLAT.match(data, at, at + _MOST_OBJECT)
        if found is None:
            raise _not_flat(text, data, at, number)
        part = found[0].decode()
        left -= sys.getsizeof(part)
        if left < 0:
            size = MOST_TEXT // 2**20
            raise TooLargeFile(file=text.path, found=_("> {size} MB of text").format(size=size))
        if number > LAST_ROW:
            rows.room.skip(number)
        rows.add(number, _cells(text, number, part, titles))
        following = _NEXT.match(data, found.end())
        if following is None:
            raise BadJson(file=text.path, found=_("row {row}: no comma after it").format(row=number))
        at, more = following.end(), following[1] == b","
    if _past_blanks(data, at) < len(data):
        raise BadJson(file=text.path, found=_("more than one list"))
    wide = len(titles)
    Room(text.path).take(wide, wide * len(rows.kept))  # a row may bring keys that none before it had
    padded = [(row, (*cells, *[None] * (wide - len(cells)))) for row, cells in rows.kept]
    return Table(sheet="", rows=((0, tuple(titles)), *padded), notes=text.notes)


def _utf8(text: Text) -> bytes | bytearray:
    """Give the text as UTF-8, whatever it was, without a mark at its start."""
    if text.encoding == "utf-8":
        return text.data.removeprefix(b"\xef\xbb\xbf")
    data = bytearray()
    for piece in text.pieces():
        data += piece.encode()
        if len(data) > MOST_BYTES:
            found = _("> {size} MB of text").format(size=MOST_BYTES // 2**20)
            raise TooLargeFile(file=text.path, found=found)
    return data


def _no_list(text: Text, data: bytes | bytearray, at: int) -> BadJson:
    """Give the error for what is no list; a record that we wrote ourselves is told apart."""
    if data[at : at + 1] == b"{":
        for keys, found, command in _OWN:
            if all(re.search(rb'"%b"\s*+:' % key.encode(), data) for key in keys):
                return OwnRecord(file=text.path, found=_(found), command=f"{command} {text.path}")
    return BadJson(file=text.path, found=_("not a list of objects"))


def _not_flat(text: Text, data: bytes | bytearray, at: int, number: int) -> BadJson:
    """Give the error for a row that is no flat object, having looked at its beginning only."""
    try:
        value, _end = _DECODER.raw_decode(data[at : at + _WINDOW].decode("utf-8", "ignore"))
    except _Twice as error:
        found = _("row {row}, {title}: twice in one object").format(row=number, title=error)
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else error
        found = _("row {row}: {why}").format(row=number, why=why)
    else:
        if not isinstance(value, dict):
            return BadJson(file=text.path, found=_("not a list of objects"))
        nested = next((title for title, one in value.items() if not _single(one)), "")
        found = _("row {row}, {title}: not a single value").format(row=number, title=nested)
    return BadJson(file=text.path, found=found)


def _cells(text: Text, number: int, part: str, titles: dict[str, None]) -> list[Cell]:
    """Give the cells of a row in the order of the titles, to which those not met before are added."""
    try:
        row = _DECODER.decode(part)
        if "\\u" in part:
            json.dumps(row, ensure_ascii=False).encode()
    except _Twice as error:
        found = _("row {row}, {title}: twice in one object").format(row=number, title=error)
        raise BadJson(file=text.path, found=found) from error
    except UnicodeEncodeError as error:
        found = _("row {row}: half a letter, \\u{code:04x}").format(
            row=number, code=ord(error.object[error.start])
        )
        raise BadJson(file=text.path, found=found) from error
    except ValueError as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else error
        raise BadJson(file=text.path, found=_("row {row}: {why}").format(row=number, why=why)) from error
    titles |= dict.fromkeys(row)
    cells: list[Cell] = []
    for title in titles:
        value = row.get(title)
        if not _single(value):
            found = _("row {row}, {title}: not a single value").format(row=number, title=title)
            raise BadJson(file=text.path, found=found)
        cells.append(";".join(value) if isinstance(value, list) else value)
    return cells


def _single(value: object) -> bool:
    """Whether a value fits into one cell."""
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return not isinstance(value, dict)
