"""``auditor desk``: the desk in a browser."""

from __future__ import annotations

import json
import os
import sys
import threading
from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import bureau_options, say
from auditor.cli.secrets import is_drill
from auditor.i18n import _, named_language


@click.command(
    help=_(
        "Open the desk in the browser: the month's work as pages, on this computer only. It ends by its "
        "menu, by Ctrl+C, or after twelve hours without a visit.\n\n"
        "\b\nExamples:\n  auditor desk\n  auditor desk --db bureau.db --no-open --json"
    )
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="P",
    help=_("Which port (else one that stands for the file)."),
)
@click.option(
    "--host", default="127.0.0.1", metavar="ADDRESS", help=_("Only 127.0.0.1: the desk has no accounts yet.")
)
@click.option("--no-open", is_flag=True, help=_("Do not open the browser; print the address only."))
@bureau_options()
@click.pass_context
def desk(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    port: int | None,
    host: str,
    no_open: bool,
) -> None:
    """Serve until told to end; a desk that runs for this file already is shown instead."""
    from auditor.desk import serve
    from auditor.desk.places import Places

    if host not in serve.LOOPBACK:
        raise serve.NotHere(host=host)

    def ready(url: str) -> None:
        click.echo(json.dumps({"url": url}) if as_json else url)
        if not no_open:
            threading.Thread(target=_open, args=(url,), daemon=True).start()

    places = Places(db)
    found = serve.running(places)
    if found is not None:
        ready(found.url)
        say(_("the desk of this file runs already"))
        if not no_open:
            _open(found.url)
        return
    listener = serve.some_port(places.db, port)
    serve.serve(
        places,
        listener,
        plugins_dirs=ctx.obj or (),
        now=now if is_drill(ctx) else None,
        language_said=bool(named_language(sys.argv[1:])),
        ready=ready,
    )
    os._exit(0)  # a reader that still holds a thread must not keep a desk that was told to end


def _open(url: str) -> None:
    import webbrowser

    webbrowser.open(url)
