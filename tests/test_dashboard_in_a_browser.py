"""Does the dashboard answer to its filters in a browser, and to who does not see it or has no mouse?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tasks.dashboard import dashboard, write_dashboard
from tests.browser_builders import browser, faults_of_access
from tests.dashboard_builders import IN_JULY

__all__ = ["browser"]  # a fixture


@pytest.fixture(scope="module")
def file(example_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("tableaux") / "2021.html"
    write_dashboard("2021", IN_JULY, to, example_url)
    return to


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    """The page as a file of the machine; whatever it asks for or complains of fails the test."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: said.append(request.url))
    opened.goto(file.as_uri())
    yield opened
    opened.close()
    assert said == [file.as_uri()]


def number(page: Page, key: str) -> str:
    return page.locator(f"span[data-k='{key}']").first.inner_text()


def shown_rows(page: Page, sheet: str) -> int:
    return page.locator(f"#{sheet} tbody tr:visible").count()


def test_a_region_changes_every_figure_and_no_filter_brings_them_back(page: Page) -> None:
    def seen() -> dict[str, object]:
        return {
            "said": page.locator("#where").inner_text(),
            "territories": number(page, "territories"),
            "running": number(page, "state.running"),
            "map": page.locator("svg.map g[data-d]:visible").count(),
            "longest state": page.locator("rect[data-k='state.running']").get_attribute("width"),
            "longest state, drawn": page.locator("rect[data-k='state.labelled']").get_attribute("width"),
            "highest day": page.locator("[data-most]").text_content(),
            "pieces": number(page, "piece.candidature.diagnostic.recue"),
            "money": page.locator("#f-cofinancement .bars li:visible .name").first.inner_text(),
            "envelopes": page.locator("#f-enveloppes .bars li:visible").count(),
            "rows": shown_rows(page, "t-territoires"),
            "money rows": shown_rows(page, "t-cofinancement-departement"),
        }

    before = seen()
    assert before == {
        "said": "Aucun filtre\u00a0: 46 territoires.", "territories": "46", "running": "30", "map": 46,
        "longest state": "100.00%", "longest state, drawn": "13.33%", "highest day": "44", "pieces": "172",
        "money": "Auvergne-Rhône-Alpes", "envelopes": 14, "rows": 46, "money rows": 36,
    }  # fmt: skip
    page.select_option("#region", "32")
    assert seen() == {
        "said": "Filtre\u00a0: Hauts-de-France, 8 territoires sur 46.", "territories": "8", "running": "6", "map": 8,
        "longest state": "100.00%", "longest state, drawn": "0.00%", "highest day": "5", "pieces": "32",
        "money": "Aisne (02)", "envelopes": 4, "rows": 8, "money rows": 4,
    }  # fmt: skip
    assert page.locator("#departement option").count() == 5
    page.click("#none")
    assert seen() == before
    assert page.locator("#departement option").count() == 37


def test_the_page_tells_the_same_before_and_after_its_script(page: Page, browser: Browser, file: Path) -> None:
    without = browser.new_context(java_script_enabled=False)
    still = without.new_page()
    still.goto(file.as_uri())
    for what in ("span[data-k]", "#tableaux ~ section", ".bars", ".key"):
        assert page.locator(what).all_inner_texts() == still.locator(what).all_inner_texts()
    assert still.locator("#filters").is_hidden()
    assert still.locator("noscript").inner_text() != ""
    widths = "elements => elements.map(each => Math.round(each.getBoundingClientRect().width))"
    assert page.locator(".bar rect").evaluate_all(widths) == still.locator(".bar rect").evaluate_all(widths)
    without.close()


def test_the_filters_answer_to_the_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "region"
    page.keyboard.type("Corse")
    page.keyboard.press("Tab")
    assert page.locator("#where").inner_text() == "Filtre\u00a0: Corse, 2 territoires sur 46."
    page.keyboard.type("2A")
    page.keyboard.press("Tab")
    assert page.locator("#where").inner_text() == "Filtre\u00a0: Corse-du-Sud (2A), 1 territoire sur 46."
    page.keyboard.press("Enter")
    assert page.locator("#where").inner_text() == "Aucun filtre\u00a0: 46 territoires."
    assert page.evaluate("document.activeElement.id") == "region"


def test_a_departement_chosen_alone_chooses_its_region(page: Page) -> None:
    page.select_option("#departement", "974")
    assert page.input_value("#region") == "04"
    assert shown_rows(page, "t-territoires") == 1


@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_no_fault_and_nothing_stands_outside_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.select_option("#region", "11")
    assert faults_of_access(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_long_table_shows_more_when_asked(browser: Browser, example_url: str) -> None:
    from notifications.dashboard_page import page as built

    opened = browser.new_page()
    opened.set_content(built({**dashboard("2021", IN_JULY, example_url), "rows": 20}))
    sheet = opened.locator("#t-territoires")
    counts = []
    for _ in range(3):
        counts.append((sheet.locator("tbody tr").count(), sheet.locator("[data-shown]").inner_text()))
        if sheet.locator("[data-more]").is_visible():
            sheet.locator("[data-more]").click()
    assert counts == [
        (20, "Lignes\u00a0: 20 premières sur 46"), (40, "Lignes\u00a0: 40 premières sur 46"), (46, "Lignes\u00a0: 46"),
    ]  # fmt: skip
    assert sheet.locator("[data-more]").is_hidden()
    opened.select_option("#region", "32")
    assert sheet.locator("tbody tr").count() == 8
    opened.close()


def test_it_prints_on_landscape_pages_without_its_filters(page: Page) -> None:
    page.emulate_media(media="print")
    assert page.locator("#filters").is_hidden()
    assert page.locator("#where").is_visible()
    sheets = page.pdf(prefer_css_page_size=True)
    assert sheets.startswith(b"%PDF")
    assert b"/MediaBox [0 0 841" in sheets or b"/MediaBox [0 0 842" in sheets
