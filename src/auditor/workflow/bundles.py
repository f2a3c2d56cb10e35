"""The step of bundles: made from a folder, allowed by a person, added, revoked, and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from auditor import __version__
from auditor.checklists import load_domain
from auditor.errors import FileMissing, UsageProblem
from auditor.i18n import _
from auditor.plugins.bundles import (
    BadBundle,
    Bundle,
    importable,
    pack,
    read_secret,
    unpack,
    version_order,
)
from auditor.plugins.trying import try_bundle
from auditor.store import Database
from auditor.store import bundles as store
from auditor.store.writing import write_tx
from auditor.tables.writing import write_file
from auditor.workflow.domains import shipped_codes

LEFT_OUT = ("__pycache__",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What was added; `instead` says that its key is one that ships with us, and it stands in for it."""

    bundle: Bundle
    instead: bool


def make(folder: Path, keys: Path | None, out: Path) -> Bundle:
    """Pack a plugin's folder into a bundle, signed unless `keys` is None.

    Raises
    ------
    UsageProblem, BadBundle, BadDomain, CannotWriteTable
    """
    if not folder.is_dir():
        raise UsageProblem(problem=_("{folder} is no folder").format(folder=folder))
    files = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            files[path.name] = path.read_bytes()
        elif path.is_dir() and path.name not in LEFT_OUT:
            raise BadBundle(file=path, problem=_("a bundle has no folders inside"))
    tomls = [name for name in files if name.endswith(".toml")]
    if len(tomls) != 1:
        raise BadBundle(file=folder, problem=_("there must be one domain's file (.toml) in it"))
    domain = load_domain(folder / tomls[0])
    own = folder.resolve().name.removeprefix("auditor_").replace("-", "_").lower()
    name = f"auditor_{own}"
    if importable(name):  # the year's new fire checklist lies in a folder called fire
        name = f"auditor_own_{own}"
    secret = None if keys is None else read_secret(keys)
    data = pack(name, domain.key, domain.version, __version__, files, secret)
    write_file(out, data)
    return unpack(out, data)


def _read(file: Path) -> tuple[bytes, Bundle]:
    if not file.is_file():
        raise FileMissing(file=file)
    try:
        with file.open("rb") as stream:
            data = stream.read(2**22)
    except OSError as error:
        raise BadBundle(file=file, problem=error.strerror or str(error)) from error
    return data, unpack(file, data)


def _refuse(
    db: Database,
    file: Path,
    bundle: Bundle,
    *,
    shipped: Mapping[str, str],
    allow_unsigned: bool,
    new_key: bool,
) -> None:
    """Refuse what was revoked, is older than before, bears another's signature, or needs a newer auditor.

    What was here before is known by the package's name and by the domain's key.
    """

    def bad(problem: str) -> BadBundle:
        return BadBundle(file=file, problem=problem)

    revoked = store.read_revoked(db)
    if bundle.sha256 in revoked:
        raise bad(_("this bundle was revoked"))
    if bundle.signer in revoked:
        raise bad(_("its key was revoked"))
    if not bundle.signer and not allow_unsigned:
        raise bad(_("it is not signed; --allow-unsigned takes it all the same, marked as such"))
    if importable(bundle.name):
        raise bad(
            _("its package name {name} is one that Python can import; it needs its own").format(
                name=bundle.name
            )
        )
    if version_order(bundle.needs) > version_order(__version__):
        raise bad(_("it needs auditor {needs}, this is {here}").format(needs=bundle.needs, here=__version__))
    ours = shipped.get(bundle.key)
    if ours is not None and bundle.order <= version_order(ours):
        raise bad(
            _(
                "the domain {key} that comes with auditor is version {ours}; raise yours, {version}, above it"
            ).format(key=bundle.key, ours=ours, version=bundle.version)
        )
    seen = store.read_seen(db)
    for before in filter(None, (seen.get(bundle.name), seen.get(bundle.key))):
        if before.signer != bundle.signer and not new_key:
            raise bad(_("it is signed by another key than before; if that is right, say --new-key"))
        if bundle.order < version_order(before.version):
            raise bad(
                _("its version {version} is lower than {before}, which was here").format(
                    version=bundle.version, before=before.version
                )
            )
        if bundle.order == version_order(before.version) and bundle.sha256 != before.sha256:
            raise bad(
                _("version {version} was here with other content; raise the version").format(
                    version=bundle.version
                )
            )


def allow(
    db: Database,
    file: Path,
    *,
    until: date | None,
    allow_unsigned: bool,
    new_key: bool,
    shipped: Mapping[str, str],
    now: datetime,
) -> Bundle:
    """Verify a bundle and allow exactly these bytes on this database.

    Parameters
    ----------
    shipped
        Key and version of the domains that come with auditor.

    Raises
    ------
    FileMissing, UsageProblem, BadBundle
    """
    _data, bundle = _read(file)
    if until is not None and until < now.date():
        raise UsageProblem(problem=_("--until {until} lies in the past").format(until=until))
    with write_tx(db, "plugins allow", now) as tx:
        _refuse(db, file, bundle, shipped=shipped, allow_unsigned=allow_unsigned, new_key=new_key)
        store.put_allowed(
            tx, bundle.sha256, bundle.signer, bundle.name, bundle.version, until.isoformat() if until else ""
        )
    return bundle


def why_not(db: Database, sha256: str, signer: str, on: date) -> str:
    """Say why a bundle may not be used on a day, "" if it may."""
    revoked = store.read_revoked(db)
    if sha256 in revoked or (signer and signer in revoked):
        return _("revoked")
    until = store.read_allowed(db).get(sha256)
    if until is None:
        return _("not allowed here; `auditor plugins allow FILE` allows it")
    if until and until < on.isoformat():
        return _("allowed until {until} only").format(until=until)
    return ""


def kept_bundle(db: Database, kept: store.Kept, on: date) -> tuple[Bundle | None, str]:
    """Give a kept bundle, checked anew byte by byte, and why it may not be used ("" if it may)."""
    reason = why_not(db, kept.sha256, kept.signer, on)
    try:
        bundle = unpack(Path(kept.name), kept.data)
    except BadBundle as error:
        return None, reason or str(error)
    said = (bundle.name, bundle.key, bundle.version, bundle.signer, bundle.sha256)
    if said != (kept.name, kept.key, kept.version, kept.signer, kept.sha256):
        return None, _("it is not the bundle that was added; remove it and add it anew")
    return bundle, reason


def add(
    db: Database,
    file: Path,
    *,
    allow_code: bool,
    allow_unsigned: bool,
    new_key: bool = False,
    shipped: Mapping[str, str],
    now: datetime,
) -> Added:
    """Add an allowed bundle, after trying it in a process of its own.

    Raises
    ------
    BadBundle
    """

    def bad(problem: str) -> BadBundle:
        return BadBundle(file=file, problem=problem)

    def refuse() -> None:
        _refuse(db, file, bundle, shipped=shipped, allow_unsigned=allow_unsigned, new_key=new_key)
        reason = why_not(db, bundle.sha256, bundle.signer, now.date())
        if reason:
            raise bad(reason)
        taken = [
            one.name for one in store.read_bundles(db) if one.key == bundle.key and one.name != bundle.name
        ]
        if taken:
            raise bad(
                _("the key {key} is taken by {name}; remove that first").format(key=bundle.key, name=taken[0])
            )

    data, bundle = _read(file)
    refuse()
    if bundle.has_code and not allow_code:
        raise bad(_("it holds code that would be run; --allow-code takes it"))
    tried = try_bundle(data)
    if not tried["ok"]:
        raise bad(str(tried["error"]))
    if (tried["key"], tried["version"]) != (bundle.key, bundle.version):
        raise bad(_("its domain is not the one that its manifest names"))
    others = shipped_codes()
    double = next((one for one in tried["codes"] if others.get(one, bundle.key) != bundle.key), "")
    if double:
        raise bad(
            _("its code {code} is one of the domain {key}; choose another").format(
                code=double, key=others[double]
            )
        )
    kept = store.Kept(
        name=bundle.name,
        key=bundle.key,
        version=bundle.version,
        sha256=bundle.sha256,
        signer=bundle.signer,
        data=data,
    )
    with write_tx(db, "plugins add", now) as tx:
        refuse()  # nothing may have come between
        store.put_bundle(tx, kept)
        seen = store.Seen(version=bundle.version, sha256=bundle.sha256, signer=bundle.signer)
        for name in (bundle.name, bundle.key):
            store.put_seen(tx, name, seen)
    return Added(bundle=bundle, instead=bundle.key in shipped)


def rehearse(file: Path, *, allow_code: bool) -> None:
    """Try a bundle in a process of its own, keeping nothing.

    Raises
    ------
    FileMissing, BadBundle
    """
    data, bundle = _read(file)
    if bundle.has_code and not allow_code:
        raise BadBundle(file=file, problem=_("it holds code that would be run; --allow-code takes it"))
    tried = try_bundle(data)
    if not tried["ok"]:
        raise BadBundle(file=file, problem=str(tried["error"]))


def added(db: Database) -> list[dict[str, str]]:
    """Give name, key, version, hash and signer ("" where nobody signed) of every bundle of this bureau."""
    return [
        {
            "name": one.name, "key": one.key, "version": one.version, "sha256": one.sha256,
            "signer": one.signer,
        }
        for one in store.read_bundles(db)
    ]  # fmt: skip


def remove(db: Database, name: str, now: datetime) -> bool:
    """Take a bundle away, by its name or its domain's key; give whether there was one."""
    with write_tx(db, "plugins remove", now) as tx:
        wanted = next((one.name for one in store.read_bundles(db) if name in (one.name, one.key)), "")
        return bool(wanted and store.drop_bundle(tx, wanted))


def revoke(db: Database, what: str, now: datetime) -> list[str]:
    """Revoke a hash or a key for good; bundles that bear it are not loaded any more.

    The hash may be that of a file or, as `plugins list` shows it, of what is in an added bundle.

    Returns
    -------
    The names of the added bundles that it hits, none for what was never here.
    """
    hit = []
    with write_tx(db, "plugins revoke", now) as tx:
        for kept in store.read_bundles(db):
            bundle, _reason = kept_bundle(db, kept, now.date())
            if what in (kept.sha256, kept.signer, bundle.content if bundle else ""):
                hit.append(kept.name)
                if what != kept.signer:
                    store.put_revoked(tx, kept.sha256)
        store.put_revoked(tx, what)
    return hit


def rows(db: Database, on: date, shipped: frozenset[str]) -> list[dict[str, Any]]:
    """Give a row of ``plugins list`` for every added bundle; code is run in a process of its own."""
    found = []
    for kept in store.read_bundles(db):
        bundle, reason = kept_bundle(db, kept, on)
        row: dict[str, Any] = {"ok": False, "error": reason, "items": 0, "name": kept.name, "zh": kept.name}
        if not reason:
            row = try_bundle(kept.data)
        found.append(
            {
                "key": kept.key,
                "name": row["name"],
                "zh": row["zh"],
                "version": kept.version,
                "sha256": bundle.content if bundle else "",
                "items": row["items"],
                "ok": row["ok"],
                "error": row["error"] or None,
                "bundle": kept.sha256,
                "signer": kept.signer or None,
                "instead": kept.key in shipped,
            }
        )
    return found
