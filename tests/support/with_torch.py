"""cypool and torch in one process: ``python with_torch.py FIRST SECOND``, the two names in the order of their import.

Both compute, by threads of their own OpenMP runtime; then the process forks, and cypool computes again in the child.  What
may go wrong: one runtime stops the process because of the other, results change, or the child waits for threads that it
does not have.  Prints the OpenMP runtimes; ends with status 0.
"""

import importlib
import os
import signal
import sys

import numpy as np

PATIENCE = 60


def main(names):
    """Import, compute, fork, compute."""
    modules = {name: importlib.import_module(name) for name in names}
    cypool, torch = modules["cypool"], modules["torch"]
    x = np.random.default_rng(0).standard_normal((16, 32, 56, 56), np.float32)

    def by_cypool():
        return cypool.avg_pool2d(x, 3, 2, 1, num_threads=2)

    def by_torch():
        torch.set_num_threads(min(2, os.cpu_count()))
        return torch.nn.functional.avg_pool2d(torch.from_numpy(x), 3, 2, 1).numpy()

    calls = {"cypool": by_cypool, "torch": by_torch}
    found = {name: calls[name]() for name in names}
    np.testing.assert_allclose(found["cypool"], found["torch"], rtol=1e-5, atol=1e-6)
    runtimes = cypool.get_config()["openmp_runtime"]
    assert runtimes, "no OpenMP runtime in this process"
    print(*names, "->", *runtimes)
    # torch after a fork is not ours to promise: GCC's runtime hangs there, if its parent had threads.  cypool must not.
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        same = by_cypool().tobytes() == found["cypool"].tobytes()
        os._exit(0 if same else 1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, f"the child ended with {status}"


if __name__ == "__main__":
    main(sys.argv[1:])
