"""How much is tried at random, where each try solves a model or verifies a whole file.

``AUDITOR_EFFORT=10 python -m pytest tests/plan`` tries ten times as many; every run tries others.
"""

from __future__ import annotations

import os

EFFORT = int(os.environ.get("AUDITOR_EFFORT", "1"))
MODELS = 10 * EFFORT
"""Random examples of a property where each example solves models, a fifth of a second or more."""
SMALL_MODELS = 25 * EFFORT
"""Random examples where each solves a small model, a twentieth of a second or so."""
