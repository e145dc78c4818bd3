"""Open the dashboard that ``asv publish`` wrote in a headless Chromium, and look at every benchmark's page.

    python .ci/dashboard.py asv_bench/html [--scripts FOLDER] [--screenshot FILE]

A benchmark that has results must show points, and the console must show no error.  The dashboard loads jQuery, flot and
others from the net; those that lie in FOLDER, under the last part of their addresses, are taken from there instead.  Needs
selenium, chromium and chromedriver.
"""

import argparse
import functools
import itertools
import json
import math
import re
import shutil
import sys
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.support.ui import WebDriverWait

SWITCHES = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --window-size=1400,1000"
)
READY = "return !!window.jQuery && $('#graph-display').is(':visible') && !!$('#main-graph').data('plot')"
POINTS = """
const lines = $('#main-graph').data('plot').getData();
return lines.map(line => line.data.filter(point => point && point[1] != null).length).reduce((a, b) => a + b, 0)"""
PATIENCE = 15  # seconds for a page
MOST_MESSAGES = 20  # then something common to all pages is wrong


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *_):
        """Nothing."""


class Server(ThreadingHTTPServer):
    """A page that is left before it has everything is no error."""

    def handle_error(self, *_):
        """Nothing."""


def served_copy(html, scripts, folder):
    """A copy of the dashboard in which what lies in `scripts` is not loaded from the net."""
    shutil.copytree(html, folder, dirs_exist_ok=True)
    if scripts:
        shutil.copytree(scripts, folder / "scripts")
        page = (folder / "index.html").read_text("utf-8")

        def local(match):
            name = match[2].rsplit("/", 1)[1]
            return f'{match[1]}="scripts/{name}"' if (scripts / name).is_file() else match[0]

        page = re.sub(r'(src|href)="(https://[^"]+)"(?: integrity="[^"]*")?(?: crossorigin="\w+")?', local, page)
        (folder / "index.html").write_text(page, "utf-8")
    return folder


def has_results(html, name):
    """Whether asv measured anything of a benchmark."""
    summary = html / "graphs" / "summary" / f"{name}.json"
    values = [value for _, value in json.loads(summary.read_text("utf-8"))] if summary.is_file() else []
    return any(value is not None and not math.isnan(value) for value in values)


def start_browser(profile):
    """Chromium with a profile of its own, and its console in the log."""
    options = webdriver.ChromeOptions()
    for switch in (*SWITCHES.split(), f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = shutil.which("chromium") or sys.exit("dashboard: no chromium")
    driver = shutil.which("chromedriver") or sys.exit("dashboard: no chromedriver")
    return webdriver.Chrome(options, webdriver.ChromeService(driver))


def wrong_pages(browser, address, names):
    """What is wrong, page by page."""
    for name in names:
        browser.get("about:blank")  # so that the next page is loaded from the start
        browser.get(f"{address}#{name}")
        try:
            WebDriverWait(browser, PATIENCE).until(lambda b: b.execute_script(READY))
            if not browser.execute_script(POINTS):
                yield f"{name}: no points"
        except TimeoutException:
            yield f"{name}: no graph after {PATIENCE} s"
        yield from (f"{name}: {e['message']}" for e in browser.get_log("browser") if e["level"] == "SEVERE")


def main():
    """Look, and tell; the exit status is 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("html", type=Path)
    parser.add_argument("--scripts", type=Path, help="where the scripts lie that are not to be loaded from the net")
    parser.add_argument("--screenshot", type=Path, help="a picture of the last page")
    options = parser.parse_args()
    names = sorted(json.loads((options.html / "index.json").read_text("utf-8"))["benchmarks"])
    measured = [name for name in names if has_results(options.html, name)]
    if not measured:
        sys.exit("dashboard: no benchmark has results")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = served_copy(options.html, options.scripts, Path(folder, "html"))
        handler = functools.partial(Quiet, directory=copy)
        with Server(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            browser = start_browser(Path(folder, "profile"))
            try:
                address = f"http://localhost:{server.server_port}/index.html"
                wrong = list(itertools.islice(wrong_pages(browser, address, measured), MOST_MESSAGES))
                if options.screenshot:
                    browser.save_screenshot(options.screenshot)
            finally:
                browser.quit()
                server.shutdown()
    print(f"{len(measured)} benchmarks have results and pages, {len(names) - len(measured)} were skipped here")
    print(*wrong, sep="\n")
    sys.exit(bool(wrong))


main()
