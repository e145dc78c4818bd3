"""The documentation's playground, in a headless browser: its arithmetic against cypool, and the page as it is used.

The pages are built here, or taken from the folder that the variable SITE names, as CI does; then nothing may be missing,
whereas elsewhere the tests are skipped without Playwright (the extra `site`) or without a Chromium.
"""

import base64
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cypool

DOCS = Path(__file__).parents[1] / "docs"
PLAY = DOCS / "_static" / "play"
SITE = os.environ.get("SITE")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def lacking(what):
    """Skip, or in CI fail."""
    (pytest.fail if SITE else pytest.skip)(f"the playground was not opened: {what}")


@pytest.fixture(scope="module")
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("Playwright is not installed, see the extra `site` of pyproject.toml")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        lacking(f"none of {', '.join(BROWSERS)} is on PATH")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


# ---- arithmetic

# Everything that the controls offer for one operator, in one flat array: of every map the values, the indices where there are
# any, and the gradient; beside them the calls as the page writes them, with the output's shape or a message.
EVERYTHING = """([op, maps, given, step]) => {
  const { ROWS: rows, COLS: cols, CONTROLS } = pooling;
  let all = [{ op }];
  for (const [name, choices] of Object.entries(CONTROLS)) {
    if (name === "op") continue;
    const offered = name === "countIncludePad" && op !== "avg" ? choices.slice(0, 1) : choices;
    all = all.flatMap((settings) => offered.map((choice) => ({ ...settings, [name]: choice })));
  }
  const numbers = [];
  const calls = all.filter((_, i) => i % step === 0).map((settings) => {
    const call = lines.calls(settings);
    try {
      for (const map of maps.map((texts) => texts.map(Number))) {
        const pooled = pooling.pool(map, rows, cols, settings);
        call.shape = [pooled.rows, pooled.cols];
        numbers.push(...pooled.results.map(({ y }) => y));
        numbers.push(...pooled.results.map(({ index }) => index).filter((index) => index !== undefined));
        numbers.push(...pooling.gradient(pooled, given, rows, cols).map(({ sum }) => sum));
      }
    } catch (error) {
      call.refusal = error.message;
    }
    return call;
  });
  let text = "";
  const bytes = new Uint8Array(new Float64Array(numbers).buffer);
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return { calls, numbers: btoa(text) };
}"""


@pytest.fixture(scope="module")
def arithmetic(browser):
    """A page with the playground's arithmetic alone."""
    page = browser.new_page()
    for name in ("pooling", "lines"):
        page.add_script_tag(path=PLAY / f"{name}.js")
    yield page
    page.close()


@pytest.fixture(scope="module")
def maps(arithmetic):
    """The presets, and a map with ties, fractions, NaN and both infinities more than once."""
    presets = arithmetic.evaluate("Object.values(pooling.PRESETS).map((make) => make(6, 6, 1).map(String))")
    kinds = np.random.default_rng(7).choice([np.nan, np.inf, -np.inf, -2, 0, 0.25, 3], 36, p=[0.04] * 3 + [0.22] * 4)
    return np.reshape([*presets, kinds], (-1, 1, 6, 6)).astype(float)


def texts(numbers):
    """Numbers as JavaScript reads them; JSON has neither NaN nor infinity."""
    return [str(number).replace("inf", "Infinity").replace("nan", "NaN") for number in numbers.ravel().tolist()]


def expected(call, maps, given, selects):
    """What EVERYTHING says of a call, according to cypool."""
    names = {"cypool": cypool, "x": maps}
    if "refusal" in call:
        with pytest.raises(ValueError, match="the window does not fit axis") as refusal:
            exec(call["forward"], names)
        assert f"{refusal.value}" == call["refusal"]
        return []
    exec(f"{call['forward'][:-1]}, return_indices=True)" if selects else call["forward"], names)
    y, *where = names["y"] if selects else (names["y"],)
    assert list(y.shape[2:]) == call["shape"]
    names["grad_y"] = np.tile(given[: y[0].size].reshape(y[:1].shape), (len(maps), 1, 1, 1))
    exec(call["backward"], names)
    return np.hstack([part.reshape(len(maps), -1) for part in (y, *where, names["grad_x"])]).ravel()


STEP = 1 if SITE else 7
"""CI looks at every combination, otherwise every seventh is enough: no control has a multiple of seven choices."""

# A window has at most 25 taps and a cell lies in at most 25 windows: sums in another order differ by less than this many units
# of 2^-53, times the sum of the magnitudes.  Selections, and sums of whole numbers and of quarters, are exact.
UNITS = {"avg": 32, "lp": 32, "lse": 64}


@pytest.mark.parametrize("op", ["max", "min", "avg", "sum", "lp", "median", "lse"])
def test_everything_that_the_controls_offer_is_what_cypool_computes(arithmetic, maps, op):
    given = np.random.default_rng(1).integers(-3, 4, 144).astype(float)
    answer = arithmetic.evaluate(EVERYTHING, [op, list(map(texts, maps)), given.tolist(), STEP])
    calls, found = answer["calls"], np.frombuffer(base64.b64decode(answer["numbers"]))
    assert len(calls) == -(-5 * 5 * 4 * 3 * 3 * 2 * (2 if op == "avg" else 1) // STEP)
    parts = [expected(call, maps, given, op in ("max", "min")) for call in calls]
    assert sum(not len(part) for part in parts) == sum("refusal" in call for call in calls) > 0
    right = np.concatenate(parts)
    assert len(found) == len(right)
    same = (found == right) | (np.isnan(found) & np.isnan(right))
    if op in UNITS:
        bound = UNITS[op] * 2.0**-53 * 25 * np.abs(maps[np.isfinite(maps)]).max()
        with np.errstate(invalid="ignore"):
            same |= np.abs(found - right) <= bound
    wrong = np.searchsorted(np.cumsum([len(part) for part in parts]), np.flatnonzero(~same), side="right")
    assert not wrong.size, f"{wrong.size} numbers, the first of them of {calls[wrong[0]]}"


def test_what_is_written_about_a_window_is_true(arithmetic, maps):
    names = {"max": lambda *a: max(a), "min": lambda *a: min(a), "median": lambda *a: np.median(a)}
    names |= {"log": np.log, "exp": np.exp, "root": np.sqrt, "sum": lambda: 0}
    checked = 0
    for op in ("max", "min", "avg", "sum", "lp", "median", "lse"):
        for padding, count in ((0, True), (1, True), (1, False)):
            written = arithmetic.evaluate(
                """([map, settings]) => {
                  const pooled = pooling.pool(map, 6, 6, settings);
                  return pooled.results.map((_, i) => lines.ofWindow(pooled, i, map, settings));
                }""",
                [
                    (maps[0].ravel() - 4).tolist(),
                    {"op": op, "kernelHeight": 2, "kernelWidth": 3, "stride": 2, "padding": padding, "dilation": 1}
                    | {"ceilMode": True, "countIncludePad": count},
                ],
            )
            for line in written:
                formulas = line.replace("−", "-").replace("²", "**2").replace("√", "root").replace("≈", "=").split("=")
                values = [float(eval(formula, dict(names))) for formula in formulas]
                np.testing.assert_allclose(values, values[-1], 0, 5.1e-5, err_msg=line)
                checked += 1
    assert checked > 200


# ---- the page


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the built page lies: a file, as nothing else is needed."""
    if SITE:
        return Path(SITE, "play.html").resolve().as_uri()
    for module in ("sphinx", "furo", "myst_parser", "numpydoc"):
        pytest.importorskip(module, reason=f"the playground was not built: {module} is missing, see the extra `docs`")
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS / "_static", source / "_static")
    shutil.copy(DOCS / "play.md", source)
    options = ["-q", "-b", "html", "-c", DOCS, "-D", "root_doc=play"]
    subprocess.run([sys.executable, "-m", "sphinx", *options, source, built], check=True, cwd=source)
    return (built / "play.html").as_uri()


@pytest.fixture
def page(browser, address):
    """The page as a desk shows it, without a word on the console."""
    yield from opened(browser, address, {"width": 1280, "height": 900})


@pytest.fixture
def phone(browser, address):
    yield from opened(browser, address, {"width": 390, "height": 844})


def opened(browser, address, viewport, **options):
    context = browser.new_context(viewport=viewport, locale="en-US", **options)
    page = context.new_page()
    page.set_default_timeout(5000)
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.clock.install()
    page.goto(address)
    yield page
    context.close()
    assert said == []


def numbers(page, name):
    """A map's numbers, as they are told to a screen reader."""
    labels = page.eval_on_selector_all(
        f".play-{name} .play-cell", "all => all.map((c) => (c.querySelector('input') ?? c).getAttribute('aria-label'))"
    )
    return [float(label.split(": ")[-1].replace("−", "-")) for label in labels]


def choose(page, group, name):
    page.get_by_role("group", name=group).get_by_role("radio", name=name).click()


def test_a_click_changes_the_output(page):
    before = numbers(page, "output")
    choose(page, "Operator", "min")
    assert len(numbers(page, "output")) == len(before) == 16
    assert numbers(page, "output") != before
    choose(page, "Stride", "2")
    assert len(numbers(page, "output")) == 4
    map_before = numbers(page, "input")
    page.get_by_role("button", name="a ramp").click()
    assert numbers(page, "input") != map_before
    assert numbers(page, "output") == [0, 2, 2, 4]


def test_editing_a_cell_changes_the_output_and_what_is_no_number_does_not(page):
    cell = page.get_by_role("grid", name="Input", exact=True).get_by_role("textbox").first
    before = numbers(page, "output")
    for text in ("wrong", "", "-", "1e9", "1234567"):
        cell.fill(text)
        assert cell.get_attribute("aria-invalid") == "true"
        assert numbers(page, "output") == before
    assert "at most six digits" in page.get_by_role("alert").inner_text()
    cell.blur()
    assert cell.input_value() == "7"
    cell.fill("12.5")
    assert numbers(page, "output")[0] == 12.5
    assert page.get_by_role("alert").count() == 0
    cell.fill("nan")
    assert np.isnan(numbers(page, "output")[0])


def test_the_gradient_follows_what_is_given(page):
    page.get_by_role("grid", name="Output gradient").get_by_role("textbox").nth(5).fill("-2.5")
    total = sum(numbers(page, "gradInput"))
    assert total == sum(numbers(page, "gradOutput")) == 15 - 2.5
    page.get_by_role("button", name="Set all to 1").click()
    assert sum(numbers(page, "gradInput")) == 16


def test_pointing_at_an_output_moves_the_window_and_at_a_cell_shows_its_windows(page):
    page.get_by_role("grid", name="Output", exact=True).get_by_role("gridcell").nth(6).hover()
    assert "Window 7 of 16: output (1, 2)" in page.get_by_role("status").all_inner_texts()[-1]
    assert page.locator(".play-input .tap").count() == 9
    assert page.locator(".play-output .at").inner_text() == page.locator(".play-output .play-cell").nth(6).inner_text()
    page.locator(".play-input .play-cell").first.hover()
    assert page.locator(".play-output .holds").count() == 1
    page.locator(".play-input .play-cell").nth(14).hover()
    assert page.locator(".play-output .holds").count() == 9
    page.locator(".play-gradInput .play-cell").nth(4).hover()
    assert page.locator(".play-output .holds").count() == 2
    assert "Gradient at row 0, column 4\n\n1 × 1 + 1 × 1 = 2" in page.locator(".play-bar").last.inner_text()


def test_the_window_steps_both_ways_and_plays(page):
    where = page.locator(".play-where").first
    page.get_by_role("button", name="Back").click()
    assert where.inner_text().startswith("Window 16 of 16")
    page.get_by_role("button", name="Next").click()
    assert where.inner_text().startswith("Window 1 of 16")
    page.get_by_role("button", name="Play", exact=True).click()
    page.clock.run_for(2 * 900)
    assert where.inner_text().startswith("Window 3 of 16")
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(5 * 900)
    assert where.inner_text().startswith("Window 3 of 16")


def test_the_keyboard_does_all(page):
    def tab_to(script, key="Tab"):
        for _ in range(60):
            page.keyboard.press(key)
            if page.evaluate(f"(() => {{ const a = document.activeElement; return {script}; }})()"):
                return
        raise AssertionError(f"the Tab key never came to {script}")

    tab_to("a.name === 'play-op'")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="min").is_checked()
    tab_to("a.name === 'play-padding'")
    page.keyboard.press("ArrowRight")
    assert len(numbers(page, "output")) == 36
    tab_to("a.dataset.preset === 'edge'")
    page.keyboard.press("Enter")
    assert set(numbers(page, "input")) == {1, 8}
    tab_to("a.closest('.play-input')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("-3")
    assert numbers(page, "input")[7] == -3
    page.keyboard.press("ArrowLeft")  # the caret, as long as it has where to go
    page.keyboard.press("Delete")
    assert page.evaluate("document.activeElement.value") == "-"
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    assert numbers(page, "input")[7] == -45
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("row 2, column 1")
    tab_to("a.closest('.play-output')")
    for key in ("ArrowDown", "End", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert "output (0, 4)" in page.locator(".play-where").first.inner_text()
    tab_to("a.dataset.step === 'forth'")
    page.keyboard.press("Space")
    assert "output (0, 5)" in page.locator(".play-where").first.inner_text()
    tab_to("a.closest('.play-gradOutput')")
    page.keyboard.type("7")
    assert sum(numbers(page, "gradInput")) == 42
    tab_to("a.classList.contains('play-copy')")
    tab_to("a.dataset.language === 'zh'", "Shift+Tab")
    page.keyboard.press("Enter")
    assert page.locator("h1").inner_text().startswith("演练场")


def test_what_cypool_refuses_is_said_in_its_words(page):
    choose(page, "Dilation", "3")
    with pytest.raises(ValueError, match="does not fit") as refusal:
        cypool.max_pool2d(np.zeros((1, 1, 6, 6)), 3, 1, dilation=3)
    assert f"ValueError: {refusal.value}" in page.get_by_role("alert").inner_text()
    assert not page.locator(".play-output").is_visible()
    choose(page, "Padding", "2")
    assert page.get_by_role("alert").count() == 0
    assert page.locator(".play-output").is_visible()
    assert "more than half" in page.get_by_role("status").first.inner_text()


@pytest.mark.parametrize(
    ("settings", "preset", "given"),
    [
        ("op=max&kernelWidth=2&stride=2&ceilMode=true", "nan and inf", None),
        ("op=avg&padding=1&countIncludePad=false", "noise", "0.5"),
        ("op=lp&kernelHeight=5&dilation=1&padding=2&stride=3", "random", "-2"),
        ("op=lse&kernelHeight=1&kernelWidth=4", "a ramp", "nan"),
    ],
)
def test_the_program_that_is_copied_computes_what_is_shown(page, address, settings, preset, given):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("about:blank")
    page.goto(f"{address}#{settings}")
    page.get_by_role("button", name=preset).click()
    if given:
        page.get_by_role("grid", name="Output gradient").get_by_role("textbox").nth(1).fill(given)
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    program = page.evaluate("navigator.clipboard.readText()").replace("\r\n", "\n")
    assert program == page.locator(".play-python code").inner_text()
    names = {}
    exec(program, names)
    for shown, name in (("input", "x"), ("output", "y"), ("gradInput", "grad_x"), ("gradOutput", "grad_y")):
        np.testing.assert_allclose(numbers(page, shown), names[name].ravel(), 1e-9, 5.1e-5)


def test_every_word_is_in_every_language_and_the_choice_is_kept(page):
    tables = page.evaluate("strings")
    keys = {language: list(table) for language, table in tables.items()}
    assert keys["en"] == keys["zh"]
    for key in keys["en"]:
        places = [sorted(re.findall(r"\{\w+\}", table[key])) for table in tables.values()]
        assert places[0] == places[1], key
    page.get_by_role("button", name="中文").click()
    page.reload()
    assert page.locator("#play").get_attribute("lang") == "zh-Hans"
    left = page.evaluate("document.getElementById('play').innerText")
    words = set(re.findall(r"[A-Za-z]{3,}", left))
    assert words <= {
        "English",
        "log",
        "sum",
        "exp",
        "nan",
        "inf",
        "max",
        "cypool",
        "Python",
        "Tab",
        *python_words(page),
    }


def python_words(page):
    return re.findall(r"[A-Za-z]{3,}", page.locator(".play-python code").inner_text())


def test_everything_that_can_be_used_has_a_name(page):
    for name in ("Input", "Output", "Input gradient", "Output gradient"):
        grid = page.get_by_role("grid", name=name, exact=True)
        assert grid.count() == 1
        assert grid.get_by_role("row").count() * grid.get_by_role("gridcell").count() > 0
        assert grid.locator("[tabindex='0']").count() == 1, "a grid is one stop of the Tab key"
    for name in ("Operator", "Kernel height", "Kernel width", "Stride", "Padding", "Dilation", "Ceil mode"):
        assert page.get_by_role("group", name=name, exact=True).get_by_role("radio").count() > 1
    nameless = page.eval_on_selector_all(
        "#play :is(button, input, [role=gridcell][tabindex])",
        "all => all.filter((e) => !(e.getAttribute('aria-label') || e.innerText || e.closest('label')?.innerText)).length",
    )
    assert nameless == 0


@pytest.mark.parametrize("settings", ["", "padding=2", "padding=2&kernelHeight=5&kernelWidth=5&stride=4&ceilMode=true"])
@pytest.mark.parametrize("language", ["English", "中文"])
def test_a_phone_needs_no_sideways_scrolling(phone, address, settings, language):
    phone.goto(f"{address}#{settings}")
    phone.reload()
    phone.get_by_role("button", name=language).click()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    cells = phone.eval_on_selector_all(".play-cell", "all => all.map((c) => c.getBoundingClientRect().width)")
    assert min(cells) >= 24
    fonts = phone.eval_on_selector_all(".play-cell", "all => all.map((c) => parseFloat(getComputedStyle(c).fontSize))")
    assert min(fonts) >= 9


# The contrast of each text in the maps and controls with what is painted behind it, by WCAG's formula.
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    const linear = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return a ? 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] : null;
  };
  const behind = (e) => light(getComputedStyle(e).backgroundColor) ?? (e.parentElement ? behind(e.parentElement) : 1);
  return [...document.querySelectorAll("#play :is(.play-cell, button, label span, p, h2, legend)")].map((e) => {
    const [a, b] = [light(getComputedStyle(e).color), behind(e)].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.className || e.tagName];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser, address, scheme):
    viewport = {"width": 1280, "height": 900}
    for page in opened(browser, f"{address}#padding=1&op=median", viewport, color_scheme=scheme):
        page.get_by_role("button", name="nan and inf").click()
        assert min(page.evaluate(CONTRAST))[0] >= 4.5, min(page.evaluate(CONTRAST))
