"""Which unit people mean: they write its code, a former code or its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.entities import Unit
from auditor.errors import UsageProblem
from auditor.i18n import _, listed
from auditor.store import Database
from auditor.store.units import read_aliases, read_unit, read_units
from auditor.workflow.units import NoSuchUnit

MOST_LIKE = 5
"""So many units whose names hold an unknown word are offered."""


def unit_named(db: Database, word: str) -> Unit:
    """Give the unit that a word means; raises what `units_named` raises."""
    return units_named(db, [word])[0]


def units_named(db: Database, words: Sequence[str]) -> list[Unit]:
    """Give the unit that each word means: by its code, a former code, or the name that it alone bears.

    Raises
    ------
    UsageProblem
        If several units bear the name; they are listed with their codes. Also where none does, but the
        names of some hold the word: a few of them are offered.
    NoSuchUnit
    """
    aliases = read_aliases(db)
    plain = [word.strip() for word in words]
    by_code = [one for one in (read_unit(db, aliases.get(word, word)) for word in plain) if one is not None]
    if len(by_code) == len(words) and not any(one.site_of for one in by_code):
        return by_code  # a whole register need not be read for codes
    units = read_units(db)
    known = {one.id: one for one in units}
    return [_named(word, units, known, aliases) for word in plain]


def _named(word: str, units: Sequence[Unit], known: Mapping[str, Unit], aliases: Mapping[str, str]) -> Unit:
    code = aliases.get(word, word)
    if code in known:
        return known[code]
    found = [one for one in units if one.name == word]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageProblem(
            problem=_("{word}: {n} units are called so; write the code of one: {units}").format(
                word=word, n=len(found), units=_with_codes(found)
            )
        )
    like = [one for one in units if word and word in one.name][:MOST_LIKE]
    if like:
        raise UsageProblem(
            problem=_("{word} is no unit; these are called alike: {units}").format(
                word=word, units=_with_codes(like)
            )
        )
    raise NoSuchUnit(id=word)


def ids_of(db: Database, unit: Unit) -> set[str]:
    """Give every code that a unit has had, its own among them."""
    return {unit.id, *(old for old, new in read_aliases(db).items() if new == unit.id)}


def _with_codes(units: Sequence[Unit]) -> str:
    return listed(f"{one.name} ({one.id})" for one in units)
