"""Print a command of the README, the block that follows ``<!-- command: NAME -->``: CI runs what newcomers read."""

import re
import sys
from pathlib import Path

text = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
(command,) = re.findall(rf"<!-- command: {re.escape(sys.argv[1])} -->\n```sh\n(.*?)\n```", text, re.DOTALL)
print(command)
