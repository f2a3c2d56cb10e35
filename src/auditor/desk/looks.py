"""How pages are made from templates: Jinja2, escaped throughout, the language of the context."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from auditor.i18n import _, labelled, language, listed, ngettext
from auditor.workflow.months import BEIJING

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def weekday(day: date) -> str:
    """Say the day of the week."""
    return (WEEKDAYS if language() == "zh" else WEEKDAYS_EN)[day.weekday()]


def day_words(day: date | str, *, year: bool = False) -> str:
    """Say a day, with its day of the week: 12月5日 周六, Sat 5 Dec."""
    one = date.fromisoformat(day[:10]) if isinstance(day, str) else day
    if language() == "zh":
        return (f"{one.year}年" if year else "") + f"{one.month}月{one.day}日 {weekday(one)}"
    return f"{weekday(one)} {one.day} {MONTHS_EN[one.month - 1]}" + (f" {one.year}" if year else "")


def period_words(first: date | str, last: date | str | None = None) -> str:
    """Say a day with its year, or all days from one to another: 2026年12月1日至31日, 1 – 31 Dec 2026."""
    one, end = (
        date.fromisoformat(day[:10]) if isinstance(day, str) else day
        for day in (first, first if last is None else last)
    )
    parts = [one] if one == end else [one, end]
    if language() == "zh":
        told = [f"{one.year}年{one.month}月{one.day}日", f"{end.month}月{end.day}日"]
        if end.year != one.year:
            told[1] = f"{end.year}年{told[1]}"
        elif end.month == one.month:
            told[1] = f"{end.day}日"
        return "至".join(told[: len(parts)])
    told = [f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}" for day in parts]
    if one.year == end.year and one != end:
        told[0] = f"{one.day}" + ("" if one.month == end.month else f" {MONTHS_EN[one.month - 1]}")
    return " – ".join(told).replace(" ", "\N{NO-BREAK SPACE}")


def moment_words(at: datetime | str) -> str:
    """Say a moment in the bureau's time: 11月25日 08:41, 25 Nov 08:41."""
    one = datetime.fromisoformat(at) if isinstance(at, str) else at
    one = one.astimezone(BEIJING)
    clock = f"{one:%H:%M}"
    if language() == "zh":
        return f"{one.month}月{one.day}日 {clock}"
    return f"{one.day} {MONTHS_EN[one.month - 1]} {clock}"


_DAY = re.compile(
    r"(?<![0-9A-Za-z/=-])([0-9]{4}-[0-9]{2}-[0-9]{2})(?: ([0-9]{2}:[0-9]{2})(?!:[0-9]))?(?![0-9A-Za-z/=-])"
)


def dated(text: object) -> str:
    """Write days and moments of a sentence, said at a command line too, as those of pages are written."""

    def said(found: re.Match[str]) -> str:
        day, clock = found.groups()
        try:
            return moment_words(f"{day}T{clock}+08:00") if clock else day_words(day)
        except ValueError:
            return found[0]

    return _DAY.sub(said, str(text))


def month_words(key: str) -> str:
    """Say a month: 2026年12月, December 2026 shortened."""
    year, month = key.split("-")
    return f"{year}年{int(month)}月" if language() == "zh" else f"{MONTHS_EN[int(month) - 1]} {year}"


_OWN_WORD = re.compile(r"[a-z]+[;,.]?(?=\s|$)")


def sentence(text: object) -> str:
    """Begin an English sentence with a capital; a name, a path or what was typed stays as it is written."""
    told = str(text)
    own = language() != "zh" and _OWN_WORD.match(told)
    return told[:1].upper() + told[1:] if own else told


def part(text: object) -> str:
    """Write a text as one part of an address: slashes too."""
    return quote(str(text), safe="")


def cut(text: object, most: int = 40) -> str:
    """Cut a long text for a table."""
    whole = str(text if text is not None else "")
    return whole if len(whole) <= most else whole[: most - 1] + "…"


def number(value: float | None) -> str:
    """Write a number with blanks between thousands; nothing for None."""
    return "" if value is None else f"{value:,}".replace(",", " ")


def group(digits: str) -> list[str]:
    """Split a fingerprint into groups of eight."""
    return [digits[at : at + 8] for at in range(0, len(digits), 8)]


def query(values: Mapping[str, Any], **changes: Any) -> str:
    """Write a query with some values changed; empty ones are left out."""
    merged = {**values, **changes}
    text = urlencode({key: value for key, value in merged.items() if value not in ("", None, 0)})
    return f"?{text}" if text else "?"


_TERM = re.compile(r"(\d{4})-(\d{4})-([12])")


def term_words(name: str) -> str:
    """Say a term that is named by its years: 2026-2027-1 is the first of 2026–2027; others stay."""
    found = _TERM.fullmatch(name)
    if found is None:
        return name
    years = f"{found[1]}–{found[2]}"
    if found[3] == "1":
        return _("first term of {years}").format(years=years)
    return _("second term of {years}").format(years=years)


def aside(text: object) -> str:
    """Put a text into the brackets of the language, with the blank that goes before them."""
    return f"（{text}）" if language() == "zh" else f" ({text})"


def environment(**globals_: Any) -> Environment:
    """Make the environment of all templates."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    found.globals |= {
        "_": _, "ngettext": ngettext, "listed": listed, "labelled": labelled, "aside": aside, "query": query,
        "language": language, **globals_,
    }  # fmt: skip
    found.filters |= {
        "day": day_words, "period": period_words, "moment": moment_words, "month": month_words, "part": part,
        "dated": dated, "cut": cut, "number": number, "weekday": weekday, "sentence": sentence,
        "term": term_words,
    }  # fmt: skip
    return found
