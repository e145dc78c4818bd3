"""The documentation's gallery shows every operator of cypool."""

import ast
import re
from pathlib import Path

import cypool

ROWS = Path(__file__).parents[1] / "docs/_computed/gallery/operators.py"


def test_every_operator_is_in_the_gallery():
    functions = [node for node in ast.parse(ROWS.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    rows = {node.name for node in functions if any(isinstance(d, ast.Call) for d in node.decorator_list)}
    names = {re.sub(r"[123]d$", "", re.sub("(_double)?_backward$", "", name)) for name in cypool.__all__}
    operators = {
        name for name in names if re.search(r"pool$|pyramid$|^(ps_)?roi_|[a-z]unpool$", name) and name.islower()
    }
    forms = {name for name in operators if name.startswith(("adaptive_", "global_"))}
    assert rows >= operators - forms
    assert {name.partition("_")[0] for name in rows & forms} == {"adaptive", "global"}
    assert rows <= operators and len(operators - forms) >= 32
