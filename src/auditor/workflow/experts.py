"""The expert's road: a domain as a spreadsheet, as a file, and back, so that nobody writes code."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w

from auditor.checklists import BadDomain, Fault, find_faults, load_domain
from auditor.checklists.scoring import PROFILES
from auditor.checklists.sheet import (
    EVIDENCE_WORDS,
    HEAD,
    ITEM,
    PER_WORDS,
    SEVERITY_WORDS,
    SOURCE_WORDS,
    BadSheet,
    from_rows,
    json_of,
    titles,
    to_rows,
)
from auditor.entities import Domain
from auditor.errors import AuditorError
from auditor.i18n import N_, _
from auditor.plugins.bundles import version_order
from auditor.tables.reading import read_tables
from auditor.tables.writing import STAMP, write_file

SHEETS = ("领域", "检查项")
"""The two sheets: the head, and the items."""


class VersionMustRise(AuditorError):
    """A domain was changed under a version that is already there."""

    sentence = N_(
        "{file}: version {version} is already there with other content; raise the version in the sheet"
    )


class FaultsInSheet(AuditorError):
    """The sheet makes no sound domain; the faults were printed."""

    sentence = N_("{file}: {count} faults; nothing was written")


def domain_files(path: Path) -> list[Path]:
    """Give the domain's files of a path: itself, those of a folder, or of the plugins in it."""
    if path.is_file():
        return [path]
    return sorted({*path.glob("*.toml"), *path.glob("*/*.toml")})


def check(path: Path) -> list[Fault]:
    """Give all faults of a domain's file, or of those of a folder; codes that stand in two are one too."""
    files = domain_files(path)
    if not files:
        return [
            Fault(file=path.name, line=1, code="", key="TOML", problem=_("there is no domain's file (.toml)"))
        ]
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for file in files:
        found = find_faults(file)
        faults += found
        if found:
            continue
        for item in load_domain(file).items:
            other = seen.setdefault(item.code, file.name)
            if other != file.name:
                problem = _("stands in {other} as well").format(other=other)
                faults.append(Fault(file=file.name, line=1, code=item.code, key="code", problem=problem))
    return faults


def write_template(path: Path) -> None:
    """Write an empty workbook for a domain; raises CannotWriteTable."""
    _write(
        path,
        [["项目 (key)", "内容"], *([f"{zh} ({key})", None] for key, zh, _en in HEAD)],
        [list(titles(ITEM).values())],
    )


def write_sheet(domain: Domain, path: Path) -> None:
    """Write a domain as a workbook that reads back the same; raises CannotWriteTable."""
    _write(path, *to_rows(domain))


def write_form(domain: Domain, path: Path) -> None:
    """Write a domain as a form to print and to fill by hand; raises CannotWriteTable."""
    from auditor.pages.checklist import checklist_html

    write_file(path, checklist_html(domain).encode())


def _write(path: Path, head: list[list[Any]], items: list[list[Any]]) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    first, second = book.active, book.create_sheet(SHEETS[1])
    first.title = SHEETS[0]
    lists = book.create_sheet("选项")
    fill = PatternFill("solid", start_color="DDE6F0")
    for sheet, rows in ((first, head), (second, items)):
        for at, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(at, column, value)
                if isinstance(value, str) and value[:1] in "=#":
                    cell.data_type = "s"
                cell.alignment = Alignment(vertical="top", wrap_text=True)
                if at == 1:
                    cell.font, cell.fill = Font(bold=True), fill
        sheet.freeze_panes = "A2"
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 26, 80
    widths = {"zh": 48, "en": 48, "basis": 40, "how": 40, "fault": 36, "applies_when": 24}
    for column, (key, _zh, _en) in enumerate(ITEM, start=1):
        second.column_dimensions[get_column_letter(column)].width = widths.get(key, 13)
    keys = [key for key, _zh, _en in ITEM]
    choices = {
        "severity": list(SEVERITY_WORDS), "evidence": list(EVIDENCE_WORDS), "source": list(SOURCE_WORDS),
        "per": list(PER_WORDS), "op": [">=", "<=", ">", "<", "="],
    }  # fmt: skip
    for at, (key, words) in enumerate((*choices.items(), ("profile", list(PROFILES))), start=1):
        letter = get_column_letter(at)
        lists.cell(1, at, key)
        for down, word in enumerate(words, start=2):
            lists.cell(down, at, word).data_type = "s"
        rule = DataValidation(
            type="list", formula1=f"'选项'!${letter}$2:${letter}${len(words) + 1}", allow_blank=True,
            showErrorMessage=False,
        )  # fmt: skip
        if key == "profile":
            rule.add(f"B{2 + [name for name, _zh, _en in HEAD].index('profile')}")
            first.add_data_validation(rule)
        else:
            column = get_column_letter(keys.index(key) + 1)
            rule.add(f"{column}2:{column}500")
            second.add_data_validation(rule)
    book.properties.created = book.properties.modified = STAMP
    out = io.BytesIO()
    book.save(out)
    write_file(path, out.getvalue())


def read_sheet(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """Read a workbook of a domain into what its file holds, and the row of each code.

    Raises
    ------
    BadSheet, and what `read_tables` raises
    """
    tables = {table.sheet: table.rows for table in read_tables(path)}
    for name in SHEETS:
        if name not in tables:
            raise BadSheet(
                file=path, sheet=name, row=1, column="–",
                problem=_("the sheet is missing; begin with `auditor plugins new --template FILE.xlsx`"),
            )  # fmt: skip
    return from_rows(str(path), tables[SHEETS[0]], tables[SHEETS[1]], SHEETS)


def write_domain(document: dict[str, Any], path: Path) -> None:
    """Write a domain's file; raises CannotWriteTable."""
    write_file(path, tomli_w.dumps(document, multiline_strings=False).encode())


class _Text:
    """What `find_faults` reads, before anything lies on the disk."""

    def __init__(self, name: str, document: dict[str, Any]) -> None:
        self.name, self._data = name, tomli_w.dumps(document).encode()

    def read_bytes(self) -> bytes:
        """Give the file's bytes."""
        return self._data


def new_from_sheet(name: str, source: Path, folder: Path) -> tuple[Path, list[Fault]]:
    """Make or renew the folder of a plugin from a workbook.

    Returns
    -------
    The domain's file, and the faults; with faults nothing is written.

    Raises
    ------
    BadSheet, VersionMustRise, CannotWriteTable, and what `read_tables` raises
    """
    document, places = read_sheet(source)
    target = folder / f"{name}.toml"
    faults = [
        replace(one, file=source.name, line=places.get(one.code, 1))
        for one in find_faults(_Text(target.name, document))
    ]
    if faults:
        return target, faults
    if target.exists():
        try:
            old = load_domain(target)
        except BadDomain:
            old = None
        made = load_domain(_Text(target.name, document))
        if old is not None and old != made and not _rises(old.version, made.version):
            raise VersionMustRise(file=source, version=made.version)
    write_domain(document, target)
    return target, []


def _rises(old: str, new: str) -> bool:
    try:
        return version_order(new) > version_order(old)
    except ValueError:
        return new != old


def record(domain: Domain) -> dict[str, Any]:
    """Give the record of ``plugins show --json``: every key of every item, empty ones too."""
    empty: dict[str, Any] = {
        "op": None, "value": None, "unit": None, "applies_when": [], "scheme": [], "weight": None,
        "per": None, "same_as": None, "follow_up": [], "rectify_days": None, "how": None, "fault": None,
        "penalty": None,
    }  # fmt: skip
    document = json_of(domain)
    return {**document, "items": [{**empty, **item} for item in document["items"]]}
