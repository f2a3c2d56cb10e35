"""Days and feeds: year files, key periods and terms in; iCalendar files out."""
