#!/bin/sh
# Opens the desk in the browser (macOS): double-click.
cd "$(dirname "$0")" || exit 1
exec python3 bootstrap.py desk "$@"
