"""Large rosters of shifts: each person's whole schedule is one column, chosen against soft cover.

The family of the public shift-scheduling benchmark (Curtois and Qu, 2014): hard rules a person, soft
cover and requests. Every roster comes with a proven lower bound.
"""
