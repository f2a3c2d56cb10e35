"""Find and load plugins; the only place that makes a plugin manager.

Two doors: the entry-point group ``auditor`` of installed packages, and ``--plugins-dir`` folders.
Whatever a plugin does while it loads (raising, printing, ``SystemExit``) becomes one listed error
and the others work. Plugins are trusted code: nothing here confines them.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib
import importlib.util
import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from auditor import hookspecs
from auditor.checklists import load_domain, read_domain
from auditor.checklists.documents import document_of
from auditor.entities import SLOTS, Domain
from auditor.errors import AuditorError
from auditor.i18n import N_, _
from auditor.plugins.bundles import Bundle, content_hash, unpack
from auditor.plugins.trying import load_bundle

GROUP = "auditor"
hookimpl = pluggy.HookimplMarker("auditor")
MOST_POINTS = 100
"""More risk points than this no plugin gives one unit."""
CORE = "auditor.risk.points"
"""The core's own answer: its points grow with the findings, without a limit."""


class DomainMissing(AuditorError):
    """A Domain that is needed is not there, or its plugin failed."""

    sentence = N_("domain {key} is not loaded: {why}; see `auditor plugins list`")


class PluginFailed(AuditorError):
    """A plugin did not answer a hook as its contract says."""

    sentence = N_("plugin {plugin}, hook {hook}: {why}; mend the plugin or take it away")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One plugin as ``plugins list`` shows it; `error` is "" for one that works.

    `sha256` is of its files, each as path and hash, so that the same plugin has the same one from
    a wheel and from a folder.
    """

    key: str
    name: str
    version: str
    sha256: str
    items: int
    ok: bool
    error: str = ""
    zh: str = ""

    def record(self) -> dict[str, object]:
        """Give the row of ``plugins list --json``."""
        return {
            "key": self.key,
            "name": self.name,
            "zh": self.zh or self.name,
            "version": self.version,
            "sha256": self.sha256,
            "items": self.items,
            "ok": self.ok,
            "error": self.error or None,
        }


@dataclass(slots=True)
class Plugins:
    """The plugins that loaded, their Domains by key in order of key, and a row for every one found."""

    manager: pluggy.PluginManager
    domains: dict[str, Domain] = field(default_factory=dict)
    listed: list[Listed] = field(default_factory=list)
    origins: set[Path] = field(default_factory=set)

    @property
    def failed(self) -> list[Listed]:
        """The plugins that did not load."""
        return [row for row in self.listed if not row.ok]

    def ask(self, hook: str, **arguments: Any) -> list[tuple[str, Any]]:
        """Ask a hook of every plugin, in the order of pluggy; give (plugin, answer) where not None.

        Raises PluginFailed naming the plugin for whatever one does instead of answering.
        """
        answers = []
        with _quiet():
            for implementation in reversed(getattr(self.manager.hook, hook).get_hookimpls()):
                try:
                    answer = implementation.function(*(arguments[name] for name in implementation.argnames))
                except (Exception, SystemExit) as error:
                    raise PluginFailed(
                        plugin=self._name(implementation), hook=hook, why=_reason(error)
                    ) from error
                if answer is not None:
                    answers.append((self._name(implementation), answer))
        return answers

    def points(self, **arguments: Any) -> int:
        """Sum the risk points of all plugins; raises PluginFailed for anything but 0 to 100."""
        total = 0
        for plugin, answer in self.ask("auditor_risk_points", **arguments):
            most = MOST_POINTS if plugin != CORE else sys.maxsize
            if type(answer) is not int or not 0 <= answer <= most:
                why = _("{answer} is no whole number from 0 to {most}").format(
                    answer=repr(answer)[:40], most=MOST_POINTS
                )
                raise PluginFailed(plugin=plugin, hook="auditor_risk_points", why=why)
            total += answer
        return total

    def _name(self, implementation: pluggy.HookImpl) -> str:
        return Path(implementation.plugin_name).parent.name or implementation.plugin_name

    def domain(self, key: str) -> Domain:
        """Give the Domain `key`; raises DomainMissing with the reason where it did not load."""
        if key in self.domains:
            return self.domains[key]
        error = next((row.error for row in self.failed if row.key == key), "")
        raise DomainMissing(key=key, why=error or _("no plugin brings it"))


def _files_of(origin: Path, *, alone: bool) -> dict[str, bytes]:
    """Give the files of a plugin by their path in it: the one file, or all of its folder that show."""
    if alone:
        return {origin.name: origin.read_bytes()}
    folder = origin.parent
    hidden = ("__pycache__", ".")
    paths = [
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(hidden) for part in path.relative_to(folder).parts)
    ]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what a plugin prints while it loads out of our output."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _load_file(path: Path) -> ModuleType:
    """Import a one-file plugin or a plugin package from `path` under a name of its own.

    The file of a domain alone needs no code.
    """
    source = path / "__init__.py" if path.is_dir() else path
    tomls = [path] if path.suffix == ".toml" else sorted(path.glob("*.toml"))
    if not (source.is_file() and source.suffix == ".py") and len(tomls) == 1:
        domain = load_domain(tomls[0])
        module = ModuleType(path.stem)
        module.__file__ = str(tomls[0])
        module.__dict__["auditor_domain"] = hookimpl(lambda: domain)
        return module
    if not source.is_file():
        raise FileNotFoundError(_("there is no plugin folder or file {path}").format(path=path))
    name = f"auditor_plugins_dir.{hashlib.sha256(str(source).encode()).hexdigest()[:12]}_{path.stem}"
    spec = importlib.util.spec_from_file_location(
        name, source, submodule_search_locations=[str(path)] if path.is_dir() else None
    )
    if spec is None or spec.loader is None:
        raise ImportError(str(source))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@lru_cache(maxsize=256)
def _distribution(dist: Distribution) -> tuple[str, str]:
    """Give the name and version of an installed distribution, whose METADATA is parsed at each question."""
    metadata = dist.metadata
    return metadata["Name"], metadata["Version"]


def _candidates(folders: Sequence[Path]) -> Iterator[tuple[str, str, EntryPoint | Path]]:
    """Give (name, version, where from) of every plugin there is: installed ones first, by name.

    In a folder a plugin is a module, a package, or the file of a domain alone, also in a folder of its own.
    """
    found = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    for point in found:
        yield point.name, _distribution(point.dist)[1] if point.dist else "", point
    for folder in folders:
        if not folder.is_dir():
            yield folder.name, "", folder
            continue
        for path in sorted(folder.iterdir()):
            is_module = path.suffix == ".py" and not path.name.startswith("_")
            is_package = (path / "__init__.py").is_file()
            if is_module or is_package or path.suffix == ".toml" or len(list(path.glob("*.toml"))) == 1:
                yield path.stem.removeprefix("auditor_"), "", path


def is_ours(where: EntryPoint | Path) -> bool:
    """Whether a plugin is one that comes with auditor."""
    return (
        isinstance(where, EntryPoint) and where.dist is not None and _distribution(where.dist)[0] == "auditor"
    )


def is_data(where: EntryPoint | Path | Added) -> bool:
    """Whether a plugin's Domain was read strictly from its file already, by our own code."""
    if isinstance(where, Added):
        return where.bundle is not None and not where.bundle.has_code
    return where.suffix == ".toml" if isinstance(where, Path) else is_ours(where)


def _check_domain(domain: object) -> None:
    """Refuse what no draw or plan could hold."""
    if not isinstance(domain, Domain):
        raise TypeError(_("auditor_domain() gave no Domain"))
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", domain.key):
        raise ValueError(
            _("the key {key} is not small letters, digits, hyphens").format(key=repr(domain.key))
        )
    if type(domain.minutes) is not int or not 1 <= domain.minutes <= 180:
        raise ValueError(_("{minutes} minutes: write 1 to 180").format(minutes=domain.minutes))
    if not domain.windows or any(window.slot not in SLOTS for window in domain.windows):
        raise ValueError(_("windows: name at least one of {slots}").format(slots=", ".join(SLOTS)))


def _check_codes(domain: Domain, others: Mapping[str, Domain]) -> None:
    """Refuse a code that another Domain has or had: an answer names its Item by the code alone."""
    for other in others.values():
        both = sorted(domain.codes & other.codes)
        if both:
            raise ValueError(
                _("the code {code} is one of the domain {key}; choose another").format(
                    code=both[0], key=other.key
                )
            )


def _check_hooks(manager: pluggy.PluginManager, module: object) -> None:
    """Refuse a misspelt hook: without this it would be silence."""
    known = {name for name in vars(hookspecs) if name.startswith("auditor_")}
    for caller in manager.get_hookcallers(module) or []:
        if caller.name not in known:
            close = min(known, key=lambda name: abs(len(name) - len(caller.name)))
            raise AttributeError(
                _("unknown hook {hook}; did you mean {close}?").format(hook=caller.name, close=close)
            )
    manager.check_pending()


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A bundle of this bureau: its parts, or why it may not be used."""

    name: str
    key: str
    version: str
    bundle: Bundle | None
    error: str = ""


def load_plugins(
    folders: Sequence[Path] = (),
    builtin: Sequence[object] = (),
    bundles: Sequence[Added] = (),
    *,
    only_ours: bool = False,
) -> Plugins:
    """Load every plugin that works and list those that do not.

    Parameters
    ----------
    folders
        Folders of one-file plugins or plugin packages (``--plugins-dir``). A file that is already
        loaded through the other door is ignored; another file with a key already taken is a
        listed error.
    builtin
        The core's own hook implementations, registered first and not listed.
    bundles
        Those of the bureau's file; one whose key is already taken stands in for what had it, and one
        that may not be used leaves its key without a Domain.
    only_ours
        Load what comes with auditor and run nothing else.
    """
    manager = pluggy.PluginManager("auditor")
    manager.add_hookspecs(hookspecs)
    for part in builtin:
        manager.register(part)
    plugins = Plugins(manager)
    for name, version, where in _candidates(folders):
        if not only_ours or is_ours(where):
            _load(plugins, name, version, where)
    for added in bundles:
        plugins.domains.pop(added.key, None)
        _load(plugins, added.name, added.version, added)
    plugins.domains = dict(sorted(plugins.domains.items()))
    return plugins


def _load(plugins: Plugins, name: str, version: str, where: EntryPoint | Path | Added) -> None:
    """Load one plugin and list it; whatever it does instead of loading is its listed error."""
    manager = plugins.manager
    module: Any = None
    try:
        with _quiet():
            if isinstance(where, Added):
                if where.bundle is None:
                    raise PluginFailed(plugin=name, hook="auditor_domain", why=where.error)
                module, origin = load_bundle(where.bundle), Path(f"<{name}>")
                files = where.bundle.files
            else:
                module = where.load() if isinstance(where, EntryPoint) else _load_file(where)
                origin = Path(module.__file__ or "").resolve()
                if origin in plugins.origins:
                    return
                is_file = isinstance(where, Path) and where.is_file()
                is_module = origin.suffix == ".py" and origin.name != "__init__.py"
                files = _files_of(origin, alone=is_file or is_module)
            manager.register(module, name=str(origin))
            _check_hooks(manager, module)
            domain = module.auditor_domain() if hasattr(module, "auditor_domain") else None
            if domain is not None:
                _check_domain(domain)
                if not is_data(where):
                    read_domain(name, document_of(domain))  # what a visit keeps must read back
        if domain is not None and domain.key in plugins.domains:
            raise ValueError(_("the key {key} is already taken by another plugin").format(key=domain.key))
        if domain is not None:
            _check_codes(domain, plugins.domains)
        if isinstance(where, Added) and (domain is None or domain.key != where.key):
            raise ValueError(_("its domain is not the one that its manifest names"))
        digest = content_hash(files)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        if module is not None and manager.is_registered(module):
            manager.unregister(module)
        key = where.key if isinstance(where, Added) else name
        reason = where.error if isinstance(where, Added) and where.error else _reason(error)
        plugins.listed.append(
            Listed(key=key, name=name, version=version, sha256="", items=0, ok=False, error=reason)
        )
        return
    plugins.origins.add(origin)
    plugins.listed.append(
        Listed(
            key=domain.key if domain else name,
            name=domain.en if domain else name,
            zh=domain.zh if domain else name,
            version=domain.version if domain else version,
            sha256=digest,
            items=len(domain.items) if domain else 0,
            ok=True,
        )
    )
    if domain is not None:
        plugins.domains[domain.key] = domain


def foreign(folders: Sequence[Path]) -> list[tuple[str, str, EntryPoint | Path]]:
    """Give (name, version, where from) of every plugin that does not come with auditor; runs nothing."""
    return [found for found in _candidates(folders) if not is_ours(found[2])]


def load_one(question: Mapping[str, Any]) -> dict[str, Any]:
    """Load the one plugin of a question of `trying`, and say what it is."""
    manager = pluggy.PluginManager("auditor")
    manager.add_hookspecs(hookspecs)
    plugins = Plugins(manager)
    if "bundle" in question:
        bundle = unpack(Path("bundle.zip"), base64.b64decode(question["bundle"]))
        where: Any = Added(name=bundle.name, key=bundle.key, version=bundle.version, bundle=bundle)
    elif "path" in question:
        where = Path(question["path"])
    else:
        name, value = question["entry"]
        where = EntryPoint(name, value, GROUP)
    _load(plugins, getattr(where, "name", ""), "", where)
    row = plugins.listed[0]
    codes = [code for domain in plugins.domains.values() for code in sorted(domain.codes)]
    return {
        "ok": row.ok, "error": row.error, "key": row.key, "name": row.name, "zh": row.zh,
        "version": row.version, "items": row.items, "sha256": row.sha256, "codes": codes,
    }  # fmt: skip
