"""What do the guides show of the engine?

`python -m tests.guide_pictures DASHBOARD.html WORKBOOK.xlsx` takes every picture of docs/images anew: the UI of a
running `cites up --example` (under the same CITES_HOME), a letter, a dashboard, a workbook. It needs Debian's
chromium, LibreOffice and poppler-utils. Look at the pictures before you keep them.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from prefect import get_client

from deployments.engine_room import running_api
from tasks.settings import settings
from tests.browser_builders import FLAGS, NAMES
from tests.letter_snapshots import FOLDER as LETTERS

IMAGES = Path(__file__).parent.parent / "docs" / "images"
WIDTH = 1280
SETTLED = 4_000  # milliseconds: the pages of Prefect fade in
ARTIFACT = "candidature-2021"


def take(dashboard: Path, workbook: Path) -> None:
    """Write every picture. Raises NoServer without a running engine."""
    with running_api(settings().home) as api, get_client(sync_client=True) as client, sync_playwright() as playwright:
        site = api.removesuffix("/api")
        ids = {each.name: each.id for each in client.read_deployments()}
        browser = playwright.chromium.launch(executable_path=_chromium(), args=list(FLAGS))
        _picture(browser, f"{site}/deployments", "deploiements", height=1000)
        _picture(browser, f"{site}/deployments/deployment/{ids['Accorder une prorogation']}/run", "formulaire", 1120)
        [report] = [each.latest_id for each in client.read_latest_artifacts() if each.key == ARTIFACT]
        _picture(browser, f"{site}/artifacts/artifact/{report}", "compte-rendu", height=1000)
        _picture(browser, f"{site}/automations", "automatismes", height=560)
        _picture(browser, dashboard.resolve().as_uri(), "tableau-de-bord", height=1000)
        _picture(browser, (LETTERS / "prefecture-trois-cites.html").as_uri(), "lettre", height=1000)
        browser.close()
    _sheet(workbook, page=2, name="classeur")


def _picture(browser: Browser, address: str, name: str, height: int) -> None:
    page = browser.new_page(viewport={"width": WIDTH, "height": height}, color_scheme="light", locale="fr-FR")
    page.goto(address)
    page.wait_for_timeout(SETTLED)
    page.screenshot(path=IMAGES / f"{name}.png")
    page.close()


def _sheet(workbook: Path, *, page: int, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        office = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, str(workbook)]
        subprocess.run(office, check=True, capture_output=True)
        printed = Path(folder) / f"{workbook.stem}.pdf"
        pages = ["-png", "-singlefile", "-f", str(page), "-scale-to-x", str(WIDTH), "-scale-to-y", "-1"]
        part = ["-x", "0", "-y", "90", "-W", str(WIDTH), "-H", "460"]  # its first rows
        picture = ["pdftoppm", *pages, *part, str(printed), str(IMAGES / name)]
        subprocess.run(picture, check=True)


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise SystemExit("no Chromium on this machine: apt-get install chromium")
    return found


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
