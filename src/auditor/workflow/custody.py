"""Shares in the hands of custodians: made, read from their files, and opened when a number is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.draw import shares as share_room
from auditor.draw.canon import digest
from auditor.draw.shares import BadShare, ShareFile
from auditor.errors import FileMissing
from auditor.i18n import _, listed
from auditor.seal import age
from auditor.store import Database
from auditor.store.numbers import read_sealed
from auditor.workflow.keys import AskPassword, open_key

MOST_SHARE_BYTES = 20_000
"""A share's file is never as large; more is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareMade:
    """A new share: the text of its file, and the secret for paper."""

    text: str
    share: bytes
    sha256: str
    custodian: str


def make_share(number: int, custodian: str, passphrase: str, rolls: str | None) -> ShareMade:
    """Make a custodian's share, of dice where rolls are given, under a passphrase.

    Raises
    ------
    BadShare, BadRolls
    """
    name = share_room.check_custodian(custodian)
    if not passphrase.strip():
        raise BadShare(what=name, why=_("a share is kept under a passphrase, and this one is empty"))
    share = share_room.new_share() if rolls is None else share_room.share_of_rolls(rolls)
    sealed = age.seal_with_password(share, passphrase)
    text = share_room.share_text(number, name, share, sealed)
    return ShareMade(text=text, share=share, sha256=digest(share), custodian=name)


def read_share_file(path: Path, number: int) -> ShareFile:
    """Read the clear lines of a share's file; raises FileMissing, BadShare."""
    if not path.is_file():
        raise FileMissing(file=path)
    with path.open("rb") as stream:
        data = stream.read(MOST_SHARE_BYTES + 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadShare(what=path, why=_("is no share's file (not UTF-8)")) from error
    if len(data) > MOST_SHARE_BYTES:
        raise BadShare(what=path, why=_("is no share's file (too large)"))
    found = share_room.read_share(text, str(path))
    age.check_armoured(found.sealed, str(path))
    if found.number != number:
        raise BadShare(
            what=path,
            why=_("it was made for number {found}, not {number}").format(found=found.number, number=number),
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How the shares are opened at `run`: files (else where they lay), passphrases, or typed from paper."""

    files: Sequence[Path] = ()
    passphrases: Sequence[str] = ()
    typed: Callable[[str], str] | None = None
    """Asks for the share of a custodian, as on paper; None where files are read."""
    ask: Callable[[str], str | None] = lambda name: None
    """Asks a custodian for the passphrase; gives None where nobody can be asked."""


def open_shares(
    db: Database, record: Mapping[str, Any], opening: Opening, password: AskPassword
) -> list[bytes]:
    """Give the shares in the order of the commitment, each the one that was committed to."""
    wanted = record["commit"]["share_sha256"]
    number = record["number"]
    own = read_sealed(db, number, "share")
    if own is not None and not opening.files and opening.typed is None:
        share = age.unseal(
            own, open_key(db, password), _("the share of number {number}").format(number=number)
        )
        return [share_room.check_share(share, wanted[0], _("the share"))]
    if opening.typed is not None:
        found = []
        for name, sha256 in zip(record["custodians"] or [""] * len(wanted), wanted, strict=True):
            what = _("the share of {custodian}").format(custodian=name or number)
            found.append(
                share_room.check_share(share_room.typed_share(opening.typed(name), what), sha256, what)
            )
        return found
    paths = list(opening.files) or [Path(one) for one in record["share_files"]]
    files = {}
    for path in paths:
        one = read_share_file(path, number)
        files[one.sha256] = (path, one)
    names = record["custodians"] or [""] * len(wanted)
    missing = [name for name, sha256 in zip(names, wanted, strict=True) if sha256 not in files]
    if missing:
        raise BadShare(
            what=_("number {number}").format(number=number),
            why=_("the share of {custodians} is missing; name its file with --share").format(
                custodians=listed(missing) or "?"
            ),
        )
    return [_opened(*files[sha256], sha256, at, opening) for at, sha256 in enumerate(wanted)]


def _opened(path: Path, file: ShareFile, sha256: str, at: int, opening: Opening) -> bytes:
    """Open one share's file: with the passphrase at its place, then the others given, else asked for."""
    given = list(opening.passphrases)
    if at < len(given):
        given.insert(0, given.pop(at))
    elif not given:
        asked = opening.ask(file.custodian)
        if asked is None:
            raise BadShare(
                what=path,
                why=_("it has a passphrase: run this at a terminal, or give --passphrase-file FILE"),
            )
        given = [asked]
    for passphrase in given:
        try:
            share = age.open_with_password(file.sealed, passphrase, str(path))
        except age.WrongPassword:
            continue
        return share_room.check_share(share, sha256, str(path))
    raise age.WrongPassword(what=path)
