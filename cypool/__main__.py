"""``python -m cypool`` is the ``cypool`` command."""

import sys

from cypool.cli import main

if __name__ == "__main__":
    sys.exit(main())
