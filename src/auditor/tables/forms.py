"""Forms: sheets to fill in with drop-downs, and a sheet that explains them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.tables.writing import STAMP, sheet_cell, wide, write_file

ROWS = 2000
"""So many lines of a form have drop-downs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One sheet to fill in.

    Parameters
    ----------
    titles
        Field to heading.
    rows
        What stands in it already, in the order of `titles`.
    choices
        Field to the words that its drop-down offers.
    explained
        Field to what should be written there.
    text_fields
        Fields whose cells are text, so that the zeros of codes stay.
    required
        Fields that must be filled in; their headings have a colour of their own.
    widths
        Field to the width of its column, where the heading's is too small.
    down
        Whether fields go down (one a row, its cell to the right) and not across.
    """

    sheet: str
    titles: Mapping[str, str]
    rows: Sequence[Sequence[Any]] = ()
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    explained: Mapping[str, str] = field(default_factory=dict)
    text_fields: Sequence[str] = ()
    required: Sequence[str] = ()
    widths: Mapping[str, int] = field(default_factory=dict)
    down: bool = False


def write_form(path: Path, *forms: Form) -> None:
    """Write a workbook of forms, and a last sheet that explains every field of them.

    A drop-down is a range of cells in the last sheet: a list written inside the rule may have 255
    characters, beyond which Excel calls the file damaged. It suggests and does not forbid, since some
    columns take several words.

    Raises
    ------
    UsageProblem
        If the file is not called .xlsx, or is there already.
    CannotWriteTable
    """
    if path.suffix.lower() != ".xlsx":
        raise UsageProblem(problem=_("{file}: a form is an .xlsx file").format(file=path))
    if path.exists():
        raise UsageProblem(
            problem=_("{file} is there already and was left as it is; choose another name").format(file=path)
        )
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    sheets = [book.create_sheet(form.sheet) for form in forms]
    notes = book.create_sheet(_("how to fill in"))
    notes.append([_("column"), _("what to write"), ""])
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 34, 90
    lists = 4
    for form, sheet in zip(forms, sheets, strict=True):
        if len(forms) > 1:
            notes.append([_("sheet {sheet}").format(sheet=form.sheet)])
            notes.cell(notes.max_row, 1).font = Font(bold=True)
        for name, title in form.titles.items():
            must = _("; must be filled in") if name in form.required else ""
            notes.append([title, form.explained[name] + must])
        (_down if form.down else _across)(sheet, form)
        for name, words in form.choices.items():
            letter = get_column_letter(lists)
            notes.column_dimensions[letter].width = 18
            notes.cell(1, lists, _("choices: {column}").format(column=form.titles[name]))
            for down, word in enumerate(words, start=2):
                notes.cell(down, lists, word).data_type = "s"
            _offer(sheet, form, name, f"'{notes.title}'!${letter}$2:${letter}${len(words) + 1}")
            lists += 1
    for cell in notes[1]:
        cell.font = Font(bold=True)
    for row in notes.iter_rows(min_row=2, max_col=2):
        for cell in row:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    book.properties.created = book.properties.modified = STAMP
    out = io.BytesIO()
    book.save(out)
    write_file(path, out.getvalue())


def _head(cell: Any, *, required: bool) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", start_color="FBE3C0" if required else "DDE6F0")
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def _put(sheet: Any, row: int, column: int, value: Any, *, text: bool = False) -> None:
    """Write one cell; nothing in it is ever a formula or an error."""
    from openpyxl.styles import Alignment

    cell = sheet.cell(row, column, sheet_cell(value))
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if isinstance(cell.value, str):
        cell.data_type = "s"
    if text:
        cell.number_format = "@"


def _across(sheet: Any, form: Form) -> None:
    from openpyxl.utils import get_column_letter

    for at, (name, title) in enumerate(form.titles.items(), start=1):
        letter = get_column_letter(at)
        sheet.cell(1, at, title)
        _head(sheet.cell(1, at), required=name in form.required)
        sheet.column_dimensions[letter].width = form.widths.get(name, max(12, wide(title) + 4))
        if name in form.text_fields:
            sheet.column_dimensions[letter].number_format = "@"
            for down in range(2, ROWS + 2):
                sheet.cell(down, at).number_format = "@"
    for down, row in enumerate(form.rows, start=2):
        for at, (name, value) in enumerate(zip(form.titles, row, strict=True), start=1):
            if value is not None:
                _put(sheet, down, at, value, text=name in form.text_fields)
    sheet.freeze_panes = "A2"
    _fit(sheet, "landscape")
    sheet.print_title_rows = "1:1"


def _fit(sheet: Any, orientation: str) -> None:
    """Let a sheet be printed on A4 with all its columns side by side."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = orientation, 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _down(sheet: Any, form: Form) -> None:
    _fit(sheet, "portrait")
    from openpyxl.styles import Alignment

    values = form.rows[0] if form.rows else [None] * len(form.titles)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 46, 70
    for at, ((name, title), value) in enumerate(zip(form.titles.items(), values, strict=True), start=1):
        sheet.cell(at, 1, title)
        _head(sheet.cell(at, 1), required=name in form.required)
        _put(sheet, at, 2, value, text=name in form.text_fields)
        sheet.cell(at, 2).alignment = Alignment(horizontal="left", vertical="top", wrap_text=True)


def _offer(sheet: Any, form: Form, name: str, words: str) -> None:
    """Add the drop-down of a field."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    at = list(form.titles).index(name) + 1
    rule = DataValidation(type="list", formula1=words, allow_blank=True, showErrorMessage=False)
    rule.add(f"B{at}" if form.down else f"{get_column_letter(at)}2:{get_column_letter(at)}{ROWS + 1}")
    sheet.add_data_validation(rule)
