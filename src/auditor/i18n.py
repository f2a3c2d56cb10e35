"""The language of what people read: gettext catalogues, one language per context.

``_`` translates now, ``N_`` only marks a text for the catalogue (an error's sentence is filled and
translated when it is raised). The language lives in a context variable, so that a server can
speak two languages at once.
"""

from __future__ import annotations

import gettext
import locale
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")
CATALOGUES = {"zh": "zh_CN", "en": "en"}

_language: ContextVar[str] = ContextVar("auditor_language", default="en")
_manner: ContextVar[Callable[[str], str] | None] = ContextVar("auditor_manner", default=None)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    folder = Path(__file__).parent / "locale"
    return gettext.translation("auditor", folder, languages=[CATALOGUES[language]], fallback=True)


def set_language(language: str) -> None:
    """Speak `language`, "zh" or "en", from now on in this context."""
    if language not in LANGUAGES:
        raise ValueError(language)
    _language.set(language)


def language() -> str:
    """Give the language of this context, "zh" or "en"."""
    return _language.get()


def say_as(manner: Callable[[str], str] | None) -> None:
    """Say every text of this context in a manner: it is given each as the catalogue has it.

    Before anything is filled in, so that what somebody typed is never changed. None says them as they are.
    """
    _manner.set(manner)


def _said(text: str) -> str:
    manner = _manner.get()
    return text if manner is None else manner(text)


def _(text: str) -> str:
    """Translate `text` into the language of this context; a text without translation stays."""
    return _said(_catalogue(_language.get()).gettext(text)) if text else ""


def in_all(text: str) -> tuple[str, ...]:
    """Give `text` in every language, in the order of LANGUAGES."""
    return tuple(_catalogue(one).gettext(text) for one in LANGUAGES)


def ngettext(one: str, many: str, n: int) -> str:
    """Translate the form of a text that fits the number `n`."""
    return _said(_catalogue(_language.get()).ngettext(one, many, n))


def N_(text: str) -> str:
    """Mark `text` for the catalogue and give it back as it is."""
    return text


def NN_(one: str, many: str) -> tuple[str, str]:
    """Mark both forms of a text for the catalogue and give them back as they are."""
    return one, many


def speak_everywhere(language: str) -> None:
    """Let the standard gettext, through which click speaks, read our catalogues in `language`.

    For the program as a whole, before any command is built: gettext has one text domain and takes the
    language from the environment. English has no catalogue, so that texts stay as they are.
    """
    gettext.bindtextdomain("auditor", Path(__file__).parent / "locale")
    gettext.textdomain("auditor")
    os.environ["LANGUAGE"] = CATALOGUES[language]


def labelled(name: object, value: object) -> str:
    """Put a name before a value, with the colon of the language of this context."""
    return _("{name}: {value}").format(name=name, value=value)


def listed(names: Iterable[str]) -> str:
    """Join names as the language of this context does."""
    return ("、" if language() == "zh" else ", ").join(names)


def some(names: Iterable[str], most: int) -> str:
    """Join the first of some names as `listed` does, with … where there are more."""
    every = list(names)
    return listed(every[:most]) + (" …" if len(every) > most else "")


def named_language(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> str:
    """Give the language that somebody named, by ``--lang`` or ``AUDITOR_LANG``; "" where nobody did."""
    for at, argument in enumerate(arguments):
        if argument == "--lang" and at + 1 < len(arguments):
            wanted = arguments[at + 1]
        elif argument.startswith("--lang="):
            wanted = argument.partition("=")[2]
        else:
            continue
        if wanted in LANGUAGES:
            return wanted
    said = environ.get("AUDITOR_LANG", "")
    return said if said in LANGUAGES else ""


def choose_language(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> str:
    """Choose the language before any command is built, since help texts are fixed when it is.

    ``--lang`` wins, then ``AUDITOR_LANG``, then the system's language; anything but Chinese is English.
    """
    if said := named_language(arguments, environ):
        return said
    named = next((environ[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(key)), "")
    if not named:
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"
