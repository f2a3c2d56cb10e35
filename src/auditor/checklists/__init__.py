"""A domain as one TOML file: read it strictly, and score its checklist by the schemes in use.

What the plugins that come with auditor share, and what a plugin of a stranger may use: nothing here
knows any one domain.
"""

from __future__ import annotations

from auditor.checklists.reading import BadDomain, Fault, find_faults, load_domain, read_domain

__all__ = ["BadDomain", "Fault", "find_faults", "load_domain", "read_domain"]
