"""How does a document become one web page that stands alone, prints, and is read aloud as well as seen?

The same blocks as on paper (`documents`), with neither script nor file beside. Whatever people typed is escaped.
"""

import re
from collections.abc import Iterable, Iterator

from markupsafe import Markup

from notifications.documents import Block, Box, Bullets, Grid, Heading, Paper, Paragraph, Picture
from notifications.french import typeset
from notifications.pages import framed

STYLE = Markup("""
body{font-family:"Open Sans",Arial,sans-serif;color:#111827;max-width:62rem;margin:1.5rem auto;padding:0 1rem}
body{line-height:1.45}h1{font-size:1.7rem;margin-bottom:.2rem}
h2{font-size:1.25rem;margin-top:2.2rem;border-bottom:1px solid #d1d5db;padding-bottom:.2rem}
h3{font-size:1.02rem;margin:1.4rem 0 .4rem}
p.under{color:#4b5563;font-size:1.1rem;margin-top:0}p.quiet{color:#4b5563;font-size:.85rem}
table{border-collapse:collapse;font-size:.88rem;width:100%;margin:.4rem 0}
th,td{border:1px solid #9ca3af;padding:.25rem .5rem;text-align:left;vertical-align:top;font-weight:normal}
thead th,tr.all>*{font-weight:bold}thead th{background:#ecf0f5}.n{text-align:right;white-space:nowrap}
.scroll{overflow-x:auto}figure{margin:.8rem 0}svg{max-width:100%;height:auto}
nav ul{columns:2;padding-left:1.2rem}.box{border:1px solid #9ca3af;padding:.5rem;white-space:pre-line}
footer{margin-top:2.5rem;border-top:1px solid #d1d5db;color:#4b5563;font-size:.85rem}
@page{size:A4;margin:14mm}
@media print{body{margin:0;max-width:none}nav{display:none}thead{display:table-header-group}
tr,figure{break-inside:avoid}h2,h3{break-after:avoid}}
""")
BODY = Markup("""<header>
<h1>{title}</h1>
<p class="under">{subtitle}</p>
</header>
{contents}<main>
{body}
</main>
<footer><p>{footer}</p></footer>""")
CONTENTS_FROM = 3  # sections: fewer need no list of them


def as_html(paper: Paper) -> str:
    """The whole page, in French, with a list of its sections where there are several."""
    sections = [each.text for each in paper.blocks if isinstance(each, Heading) and each.level == 1]
    places = iter(range(1, len(sections) + 1))
    body = Markup("\n").join(_block(each, places, title) for each, title in _under_headings(paper.blocks))
    title, subtitle = typeset(paper.title), typeset(paper.subtitle)
    whole = BODY.format(
        title=title, subtitle=subtitle, body=body,
        contents=_contents(sections) if len(sections) >= CONTENTS_FROM else "", footer=typeset(paper.footer),
    )  # fmt: skip
    return framed(f"{title} · {subtitle}", STYLE, whole)


def _contents(sections: Iterable[str]) -> Markup:
    items = Markup("").join(
        Markup("<li><a href='#s{}'>{}</a></li>").format(number, typeset(text))
        for number, text in enumerate(sections, start=1)
    )
    return Markup("<nav aria-label='Sommaire'><ul>{}</ul></nav>\n").format(items)


def _under_headings(blocks: Iterable[Block]) -> Iterable[tuple[Block, str]]:
    """Each block and the heading that it stands under, which names its table for a screen reader."""
    heading = ""
    for block in blocks:
        if isinstance(block, Heading):
            heading = block.text
        yield block, heading


def _block(block: Block, places: Iterator[int], heading: str) -> Markup:
    match block:
        case Heading(level=1):
            return Markup("<h2 id='s{}'>{}</h2>").format(next(places), typeset(block.text))
        case Heading():
            return Markup("<h3>{}</h3>").format(typeset(block.text))
        case Paragraph():
            quiet = Markup(" class='quiet'") if block.quiet else Markup("")
            return Markup("<p{}>{}</p>").format(quiet, typeset(block.text))
        case Bullets():
            items = Markup("").join(Markup("<li>{}</li>").format(typeset(each)) for each in block.items)
            return Markup("<ul>{}</ul>").format(items)
        case Grid():
            return _grid(block, heading)
        case Box():
            return Markup("<div class='box' style='min-height:{}em'>{}</div>").format(
                round(block.lines * 1.5, 1), typeset(block.label)
            )
        case Picture():
            return Markup("<figure>{}</figure>").format(Markup(block.svg))  # noqa: S704 - drawn by us, its words escaped


def _grid(grid: Grid, heading: str) -> Markup:
    head = Markup("")
    if grid.headers:
        cells = Markup("").join(
            Markup("<th scope='col'{}>{}</th>").format(_side(number in grid.to_the_right), typeset(text))
            for number, text in enumerate(grid.headers)
        )
        head = Markup("<thead><tr>{}</tr></thead>\n").format(cells)
    rows = Markup("\n").join(
        Markup("<tr{}>{}</tr>").format(
            Markup(" class='all'") if number in grid.bold else Markup(""),
            Markup("").join(_cell(text, place, place in grid.to_the_right) for place, text in enumerate(row)),
        )
        for number, row in enumerate(grid.rows)
    )
    name = re.sub(r"\s+", " ", heading)
    return Markup(
        "<div class='scroll' tabindex='0' role='region' aria-label='{}'><table>\n"
        "{}<tbody>\n{}\n</tbody>\n</table></div>"
    ).format(name, head, rows)


def _cell(text: str, place: int, right: bool) -> Markup:
    """A cell; the first of a row names it."""
    if place == 0:
        return Markup("<th scope='row'{}>{}</th>").format(_side(right), typeset(text))
    return Markup("<td{}>{}</td>").format(_side(right), typeset(text))


def _side(right: bool) -> Markup:
    return Markup(" class='n'") if right else Markup("")
