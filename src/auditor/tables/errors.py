"""What can be wrong with a table's file, each in a sentence with the cure."""

from __future__ import annotations

from auditor.errors import AuditorError
from auditor.i18n import N_


class WrongEncoding(AuditorError):
    """The text is in no encoding that we try."""

    sentence = N_(
        "{file}: the text is neither UTF-8 nor GB18030 (at byte {at}); save it as UTF-8, "
        "or name its encoding with --encoding"
    )


class UnknownEncoding(AuditorError):
    """The encoding that was named does not exist or does not fit."""

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
