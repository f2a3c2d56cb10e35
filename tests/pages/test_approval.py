"""The page on which a plan is approved, as a browser shows it on a small screen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from auditor.i18n import set_language
from auditor.pages.approval import approval_html
from auditor.pages.plan_views import ApprovalView
from auditor.pages.words import REASON_WORDS, word
from browser import Browser


def view() -> ApprovalView:
    """A plan with a long name, many domains and every reason, repaired."""
    return ApprovalView(
        bureau="某某县教育局",
        programme="12月校园安全随机抽查",
        basis="四川省学校安全条例第六条",
        number=1,
        level="simple",
        drill=True,
        first=date(2026, 12, 1),
        last=date(2026, 12, 31),
        units=120,
        sorties=21,
        visits=38,
        days=9,
        half_days=(42, 48),
        metres=612_000,
        domains=(("消防安全", 38), ("食品安全", 20), ("校车与学生交通", 38), ("学生宿舍", 9)),
        unplaced=tuple((word(REASON_WORDS, key), 3) for key in REASON_WORDS),
        plan_root="80ff58ea3a619993ee0a2288439f7f6abc14ffb32713948f4d97522ad407ab9f",
        annex="annex.age",
        annex_sha256="71ef9015f7e78e3d2c202e8b07c8eec2b92582a06177ed0d1594c5b1dee38d2e",
        secrecy="一句话",
        repairs=2,
        ordered=1,
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_approval_fits_small_screens(tmp_path: Path, language: str) -> None:
    """No scrolling sideways, of the page or of a table in it, on a desk's screens and a small notebook's."""
    set_language(language)
    (tmp_path / "approval.html").write_text(approval_html(view()), encoding="utf-8")
    with Browser(tmp_path / "profile") as browser:
        page = browser.open((tmp_path / "approval.html").as_uri(), width=1280)
        for width in (1280, 1024, 900, 800, 720):
            page.resize(width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
            tables = "[...document.querySelectorAll('.scroll')]"
            assert page.evaluate(f"{tables}.every(one => one.scrollWidth <= one.clientWidth)"), width
