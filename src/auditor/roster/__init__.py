"""Duty rosters: problem, variables, rules, objective, make, check. It never reads the plan."""
