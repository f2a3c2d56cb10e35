"""What was done last, from the log: kind and counts are kept, words are made when they are shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from auditor.i18n import N_, _, listed, ngettext
from auditor.pages.words import month_or
from auditor.store import Database
from auditor.store import log as log_store
from auditor.workflow.undoing import undoable_units
from auditor.workflow.units import IMPORT, RETIRE, SET, UNDO

WORDS = {
    "init": N_("bureau set up"), "settings": N_("settings changed"),
    "roster settings": N_("duty desk set up"),
    IMPORT: N_("units imported"), SET: N_("unit changed"), RETIRE: N_("units closed"),
    UNDO: N_("import of units taken back"), "people": N_("staff changed"),
    "people import": N_("staff imported"), "inspectors import": N_("inspectors imported"),
    "import undo": N_("import taken back"), "leave add": N_("leave noted"),
    "leave cancel": N_("leave taken back"), "people set": N_("person changed"), "units add": N_("unit added"),
    "leave import": N_("leave imported"), "leave request": N_("leave asked for"),
    "leave approve": N_("leave approved"), "leave return": N_("back from leave"),
    "duties import": N_("duties of units imported"), "past import": N_("past inspections imported"),
    "blackouts import": N_("black-outs imported"), "blackouts add": N_("black-out added"),
    "blackouts drop": N_("black-out dropped"), "travel import": N_("ways imported"),
    "travel drop": N_("ways dropped"), "programme add": N_("programme added"),
    "draw": N_("draw made"), "draw freeze": N_("names frozen for a draw"),
    "draw commit": N_("draw committed"),
    "draw run": N_("draw made"), "draw close": N_("draw closed and published"),
    "draw abandon": N_("draw abandoned"), "draw outcome": N_("outcome of a visit noted"),
    "draw reserve": N_("unit of the reserve called up"), "plan": N_("visits planned"),
    "plan make": N_("visits planned and sealed"), "plan repair": N_("plan repaired"),
    "plan noted": N_("plan looked at after a change: it holds"),
    "plan release": N_("visits of the day released"), "roster": N_("roster made or changed"),
    "calendars export": N_("calendars downloaded"), "calendars import": N_("days of the year imported"),
    "calendars drop": N_("imported year taken away"),
    "roster wish": N_("wish for duties noted"), "roster submitted": N_("roster sent for approval"),
    "roster approved": N_("roster approved"), "roster published": N_("roster published"),
    "roster locked": N_("roster locked"), "roster returned": N_("roster sent back"),
    "roster swap": N_("duties swapped"), "roster take-over": N_("duty taken over"),
    "roster repair": N_("roster repaired"), "roster dropped": N_("draft of a roster dropped"),
    "roster held": N_("duties held"), "log add": N_("duty log written"),
    "spot-check commit": N_("spot check committed"), "spot-check run": N_("spot check drawn"),
    "spot-check record": N_("spot check noted"), "spot-check close": N_("spot check closed"),
    "spot-check abandon": N_("spot check abandoned"), "visit start": N_("visit begun"),
    "visit answer": N_("checklist answered"), "visit decide": N_("visit decided"),
    "visit close": N_("visit closed"), "plugins add": N_("domain added"),
    "plugins remove": N_("domain removed"), "plugins allow": N_("plugin allowed"),
    "plugins revoke": N_("plugin revoked"), "plugins layer add": N_("local layer added"),
    "plugins layer remove": N_("local layer removed"),
}  # fmt: skip
"""What the log calls each deed, in words."""

SHOWN = {
    "units": ("{n} unit", "{n} units"), "staff": ("{n} person", "{n} people"),
    "leave": ("{n} leave", "{n} leaves"), "released": ("{n} visit", "{n} visits"),
}  # fmt: skip
"""Tables whose changed rows are counted in words."""
FILLED = {IMPORT: "units", "people import": "staff", "inspectors import": "staff", "leave import": "leave"}
"""What each import is there to fill: none of it is told too, for then only how the file is read was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One entry of the log, for people: what was done, to what, and whether it can be taken back."""

    idx: int
    at: str
    kind: str
    counts: tuple[tuple[str, int], ...]
    about: tuple[str, str]
    undo: bool = False

    @property
    def words(self) -> str:
        """Say it in the language of the context."""
        said = []
        for table, count in self.counts:
            if table == "units":
                said.append(ngettext("{n} unit", "{n} units", count).format(n=count))
            elif table == "staff":
                said.append(ngettext("{n} person", "{n} people", count).format(n=count))
            elif table == "leave":
                said.append(ngettext("{n} leave", "{n} leaves", count).format(n=count))
            elif table == "released":
                said.append(ngettext("{n} visit", "{n} visits", count).format(n=count))
        told = " ".join(filter(None, (deed_words(self.kind), about_words(*self.about))))
        return listed([told, *said]) if self.about[1] else " ".join([told, *said])


def about_words(of: str, key: str) -> str:
    """Say what a deed was about, by the table and the key: a month, the number of a draw, or a name."""
    if of in ("rosters", "programmes"):
        return month_or(key)
    if key.isdecimal() and of in ("numbers", "draws", "plans"):
        return _("no. {number}").format(number=key)
    return key


def deed_words(kind: str) -> str:
    """Say a kind of the log."""
    return _(WORDS[kind]) if kind in WORDS else kind


ABOUT = ("rosters", "programmes", "numbers", "draws", "plans")
"""Tables whose key says what a deed was about."""


def _read(db: Database, idx: int) -> tuple[tuple[tuple[str, int], ...], tuple[str, str]]:
    entry = log_store.read_entry(db, idx)
    changes = entry.changes if entry is not None else []
    counts = Counter(table for table, _key, _row in changes if table in SHOWN)
    if entry is not None and entry.kind in FILLED:
        counts.setdefault(FILLED[entry.kind], 0)
    keys = {table: key[0] for table, key, _row in changes}
    about = next(((one, str(keys[one])) for one in ABOUT if one in keys), ("", ""))
    units = [key[0] for table, key, _row in changes if table == "units"]
    if entry is not None and entry.kind == SET and len(units) == 1:
        row = next(row for table, _key, row in changes if table == "units")
        return (), ("units", str((row or {}).get("name", units[0])))
    return tuple(sorted(counts.items())), about


class Reader:
    """Reads the last deeds; an entry is read once, for it never changes."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[tuple[tuple[str, int], ...], tuple[str, str]]] = {}

    def last(self, db: Database, count: int = 10) -> list[Deed]:
        """Give the last deeds, the newest first."""
        heads = log_store.read_last(db, count)
        undo = undoable_units(db)
        found = []
        for idx, kind, at, leaf in heads:
            if leaf not in self._known:
                self._known[leaf] = _read(db, idx)
            counts, about = self._known[leaf]
            found.append(Deed(idx=idx, at=at, kind=kind, counts=counts, about=about, undo=idx == undo))
        while len(self._known) > 200:
            self._known.pop(next(iter(self._known)))
        return found
