#!/usr/bin/env bash
# The site, in docs/_build/html: built without a warning from the package installed in .venv, every link followed, spelling,
# and the notebook run that it offers.
# What the pages say is tested before, with the suite: examples (tests/test_doctests.py), other libraries (tests/test_systems.py).
# LINKS=--network opens the addresses that lead out, too.
set -euo pipefail
cd "$(dirname "$0")/.."
"${PYTHON:-python3}" .ci/requirements.py docs | .venv/bin/pip install -r /dev/stdin
.venv/bin/sphinx-build -W --keep-going -q -b html docs docs/_build/html
test -s docs/_build/html/index.html
.venv/bin/python .ci/links.py docs/_build/html ${LINKS:-}
.venv/bin/python .ci/spelling.py docs/_build/html
.venv/bin/pytest -q tests/test_computed.py # it needs what builds the site, so the suite may have skipped it
.venv/bin/jupyter execute docs/notebooks/pooling_explained.ipynb # top to bottom, its claims asserted; the build wrote it
