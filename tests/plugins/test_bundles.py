"""A bundle is taken only as its author made it and as a person allowed it; everything else has its reason."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import string
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auditor.cli.main import auditor
from auditor.errors import UsageProblem
from auditor.plugins import bundles
from auditor.plugins.bundles import BadBundle, content_hash, keygen, pack, read_secret, unpack, version_order
from auditor.plugins.trying import try_bundle
from auditor.store import Database
from auditor.store import bundles as store
from auditor.store.log import verify_log
from auditor.store.opening import close_bureau, create_bureau, open_bureau
from auditor.workflow import bundles as step
from auditor.workflow.domains import load_all, shipped_versions
from shipping import SHIPPED

NOW = datetime(2026, 12, 1, tzinfo=UTC)
OURS = shipped_versions()
POOLS = """
key = "{key}"
version = "{version}"
zh = "游泳池"
en = "Swimming pools"
minutes = 20
windows = [{{slot = "morning"}}]

[[items]]
code = "POL-01"
zh = "{zh}"
en = "Two lifeguards are on duty"
severity = "veto"
evidence = "count"
basis = "GB 19079.1"
source = ["unverified"]
op = ">="
value = 2
unit = "人"
"""


def toml(version: str = "2026.1", key: str = "pools", zh: str = "救生员在岗") -> bytes:
    """A domain's file."""
    return POOLS.format(version=version, key=key, zh=zh).encode()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pair of keys."""
    folder = tmp_path_factory.mktemp("keys") / "k"
    keygen(folder)
    return folder


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """An empty bureau."""
    create_bureau(tmp_path / "b.db", {}, NOW)
    database = open_bureau(tmp_path / "b.db")
    yield database
    assert verify_log(database) == []
    close_bureau(database)


def made(keys: Path | None, name: str = "auditor_pools", **more: Any) -> bytes:
    """A bundle of the pools."""
    files = more.pop("files", None) or {"pools.toml": toml(**more)}
    secret = read_secret(keys) if keys else None
    return pack(name, more.get("key", "pools"), more.get("version", "2026.1"), "0.1.0", files, secret)


def bring(db: Database, path: Path, data: bytes, **how: Any) -> step.Added:
    """Allow a bundle and add it."""
    path.write_bytes(data)
    free = {name: how.pop(name, False) for name in ("allow_unsigned", "new_key")}
    now = how.pop("now", NOW)
    step.allow(db, path, until=how.pop("until", None), shipped=OURS, now=now, **free)
    code = how.pop("allow_code", False)
    return step.add(db, path, allow_code=code, shipped=OURS, now=now, **free)


def test_a_bundle_is_the_same_bytes_whoever_packs_it(keys: Path, tmp_path: Path) -> None:
    """The order of its files and the clock do not matter; parts packed again give the file."""
    files = {"pools.toml": toml(), "readme.md": b"x"}
    one = made(keys, files=files)
    assert one == made(keys, files=dict(reversed(files.items())))
    assert unpack(tmp_path / "any name (1).zip", one).files == files


def test_every_altered_byte_is_refused(keys: Path) -> None:
    """Each of them, by one bit and by all."""
    data = made(keys)
    for at in range(len(data)):
        for mask in (0x01, 0x80, 0xFF):
            altered = data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
            with pytest.raises(BadBundle):
                unpack(Path("b.zip"), altered)
    for cut in (0, 1, len(data) // 2, len(data) - 1):
        with pytest.raises(BadBundle):
            unpack(Path("b.zip"), data[:cut])
    with pytest.raises(BadBundle):
        unpack(Path("b.zip"), data + b"\0")


def forged(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A bundle with other parts, packed as ours are, its manifest's hashes mended."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    manifest = json.loads(parts["manifest.json"])
    manifest["files"] = {
        name: hashlib.sha256(one).hexdigest()
        for name, one in parts.items()
        if name not in ("manifest.json", "signature.json")
    }
    parts["manifest.json"] = bundles._canonical(manifest)
    return bundles._zip(parts)


def other_wording(parts: dict[str, bytes]) -> None:
    """Another text of the item."""
    parts["pools.toml"] = toml(zh="一名救生员即可")


def test_a_forgery_whose_hashes_were_mended_fails_on_its_signature_alone(
    keys: Path, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with its file's hash on the list; without the check of the signature it would be taken."""
    bad = forged(made(keys), other_wording)
    file = tmp_path / "bad.zip"
    file.write_bytes(bad)
    with step.write_tx(db, "test", NOW) as tx:
        store.put_allowed(tx, hashlib.sha256(bad).hexdigest(), "", "auditor_pools", "2026.1", "")
    with pytest.raises(BadBundle, match="signature does not hold"):
        step.add(db, file, allow_code=False, allow_unsigned=True, shipped=OURS, now=NOW)
    assert store.read_bundles(db) == []
    monkeypatch.setattr(bundles, "_signer", lambda parts, bad: json.loads(parts["signature.json"])["key"])
    assert (
        step.add(db, file, allow_code=False, allow_unsigned=True, shipped=OURS, now=NOW).bundle.key == "pools"
    )


def test_a_file_changed_or_added_under_a_signature_that_holds_is_refused(keys: Path) -> None:
    """The manifest and its signature are the author's own; only the list of hashes can tell."""
    with zipfile.ZipFile(io.BytesIO(made(keys))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for more, reason in (
        ({"pools.toml": toml(zh="一名救生员即可")}, "was altered"),
        ({"__init__.py": b"raise SystemExit"}, "list of files"),
    ):
        with pytest.raises(BadBundle, match=reason):
            unpack(Path("b.zip"), bundles._zip({**parts, **more}))
    del parts["pools.toml"]
    with pytest.raises(BadBundle, match="list of files"):
        unpack(Path("b.zip"), bundles._zip(parts))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", True), ("format", 1.0), ("format", 2), ("name", "pools"), ("name", "auditor_../x"),
        ("version", "1.0a"), ("version", 1), ("key", "Pools"), ("key", "\ud800"), ("auditor", "next"),
        ("files", []),
    ],
)  # fmt: skip
def test_a_manifest_that_says_anything_else_is_refused_though_signed(
    keys: Path, name: str, value: object
) -> None:
    """With one sentence, whoever signed it."""
    secret = Ed25519PrivateKey.from_private_bytes(read_secret(keys))
    with zipfile.ZipFile(io.BytesIO(made(keys))) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    manifest = {**json.loads(parts["manifest.json"]), name: value}
    text = json.dumps(manifest, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()
    parts["manifest.json"] = text
    signature = base64.b64encode(secret.sign(text)).decode()
    key = secret.public_key().public_bytes_raw().hex()
    parts["signature.json"] = bundles._canonical({"key": key, "signature": signature})
    with pytest.raises(BadBundle):
        unpack(Path("b.zip"), bundles._zip(parts))


def test_a_bundle_that_needs_a_newer_auditor_or_takes_a_code_is_refused(
    keys: Path, db: Database, tmp_path: Path
) -> None:
    """Both when it is brought here."""
    newer = pack("auditor_pools", "pools", "2026.1", "99.0", {"pools.toml": toml()}, read_secret(keys))
    with pytest.raises(BadBundle, match=r"needs auditor 99\.0"):
        bring(db, tmp_path / "p.zip", newer)
    taken = made(keys, files={"pools.toml": toml().replace(b"POL-01", b"FIR-01")})
    with pytest.raises(BadBundle, match="FIR-01 is one of the domain fire"):
        bring(db, tmp_path / "p.zip", taken)


def raw(*entries: tuple[str | zipfile.ZipInfo, bytes], compress: int = zipfile.ZIP_STORED) -> bytes:
    """A zip made by hand."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def symlink(name: str) -> zipfile.ZipInfo:
    """An entry that is a symbolic link."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


MANIFEST = b"{}"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(raw(("../evil.toml", b"x")), "not allowed", id="up"),
        pytest.param(raw(("/etc/passwd", b"x")), "not allowed", id="absolute"),
        pytest.param(raw(("a/b.toml", b"x")), "not allowed", id="folder"),
        pytest.param(raw(("C:evil.toml", b"x")), "not allowed", id="drive"),
        pytest.param(raw(("x.pyc", b"x")), "not allowed", id="compiled"),
        pytest.param(raw(("x.so", b"x")), "not allowed", id="library"),
        pytest.param(raw(("Evil.toml", b"x")), "not allowed", id="capitals"),
        pytest.param(raw(("import.py", b"x")), "not allowed", id="keyword"),
        pytest.param(raw(("a.toml\0.py", b"x")), "no bundle|not allowed|not those", id="nul"),
        pytest.param(raw((symlink("pools.toml"), b"/etc/passwd")), "no plain file", id="link"),
        pytest.param(raw(("a.toml", b"0" * 10**6), compress=zipfile.ZIP_DEFLATED), "compressed", id="bomb"),
        pytest.param(raw(*((f"f{at}.toml", b"") for at in range(60))), "more than 50", id="many"),
        pytest.param(b"PK\x03\x04" + bytes(3 * 2**20), "larger than", id="large"),
        pytest.param(b"", "no bundle", id="empty"),
        pytest.param(b"\x00" * 100, "no bundle", id="zeros"),
        pytest.param(raw(("pools.toml", toml())), "not those that its parts make", id="another packer"),
        pytest.param(bundles._zip({"pools.toml": toml()}), "manifest.json is missing", id="no manifest"),
        pytest.param(
            bundles._zip({"manifest.json": MANIFEST}), "not as a bundle has it", id="empty manifest"
        ),
    ],
)
def test_a_hostile_file_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    """Nothing is written and nothing run."""
    with pytest.raises(BadBundle, match=reason):
        unpack(Path("b.zip"), data)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused() -> None:
    """Which of the two would be read is nobody's guess."""
    with pytest.raises(BadBundle, match="twice"):
        unpack(Path("b.zip"), raw(("a.toml", b"1"), ("a.toml", b"2")))


def test_an_old_a_changed_a_foreign_and_a_revoked_bundle_are_refused(
    keys: Path, db: Database, tmp_path: Path
) -> None:
    """Also after it was taken away; the next version takes its place."""
    file = tmp_path / "pools(1).zip"
    first = bring(db, file, made(keys))
    assert (first.bundle.version, first.instead) == ("2026.1", False)
    bring(db, file, made(keys, version="2026.2"))
    assert [one.version for one in store.read_bundles(db)] == ["2026.2"]
    assert step.remove(db, "pools", NOW)
    for data, reason in (
        (made(keys, version="2026.1"), "lower than 2026.2"),
        (made(keys, version="2026.2", zh="另一文字"), "other content"),
        (made(None, version="2026.3"), "not signed"),
    ):
        with pytest.raises(BadBundle, match=reason):
            bring(db, file, data)
    keygen(tmp_path / "other")
    with pytest.raises(BadBundle, match="another key"):
        bring(db, file, made(tmp_path / "other", version="2026.3"))
    step.revoke(db, hashlib.sha256(made(keys, version="2026.3")).hexdigest(), NOW)
    with pytest.raises(BadBundle, match="this bundle was revoked"):
        bring(db, file, made(keys, version="2026.3"))
    bring(db, file, made(keys, version="2026.4"))
    step.revoke(db, (keys / "public.key").read_text().strip(), NOW)
    with pytest.raises(BadBundle, match="its key was revoked"):
        bring(db, file, made(keys, version="2026.5"))
    (row,) = step.rows(db, NOW.date(), SHIPPED)
    assert (row["ok"], row["error"]) == (False, "revoked")
    assert "pools" not in load_all(None, db, NOW.date()).domains
    bring(db, file, made(tmp_path / "other", version="2026.6"), new_key=True)
    assert "pools" in load_all(None, db, NOW.date()).domains


def test_another_package_of_the_same_domain_is_no_way_round(keys: Path, db: Database, tmp_path: Path) -> None:
    """An older version, a foreign key, and a version not above the one that comes with auditor."""
    bring(db, tmp_path / "p.zip", made(keys, version="2026.3"))
    step.remove(db, "pools", NOW)
    keygen(tmp_path / "other")
    for data, reason in (
        (made(keys, name="auditor_pools_b", version="2025.1"), "lower than 2026.3"),
        (made(tmp_path / "other", name="auditor_pools_b", version="2026.4"), "another key"),
        (made(keys, name="auditor_fire_old", key="fire", version="2020.1"), "raise yours"),
        (made(keys, name="auditor_fire_old", key="fire", version=OURS["fire"]), "raise yours"),
    ):
        with pytest.raises(BadBundle, match=reason):
            bring(db, tmp_path / "p.zip", data)
    assert store.read_bundles(db) == []


def test_what_was_only_allowed_leaves_earlier_versions_as_they_were(
    keys: Path, db: Database, tmp_path: Path
) -> None:
    """It was never here, and the version in use can be allowed for longer."""
    bring(db, tmp_path / "p.zip", made(keys), until=date(2026, 12, 1))
    (tmp_path / "q.zip").write_bytes(made(keys, version="2026.9"))
    free = {"allow_unsigned": False, "new_key": False, "shipped": OURS, "now": NOW}
    step.allow(db, tmp_path / "q.zip", until=None, **free)
    step.allow(db, tmp_path / "p.zip", until=date(2027, 8, 31), **free)
    assert "pools" in load_all(None, db, date(2027, 1, 1)).domains


def test_a_bundle_altered_in_the_file_of_the_bureau_is_not_loaded(
    keys: Path, db: Database, tmp_path: Path
) -> None:
    """Its bytes are checked against what was added whenever they are used."""
    bring(db, tmp_path / "p.zip", made(keys))
    code = {"pools.toml": toml(), "__init__.py": b"raise SystemExit"}
    other = base64.b64encode(made(None, files=code)).decode()
    with step.write_tx(db, "test", NOW) as tx:
        tx.put("bundles", [{**dict(next(db["bundles"].rows)), "data": other}])
    (row,) = step.rows(db, NOW.date(), SHIPPED)
    assert (row["ok"], "not the bundle that was added" in row["error"]) == (False, True)
    assert "pools" not in load_all(None, db, NOW.date()).domains


def test_a_hash_of_the_content_revokes_the_bundle(keys: Path, db: Database, tmp_path: Path) -> None:
    """As `plugins list` shows it; what hits nothing is said to hit nothing."""
    bring(db, tmp_path / "p.zip", made(keys))
    content = step.rows(db, NOW.date(), SHIPPED)[0]["sha256"]
    assert step.revoke(db, "0" * 64, NOW) == []
    assert step.revoke(db, content, NOW) == ["auditor_pools"]
    assert "pools" not in load_all(None, db, NOW.date()).domains


@pytest.mark.parametrize("key", ["00" * 32, "01" + "00" * 31, "01" + "00" * 30 + "80"])
def test_a_key_whose_signature_holds_for_anything_is_refused(keys: Path, key: str) -> None:
    """Of small order: R the neutral element, S nothing."""

    def weak(parts: dict[str, bytes]) -> None:
        parts["signature.json"] = bundles._canonical(
            {"key": key, "signature": base64.b64encode(b"\x01" + bytes(63)).decode()}
        )

    with pytest.raises(BadBundle, match="signature does not hold"):
        unpack(Path("b.zip"), forged(made(keys), weak))


def test_a_signature_is_written_in_one_way(keys: Path) -> None:
    """The four free bits of the last letter would give sixteen files of one bundle."""

    def bent(parts: dict[str, bytes]) -> None:
        text = parts["signature.json"].decode()
        at = text.index("==") - 1
        letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
        parts["signature.json"] = (text[:at] + letters[letters.index(text[at]) + 1] + text[at + 1 :]).encode()

    with pytest.raises(BadBundle, match="signature does not hold"):
        unpack(Path("b.zip"), forged(made(keys), bent))


def test_the_tried_code_sees_no_file_of_the_current_folder(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A base64.py that lies there is not run."""
    (tmp_path / "base64.py").write_text("open('ran', 'w').close()", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = (
        b"from auditor import hookimpl, load_domain\n@hookimpl\ndef auditor_domain():\n"
        b"    return load_domain(__bundle__['pools.toml'])\n"
    )
    assert try_bundle(made(keys, files={"pools.toml": toml(), "__init__.py": code}))["ok"]
    assert not (tmp_path / "ran").exists()


def test_what_nobody_allowed_or_whose_time_is_over_is_not_used(
    keys: Path, db: Database, tmp_path: Path
) -> None:
    """On the last day it is; a run that needs the domain stops."""
    file = tmp_path / "p.zip"
    file.write_bytes(made(keys))
    with pytest.raises(BadBundle, match="not allowed here"):
        step.add(db, file, allow_code=False, allow_unsigned=False, shipped=OURS, now=NOW)
    with pytest.raises(UsageProblem, match="past"):
        bring(db, file, made(keys), until=date(2026, 11, 30))
    bring(db, file, made(keys), until=date(2026, 12, 1))
    assert load_all(None, db, date(2026, 12, 1)).domain("pools").items[0].code == "POL-01"
    late = load_all(None, db, date(2026, 12, 2))
    with pytest.raises(Exception, match="2026-12-01 only"):
        late.domain("pools")


def test_a_bundle_of_a_shipped_key_stands_in_for_it(keys: Path, db: Database, tmp_path: Path) -> None:
    """Both are listed; taken away, the shipped one is back; revoked, the key has no domain at all."""
    file = tmp_path / "fire.zip"
    data = made(keys, name="auditor_fire2027", key="fire", version="2027.1")
    assert bring(db, file, data).instead
    plugins = load_all(None, db, NOW.date())
    assert plugins.domain("fire").version == "2027.1"
    assert [row.version for row in plugins.listed if row.key == "fire"][-1] == "2027.1"
    step.remove(db, "auditor_fire2027", NOW)
    assert load_all(None, db, NOW.date()).domain("fire").version != "2027.1"
    bring(db, file, data)
    step.revoke(db, hashlib.sha256(data).hexdigest(), NOW)
    assert "fire" not in load_all(None, db, NOW.date()).domains
    assert "fire" in shipped_versions()


def test_a_key_that_another_bundle_has_and_an_importable_name_are_refused(
    keys: Path, db: Database, tmp_path: Path
) -> None:
    """A name must be its own."""
    bring(db, tmp_path / "a.zip", made(keys))
    with pytest.raises(BadBundle, match="taken by auditor_pools"):
        bring(db, tmp_path / "b.zip", made(keys, name="auditor_basins", version="2026.2"))
    with pytest.raises(BadBundle, match="can import"):
        bring(db, tmp_path / "c.zip", made(keys, name="auditor_fire", key="pools2"))


CODE = b"""
from auditor import hookimpl, load_domain
@hookimpl
def auditor_domain():
    return load_domain(__bundle__["pools.toml"])
@hookimpl
def auditor_risk_points(unit):
    return 7
"""


def test_code_needs_leave_and_runs_from_the_checked_bytes(keys: Path, db: Database, tmp_path: Path) -> None:
    """Its hooks work; without --allow-code nothing of it is run."""
    files = {"pools.toml": toml(), "__init__.py": CODE}
    with pytest.raises(BadBundle, match="--allow-code"):
        bring(db, tmp_path / "c.zip", made(keys, files=files))
    bring(db, tmp_path / "c.zip", made(keys, files=files), allow_code=True)
    plugins = load_all(None, db, NOW.date())
    assert plugins.domain("pools").version == "2026.1"
    from auditor.entities import Unit

    assert plugins.points(unit=Unit(id="1", name="甲"), findings=()) >= 7


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (b"import time\ntime.sleep(60)", "within 1 seconds"), (b"import os\nos._exit(7)", "ended with 7"),
        (b"raise SystemExit(0)", "SystemExit"), (b"1/0", "ZeroDivisionError"), (b"def (", "SyntaxError"),
        (b"x = 1", "not the one that its manifest names"),
    ],
)  # fmt: skip
def test_whatever_code_does_while_it_is_tried_is_one_error(keys: Path, code: bytes, reason: str) -> None:
    """In a process of its own, with a limit of time."""
    data = made(keys, files={"pools.toml": toml(), "__init__.py": code})
    assert reason in try_bundle(data, seconds=1 if b"sleep" in code else 20)["error"]


def test_list_runs_no_foreign_code_in_its_own_process(tmp_path: Path) -> None:
    """A plugin that would end or hang the program is a row with its error."""
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "ends.py").write_text("import os\nos._exit(3)\n", encoding="utf-8")
    (folder / "tells.py").write_text(
        f"open({str(tmp_path / 'who')!r}, 'w').write(str(__import__('os').getpid()))\n", encoding="utf-8"
    )
    (folder / "pools.toml").write_bytes(toml())
    done = CliRunner().invoke(
        auditor, ["--plugins-dir", str(folder), "plugins", "list", "--json", "--db", str(tmp_path / "no.db")]
    )
    rows: dict[str, Mapping[str, Any]] = {row["key"]: row for row in json.loads(done.stdout)}
    assert done.exit_code == 5
    assert "ended with 3" in rows["ends"]["error"]
    assert rows["pools"]["ok"]
    assert (tmp_path / "who").read_text() != str(os.getpid())


def test_one_plugin_has_one_hash_from_a_folder_a_file_and_a_bundle(
    keys: Path, db: Database, tmp_path: Path
) -> None:
    """Canonical JSON of path and file hash."""
    folder = tmp_path / "plugins" / "pools"
    folder.mkdir(parents=True)
    (folder / "pools.toml").write_bytes(toml())
    expected = content_hash({"pools.toml": toml()})
    canon = json.dumps({"pools.toml": hashlib.sha256(toml()).hexdigest()}, separators=(",", ":"))
    assert expected == hashlib.sha256(canon.encode()).hexdigest()
    assert next(row.sha256 for row in load_all([folder.parent]).listed if row.key == "pools") == expected
    bring(db, tmp_path / "p.zip", made(keys))
    assert step.rows(db, NOW.date(), SHIPPED)[0]["sha256"] == expected


@pytest.mark.parametrize(
    ("one", "other"), [("2026.10", "2026.9"), ("2027", "2026.99"), ("2026.1.1", "2026.1")]
)
def test_versions_are_numbers(one: str, other: str) -> None:
    """2026.10 comes after 2026.9; 2026.1.0 is 2026.1."""
    assert version_order(one) > version_order(other)
    assert version_order("2026.1.0") == version_order("2026.1")


def test_by_the_command_line_from_the_keys_to_the_domain(tmp_path: Path) -> None:
    """Each step as the README has it; a refusal ends with 1."""

    def run(*arguments: object) -> Any:
        return CliRunner().invoke(auditor, [*map(str, arguments)])

    folder, db = tmp_path / "pools", tmp_path / "b.db"
    folder.mkdir()
    (folder / "pools.toml").write_bytes(toml())
    assert run("init", "--db", db).exit_code == 0
    assert run("plugins", "keygen", "--out", tmp_path / "k").exit_code == 0
    assert run("plugins", "keygen", "--out", tmp_path / "k").exit_code == 1
    out = tmp_path / "pools.zip"
    assert run("plugins", "bundle", folder, "--key", tmp_path / "k", "--out", out).exit_code == 0
    assert run("plugins", "add", out, "--db", db).exit_code == 1
    assert run("plugins", "allow", out, "--db", db).exit_code == 0
    assert run("plugins", "add", out, "--db", db).exit_code == 0
    shown = run("plugins", "show", "pools", "--db", db, "--json")
    assert json.loads(shown.stdout)["items"][0]["code"] == "POL-01"
    assert run("plugins", "remove", "pools", "--db", db).exit_code == 0
    assert run("plugins", "remove", "pools", "--db", db).exit_code == 2
    assert run("plugins", "revoke", "xyz", "--db", db).exit_code == 2


def test_help_and_doctor_run_no_plugin(tmp_path: Path) -> None:
    """Not even with a folder of plugins named."""
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "tells.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    for command in (["--help"], ["plugins", "--help"], ["doctor", "--db", str(tmp_path / "no.db")]):
        subprocess.run(
            [sys.executable, "-m", "auditor", "--plugins-dir", str(folder), *command],
            capture_output=True,
            check=False,
        )
    assert not (tmp_path / "ran").exists()
