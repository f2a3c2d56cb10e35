"""The planning key of a bureau: made with its file, under a password where one is given."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from auditor.errors import AuditorError, FileMissing, UsageProblem
from auditor.i18n import N_, _
from auditor.seal import age
from auditor.store import Database
from auditor.store.doctor import PASSWORD
from auditor.store.records import put_settings, read_settings
from auditor.store.writing import Transaction

KEPT, PUBLIC, RECOVERY, NEUTRAL = "planning_key", "planning_recipient", "recovery_recipient", "neutral_secret"

AskPassword = Callable[[], str | None]
"""Gives the password of the planning key, or None where nobody can be asked."""


@dataclass(frozen=True, slots=True)
class Held:
    """The planning key itself, opened before: given in place of what asks for its password."""

    identity: str = field(repr=False)

    def __call__(self) -> str | None:
        """Know no password."""
        return None


class PasswordNeeded(AuditorError):
    """The planning key has a password and nobody is there to type it."""

    sentence = N_("the planning key has a password: run this at a terminal, or give --password-file FILE")


class NoRecoveryKey(AuditorError):
    """Level strict needs the discipline office's key."""

    sentence = N_(
        "level strict seals the key of a draw for the discipline office only, and its public key is not "
        "known: make the bureau's file with `auditor init --level strict --recovery-key age1…`"
    )


def key_settings(password: str, recovery: str = "") -> dict[str, str]:
    """Make a planning key; give the settings that keep it.

    Parameters
    ----------
    password
        Empty for a key that opens unasked.
    recovery
        The discipline office's public key (``age1…``), empty where there is none.
    """
    identity, recipient = age.new_identity()
    found = {
        KEPT: age.protect(identity, password),
        PUBLIC: recipient,
        NEUTRAL: secrets.token_hex(32),
        PASSWORD: "yes" if password else "no",
    }
    return found | ({RECOVERY: age.check_recipient(recovery)} if recovery else {})


def new_recovery() -> tuple[str, str]:
    """Make the discipline office's key; give its secret file's text, as age-keygen's, and its recipient."""
    identity, recipient = age.new_identity()
    return f"# public key: {recipient}\n{identity}\n", recipient


def ensure_key(db: Database, tx: Transaction) -> None:
    """Give a bureau's file of an earlier version its planning key, without a password."""
    if KEPT not in read_settings(db):
        put_settings(tx, key_settings(""))


def open_key(db: Database, ask: AskPassword) -> str:
    """Give the secret planning identity; asks for the password only where it has one.

    Raises
    ------
    PasswordNeeded, age.WrongPassword, age.NoKey
    """
    if isinstance(ask, Held):
        return ask.identity
    kept = read_settings(db).get(KEPT, "")
    what = _("the planning key")
    if not age.is_protected(kept):
        return age.unlock(kept, "", what)
    password = ask()
    if password is None:
        raise PasswordNeeded
    return age.unlock(kept, password, what)


def has_password(db: Database) -> bool:
    """Whether the planning key has a password."""
    return age.is_protected(read_settings(db).get(KEPT, ""))


def recovery_recipient(db: Database) -> str:
    """Give the discipline office's public key; raises NoRecoveryKey."""
    found = read_settings(db).get(RECOVERY, "")
    if not found:
        raise NoRecoveryKey
    return found


def first_line(file: Path) -> str:
    """Give the first line of a password's file, without its line end; raises FileMissing, UsageProblem."""
    if not file.is_file():
        raise FileMissing(file=file)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageProblem(problem=_("{file} is not UTF-8; save it as UTF-8").format(file=file)) from error
    return text.splitlines()[0] if text else ""
