"""Print requirements that pyproject.toml states: ``requirements.py EXTRA``, ``--lowest NAME`` or ``--build``.

So that no step repeats a name or a version that is written there.
"""

import re
import sys
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    from pip._vendor import tomli as tomllib


def main(arguments):
    """Print the requirements of the extra or the build, or the lowest version that the project accepts of a dependency."""
    stated = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    project = stated["project"]
    if arguments[0] == "--build":
        print("\n".join(stated["build-system"]["requires"]))
    elif arguments[0] == "--lowest":
        floors = [re.fullmatch(rf"{arguments[1]}\s*>=\s*([\d.]+).*", text) for text in project["dependencies"]]
        (floor,) = filter(None, floors)
        print(f"{arguments[1]}=={floor[1]}")
    else:
        print("\n".join(project["optional-dependencies"][arguments[0]]))


main(sys.argv[1:])
