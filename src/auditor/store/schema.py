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
    """
    alter table units add column site_of text not null default '';
    alter table leave add column half text not null default '';
    create table staff (
        id text primary key, name text not null, roles text not null, post text not null,
        phone text not null, department text not null, domains text not null, conflicts text not null,
        half_days integer not null, share real not null, from_on text not null, to_on text not null
    ) strict;
    create table aliases (alias text primary key, unit text not null) strict;
    create table readings (what text not null, shape text not null, mapping text not null,
        primary key (what, shape)) strict;
    create table remarks (entry integer primary key, reason text not null) strict;
    """,
    """
    drop table people;
    drop table inspectors;
    """,
    """
    create table allowed (sha256 text primary key, signer text not null, name text not null,
        version text not null, until text not null) strict;
    create table revoked (what text primary key) strict;
    create table bundles (name text primary key, key text not null, version text not null,
        sha256 text not null, signer text not null, data text not null) strict;
    create table seen (name text primary key, version text not null, sha256 text not null,
        signer text not null) strict;
    create table layers (domain text not null, level text not null, document text not null,
        record text not null, primary key (domain, level, document)) strict;
    create table visits (id text primary key, unit text not null, record text not null) strict;
    create table checklists (sha256 text primary key, domain text not null) strict;
    create table operations (id text primary key, visit text not null, revision integer not null,
        record text not null) strict;
    """,
    """
    create table programmes (id text primary key, sha256 text not null, document text not null) strict;
    create table numbers (number integer primary key, programme text not null references programmes (id),
        record text not null) strict;
    create table frozen (number integer not null, part text not null, record text not null,
        primary key (number, part)) strict;
    create table sealed (number integer not null, what text not null, data text not null,
        primary key (number, what)) strict;
    create table released (visit text primary key, number integer not null, record text not null) strict;
    create table outcomes (visit text primary key, number integer not null, record text not null) strict;
    create table standings (unit text primary key, grade text not null, overdue integer not null) strict;
    """,
    """
    alter table staff add column kin text not null default '[]';
    alter table staff add column borrowed text not null default '[]';
    alter table staff add column area text not null default '[]';
    create table blackouts (scope text not null, from_on text not null, to_on text not null,
        kind text not null, reason text not null, primary key (scope, from_on, to_on, kind)) strict;
    create table inspections (unit text not null, on_day text not null, domains text not null,
        people text not null, directed integer not null, primary key (unit, on_day, domains)) strict;
    """,
    """
    create table travel (origin text primary key, legs text not null) strict;
    """,
    """
    create table roster_revisions (month text not null, revision integer not null, record text not null,
        primary key (month, revision)) strict;
    create table wishes (person text not null, from_on text not null, to_on text not null,
        record text not null, primary key (person, from_on, to_on)) strict;
    create table leave_requests (id text primary key, record text not null) strict;
    create table duty_log (id text primary key, record text not null) strict;
    create table spot_draws (id text primary key, record text not null) strict;
    create table spot_checks (id text primary key, record text not null) strict;
    create table unit_duties (unit text not null, on_day text not null, post text not null,
        record text not null, primary key (unit, on_day, post)) strict;
    """,
    """
    create table once (number text primary key, kind text not null, at text not null,
        entry integer not null) strict;
    """,
    """
    create table calendar_years (year integer not null, number integer not null, record text not null,
        primary key (year, number)) strict;
    """,
)
"""The second step is followed by `moving.move_staff`, which joins two tables into one."""

KEYS: dict[str, tuple[str, ...]] = {
    "settings": ("key",),
    "units": ("id",),
    "staff": ("id",),
    "aliases": ("alias",),
    "readings": ("what", "shape"),
    "remarks": ("entry",),
    "allowed": ("sha256",),
    "revoked": ("what",),
    "bundles": ("name",),
    "seen": ("name",),
    "layers": ("domain", "level", "document"),
    "visits": ("id",),
    "checklists": ("sha256",),
    "operations": ("id",),
    "leave": ("person", "from_on", "to_on"),
    "findings": ("unit", "found_on", "item"),
    "draws": ("number",),
    "plans": ("month",),
    "rosters": ("month",),
    "programmes": ("id",),
    "numbers": ("number",),
    "frozen": ("number", "part"),
    "sealed": ("number", "what"),
    "released": ("visit",),
    "outcomes": ("visit",),
    "standings": ("unit",),
    "blackouts": ("scope", "from_on", "to_on", "kind"),
    "inspections": ("unit", "on_day", "domains"),
    "travel": ("origin",),
    "roster_revisions": ("month", "revision"),
    "wishes": ("person", "from_on", "to_on"),
    "leave_requests": ("id",),
    "duty_log": ("id",),
    "spot_draws": ("id",),
    "spot_checks": ("id",),
    "unit_duties": ("unit", "on_day", "post"),
    "calendar_years": ("year", "number"),
}
"""The key columns of every table that the log covers."""

BESIDE = ("once",)
"""Tables that the log does not cover: which form or work made which entry says nothing of the bureau."""

DEFAULTS: dict[str, dict[str, str]] = {
    "units": {"site_of": ""},
    "leave": {"half": ""},
    "staff": {"kin": "[]", "borrowed": "[]", "area": "[]"},
}
"""Columns that came later, with what they hold in rows that the log wrote before they came."""
