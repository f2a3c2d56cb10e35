"""Visits: what was answered on the spot, operation by operation; nothing is ever written over."""
