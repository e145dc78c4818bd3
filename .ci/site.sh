#!/usr/bin/env bash
# The site in a browser, as the step `docs` built it: the playground is used, and computes what cypool computes for every
# combination that its controls offer.
set -euo pipefail
if ! command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "site: Chromium or Chrome is needed on PATH, and only root on Debian can have it installed here" >&2
        exit 1
    fi
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium >/dev/null
fi
"$PYTHON" .ci/requirements.py site | .venv/bin/pip install -r /dev/stdin
SITE=docs/_build/html .venv/bin/pytest -q tests/test_play.py
