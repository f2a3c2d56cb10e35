"""Bundles: a plugin as one file that is the same bytes whoever packs it, signed with Ed25519.

A signature tells who wrote a plugin and that it was not changed. It confines nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import keyword
import re
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from auditor.errors import AuditorError
from auditor.i18n import N_, _

MANIFEST, SIGNATURE, CODE = "manifest.json", "signature.json", "__init__.py"
FORMAT = 1
MOST_BYTES = 2 * 2**20
MOST_FILES = 50
STAMP = (1980, 1, 1, 0, 0, 0)

_NAME = re.compile(r"auditor_[a-z][a-z0-9_]{0,40}")
_FILE = re.compile(r"[a-z_][a-z0-9_]{0,60}\.(py|toml|json|md|txt)")
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}")
_HEX = re.compile(r"[0-9a-f]{64}")


class BadBundle(AuditorError):
    """A bundle is not what it claims to be."""

    sentence = N_("{file}: {problem}; nothing was taken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle whose bytes, hashes and signature agree.

    `name` is the package, `key` the domain's key, `version` its parts as numbers in `order`. `signer`
    is the public key (hex) that signed it, "" for an unsigned one; `sha256` is of the file's bytes,
    `content` of its plugin's files as ``plugins list`` shows them.
    """

    name: str
    key: str
    version: str
    needs: str
    files: Mapping[str, bytes]
    signer: str
    sha256: str

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, to be compared."""
        return version_order(self.version)

    @property
    def has_code(self) -> bool:
        """Whether anything in it would be run."""
        return any(name.endswith(".py") for name in self.files)

    @property
    def domain_file(self) -> str:
        """The name of the domain's file; "" in a bundle of code that has none or several."""
        found = _domain_files(self.files)
        return found[0] if len(found) == 1 else ""

    @property
    def content(self) -> str:
        """The hash of the plugin's files."""
        return content_hash(self.files)


def _domain_files(files: Mapping[str, bytes]) -> list[str]:
    return sorted(path for path in files if path.endswith(".toml"))


def version_order(version: str) -> tuple[int, ...]:
    """Give a version as numbers without zeros at the end, so that 2026.1 and 2026.1.0 are one."""
    parts = [int(part) for part in version.split(".")]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def content_hash(files: Mapping[str, bytes]) -> str:
    """Hash a plugin's files: SHA-256 over the canonical JSON of ``{path: file hash}``.

    The same from a wheel, a folder and a bundle.
    """
    return hashlib.sha256(
        _canonical({path: hashlib.sha256(data).hexdigest() for path, data in files.items()})
    ).hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def keygen(folder: Path) -> str:
    """Make a pair of keys in a new folder; give the public one (hex).

    Raises
    ------
    BadBundle
        If there are keys already.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret, public = folder / "secret.key", folder / "public.key"
    if secret.exists() or public.exists():
        raise BadBundle(file=folder, problem=_("there are keys already; choose another folder"))
    made = Ed25519PrivateKey.generate()
    folder.mkdir(parents=True, exist_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(made.private_bytes_raw().hex() + "\n", encoding="ascii")
    hexed = made.public_key().public_bytes_raw().hex()
    public.write_text(hexed + "\n", encoding="ascii")
    return hexed


def read_secret(folder: Path) -> bytes:
    """Read the secret key of a folder made by `keygen`; raises BadBundle."""
    file = folder / "secret.key"
    try:
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadBundle(
            file=file, problem=_("there is no key; make one with `auditor plugins keygen`")
        ) from error
    if not _HEX.fullmatch(text):
        raise BadBundle(file=file, problem=_("this is no key made by `auditor plugins keygen`"))
    return bytes.fromhex(text)


def pack(
    name: str, key: str, version: str, needs: str, files: Mapping[str, bytes], secret: bytes | None
) -> bytes:
    """Pack and sign a bundle; the same arguments give the same bytes.

    Parameters
    ----------
    needs
        The least version of auditor.
    secret
        An Ed25519 key of 32 bytes, or None for an unsigned bundle.

    Raises
    ------
    BadBundle
    """
    manifest = _canonical(
        {
            "format": FORMAT,
            "name": name,
            "key": key,
            "version": version,
            "auditor": needs,
            "files": {path: hashlib.sha256(data).hexdigest() for path, data in files.items()},
        }
    )
    parts = {MANIFEST: manifest, **files}
    if secret is not None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        signer = Ed25519PrivateKey.from_private_bytes(secret)
        parts[SIGNATURE] = _canonical(
            {
                "key": signer.public_key().public_bytes_raw().hex(),
                "signature": base64.b64encode(signer.sign(manifest)).decode(),
            }
        )
    made = _zip(parts)
    unpack(Path(f"{name}.zip"), made)
    return made


def _zip(parts: Mapping[str, bytes]) -> bytes:
    """Write parts as the one ZIP that they make: stored, sorted, with one date and no more."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(parts):
            info = zipfile.ZipInfo(path, STAMP)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, parts[path])
    return out.getvalue()


def unpack(file: Path, data: bytes) -> Bundle:
    """Check a bundle's bytes wholly and give what is in it; nothing is written and nothing run.

    Every byte counts: the parts packed again must give the same file.

    Raises
    ------
    BadBundle
        With the reason.
    """

    def bad(problem: str) -> BadBundle:
        return BadBundle(file=file, problem=problem)

    if len(data) > MOST_BYTES:
        raise bad(_("it is larger than {most} MB").format(most=MOST_BYTES // 2**20))
    parts = _parts(data, bad)
    if _zip(parts) != data:
        raise bad(
            _("its bytes are not those that its parts make; it was altered or packed by another program")
        )
    manifest = _manifest(parts, bad)
    files = {path: one for path, one in parts.items() if path not in (MANIFEST, SIGNATURE)}
    if set(manifest["files"]) != set(files):
        raise bad(_("its list of files does not fit what is in it"))
    for path, one in files.items():
        if hashlib.sha256(one).hexdigest() != manifest["files"][path]:
            raise bad(_("{path} was altered").format(path=path))
    if CODE not in files and len(_domain_files(files)) != 1:
        raise bad(_("there must be one domain's file (.toml) in it"))
    return Bundle(
        name=manifest["name"],
        key=manifest["key"],
        version=manifest["version"],
        needs=manifest["auditor"],
        files=files,
        signer=_signer(parts, bad),
        sha256=hashlib.sha256(data).hexdigest(),
    )


_BROKEN = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    ValueError,  # places before the file's begin, names in no encoding
    NotImplementedError,  # a version of ZIP that zipfile does not know
    RuntimeError,  # an archive with a password
)
"""What zipfile raises for bytes that are no sound archive."""


def _parts(data: bytes, bad: Any) -> dict[str, bytes]:
    """Read the parts of an archive whose names and sizes are allowed."""
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > MOST_FILES:
                raise bad(_("there are more than {most} files in it").format(most=MOST_FILES))
            for info in infos:
                if not _FILE.fullmatch(info.filename) or keyword.iskeyword(info.filename.partition(".")[0]):
                    shown = info.filename[:60].encode("unicode_escape").decode()
                    raise bad(_("a file called {name} is not allowed in it").format(name=shown))
                if info.filename in parts:
                    raise bad(_("{path} stands in it twice").format(path=info.filename))
                if info.compress_type != zipfile.ZIP_STORED or info.file_size > len(data):
                    raise bad(_("{path} is compressed; a bundle is not").format(path=info.filename))
                if info.external_attr >> 16 & 0o170000 not in (0, 0o100000):
                    raise bad(_("{path} is no plain file").format(path=info.filename))
                parts[info.filename] = archive.read(info)
    except _BROKEN as error:
        raise bad(_("it is no bundle, or damaged ({error})").format(error=str(error)[:80])) from error
    return parts


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError(_("a key stands twice"))
    return dict(pairs)


def _json(parts: Mapping[str, bytes], path: str, keys: set[str], bad: Any) -> dict[str, Any]:
    try:
        found = json.loads(parts[path].decode("utf-8"), object_pairs_hook=_pairs)
        same = _canonical(found) == parts[path]
    except (KeyError, ValueError, RecursionError) as error:
        raise bad(_("{path} is missing or cannot be read").format(path=path)) from error
    if not isinstance(found, dict) or set(found) != keys or not same:
        raise bad(_("{path} is not as a bundle has it").format(path=path))
    return found


def _manifest(parts: Mapping[str, bytes], bad: Any) -> dict[str, Any]:
    found = _json(parts, MANIFEST, {"format", "name", "key", "version", "auditor", "files"}, bad)
    if type(found["format"]) is not int or found["format"] != FORMAT:
        raise bad(
            _("its format {format} is not known; a newer auditor may read it").format(format=found["format"])
        )
    for key, pattern in (("name", _NAME), ("version", _VERSION), ("auditor", _VERSION)):
        if not isinstance(found[key], str) or not pattern.fullmatch(found[key]):
            raise bad(_("its {key} {value} is not allowed").format(key=key, value=str(found[key])[:60]))
    if not isinstance(found["key"], str) or not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", found["key"]):
        raise bad(_("its {key} {value} is not allowed").format(key="key", value=str(found["key"])[:60]))
    if not isinstance(found["files"], dict):
        raise bad(_("its list of files does not fit what is in it"))
    return found


def _signer(parts: Mapping[str, bytes], bad: Any) -> str:
    """Give the key whose signature over the manifest's bytes holds, "" where there is none."""
    if SIGNATURE not in parts:
        return ""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    found = _json(parts, SIGNATURE, {"key", "signature"}, bad)
    try:
        if not _HEX.fullmatch(found["key"]) or _is_weak(bytes.fromhex(found["key"])):
            raise ValueError(found["key"])
        signature = base64.b64decode(found["signature"], validate=True)
        if base64.b64encode(signature).decode() != found["signature"]:
            raise ValueError(found["signature"])
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(found["key"])).verify(signature, parts[MANIFEST])
    except (InvalidSignature, ValueError, TypeError, binascii.Error) as error:
        raise bad(_("its signature does not hold")) from error
    return str(found["key"])


_SMALL_ORDER = frozenset(
    bytes.fromhex(one)
    for one in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)
"""Public keys of small order, their sign left out: a signature by one holds for many manifests."""


def _is_weak(key: bytes) -> bool:
    return key[:31] + bytes([key[31] & 0x7F]) in _SMALL_ORDER


def importable(name: str) -> bool:
    """Whether a package of this name is installed or comes with Python: a bundle must have its own."""
    try:
        return name in sys.modules or find_spec(name) is not None
    except (ImportError, ValueError):
        return True
