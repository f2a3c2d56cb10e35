"""Pages, sheets and printed workbooks: values in, HTML or XLSX out; no network, no rules."""
