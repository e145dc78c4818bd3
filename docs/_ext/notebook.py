"""The explained page as a notebook: the same text, and the same modules of docs/_computed as cells that can be changed and run.

It is written before the pages are read, so that they can offer it: into docs/notebooks, which git does not track.  A module
becomes a cell of its own before the first picture that needs it, after the modules that it imports; numbers in the text are
those of this build.  `jupyter execute docs/notebooks/pooling_explained.ipynb` runs it from top to bottom, and CI does.
"""

import ast
import doctest
import json
import re

from computed import DOCS, attempted, sources

PAGE, TARGET = DOCS / "explained.md", DOCS / "notebooks" / "pooling_explained.ipynb"
FENCE = re.compile(r"^```(\{computed\}[^\n]*|python)\n(.*?)^```$", re.M | re.S)
ELSEWHERE = re.compile(r"^\[中文版\].*\n|\s*[^.]*\{download\}`[^`]*`\.", re.M)  # the other edition, and this notebook
OURS = re.compile(r"^from (?:paint|explained)\b[^\n(]*(?:\([^)]*\))?[^\n]*\n", re.M)

OPENING = """
*This notebook was made from the page "Pooling explained" of cypool's documentation, and runs from top to bottom in about a minute.
It needs cypool, and* `pip install matplotlib pillow scikit-image scikit-learn`. *Each section defines its names anew: to try
something, change it and run the section from its first cell.*
"""

SHOW = '''

def show(result):
    """A figure, pictures with their captions, or Markdown."""
    import io

    from IPython.display import Image, Markdown, display

    if isinstance(result, str):
        display(Markdown(result))
        return
    if isinstance(result, list):
        result, panels = canvas(900, 260, 1, len(pictures := result))
        for axes, (caption, pixels) in zip(panels, pictures, strict=True):
            axes.imshow(pixels, cmap="gray", vmin=0, vmax=255)
            axes.set_title(caption)
            axes.axis("off")
    target = io.BytesIO()
    result.savefig(target, dpi=100, facecolor="white")
    display(Image(target.getvalue()))
'''


def source(path):
    """A module without what it imports from its neighbours, which are cells, too."""
    text = path.read_text("utf-8")
    end = ast.parse(text).body[0].end_lineno  # the docstring becomes a comment
    title = ast.get_docstring(ast.parse(text)).splitlines()
    lines = text.splitlines(keepends=True)[end:]
    return "\n".join(f"# {line}".rstrip() for line in title) + "\n\n" + OURS.sub("", "".join(lines)).strip()


def prose(text):
    """Markdown whose numbers are computed and whose links into the documentation are words."""
    text = re.sub(r"\{computed\}`([\w.]+) (\w+)`", lambda m: (attempted(m[1], "values") or {m[2]: "?"})[m[2]], text)
    text = ELSEWHERE.sub("", text)
    return re.sub(r"\[([^\]]*)\]\((?!http)[^)]*\)", r"\1", text).strip()


def of_examples(text):
    """Doctests as cells: one ends where there is something to show."""
    cell = ""
    for example in doctest.DocTestParser().get_examples(text):
        cell += example.source
        if example.want:
            yield "code", cell.strip()
            cell = ""
    if cell:
        yield "code", cell.strip()


def of_directive(head, body, known):
    """A computed picture: the modules that are not there yet, what they measure, and the call that shows it."""
    _, name, function = head.split()
    needed = [path for path in reversed(sources(name)) if path not in known]
    for path in needed:
        known.add(path)
        yield "code", source(path) + (SHOW.rstrip() if path.name == "paint.py" else "")
    page = __import__(name, fromlist=["measure"])
    if needed and hasattr(page, "measure"):
        yield "code", "measured = measure()\nassert all(claims(measured).values()), claims(measured)"
    parameters = getattr(page, function).__code__.co_varnames[: getattr(page, function).__code__.co_argcount]
    given = {"measured": "measured", "language": '"en"', "wide": "True"}
    yield "code", f"show({function}({', '.join(f'{name}={given[name]}' for name in parameters)}))"
    caption = prose("\n".join(line for line in body.splitlines() if not line.startswith(":")))
    if caption:
        yield "markdown", f"*{caption}*"


def cells(text):
    """The page's cells, in order."""
    known, at = set(), 0
    title, text = text.split("\n", 1)
    yield "markdown", f"{title}\n{OPENING}"
    for match in FENCE.finditer(text):
        yield "markdown", prose(text[at : match.start()])
        if match[1] == "python":
            yield from of_examples(match[2])
        else:
            yield from of_directive(match[1], match[2], known)
        at = match.end()
    yield "markdown", prose(text[at:])


def notebook(text):
    """The notebook as JSON, nbformat 4.5."""
    made = []
    for number, (kind, content) in enumerate(filter(lambda cell: cell[1], cells(text))):
        cell = {"cell_type": kind, "id": f"cell{number}", "metadata": {}, "source": content.splitlines(keepends=True)}
        made.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def write(app):
    """Write it, unless it is there as it would be written."""
    made = notebook(PAGE.read_text("utf-8"))
    if not TARGET.exists() or TARGET.read_text("utf-8") != made:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(made, "utf-8")


def setup(app):
    """Write the notebook before the pages are read."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
