"""Which browser do the tests look with, and what does it find?

Debian's Chromium, driven by Playwright without a network: pages are given as text. While Playwright runs, its thread
has a running event loop; hence a browser lives no longer than one module's tests.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium; without one the test is skipped, and on the continuous integration it fails."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        missing = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield running
        running.close()


def opened(browser: Browser, html: str, *, width: int = 700) -> Page:
    """A page that shows `html` in a window of this width, as a phone or a mail client would; close it after use."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_content(html)
    return page


def faults_of_access(page: Page) -> list[str]:
    """What axe-core holds against the page, rule and place, its good practices included."""
    found = Axe().run(page)
    return [
        f"{each['id']}: {' '.join(map(str, node['target']))}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]
