#!/usr/bin/env bash
# The test suite with the oldest NumPy that pyproject.toml accepts, and without any other optional package.
#
# The package is the newcomer's, copied from one site-packages to the other: what is asked here is whether the same
# binaries run with another NumPy, and a third build would add minutes and no answer.
set -euo pipefail
"$PYTHON" -m venv "$WORK/lowest"
{
    "$PYTHON" .ci/requirements.py --lowest numpy
    "$PYTHON" .ci/requirements.py test
} | "$WORK/lowest/bin/pip" install -r /dev/stdin
site=lib/$("$WORK/lowest/bin/python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')/site-packages
cp -R ".venv/$site"/cypool "$WORK/lowest/$site"
"$WORK/lowest/bin/python" -c 'import numpy; print("NumPy", numpy.__version__)'
# What compilers say of the GPU's kernels, and whether faults planted in them are found, NumPy has no part in.
PYTHONPATH="$CLONE/.ci" PYTEST_PLUGINS=installed_only "$WORK/lowest/bin/pytest" -q -k "not (cuda and (nvcc or planted or address))"
