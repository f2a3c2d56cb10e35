"""How long may be worked: by the clock, or by steps that repeat."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """An end by ``time.monotonic``; None where only the steps of the work are limited."""

    end: float | None = None

    @property
    def left(self) -> float:
        """Seconds left, at least 0; infinite without an end."""
        return float("inf") if self.end is None else max(0.0, self.end - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether the end has come."""
        return self.left == 0.0

    def sooner(self, seconds: float) -> Clock:
        """A clock that ends in so many seconds, or when this one does."""
        at = time.monotonic() + seconds
        return Clock(at if self.end is None else min(at, self.end))
