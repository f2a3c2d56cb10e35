"""A model's rules as rows of a linear programme: what is left of it when duties may be taken in part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

FAR = 1 << 60
"""What stands for no limit in a model."""


@dataclass(frozen=True, slots=True)
class Row:
    """``low <= sum of coefficient * variable <= high``; variables by index, None for no limit."""

    entries: tuple[tuple[int, int], ...]
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Between which whole numbers each variable lies, by index, and rows of those that are not settled."""

    low: tuple[int, ...]
    high: tuple[int, ...]
    rows: tuple[Row, ...]


def rows_of(model: cp_model.CpModel) -> Rows:
    """Read a model; rules that are no rows are left out, so that whoever keeps the model keeps the rows.

    Rows about one variable become its limits. Of rows that let one of some variables be taken at most, those
    that another one says already are left out.
    """
    domains = [list(one.domain) for one in model.proto.variables]
    low, high = [one[0] for one in domains], [one[-1] for one in domains]
    rows: list[Row] = []
    for constraint in model.proto.constraints:
        for row in _rows(constraint):
            if len(row.entries) == 1 and abs(row.entries[0][1]) == 1:
                ((at, sign),) = row.entries
                ends = (row.low, row.high) if sign > 0 else (_minus(row.high), _minus(row.low))
                low[at] = max(low[at], low[at] if ends[0] is None else ends[0])
                high[at] = min(high[at], high[at] if ends[1] is None else ends[1])
            else:
                rows.append(row)
    left = [_settled(row, low, high) for row in rows]
    return Rows(tuple(low), tuple(high), tuple(_needed([row for row in left if not _empty(row)])))


def _minus(number: int | None) -> int | None:
    return None if number is None else -number


def _has(constraint: Any, kind: str) -> bool:
    asked = getattr(constraint, f"has_{kind}", None)
    return bool(asked() if asked is not None else constraint.HasField(kind))


def _rows(constraint: Any) -> Iterator[Row]:
    """Give the rows that a constraint of a model amounts to."""
    given = list(constraint.enforcement_literal)
    if _has(constraint, "linear"):
        if not given:
            linear = constraint.linear
            ends = list(linear.domain)
            sums: dict[int, int] = {}
            for at, factor in zip(linear.vars, linear.coeffs, strict=True):
                sums[at] = sums.get(at, 0) + factor
            entries = tuple((at, factor) for at, factor in sums.items() if factor)
            yield Row(entries, None if ends[0] < -FAR else ends[0], None if ends[-1] > FAR else ends[-1])
    elif _has(constraint, "at_most_one") and not given:
        yield _literals(constraint.at_most_one.literals, None, 1)
    elif _has(constraint, "exactly_one") and not given:
        yield _literals(constraint.exactly_one.literals, 1, 1)
    elif _has(constraint, "bool_or"):
        yield _literals([*constraint.bool_or.literals, *(-1 - one for one in given)], 1, None)
    elif _has(constraint, "bool_and"):
        for literal in constraint.bool_and.literals:
            yield _literals([literal, *(-1 - one for one in given)], 1, None)


def _literals(literals: Iterable[int], low: int | None, high: int | None) -> Row:
    """Give how many of these literals are true; one below 0 is a variable's negation."""
    sums: dict[int, int] = {}
    negated = 0
    for one in literals:
        at, sign = (one, 1) if one >= 0 else (-1 - one, -1)
        sums[at] = sums.get(at, 0) + sign
        negated += one < 0
    entries = tuple((at, sign) for at, sign in sums.items() if sign)
    return Row(entries, None if low is None else low - negated, None if high is None else high - negated)


def _settled(row: Row, low: list[int], high: list[int]) -> Row:
    """Take the variables out of a row that have one value only."""
    stood = sum(factor * low[at] for at, factor in row.entries if low[at] == high[at])
    return Row(
        tuple((at, factor) for at, factor in row.entries if low[at] < high[at]),
        None if row.low is None else row.low - stood,
        None if row.high is None else row.high - stood,
    )


def _empty(row: Row) -> bool:
    """Whether a row says nothing; one without variables that cannot hold says that nothing is possible."""
    return not row.entries and (row.low is None or row.low <= 0) and (row.high is None or row.high >= 0)


def _needed(rows: list[Row]) -> Iterator[Row]:
    """Leave out rows of the kind "one of these at most" that a longer one has among its own."""
    kept: dict[int, set[int]] = {}
    single = []
    for number, row in enumerate(rows):
        if row.low is None and row.high == 1 and all(factor == 1 for _at, factor in row.entries):
            single.append((-len(row.entries), sorted(at for at, _factor in row.entries), number))
    spare = set()
    for _length, variables, number in sorted(single):
        if len(variables) == 1 or set.intersection(*(kept.get(at, set()) for at in variables)):
            spare.add(number)
            continue
        for at in variables:
            kept.setdefault(at, set()).add(number)
    return (row for number, row in enumerate(rows) if number not in spare)
