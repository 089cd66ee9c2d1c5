"""What does a dashboard's page hold, read back as a reader of HTML would: elements, texts, numbers, scripts?"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

IN_JULY = datetime(2021, 7, 10, 8, tzinfo=UTC)  # the example then has labels, delays, conventions and money
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!--<script>",
    "\u2028\u2029 & < > \" '",
    "{title} %s {0.__class__}",
    "javascript:alert(1)//",
    "']]>--></template></style><svg onload=alert(1)>",
    "=HYPERLINK(1)",
    "quelquun@cites.test",
    "\u202eedoc",
    "ʇunpᴉpᴉɔuᴉ",
    "x" * 150,
)


@dataclass
class Element:
    """An element with its attributes and the text that stands in it, its children's included."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""


@dataclass
class PageRead(HTMLParser):
    """The elements of a page, in order; raises nothing on bad HTML, as browsers do."""

    html: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in ("meta", "br", "img", "input"):
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().name != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, name: str, **attributes: str) -> Iterator[Element]:
        """The elements of this name with these attributes (`data_k` for data-k)."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        for element in self.elements:
            if element.name == name and wanted.items() <= element.attributes.items():
                yield element

    def data(self) -> dict[str, Any]:
        """What the page gives its script."""
        [block] = self.all("script", id="data")
        found: dict[str, Any] = json.loads(block.text)
        return found
