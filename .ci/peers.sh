#!/usr/bin/env bash
# The tests that compare with other libraries.
set -euo pipefail
"$PYTHON" .ci/requirements.py peers | .venv/bin/pip install -r /dev/stdin
.venv/bin/pytest -q -m peers
