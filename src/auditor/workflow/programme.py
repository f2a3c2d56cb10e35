"""The programme file of the open demonstration; its hash stands in the commitment."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.draw.programmes import LEAST_FLOOR, TEAM
from auditor.workflow.draws import LEVEL
from auditor.workflow.frames import MAIN
from auditor.workflow.months import Month


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def programme_toml(month: Month, domains: Sequence[str], n: int) -> str:
    """Write the programme of a month: the same text in every language and on every machine."""
    keys = ", ".join(_quoted(key) for key in domains)
    return (
        "# 公开演示（未封存） open demonstration (not sealed)\n"
        'kind = "sample"\n'
        f'name = "{month.key} 校园安全随机抽查（演示） random inspection of school safety (demonstration)"\n'
        f'level = "{LEVEL}"\n'
        f'period = ["{month.first:%Y-%m-%d}", "{month.last:%Y-%m-%d}"]\n'
        f"domains = [{keys}]\n"
        f"team = {TEAM}\n"
        f"floor_millionths = {LEAST_FLOOR}\n\n"
        "[[draws]]\n"
        f'key = "{MAIN}"\n'
        'method = "pivotal"\n'
        f"n = {n}\n"
        'strata = "township"\n'
    )
