"""Sheets in and out: what bureaus send, as plain cells; what they get back, as styled workbooks."""
