"""The duty desk's steps: rosters and their life, leave, the log, spot checks, units' own rosters."""
