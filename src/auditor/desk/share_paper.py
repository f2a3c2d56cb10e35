"""The paper copy of a share, made in a process of its own: ``python -m auditor.desk.share_paper``.

The order comes on standard input and the page goes to standard output; nothing touches the disk, and the
server never holds the share.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from auditor.desk.processes import ask
from auditor.errors import AuditorError
from auditor.i18n import N_, _, language, set_language


class NotOpened(AuditorError):
    """The share was not opened."""

    sentence = N_("{found}")


def paper_of(file: Path, number: int, passphrase: str, *, drill: bool) -> str:
    """Give the page of a share's paper copy.

    Raises
    ------
    NotOpened
        With the sentence of what was wrong: another passphrase, or no share's file.
    """
    order = {
        "file": str(file), "number": number, "passphrase": passphrase, "drill": drill, "language": language()
    }  # fmt: skip
    try:
        done = ask("auditor.desk.share_paper", order)
    except subprocess.TimeoutExpired:
        raise NotOpened(found=_("it takes too long on this computer; try again")) from None
    answer = json.loads(done.stdout or b"{}")
    if "page" not in answer:
        raise NotOpened(found=answer.get("error") or _("the share could not be opened"))
    return str(answer["page"])


def main() -> None:
    """Open one share and print its page."""
    from auditor.draw.canon import digest
    from auditor.draw.shares import check_share
    from auditor.seal import age
    from auditor.workflow import ceremony, papers
    from auditor.workflow.custody import ShareMade

    order = json.loads(sys.stdin.buffer.read())
    set_language(str(order["language"]))
    answer: dict[str, str]
    try:
        file = Path(order["file"])
        found = ceremony.read_share_file(file, order["number"])
        what = _("the share of {custodian}").format(custodian=found.custodian)
        share = check_share(
            age.open_with_password(found.sealed, order["passphrase"], what), found.sha256, what
        )
        made = ShareMade(text="", share=share, sha256=digest(share), custodian=found.custodian)
        answer = {"page": papers.share_page(order["number"], made, drill=order["drill"])}
    except AuditorError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
