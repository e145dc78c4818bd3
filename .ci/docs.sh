#!/usr/bin/env bash
# The documentation builds without a warning, from the installed package.
set -euo pipefail
"$PYTHON" .ci/requirements.py docs | .venv/bin/pip install -r /dev/stdin
.venv/bin/sphinx-build -W --keep-going -q -b html docs docs/_build/html
test -s docs/_build/html/index.html
