"""What a command says when it cannot go on: one line, exit status 2."""

import importlib


class CommandError(Exception):
    """A failure that the user can mend; its text becomes the one line on stderr."""


def one_line(error):
    """The text of `error` on one line; an exception without a text gives its type's name."""
    return " ".join(str(error).split()) or type(error).__name__


def require(module, package, purpose):
    """Import an optional `module` of `package`, or say which extra brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0]
        reason = "is not installed" if missing else f"cannot be imported ({one_line(error)})"
        raise CommandError(f'{purpose} needs {package}, which {reason}; pip install "cypool[demo]"') from error
