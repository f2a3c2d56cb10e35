"""Search over everything that has a page, from units to the items of checklists and named days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from auditor.i18n import N_, _, language
from auditor.pages.duty_words import LEAVE_KIND_WORDS
from auditor.pages.words import BLACKOUT_WORDS, item_text, month_name, word
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.numbers import read_numbers
from auditor.store.rosters import read_roster_months
from auditor.store.units import read_unit_names
from auditor.workflow import leave_lists, past, people, plan_views, programmes, units, years
from auditor.workflow.domains import domain_titles
from auditor.workflow.duty import leave_requests
from auditor.workflow.months import calendar_of

MOST = 20
"""So many of a kind are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing: its kind, its key, its name, and what else tells it from others.

    `within` is the key of what it stands in (an item's domain, a leave's person); `first` and `last` are its
    days; `words` are searched too, and not shown.
    """

    kind: str
    key: str
    name: str
    more: str = ""
    within: str = ""
    first: str = ""
    last: str = ""
    words: str = ""

    def holds(self, words: Iterable[str]) -> bool:
        """Whether it holds every word, in whichever case."""
        text = f"{self.key} {self.name} {self.first} {self.last} {self.more} {self.words}".casefold()
        return all(one in text for one in words)


KINDS = {
    "page": N_("Pages of the desk"), "unit": N_("Units"), "person": N_("People"),
    "programme": N_("Programmes"), "draw": N_("Draws"), "plan": N_("Plans"), "roster": N_("Rosters"),
    "leave": N_("Leave"), "request": N_("Requests of leave"), "days": N_("Named days and periods"),
    "blackout": N_("Days without visits"), "domain": N_("Domains"), "item": N_("Items of checklists"),
}  # fmt: skip
"""What can be found, in the order of the page."""

ROSTER_WORDS = "值班 值班表 带班 排班 duty roster"
"""By these words every month's roster is found."""


def find(
    db: Database, text: str, plugins: Callable[[], Plugins], today: date, pages: Iterable[Found] = ()
) -> tuple[list[Found], dict[str, int]]:
    """Give what holds every word of a text, by kind, and how many of each kind there are in all.

    A kind's things are the first `MOST`, those first in which the words are seen; one letter is enough;
    nothing for a text without any. Of a plan only what its list shows to everybody is searched.

    Parameters
    ----------
    plugins
        Gives the loaded domains; asked only where there is a text.
    pages
        The pages that the one who asks has by himself.
    """
    words = list(dict.fromkeys(text.casefold().split()))[: units.MOST_WORDS]
    if not words:
        return [], {}
    found, counts = [], {}
    first, count = units.find_units(db, units.Search(text=text, limit=MOST))
    if count:
        counts["unit"] = count
        found += [
            Found(kind="unit", key=one.id, name=one.name, more=one.township or one.district) for one in first
        ]
    several: tuple[Iterable[Found], ...] = (
        pages, _people(db), _programmes(db), _draws(db), _plans(db), _rosters(db), _leave(db, today),
        _requests(db), _days(db), _blackouts(db), _checklists(plugins()),
    )  # fmt: skip
    for every in several:
        fit = [one for one in every if one.holds(words)]
        for one in sorted(fit, key=lambda one: not replace(one, words="").holds(words)):
            counts[one.kind] = counts.get(one.kind, 0) + 1
            if counts[one.kind] <= MOST:
                found.append(one)
    return found, counts


def _people(db: Database) -> Iterator[Found]:
    for row in people.list_staff(db):
        more = " ".join(filter(None, (row["department"], row["post"])))
        yield Found(kind="person", key=row["id"], name=row["name"], more=more)


def _programmes(db: Database) -> Iterator[Found]:
    for row in programmes.rows(db):
        yield Found(kind="programme", key=row["id"], name=row["name"], first=row["from"], last=row["to"])


def _draws(db: Database) -> Iterator[Found]:
    names = {one.id: one.name for one in programmes.programmes(db)}
    for record in read_numbers(db):
        name = names.get(record["programme"], record["programme"])
        yield Found(kind="draw", key=str(record["number"]), name=name, words=record["programme"])


def _plans(db: Database) -> Iterator[Found]:
    for row in plan_views.rows(db):
        if row.state != plan_views.WAITING:
            yield Found(
                kind="plan",
                key=row.ident,
                name=row.name,
                first=row.first,
                last=row.last,
                words=row.programme,
            )


def _rosters(db: Database) -> Iterator[Found]:
    for month in reversed(read_roster_months(db)):
        yield Found(kind="roster", key=month, name=month_name(month), words=ROSTER_WORDS)


def _leave(db: Database, today: date) -> Iterator[Found]:
    """Give every leave, with who acts meanwhile where that was said in a request."""
    acting: dict[str, list[Mapping[str, Any]]] = {}
    for one in leave_requests.requests(db):
        if one["acting_name"] and one["person"] and one["state"] == "approved":
            acting.setdefault(one["person"], []).append(one)
    for row in leave_lists.find_leave(db, leave_lists.Search(today=today))[0]:
        kind = word(LEAVE_KIND_WORDS, row["kind"])
        heads = [
            one["acting_name"]
            for one in acting.get(row["person"], ())
            if one["from"] <= row["to"] and row["from"] <= one["to"]
        ]
        yield Found(
            kind="leave",
            key=f"{row['from']}/{row['to']}",
            name=row["name"],
            within=row["person"],
            first=row["from"],
            last=row["to"],
            more=" ".join(filter(None, (kind, *(_acts(one) for one in heads)))),
            words=row["person"],
        )


def _acts(name: str) -> str:
    return _("{name} acts").format(name=name)


def _requests(db: Database) -> Iterator[Found]:
    """Give the requests that are no leave of the list: those that wait, and those of heads of units."""
    several = [
        one
        for one in leave_requests.requests(db)
        if one["unit"] or one["state"] not in ("approved", "returned")
    ]
    called = read_unit_names(db) if any(one["unit"] for one in several) else {}
    for one in several:
        parts = (
            called.get(one["unit"], one["unit"]), one["post"],
            _acts(one["acting_name"]) if one["acting_name"] else "",
        )  # fmt: skip
        yield Found(
            kind="request",
            key=one["id"],
            name=one["name"],
            first=one["from"],
            last=one["to"],
            more=" ".join(filter(None, parts)),
        )


def _days(db: Database) -> Iterator[Found]:
    """Give the days off and made up for, key periods, terms and days without lessons that have a name."""
    of = calendar_of(db)
    rows = [
        (one.name, one.first, one.last, _("day off") if one.off else _("make-up workday"))
        for one in years.named_days(of)
    ]
    for spans, kind in (
        (of.periods, _("key period")), (of.terms, _("term")), (of.pauses, _("no lessons")),
    ):  # fmt: skip
        rows += [(one.name, one.first, one.last, kind) for one in spans]
    for name, first, last, kind in sorted(rows, key=lambda row: (row[1], row[2], row[0])):
        yield Found(kind="days", key=str(first.year), name=name, first=f"{first}", last=f"{last}", more=kind)


def _blackouts(db: Database) -> Iterator[Found]:
    for one in past.list_blackouts(db):
        yield Found(
            kind="blackout",
            key=str(one["from"])[:4],
            name=one["scope"] or _("all units"),
            first=str(one["from"]),
            last=str(one["to"]),
            more=" ".join(filter(None, (word(BLACKOUT_WORDS, one["kind"]), one["reason"]))),
            words=one["word"],
        )


def _checklists(plugins: Plugins) -> Iterator[Found]:
    """Give the loaded domains and their items, found in both languages."""
    titles, zh = domain_titles(plugins), language() == "zh"
    for key, domain in sorted(plugins.domains.items()):
        yield Found(kind="domain", key=key, name=titles[key], words=f"{domain.zh} {domain.en}")
        for one in domain.items:
            yield Found(
                kind="item",
                key=one.code,
                name=item_text(one),
                within=key,
                more=titles[key],
                words=f"{one.en if zh else one.zh} {one.how} {domain.zh} {domain.en}",
            )
