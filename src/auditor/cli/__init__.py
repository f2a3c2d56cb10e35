"""The command line: the entry point chooses the language before any command is imported."""

from __future__ import annotations

import io
import signal
import sys


def entry() -> None:
    """Run the command line in the language of ``--lang``, ``AUDITOR_LANG`` or the system."""
    from auditor.i18n import choose_language, set_language, speak_everywhere

    language = choose_language(sys.argv[1:])
    set_language(language)
    speak_everywhere(language)
    for stream in (sys.stdout, sys.stderr):
        # Piping into a terminal or file of another encoding never makes finished work fail; a
        # stream that was closed is not there at all.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # A run that is told to end cleans up like one that is interrupted.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    from auditor.cli.main import auditor

    auditor(prog_name="auditor")
