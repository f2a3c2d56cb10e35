"""The parts of a zipped workbook: unpacked here, within bounds, and never again by a library."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from auditor.i18n import _
from auditor.tables import layout
from auditor.tables.errors import DamagedWorkbook, Encrypted, TooLargeSheet

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,  # places before the file's begin, names in no encoding
    NotImplementedError,  # a way of packing that zipfile does not know
    RuntimeError,  # an archive with a password
)
_MOST_PARTS = 20_000
_READ = (".xml", ".rels", ".bin")
_PIECE = 2**20
_DEEPEST = 200

Attributes = dict[str, str]


def unpack(path: Path, data: bytes) -> dict[str, bytes]:
    """Give the parts that can say something about cells, by name; pictures and the like are left out.

    Whatever the headers say of sizes, no more is unpacked than layout.MOST_BYTES.

    Raises
    ------
    DamagedWorkbook, Encrypted, TooLargeSheet
    """
    if data.count(b"PK\x01\x02") > _MOST_PARTS:
        raise TooLargeSheet(file=path, sheet="–", found=_("> {count} parts").format(count=_MOST_PARTS))
    parts: dict[str, bytes] = {}
    left = layout.MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for one in archive.infolist():
                name = one.filename.replace("\\", "/").lstrip("/")
                if not (name.lower().endswith(_READ) or name == "mimetype"):
                    parts.setdefault(name, b"")
                    continue
                if one.flag_bits & 1:
                    raise Encrypted(file=path)
                if one.file_size > left:
                    raise TooLargeSheet(file=path, sheet="–", found=f"> {layout.MOST_BYTES // 2**20} MB")
                with archive.open(one) as stream:  # gives no more than file_size, or BadZipFile
                    parts[name] = b"".join(iter(lambda: stream.read(_PIECE), b""))
                left -= len(parts[name])
    except BROKEN as error:
        raise DamagedWorkbook(file=path, found=error) from error
    return parts


def pack(parts: dict[str, bytes]) -> io.BytesIO:
    """Give an archive of these parts as they are; the dictionary is emptied, to save room."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in list(parts):
            archive.writestr(zipfile.ZipInfo(name), parts.pop(name))
    target.seek(0)
    return target


def find(parts: dict[str, bytes], name: str) -> str | None:
    """Give the name of a part as the archive spells it, or None."""
    if name in parts:
        return name
    return next((one for one in parts if one.lower() == name.lower()), None)


def parse(
    path: Path,
    text: bytes,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] = lambda _name: None,
    data: Callable[[str], None] | None = None,
) -> None:
    """Read XML piece by piece, names as it spells them; nothing is kept but what the callables keep.

    Raises
    ------
    DamagedWorkbook
        If it is no XML, or declares entities, which no workbook needs and which could grow without end.
    """

    def refuse(*_declared: object) -> NoReturn:
        raise DamagedWorkbook(file=path, found=_("entities of its own"))

    depth = 0

    def begin(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise ValueError(_("elements within elements without end"))
        start(name, attributes)

    def finish(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name)

    parser = expat.ParserCreate("UTF-8")  # whatever it declares: calamine does not look at that either
    parser.buffer_text = True
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = data
    try:
        for at in range(0, len(text), _PIECE):
            parser.Parse(text[at : at + _PIECE], False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError) as error:
        raise DamagedWorkbook(file=path, found=error) from error


def local(name: str) -> str:
    """Give a name without its prefix."""
    return name.rpartition(":")[2]


def relations(path: Path, parts: dict[str, bytes], source: str) -> dict[str, tuple[str, str]]:
    """Give kind (the last word of its type) and target of every relation of a part, by id."""
    folder, name = posixpath.split(source)
    own = find(parts, posixpath.join(folder, "_rels", f"{name}.rels"))
    found: dict[str, tuple[str, str]] = {}

    def note(element: str, attributes: Attributes) -> None:
        if local(element) == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, find(parts, target) or target)

    if own is not None:
        parse(path, parts[own], note)
    return found


def main_part(path: Path, parts: dict[str, bytes], usual: str) -> str | None:
    """Give the name of the part that lists the sheets, or None."""
    named = next((at for kind, at in relations(path, parts, "").values() if kind == "officeDocument"), usual)
    return find(parts, named) or find(parts, usual)
