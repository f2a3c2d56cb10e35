"""The options that every command has, and the two ways to talk: data to stdout, words to stderr."""

from __future__ import annotations

import gc
import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.entities import BUREAU_CLOCK
from auditor.errors import UsageProblem
from auditor.i18n import LANGUAGES, _, set_language
from auditor.pages.plan_words import domains_text as domains_text

if TYPE_CHECKING:
    from auditor.store import Database

Command = Callable[..., Any]


class Work(click.FloatRange):
    """Units of solver work: a number of 0.1 to 36,000."""

    def __init__(self) -> None:
        super().__init__(min=0.1, max=36_000)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it; what is no number at all (nan) lies in no range."""
        found: float = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail(_("{text} is no number").format(text=value), param, ctx)
        return found


@contextmanager
def no_collector() -> Iterator[None]:
    """Leave Python's search for cycles out: a register has none, and it costs a seventh of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _moment(_context: click.Context, _parameter: click.Parameter, text: str | None) -> datetime:
    if text is None:
        return datetime.now(BUREAU_CLOCK).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            _("{text} is no moment; write it like 2026-12-01T08:00+08:00").format(text=text)
        ) from error
    if (moment.utcoffset() or timedelta(0)) % timedelta(minutes=1):
        raise click.BadParameter(_("{text}: its offset has seconds").format(text=text))
    if not 2000 <= moment.year <= 2100:
        raise click.BadParameter(_("{text} lies outside the years 2000 to 2100").format(text=text))
    return moment.replace(tzinfo=BUREAU_CLOCK) if moment.tzinfo is None else moment


def _speak(_context: click.Context, _parameter: click.Parameter, language: str | None) -> None:
    if language:
        set_language(language)


def lang_option(command: Command) -> Command:
    """Add ``--lang``; it was read before the commands were built, and holds for what they say."""
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        expose_value=False,
        is_eager=True,
        callback=_speak,
        help=_("Language of what is printed (else AUDITOR_LANG, else the system's)."),
    )(command)


def json_option(command: Command) -> Command:
    """Add ``--json`` as ``as_json``."""
    return click.option(
        "--json", "as_json", is_flag=True, help=_("Print JSON to standard output instead of text.")
    )(command)


def now_option(command: Command) -> Command:
    """Add ``--now`` as ``now``, an aware moment; the computer's clock where it is not given."""
    return click.option(
        "--now",
        metavar="ISO",
        envvar="AUDITOR_NOW",
        callback=_moment,
        help=_(
            "Take this moment instead of the clock's (else AUDITOR_NOW); what a draw or plan makes then "
            "is marked as a drill (演练)."
        ),
    )(command)


def db_option(command: Command) -> Command:
    """Add ``--db`` as ``db``, the path of the bureau's file."""
    return click.option(
        "--db",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="AUDITOR_DB",
        default=Path("bureau.db"),
        metavar="FILE",
        help=_("The bureau's file (else AUDITOR_DB, else ./bureau.db)."),
    )(command)


def bureau_options(*, db: bool = True) -> Callable[[Command], Command]:
    """Add the options of a command: ``db`` (unless switched off), ``now``, ``as_json``, ``--lang``."""

    def add(command: Command) -> Command:
        command = lang_option(json_option(now_option(command)))
        return db_option(command) if db else command

    return add


def no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a JSON object with a key twice: the first would be lost; for ``object_pairs_hook``."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(_("{key} stands twice").format(key=key))
        found[key] = value
    return found


def show(value: object, as_json: bool, text: str) -> None:
    """Print the answer to standard output: `value` as JSON, or `text` for people."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, indent=1))
    elif text:
        click.echo(text)


def say(text: str) -> None:
    """Say something to the person at the terminal, on standard error."""
    click.echo(text, err=True)


def table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lay out a plain table; a full-width character counts two columns."""
    import unicodedata

    def width(text: str) -> int:
        return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)

    cells = [[("" if cell is None else str(cell)) for cell in row] for row in [list(titles), *rows]]
    widths = [max(width(row[column]) for row in cells) for column in range(len(titles))]
    return "\n".join(
        "  ".join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def titles_here(db: Database, now: datetime) -> dict[str, str]:
    """Give the names of the domains for people, by key: those that are loaded here and now."""
    from auditor.workflow.domains import domain_titles, load_all

    return domain_titles(load_all(click.get_current_context().obj, db, now.date()))


def split_pairs(pairs: Sequence[str], option: str) -> dict[str, str]:
    """Read ``NAME=VALUE`` texts of a repeated option; the first ``=`` parts them."""
    out = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise UsageProblem(
                problem=_("{option} {pair}: write NAME=VALUE").format(option=option, pair=pair)
            )
        out[name.strip()] = value.strip()
    return out


def point(text: str) -> tuple[float, float]:
    """Read ``LNG,LAT`` into (lat, lng) degrees."""
    try:
        lng, lat = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError:
        lng, lat = 999.0, 999.0
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        raise UsageProblem(
            problem=_("--at {text}: write longitude, then latitude, like 105.21,30.52").format(text=text)
        )
    return lat, lng


def progress(total: int, label: str) -> Callable[[str], None]:
    """Give a function that says each step of long work, on a terminal only."""
    if not sys.stderr.isatty():
        return lambda step: None
    done = 0

    def step(what: str) -> None:
        nonlocal done
        done += 1
        bar = "█" * round(20 * done / total) + "·" * (20 - round(20 * done / total))
        click.echo(f"\r\x1b[K{label} {bar} {what}", err=True, nl=done >= total)

    return step
