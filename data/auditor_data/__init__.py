"""Data that comes with auditor."""
