"""Which kind of Unit a word means; the first pattern that fits decides."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from auditor.entities import KINDS

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("kindergarten", r"幼儿园|幼兒園|幼稚園|托儿|托育|学前|kindergarten|nursery|early years|preschool"),
    ("training", r"培训|培訓|补习|補習|补校|補校|进修|進修|training|tuition|adult"),
    ("special", r"特殊|特教|啟聰|啟明|启智|启聪|special|pupil referral|alternative provision"),
    ("vocational", r"职业|職業|中职|高职|高職|技工|技师|中专|專科|农工|家商|工商|商工"
     r"|vocational|technical|studio"),
    ("nine-year", r"九年一贯|九年一貫|国民中小学|國民中小學|國中小|all-through|all through|middle deemed"),
    ("complete", r"完全中学|完全中學|十二年|完中|高中附设初中"),
    ("senior", r"高级中学|高級中學|高中|大学|大學|学院|學院|senior|sixth form|16 plus|college|university"),
    ("junior", r"初级中学|初級中學|初中|国中|國中|国民中学|國民中學|中学|中學"
     r"|junior|secondary|high school|middle"),
    ("primary", r"小学|小學|国小|國小|国民小学|國民小學|华小|教学点"
     r"|primary|infant|elementary|first school|sjk|sekolah jenis kebangsaan"),
)  # fmt: skip


@lru_cache(maxsize=65536)
def kind_of(word: str) -> str:
    """Give the kind that a word means, or "" if none."""
    plain = unicodedata.normalize("NFKC", word).casefold().strip()
    if plain in KINDS:
        return plain
    return next((kind for kind, pattern in _PATTERNS if re.search(pattern, plain)), "")
