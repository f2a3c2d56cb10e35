"""The words that people read, and write, for what goes on at a duty desk: posts, results of calls, leave."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping

from auditor.i18n import N_
from auditor.pages.words import POST_WORDS, word

UNIT_POST_WORDS = POST_WORDS | {
    "duty": N_("on duty"),
    "stairs": N_("stairs"),
    "evening": N_("evening study"),
    "dorm": N_("dormitory night round"),
}
RESULT_WORDS = {"present": N_("present"), "replaced": N_("replaced"), "absent": N_("absent")}
LINE_WORDS = {
    "desk": N_("desk's line"),
    "mobile": N_("mobile"),
    "call-back": N_("called back within 5 minutes"),
    "none": N_("nobody answered"),
}
RESULTS_WRITTEN: Mapping[str, Collection[str]] = {
    "present": ("在岗", "到岗", "在班", "在位"),
    "replaced": ("替岗", "替班", "顶班", "代班", "替换"),
    "absent": ("脱岗", "缺岗", "空岗", "不在岗", "无人在岗", "缺席"),
}
"""What people write for a result."""
LINES_WRITTEN: Mapping[str, Collection[str]] = {
    "desk": ("值班电话接听", "值班电话", "座机", "固定电话", "desk's line"),
    "mobile": ("手机接听", "手机", "移动电话"),
    "call-back": ("五分钟内回电", "5分钟内回电", "回电", "回拨", "called back within 5 minutes", "callback"),
    "none": ("无人接听", "未接听", "无人", "nobody answered", "nobody"),
}
"""What people write for who answered."""
LEAVE_KIND_WORDS = {"leave": N_("leave of absence"), "out-of-town": N_("out of town")}
WHERE_WORDS = {"in": N_("in the county"), "out": N_("outside the county")}
LEAVE_STATE_WORDS = {
    "asked": N_("asked"),
    "approved": N_("agreed"),
    "refused": N_("not agreed"),
    "returned": N_("back"),
    "withdrawn": N_("withdrawn"),
}
HALF_WORDS = {"am": N_("morning"), "pm": N_("afternoon")}
LOG_WORDS = {"entry": N_("entry"), "patrol": N_("patrol"), "hand-over": N_("hand-over")}


def post_word(post: str) -> str:
    """Give the word for a post of a desk; one that a desk made itself stands for itself."""
    return word(UNIT_POST_WORDS, post)


def meant(written: str, known: Mapping[str, Collection[str]]) -> str | None:
    """Give the key that a word means: the key itself, one of its names, or a start that only it has.

    Letters' case and width do not count. None where no key or several are meant.
    """
    word = _plain(written)
    names = {key: {_plain(one) for one in (key, *own)} for key, own in known.items()}
    exact = [key for key, own in names.items() if word in own]
    begun = [key for key, own in names.items() if word and any(one.startswith(word) for one in own)]
    found = exact or begun
    return found[0] if len(found) == 1 else None


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip().casefold()
