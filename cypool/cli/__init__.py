"""The ``cypool`` command: ``demo``, ``pool`` and ``info``.

Everything that a user can mend ends as one line on stderr, ``cypool: error: ...``, and exit status 2. Pillow,
matplotlib, scikit-image and tqdm are optional and imported where they are needed; nothing here is imported by
``import cypool``.
"""

import argparse
import sys

import cypool
from cypool.cli import demo, pool
from cypool.cli.errors import CommandError, one_line


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, without the usage."""

    def error(self, message):
        self.exit(2, f"cypool: error: {one_line(message)} (cypool --help)\n")


def build_parser():
    """The parser of the whole command line."""
    parser = Parser(prog="cypool", description="Pooling for arrays, at the speed of memory.")
    parser.add_argument("--version", action="version", version=f"cypool {cypool.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")
    demo.add_parser(commands)
    pool.add_parser(commands)
    info = commands.add_parser("info", help="print how cypool was built and what it runs on")
    info.set_defaults(run=lambda arguments: cypool.show_config())
    return parser


def main(argv=None):
    """Run the command line; returns the exit status."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if not hasattr(arguments, "run"):
        parser.print_help()
        return 2
    try:
        arguments.run(arguments)
    except CommandError as error:
        print(f"cypool: error: {one_line(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0
