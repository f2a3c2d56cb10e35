"""The plan: which visits share a half-day, on which day, by which team. Pure; lots are handed in."""
