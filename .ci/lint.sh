#!/usr/bin/env bash
# Style: ruff for Python, cython-lint for Cython.
set -euo pipefail
"$PYTHON" -m venv "$WORK/lint"
"$PYTHON" .ci/requirements.py lint | "$WORK/lint/bin/pip" install -r /dev/stdin
"$WORK/lint/bin/ruff" check .
"$WORK/lint/bin/ruff" format --check .
PATH="$WORK/lint/bin:$PATH" cython-lint cypool # it starts pycodestyle
