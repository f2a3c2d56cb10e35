"""Empty forms: a sheet to fill in with drop-downs, and a sheet that explains every column."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.tables.writing import STAMP, write_file

ROWS = 2000
"""So many lines of a form have drop-downs."""


def write_form(
    path: Path,
    sheet: str,
    titles: Mapping[str, str],
    *,
    choices: Mapping[str, Sequence[str]],
    explained: Mapping[str, str],
    text_fields: Sequence[str],
) -> None:
    """Write an empty form.

    A drop-down is a range of cells in the second sheet: a list written inside the rule may have 255
    characters, beyond which Excel calls the file damaged. It suggests and does not forbid, since some
    columns take several words.

    Parameters
    ----------
    titles
        Field to heading.
    choices
        Field to the words that its drop-down offers.
    explained
        Field to what should be written there.
    text_fields
        Fields whose cells are text, so that the zeros of codes stay.

    Raises
    ------
    UsageProblem
        If the file is not called .xlsx.
    CannotWriteTable
    """
    if path.suffix.lower() != ".xlsx":
        raise UsageProblem(problem=_("{file}: a form is an .xlsx file").format(file=path))
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    form = book.active
    form.title = sheet
    help_name = _("how to fill in")
    notes = book.create_sheet(help_name)
    fill = PatternFill("solid", start_color="DDE6F0")
    form.append(list(titles.values()))
    for at, (field, title) in enumerate(titles.items(), start=1):
        cell = form.cell(1, at)
        cell.font, cell.fill = Font(bold=True), fill
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        letter = get_column_letter(at)
        form.column_dimensions[letter].width = max(12, len(title.encode("gb18030", "replace")) + 4)
        if field in text_fields:
            form.column_dimensions[letter].number_format = "@"
            for (one,) in form.iter_rows(min_row=2, max_row=ROWS + 1, min_col=at, max_col=at):
                one.number_format = "@"
    form.freeze_panes = "A2"
    lines = [[_("column"), _("what to write"), ""], *([titles[one], explained[one], ""] for one in titles)]
    for line in lines:
        notes.append(line)
    for cell in notes[1]:
        cell.font = Font(bold=True)
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 16, 90
    for row in notes.iter_rows(min_row=2, max_col=2):
        for cell in row:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    for at, (field, words) in enumerate(choices.items(), start=4):
        letter = get_column_letter(at)
        notes.column_dimensions[letter].width = 18
        notes.cell(1, at, _("choices: {column}").format(column=titles[field])).font = Font(bold=True)
        for down, word in enumerate(words, start=2):
            notes.cell(down, at, word)
        rule = DataValidation(
            type="list",
            formula1=f"'{help_name}'!${letter}$2:${letter}${len(words) + 1}",
            allow_blank=True,
            showErrorMessage=False,
        )
        column = get_column_letter(list(titles).index(field) + 1)
        rule.add(f"{column}2:{column}{ROWS + 1}")
        form.add_data_validation(rule)
    book.properties.created = book.properties.modified = STAMP
    out = io.BytesIO()
    book.save(out)
    write_file(path, out.getvalue())
