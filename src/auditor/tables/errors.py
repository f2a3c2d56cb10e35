"""What can be wrong with a table's file, each in a sentence with the cure."""

from __future__ import annotations

from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_


class WrongEncoding(AuditorError):
    """The text is in no encoding that we try."""

    sentence = N_(
        "{file}: the text is neither UTF-8 nor GB18030 (at byte {at}); save it as UTF-8, "
        "or name its encoding with --encoding"
    )


class UnknownEncoding(AuditorError):
    """The encoding that was named does not exist or does not fit."""

    exit_code = USAGE
    sentence = N_("{file}: it cannot be read as {encoding}; name another encoding with --encoding")


class Encrypted(AuditorError):
    """The workbook has a password."""

    sentence = N_("{file} is protected by a password; open it, remove the password, save it and try again")


class DamagedWorkbook(AuditorError):
    """The workbook cannot be read."""

    sentence = N_(
        "{file} is damaged or cut off ({found}); open it in WPS or Excel, save it anew and try again"
    )


class NotATable(AuditorError):
    """The file holds no table that we read."""

    sentence = N_("{file} is no table that can be read ({found}); save it as .xlsx or .csv")


class TooLargeSheet(AuditorError):
    """A sheet would be laid out far larger than what is filled."""

    sentence = N_(
        "{file}, sheet {sheet}: {found}; copy the filled rows into a new workbook and try again "
        "(at most 50,000 rows)"
    )


class BadJson(AuditorError):
    """The JSON is no list of flat objects."""

    sentence = N_("{file}: {found}; write a JSON list of objects, one for each row")


class CannotWriteTable(AuditorError):
    """The target is open elsewhere or read-only."""

    sentence = N_("{file} could not be written ({found}); close it where it is open, or choose another name")


class CannotReadTable(AuditorError):
    """The file is there and may not be read, or is open elsewhere."""

    sentence = N_("{file} could not be read ({found}); close it where it is open and try again")


class TooLargeFile(TooLargeSheet):
    """A text file holds more than a register can."""

    sentence = N_(
        "{file}: {found}; keep only the rows that are needed and try again "
        "(at most 50,000 rows and 1,000,000 cells)"
    )


class OtherKind(NotATable):
    """The file is of a kind that we know and that holds no table for us."""

    sentence = N_("{file} is {found}, not a table; {cure}")


class OpenQuotation(NotATable):
    """A quotation mark swallows the rows below it."""

    sentence = N_('{file}, row {row}: a " that never closes; close it, or take it out, and try again')


class UnmarkedUtf16(WrongEncoding):
    """UTF-16 without the mark at its start that says in which order its bytes stand."""

    sentence = N_("{file} seems to be UTF-16 without a mark at its start; name it with --encoding {encoding}")


class WesternText(WrongEncoding):
    """The text is no UTF-8 and no GB18030 and looks like cp1252."""

    sentence = N_(
        "{file}, row {row}: the text is neither UTF-8 nor GB18030; as cp1252 it would read {western!r}: "
        "if that is right, name it with --encoding cp1252, else save it as UTF-8"
    )


class TwoReadings(WrongEncoding):
    """The text could be GB18030 and looks like cp1252."""

    sentence = N_(
        "{file}, row {row}: this reads {western!r} as cp1252 and {chinese!r} as GB18030; "
        "name the right one with --encoding cp1252 or --encoding gb18030"
    )


class OwnRecord(BadJson):
    """The JSON is a record that we wrote ourselves."""

    sentence = N_("{file} is {found}, not a list of rows; it is checked with: {command}")
