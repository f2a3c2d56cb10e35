"""What the verifier found, in the language of the reader; the words are those of its page for browsers.

`draw/verify.py` speaks English only: it is the short file that strangers read. `draw/verify.html` holds
each of its lines in both languages (`tests/draw/test_verify_html.py` compares the two); its tables are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from auditor.draw.verify import MAX_BYTES
from auditor.i18n import N_, _, language
from auditor.shipped import verify_page

_PAIR = re.compile(r'^  \w+: \[(?:"\w+", )?"((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\],$', re.MULTILINE)
_WORD = re.compile(r'"?([\w-]+)"?: (?:\["([^"]+)", )?"([^"]+)"\]?')
_LEDGER = re.compile(r"ledger (\d+)")
_BROKEN = "not the JSON that is allowed: "
_REASONS = (
    ("codec can't decode", N_("it is no text in UTF-8")),
    ("a key stands twice", N_("a name stands twice in it, or holds letters that are not allowed")),
    ("invalid literal for int", N_("a number in it is no whole number")),
    ("surrogates", N_("a letter in it is half")), ("recursion", N_("it is nested too deeply")),
    ("(char ", N_("it is cut off, or no JSON at all")),
)  # fmt: skip
"""What Python says of a file that cannot be read, by a part of it."""


_KEYS = {
    "shares": N_("the shares"), "frames": N_("the locked lists"), "plan": N_("the plan"),
    "field": N_("who could go, and when"), "drawn": N_("who is drawn"),
    "beacon": N_("the value of the event"),
    "departures": N_("the departures from lots"), "unplaced": N_("the unplaced"),
    "outcomes": N_("the outcomes"),
}  # fmt: skip
"""The parts of a transcript, by the names that they have in the file."""


@dataclass(frozen=True, slots=True)
class _Tables:
    """Patterns of the lines with the Chinese of each; names of our own words; words of files, both ways."""

    lines: tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...]
    names: dict[str, str]
    named: dict[str, tuple[str, str]]


def _block(page: str, name: str, begin: int = 0) -> str:
    at = page.index(f"const {name} = {{", begin)
    return page[at : page.index("};", at)]


@cache
def _tables() -> _Tables:
    page = verify_page().decode("utf-8")
    lines = []
    for block in ("FAILURES", "NOTES"):
        for english, chinese in _PAIR.findall(_block(page, block).replace("],", "],\n")):
            pieces = re.split(r"(\{\d\})", english)
            pattern = "".join("(.*?)" if one[:1] == "{" else re.escape(one) for one in pieces)
            order = tuple(one for one in pieces if one[:1] == "{")
            lines.append((re.compile(pattern, re.DOTALL), order, chinese))
    lines.sort(key=lambda one: -len(one[0].pattern))
    names = {key: chinese for key, _english, chinese in _WORD.findall(_block(page, "NAMES"))}
    words = _block(page, "NAMED", page.index("words of the file that have a name") - 100)
    named = {key: (english, chinese) for key, english, chinese in _WORD.findall(words)}
    return _Tables(tuple(lines), names, named)


def line_words(line: str) -> str:
    """Say a failed check or a note of the verifier; one that nobody foresaw stands as it is."""
    file, said, reason = line.partition(f": {_BROKEN}")
    if said:
        line = f"{file}: {_BROKEN}{reason_words(reason)}"
    if language() != "zh":
        return line
    tables = _tables()
    for pattern, order, chinese in tables.lines:
        found = pattern.fullmatch(line)
        if found is None:
            continue
        keyed = ": no key " in line or ": unknown key " in line
        names = (_name(tables, one, keyed=keyed) for one in found.groups())
        said_of = dict(zip(order, names, strict=True))

        def fill(mark: re.Match[str], said_of: dict[str, tuple[str, bool]] = said_of) -> str:
            value, ours = said_of.get(mark[2], (f"{MAX_BYTES}", False))
            return value if ours else f"{mark[1]}{value}{mark[3]}"

        return re.sub(r"( ?)(\{\d\})( ?)", fill, chinese)
    return line


def _name(tables: _Tables, value: str, *, keyed: bool) -> tuple[str, bool]:
    """Say what a line is about, and whether that is our word: else it is what the file holds."""
    ledger = _LEDGER.fullmatch(value)
    if ledger:
        return f"登记簿第 {ledger[1]} 条", True
    head = re.match(r"(transcript|ledger)(?=[.\[])", value)
    if head:
        return f"{tables.names[head[1]]} {value[head.end() :].lstrip('.')}", False
    if keyed and value in _KEYS:
        return _(_KEYS[value]), True
    return tables.names.get(value, value), value in tables.names


def reason_words(reason: str) -> str:
    """Say why a file is no JSON that is allowed."""
    known = [text for part, text in _REASONS if part in reason]
    return _(known[0]) if known else _("it is cut off, or no JSON at all")


def value_words(value: str) -> str:
    """Say a value of the verifier's line of facts: a level, a number, reasons and rules with their counts."""
    if value == "none":
        return _("none")
    zh = language() == "zh"
    named = _tables().named

    def said(piece: str) -> str:
        word, blank, count = piece.rpartition(" ")
        if not blank:
            word, count = piece, ""
        return f"{named[word][zh] if word in named else word}{blank}{count}"

    return ("、" if zh else ", ").join(said(piece) for piece in value.split(", "))
