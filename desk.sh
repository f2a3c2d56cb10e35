#!/bin/sh
# Opens the desk in the browser (Linux): double-click and choose "run", or type ./desk.sh.
cd "$(dirname "$0")" || exit 1
exec python3 bootstrap.py desk "$@"
