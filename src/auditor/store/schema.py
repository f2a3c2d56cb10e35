"""The tables, as steps: ``user_version`` is the number of steps applied, all in one transaction."""

from __future__ import annotations

APPLICATION_ID = 0x41554454
"""``AUDT`` in the file's header: whether a file is ours at all."""

STEPS: tuple[str, ...] = (
    """
    create table settings (key text primary key, value text not null) strict;
    create table units (
        id text primary key, name text not null, kind text not null, district text not null,
        township text not null, lat real, lng real, students integer, boarders integer,
        canteen integer, buses integer, tags text not null, ownership text not null,
        sponsor text not null, parent text not null, closed text not null
    ) strict;
    create table people (
        id text primary key, name text not null, role text not null, post text not null,
        phone text not null, department text not null
    ) strict;
    create table inspectors (
        id text primary key, name text not null, department text not null, domains text not null,
        conflicts text not null, half_days integer not null
    ) strict;
    create table leave (
        person text not null, from_on text not null, to_on text not null, kind text not null,
        primary key (person, from_on, to_on)
    ) strict;
    create table findings (
        unit text not null, found_on text not null, domain text not null, item text not null,
        severity text not null, primary key (unit, found_on, item)
    ) strict;
    create table draws (
        number integer primary key, commit_sha256 text not null, transcript text not null
    ) strict;
    create table plans (month text primary key, draw integer not null references draws (number),
        plan text not null) strict;
    create table rosters (month text primary key, roster text not null) strict;
    create table log (
        idx integer primary key, kind text not null, at text not null, salt blob not null,
        payload text not null, leaf blob not null
    ) strict;
    """,
)

KEYS: dict[str, tuple[str, ...]] = {
    "settings": ("key",),
    "units": ("id",),
    "people": ("id",),
    "inspectors": ("id",),
    "leave": ("person", "from_on", "to_on"),
    "findings": ("unit", "found_on", "item"),
    "draws": ("number",),
    "plans": ("month",),
    "rosters": ("month",),
}
"""The key columns of every table that the log covers."""
