"""The documentation's site is computed, not drawn: what is on it follows the kernels, and a page that they deny fails its build."""

import importlib
import re
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import cypool

for needed in ("sphinx", "matplotlib", "skimage"):
    pytest.importorskip(needed, reason=f"{needed} is not installed (extra: docs)")

DOCS = Path(__file__).parents[1] / "docs"
MODULE = """
import numpy as np
from paint import canvas

import cypool


def measure():
    return cypool.max_pool1d(np.arange(8.0)[np.newaxis], 2)[0]


def claims(measured):
    return {"it rises": bool(measured[-1] > LIMIT)}


def values(measured):
    return {"last": f"{measured[-1]:g}"}


def curve(measured, language, wide):
    figure, axes = canvas(720 if wide else 360, 200)
    axes.plot(measured)
    axes.set_title({"en": "maxima", "zh": "最大值"}[language])
    return figure


def pictures(measured):
    return [("maxima", np.uint8(measured)[np.newaxis])]


def table(measured):
    return f"| last |\\n|---|\\n| {measured[-1]:g} |"
"""
PAGE = """# Trial

It is {computed}`trial last`.

```{computed} trial curve
:alt: a curve
The *caption*.
```

```{computed} trial pictures
:alt: a picture
```

```{computed} trial table
```
"""


def forget():
    """The modules of docs/ are imported anew."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("computed", "paint", "explained")]:
        del sys.modules[name]


@pytest.fixture
def computed(tmp_path, monkeypatch):
    """The extension, freshly imported, with a cache of its own."""
    monkeypatch.setattr(sys, "path", [str(DOCS / "_ext"), *sys.path])
    forget()
    import computed

    monkeypatch.setattr(computed, "KEPT", tmp_path / "kept")
    yield computed
    forget()


def shown(computed):
    """What the page shows of the map that one can follow with the eye, and whether its claims hold."""
    computed.measured.cache_clear()
    figures = [computed.call("explained.steps", name, wide=True) for name in ("steps", "operators", "gradients")]
    return figures, computed.call("explained.steps", "claims")


def test_a_broken_kernel_changes_the_figures_and_denies_the_text(computed, monkeypatch):
    figures, claims = shown(computed)
    assert all(claims.values())
    monkeypatch.setattr(computed, "digest_of_cypool", lambda: "the same, computed again")
    assert shown(computed)[0] == figures

    def broken(x, *arguments, **options):
        return cypool.min_pool2d(x, *arguments, **options)

    monkeypatch.setattr(computed, "digest_of_cypool", lambda: "another")
    monkeypatch.setattr(cypool, "max_pool2d", broken)
    changed, claims = shown(computed)
    assert [a != b for a, b in zip(figures, changed, strict=True)] == [
        True,
        True,
        False,
    ]  # the last shows no maximum itself
    assert not claims["each region's number is its largest"]


def test_a_result_is_kept_until_the_package_or_its_module_changes(computed, tmp_path, monkeypatch):
    package = tmp_path / "package"
    package.mkdir()
    library = package / "kernel.so"
    library.write_bytes(b"one")
    monkeypatch.setattr(computed, "MODULES", tmp_path)
    monkeypatch.setattr(cypool, "__path__", [str(package)])
    (tmp_path / "helper.py").write_text("A = 1\n")
    (tmp_path / "user.py").write_text("import helper\n")

    def key():
        computed.digest_of_cypool.cache_clear()
        return computed.key("user")

    seen = [key()]
    assert key() == seen[0]
    library.write_bytes(b"two")
    seen.append(key())
    (tmp_path / "helper.py").write_text("A = 2\n")
    seen.append(key())
    (package / "new.py").write_text("")
    seen.append(key())
    assert len(set(seen)) == 4
    computed.digest_of_cypool.cache_clear()


def test_what_is_kept_is_not_computed_again(computed, monkeypatch):
    calls = []
    module = types.ModuleType("counted")
    exec(
        "def measure():\n    calls.append(1)\n    return len(calls)\ndef number(measured):\n    return measured",
        vars(module),
    )
    vars(module)["calls"] = calls
    module.measure.__module__ = "counted"
    monkeypatch.setitem(sys.modules, "counted", module)
    assert [computed.rendered("counted", "number") for _ in range(2)] == [1, 1]
    computed.measured.cache_clear()
    assert computed.call("counted", "number") == 1  # from the file
    assert len(calls) == 1


def test_what_cannot_be_computed_is_a_warning(computed, monkeypatch):
    module = types.ModuleType("impossible")
    exec("def number():\n    return 1 / 0", vars(module))
    monkeypatch.setitem(sys.modules, "impossible", module)
    warnings = []
    monkeypatch.setattr(computed.log, "warning", lambda text, *words, **options: warnings.append(text % words))
    assert computed.attempted("impossible", "number") is None
    assert warnings == ["impossible: number() failed: ZeroDivisionError('division by zero')"]


def build(folder, limit, *options):
    """A site of one page in each language, built in a process of its own."""
    docs = folder / "docs"
    for made in ("_ext", "_computed", "zh"):
        (docs / made).mkdir(parents=True)
    (docs / "_ext/computed.py").write_text((DOCS / "_ext/computed.py").read_text("utf-8"), "utf-8")
    (docs / "_computed/paint.py").write_text((DOCS / "_computed/paint.py").read_text("utf-8"), "utf-8")
    (docs / "_computed/trial.py").write_text(MODULE.replace("LIMIT", str(limit)), "utf-8")
    (docs / "index.md").write_text(f"{PAGE}\n```{{toctree}}\nzh/index\n```\n", "utf-8")
    (docs / "zh/index.md").write_text(f"{PAGE}\n一行，\n又一行。\n", "utf-8")
    (docs / "conf.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(docs / '_ext')!r})\n"
        "extensions = ['myst_parser', 'computed']\nexclude_patterns = ['_build']\n",
        "utf-8",
    )
    command = [sys.executable, "-m", "sphinx", "-q", *options, "-b", "html", str(docs), str(docs / "_build/html")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    return done, docs / "_build/html"


def test_a_page_is_built_for_both_languages_and_themes(tmp_path):
    done, html = build(tmp_path, 0, "-W")
    assert done.returncode == 0, done.stderr
    english, chinese = ((html / page).read_text("utf-8") for page in ("index.html", "zh/index.html"))
    assert "It is 7." in english
    assert (
        english.count("<svg") == 2 and english.count('aria-label="a curve"') == 2
    )  # for a wide screen and for a phone
    assert "var(--computed-ink)" in english and "#24292f" not in english
    assert ">maxima</text>" in english and ">最大值</text>" in chinese
    assert 'lang="zh-Hans"' in chinese and 'lang="en"' in english
    assert "一行，又一行。" in chinese
    assert len(list((html / "_images").glob("*.png"))) == 1  # the same in both languages
    ids = [part.partition('"')[0] for part in english.split('id="')[1:]]
    assert len(ids) == len(set(ids))
    sheet = (html / "_static/computed.css").read_text("utf-8")
    assert "#24292f" in sheet and "#dfe3e8" in sheet and "prefers-color-scheme: dark" in sheet


def test_a_page_that_its_measurement_denies_fails_the_build(tmp_path):
    done, _ = build(tmp_path, 100, "-W", "--keep-going")
    assert done.returncode != 0
    assert "the measurement denies what the page says: it rises" in done.stderr


def test_every_claim_of_the_quick_measurements_holds(computed):
    pytest.importorskip("sklearn", reason="sklearn is not installed (extra: docs)")
    for module in ("steps", "kept", "noise", "edges", "changes"):
        claims = computed.call(f"explained.{module}", "claims")
        assert claims and all(claims.values()), claims


def test_the_editions_say_the_same():
    """The same directives, examples and numbers in the same places, section by section."""

    def outline(path):
        text = path.read_text("utf-8")
        titles = re.findall(r"^(#+) ", text, re.M)
        directives = re.findall(r"^```\{computed\} (.*)", text, re.M)
        examples = re.findall(r"^>>> (.*)", text, re.M)
        sections = [
            sorted(set(re.findall(r"\{computed\}`(.*?)`", part))) for part in re.split(r"^#+ ", text, flags=re.M)
        ]
        links = sorted(re.findall(r"api/\w+\.rst", text))
        rows = len(re.findall(r"^\|", text, re.M))
        return titles, directives, examples, sections, links, rows

    assert outline(DOCS / "explained.md") == outline(DOCS / "zh" / "explained.md")


def test_the_networks_gradient(computed):
    """By central differences in float64, one weight and one bias of each layer."""
    pytest.importorskip("sklearn", reason="sklearn is not installed (extra: docs)")
    network = importlib.import_module("explained.network")
    random = np.random.default_rng(0)
    x, towards, step = random.random((3, 12, 12, 1)), random.standard_normal((3, 10)), 1e-6
    for pooling in network.POOLINGS:
        layers = network.network(pooling, 1)
        learning = [layer for layer in layers if hasattr(layer, "weight")]
        for layer in learning:
            layer.weight, layer.bias = layer.weight.astype(float), layer.bias.astype(float)
        network.forward(layers, x)
        network.backward(layers, towards)
        for layer in learning:
            for name in ("weight", "bias"):
                values, gradient = getattr(layer, name), layer.gradients[name]
                place = tuple(random.integers(values.shape))
                scores = []
                for change in (step, -2 * step):
                    values[place] += change
                    scores.append((network.forward(layers, x) * towards).sum())
                values[place] += step
                slope = (scores[0] - scores[1]) / (2 * step)
                assert abs(slope - gradient[place]) < 1e-6 * max(1, abs(slope)), (pooling, name)
