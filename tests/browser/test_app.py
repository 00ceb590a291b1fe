"""The app in real headless Chromium over a made-up case, built by the program's own commands.

Every page is opened and photographed into build/screenshots/, and every request that the browser makes is
recorded: none may leave for another host. Captured text that would run as a script must show as text.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.ranking import rank_sellers
from graph.stores import open_store
from ingest.pipeline import ingest
from ingest.sources.simulated import simulate
from resolvers import resolve
from sellergraph.case import Settings, create_case

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
# Two cores, shared: a page's first paint imports much.
PATIENCE = 60_000
HOSTILE = "</script><script>alert(1)</script> **b** $x$ :smile: [l](javascript:alert(1)) <b>bold</b>"


def _without(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing; CI must have it")
    pytest.skip(f"{what} is missing: apt-get install chromium, pip install playwright")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("browser")
    simulate(folder / "market", seed=1, operators=12, images=True)
    ads = [
        {
            "platform": "weibo", "ad_id": f"x{number}", "seller_id": "hostile", "seller_name": HOSTILE,
            "title": HOSTILE, "text": f"{HOSTILE} 象牙 加微信 demo_hostile1", "posted_at": "2018-03-04",
        }
        for number in range(3)
    ]  # fmt: skip
    hostile = folder / "hostile.jsonl"
    hostile.write_text("".join(json.dumps(ad) + "\n" for ad in ads), encoding="utf-8")
    settings = create_case(folder / "case")
    with open_store(settings) as store:
        ingest(settings, store, [folder / "market" / "ads.jsonl", hostile], workers=2)
        resolve(store)
    return settings


@pytest.fixture(scope="module")
def address(case: Settings) -> Iterator[str]:
    """The app, run as `sellergraph app` runs it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.address=127.0.0.1",
        f"--server.port={port}", "--server.headless=true", "--browser.gatherUsageStats=false",
        "--server.fileWatcherType=none", "--client.toolbarMode=viewer", "--", "--case", str(case.folder),
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SELLERGRAPH_")}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "the app ended at once"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    pytest.fail("the app did not start within a minute")


class Browser:
    """One tab, what it asked for, and what popped up."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        page.context.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", self._dismiss)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _dismiss(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, path: str, title: str) -> None:
        self.page.goto(f"{self.address}/{path}")
        self.settle(title)

    def settle(self, title: str) -> None:
        """Wait for the page of that title to be complete."""
        self.page.get_by_role("heading", name=title, exact=True).wait_for(timeout=PATIENCE)
        self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=PATIENCE)
        assert self.page.locator('[data-testid="stException"]').count() == 0

    def photograph(self, name: str) -> None:
        """The whole page, not only what a window of this height shows."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        tall = self.page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
        self.page.set_viewport_size({"width": 1400, "height": min(int(tall) + 20, 6_000)})
        self.page.wait_for_timeout(1_500)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")
        self.page.set_viewport_size({"width": 1400, "height": 1_000})

    def text(self) -> str:
        return str(self.page.locator('[data-testid="stMain"]').inner_text())

    def click_row(self, table: int, row: int) -> None:
        """A cell of the second column: a click on any cell of a row opens what it stands for."""
        grid = self.page.locator('[data-testid="stDataFrame"]').nth(table)
        grid.locator("canvas").first.click(position={"x": 150, "y": 35 + 35 * row + 17}, force=True)


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Browser]:
    if not shutil.which(CHROMIUM):
        _without("Chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _without("playwright")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = chromium.new_context(viewport={"width": 1400, "height": 1_000}, locale="en-GB")
        yield Browser(context.new_page(), address)
        chromium.close()


def test_the_overview_shows_the_case(browser: Browser, case: Settings) -> None:
    browser.open("", "Overview")
    text = browser.text()
    with open_store(case, read_only=True) as store:
        assert f"{store.counts()['Ad']:,}" in text
    # The charts' library comes after the page.
    charts = browser.page.locator(".js-plotly-plot")
    charts.nth(3).locator(".main-svg").first.wait_for(timeout=PATIENCE)
    assert charts.count() == 4
    assert charts.first.locator("g.point").count() > 10
    browser.photograph("overview")


def test_a_click_on_the_first_of_the_ranking_opens_the_seller(browser: Browser, case: Settings) -> None:
    with open_store(case, read_only=True) as store:
        first = rank_sellers(store, limit=1).to_pylist()[0]
    browser.open("sellers", "Sellers")
    browser.photograph("sellers")
    assert browser.page.get_by_test_id("glide-cell-2-0").first.inner_text() == first["name"]
    browser.click_row(0, 0)
    browser.page.wait_for_url(re.compile(r"/seller\?seller="), timeout=PATIENCE)
    browser.settle("Seller")
    assert first["seller_id"] in browser.text()
    assert first["name"] in browser.text()


def test_the_seller_has_a_network_and_pictures(browser: Browser, case: Settings) -> None:
    with open_store(case, read_only=True) as store:
        ranked = rank_sellers(store, limit=None).to_pylist()
    merged = next(row for row in ranked if row["accounts"] > 1)
    browser.open(f"seller?seller={merged['seller_id']}", "Seller")
    network = browser.page.frame_locator('iframe[title^="Network of"]')
    network.locator("canvas").wait_for(timeout=PATIENCE)
    assert "This seller" in network.locator(".legend").inner_text()
    network.locator("body[data-settled=yes]").wait_for(timeout=PATIENCE)
    nodes = network.locator("body").evaluate("() => network.body.data.nodes.length")
    assert nodes > merged["accounts"]
    assert "Why these accounts are one seller" in browser.text()
    assert "both give" in browser.text()
    browser.photograph("seller")
    assert browser.page.locator('[data-testid="stImage"] img').count() > 0


def test_paths_are_drawn_and_cite_their_ads(browser: Browser) -> None:
    browser.open("paths", "Paths between platforms")
    browser.page.locator(".sankey-node").first.wait_for(timeout=PATIENCE)
    assert browser.page.locator(".sankey-link").count() > 1
    browser.photograph("paths")
    browser.click_row(1, 0)
    browser.page.wait_for_url(re.compile(r"/seller\?seller="), timeout=PATIENCE)
    browser.settle("Seller")


def test_hostile_text_shows_as_text(browser: Browser) -> None:
    browser.open("seller?seller=weibo|hostile", "Seller")
    network = browser.page.frame_locator('iframe[title^="Network of"]')
    network.locator("body[data-settled=yes]").wait_for(timeout=PATIENCE)
    # The heading and the titles of the three ads, letter by letter.
    assert browser.text().count(HOSTILE) >= 4
    assert browser.page.locator('[data-testid="stMain"] a[href^="javascript"]').count() == 0
    assert browser.page.locator('[data-testid="stMain"] .katex').count() == 0
    browser.photograph("hostile")
    # Pointing at a sign shows its name: the one place where the library could set markup.
    box = browser.page.locator('iframe[title^="Network of"]').bounding_box()
    place = network.locator("body").evaluate(
        "() => network.canvasToDOM(network.getPositions()[network.body.data.nodes.getIds()[0]])"
    )
    browser.page.mouse.move(box["x"] + place["x"], box["y"] + place["y"])
    browser.page.wait_for_timeout(800)
    assert HOSTILE in network.locator(".vis-tooltip").inner_text()
    assert browser.dialogs == []


def test_nothing_was_asked_of_any_other_host(browser: Browser) -> None:
    own = browser.address.removeprefix("http://")
    asked = {url.split("/")[2] for url in browser.requests if not url.startswith(("data:", "blob:", "about:"))}
    assert asked == {own}
    assert browser.errors == []
    assert browser.dialogs == []
