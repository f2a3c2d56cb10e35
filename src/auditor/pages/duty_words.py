"""The words that people read for what goes on at a duty desk: posts, results of calls, leave."""

from __future__ import annotations

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
LEAVE_KIND_WORDS = {"leave": N_("leave of absence"), "out-of-town": N_("out of town")}
WHERE_WORDS = {"in": N_("in the county"), "out": N_("outside the county")}
LEAVE_STATE_WORDS = {
    "asked": N_("asked"),
    "approved": N_("agreed"),
    "refused": N_("not agreed"),
    "returned": N_("back"),
}
HALF_WORDS = {"am": N_("morning"), "pm": N_("afternoon")}
LOG_WORDS = {"entry": N_("entry"), "patrol": N_("patrol"), "hand-over": N_("hand-over")}


def post_word(post: str) -> str:
    """Give the word for a post of a desk; one that a desk made itself stands for itself."""
    return word(UNIT_POST_WORDS, post)
