"""Risk points: what is known against a unit, as whole numbers."""
