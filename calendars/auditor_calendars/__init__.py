"""Year files, key periods and terms that come with auditor."""
