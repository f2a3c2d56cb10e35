"""Make the Chinese catalogue current: texts from the source into the .po file, the .po into the .mo.

Run ``python data/make_catalogue.py`` after changing a text, translate the entries that it names in
``src/auditor/locale/zh_CN/LC_MESSAGES/auditor.po``, and run it again. Needs Babel (extra "dev").
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "auditor"
PO = SOURCE / "locale" / "zh_CN" / "LC_MESSAGES" / "auditor.po"
KEYWORDS = {"_": 1, "N_": 1, "ngettext": 2, "NN_": 2}
"""How many texts each marker takes."""


def marked(source: str) -> Iterator[str | tuple[str, ...]]:
    """Give the marked texts of a module.

    From its syntax tree: Babel's own reader overlooks texts inside f-strings before Python 3.12.
    """
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
            count = KEYWORDS[call.func.id]
            texts = [arg.value for arg in call.args[:count] if isinstance(arg, ast.Constant)]
            if len(texts) == count and all(isinstance(text, str) for text in texts):
                yield texts[0] if count == 1 else tuple(texts)


def marked_in_template(source: str) -> Iterator[str | tuple[str, ...]]:
    """Give the marked texts of a template of the desk, from its syntax tree."""
    for call in Environment().parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in KEYWORDS:
            count = KEYWORDS[call.node.name]
            texts = [arg.value for arg in call.args[:count] if isinstance(arg, nodes.Const)]
            if len(texts) == count and all(isinstance(text, str) for text in texts):
                yield texts[0] if count == 1 else tuple(texts)


def extract() -> Catalog:
    """Collect the texts of the source, each with the files it stands in, in order of the text."""
    catalogue = Catalog(locale="zh_CN", fuzzy=False, header_comment="# Simplified Chinese texts of auditor.")
    found: dict[str | tuple[str, ...], set[str]] = {}
    for suffix, texts_of in ((".py", marked), (".html", marked_in_template)):
        for path in sorted((SOURCE / "desk" if suffix == ".html" else SOURCE).rglob(f"*{suffix}")):
            for message in texts_of(path.read_text(encoding="utf-8")):
                found.setdefault(message, set()).add(path.relative_to(SOURCE).as_posix())
    for message in sorted(found, key=str):
        if message:
            catalogue.add(message, locations=[(file, 0) for file in sorted(found[message])])
    return catalogue


def merged() -> Catalog:
    """Give the texts of the source with the translations that the .po file has for them."""
    fresh = extract()
    if PO.is_file():
        with PO.open("rb") as file:
            known = read_po(file, locale="zh_CN")
        for message in fresh:
            old = known.get(message.id) if message.id else None
            if old is not None and old.string and old.pluralizable == message.pluralizable:
                message.string = old.string
    return fresh


def po_bytes(catalogue: Catalog) -> bytes:
    """Write a .po file that depends on the texts alone: no dates, no line numbers."""
    out = io.BytesIO()
    write_po(out, catalogue, width=100, include_lineno=False, sort_output=True, omit_header=True)
    header = (
        '# Simplified Chinese texts of auditor.\nmsgid ""\nmsgstr ""\n'
        '"Language: zh_CN\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    return header.encode() + out.getvalue()


def mo_bytes(po: bytes) -> bytes:
    """Compile the bytes of a .po file; its dates are fixed, so that equal texts give equal bytes."""
    out = io.BytesIO()
    catalogue = read_po(io.BytesIO(po), locale="zh_CN")
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(out, catalogue)
    return out.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """Texts that have no translation yet, those of several numbers too."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]


def main() -> int:
    """Write both files; say which texts wait for a translation and give 1 if any does."""
    catalogue = merged()
    po = po_bytes(catalogue)
    PO.write_bytes(po)
    PO.with_suffix(".mo").write_bytes(mo_bytes(po))
    waiting = untranslated(catalogue)
    for text in waiting:
        print("untranslated:", repr(text))
    return 1 if waiting else 0


if __name__ == "__main__":
    sys.exit(main())
