#!/usr/bin/env bash
# The test suite with the oldest NumPy that pyproject.toml accepts, and without any other optional package.
set -euo pipefail
.venv/bin/pip wheel --no-deps --wheel-dir "$WORK/dist" .
"$PYTHON" -m venv "$WORK/lowest"
wheel=$(echo "$WORK"/dist/cypool-*.whl)
lowest=$("$PYTHON" .ci/requirements.py --lowest numpy)
"$WORK/lowest/bin/pip" install "cypool[test] @ file://$wheel" "$lowest"
"$WORK/lowest/bin/python" -c 'import numpy; print("NumPy", numpy.__version__)'
PYTHONPATH="$CLONE/.ci" PYTEST_PLUGINS=installed_only "$WORK/lowest/bin/pytest" -q
