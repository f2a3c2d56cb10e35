"""Find and load plugins; the only place that makes a plugin manager.

Two doors: the entry-point group ``auditor`` of installed packages, and ``--plugins-dir`` folders.
Whatever a plugin does while it loads (raising, printing, ``SystemExit``) becomes one listed error
and the others work. Plugins are trusted code: nothing here confines them.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from auditor import hookspecs
from auditor.entities import SLOTS, Domain
from auditor.errors import AuditorError
from auditor.i18n import N_, _

GROUP = "auditor"
MOST_POINTS = 100
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

    def record(self) -> dict[str, object]:
        """Give the row of ``plugins list --json``."""
        return {
            "key": self.key,
            "name": self.name,
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


def _files_hash(module: ModuleType) -> str:
    """Hash the plugin's files: SHA-256 over the sorted lines ``path NUL hash`` of all of them."""
    origin = Path(module.__file__ or "")
    if origin.name == "__init__.py":
        folder = origin.parent
        paths = [p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    else:
        folder, paths = origin.parent, [origin]
    lines = sorted(
        f"{path.relative_to(folder).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in paths
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what a plugin prints while it loads out of our output."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _load_file(path: Path) -> ModuleType:
    """Import a one-file plugin or a plugin package from `path` under a name of its own."""
    source = path / "__init__.py" if path.is_dir() else path
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


def _candidates(folders: Sequence[Path]) -> Iterator[tuple[str, str, EntryPoint | Path]]:
    """Give (name, version, where from) of every plugin there is: installed ones first, by name."""
    found = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    for point in found:
        yield point.name, point.dist.version if point.dist else "", point
    for folder in folders:
        if not folder.is_dir():
            yield folder.name, "", folder
            continue
        for path in sorted(folder.iterdir()):
            is_module = path.suffix == ".py" and not path.name.startswith("_")
            if is_module or (path / "__init__.py").is_file():
                yield path.stem.removeprefix("auditor_"), "", path


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


def load_plugins(folders: Sequence[Path] = (), builtin: Sequence[object] = ()) -> Plugins:
    """Load every plugin that works and list those that do not.

    Parameters
    ----------
    folders
        Folders of one-file plugins or plugin packages (``--plugins-dir``). A file that is already
        loaded through the other door is ignored; another file with a key already taken is a
        listed error.
    builtin
        The core's own hook implementations, registered first and not listed.
    """
    manager = pluggy.PluginManager("auditor")
    manager.add_hookspecs(hookspecs)
    for part in builtin:
        manager.register(part)
    plugins = Plugins(manager)
    origins: set[Path] = set()
    for name, version, where in _candidates(folders):
        module: Any = None
        try:
            with _quiet():
                module = where.load() if isinstance(where, EntryPoint) else _load_file(where)
                origin = Path(module.__file__ or "").resolve()
                if origin in origins:
                    continue
                manager.register(module, name=str(origin))
                _check_hooks(manager, module)
                domain = module.auditor_domain() if hasattr(module, "auditor_domain") else None
                if domain is not None:
                    _check_domain(domain)
            if domain is not None and domain.key in plugins.domains:
                raise ValueError(_("the key {key} is already taken by another plugin").format(key=domain.key))
            digest = _files_hash(module)
        except (Exception, SystemExit) as error:
            if module is not None and manager.is_registered(module):
                manager.unregister(module)
            plugins.listed.append(
                Listed(
                    key=name, name=name, version=version, sha256="", items=0, ok=False, error=_reason(error)
                )
            )
            continue
        origins.add(origin)
        plugins.listed.append(
            Listed(
                key=domain.key if domain else name,
                name=domain.en if domain else name,
                version=domain.version if domain else version,
                sha256=digest,
                items=len(domain.items) if domain else 0,
                ok=True,
            )
        )
        if domain is not None:
            plugins.domains[domain.key] = domain
    plugins.domains = dict(sorted(plugins.domains.items()))
    return plugins
