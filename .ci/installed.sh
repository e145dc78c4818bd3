#!/usr/bin/env bash
# The installed package, seen from an empty folder: it is complete, and it is parallel.
set -euo pipefail
mkdir "$WORK/empty"
cd "$WORK/empty"
"$CLONE/.venv/bin/python" -I "$CLONE/.ci/check_installed.py"
