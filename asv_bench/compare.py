"""Has this commit made anything slower?  ``python -m asv_bench.compare BASE``, from the repository.

asv builds both commits in an environment of its own and measures them in interleaved rounds (``asv continuous``), with the
benchmarks as they are in the working tree.  It lists what changed by more than the factor of CONTRIBUTING.md beyond the
noise of its samples, and the exit status is 1 if anything became slower.  Changes that are not committed are not measured.
"""

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
FACTOR = 1.1  # asv's own too: the smallest change that a quiet machine with two processors tells from none
ROUNDS = 4


def main(arguments=None):
    """Run asv, and end as it ends."""
    parser = argparse.ArgumentParser(prog="python -m asv_bench.compare", description=__doc__.splitlines()[0])
    parser.add_argument("base", help="a commit or branch, such as main")
    parser.add_argument("branch", nargs="?", default="HEAD", help="what is compared with it (%(default)s)")
    parser.add_argument("--bench", default=r"\.time", metavar="REGEX", help="which benchmarks (all times: %(default)s)")
    parser.add_argument("--factor", type=float, default=FACTOR, help="a change is larger (%(default)s)")
    options = parser.parse_args(arguments)
    words = ["--interleave-rounds", "--attribute", f"rounds={ROUNDS}", "--factor", str(options.factor), "--split"]
    words += ["--bench", options.bench, options.base, options.branch]
    for command in (["machine", "--yes"], ["continuous", *words]):
        done = subprocess.run([sys.executable, "-m", "asv", *command], cwd=FOLDER, check=False)
        if done.returncode:
            sys.exit(done.returncode)


if __name__ == "__main__":
    main()
