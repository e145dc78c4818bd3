"""Sphinx configuration: Markdown pages by MyST, the API reference from the installed package's docstrings."""

import sys
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

import cypool

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "cypool"
author = "The cypool developers"
project_copyright = "2026, The cypool developers"
version = release = cypool.__version__

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "computed", "mathml", "notebook"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build"]

myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]
html_math_renderer = "mathml"
autodoc_typehints = "none"
default_role = "py:obj"
smartquotes = False  # "channels_last" in a description is copied into programs
numpydoc_show_class_members = False
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "cypool"
html_static_path = ["_static"]
html_css_files = ["cypool.css"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#9a5b13", "color-brand-content": "#9a5b13"},
    "dark_css_variables": {"color-brand-primary": "#f0b35f", "color-brand-content": "#f0b35f"},
}


class Operators(SphinxDirective):
    """``.. operators:: max``: every public function of an operator or a stem, so that a new one is documented by existing."""

    required_arguments = 1
    KINDS = (
        ("Windows", "", ""),
        ("Adaptive windows", "adaptive_", ""),
        ("Whole planes", "global_", ""),
        ("Gradients", None, "_backward"),
        ("Gradients of gradients", None, "_double_backward"),
    )

    def run(self):
        stem = self.arguments[0] if "pool" in self.arguments[0] else self.arguments[0] + "_pool"
        forms = [(name, *name.partition(stem)[::2]) for name in cypool.__all__ if stem in name]
        lines = []
        for title, prefix, suffix in self.KINDS:
            names = [
                name
                for name, start, end in forms
                if start in ("", "adaptive_", "global_")
                and (prefix is None or prefix == start)
                and end.lstrip("123d") == suffix
            ]
            if names:
                lines += [title, "-" * len(title), "", *(f".. autofunction:: cypool.{name}\n" for name in names)]
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


class Layers(SphinxDirective):
    """``.. layers::``: every public layer."""

    def run(self):
        names = [name for name in cypool.__all__ if name[0].isupper()]
        text = "\n".join(f".. autoclass:: cypool.{name}\n" for name in names)
        return self.parse_text_to_nodes(text)


def setup(app):
    """Register the directives of the API pages."""
    app.add_directive("operators", Operators)
    app.add_directive("layers", Layers)
