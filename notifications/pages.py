"""What do the pages that we give to be printed have in common?

One HTML page in French that stands alone: no script, no file, no font beside it. Tables have captions, heads and row
names that a screen reader says; on paper their heads come back on every sheet. Whatever people typed is escaped.
"""

from collections.abc import Collection, Iterable, Sequence

from markupsafe import Markup

Cell = str | Markup
STYLE = Markup("""
body{font-family:"Open Sans",Arial,sans-serif;color:#111827;max-width:78rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;font-size:.85rem;width:100%}
caption{text-align:left;color:#374151;padding:.3rem 0}
th,td{border:1px solid #9ca3af;padding:.25rem .45rem;text-align:left;vertical-align:top}
thead th{background:#ecf0f5}thead th:last-child{min-width:7rem}td.n{text-align:right;white-space:nowrap}
tbody th{font-weight:normal;white-space:nowrap}td ul{margin:0;padding-left:1.1rem}
tr.strong>*{font-weight:bold}.scroll{overflow-x:auto}svg{max-width:100%;height:auto}figure{margin:0}
p.print{font-size:.8rem;color:#374151;overflow-wrap:anywhere}
@page{size:A4 landscape;margin:12mm}
@media print{body{margin:0;max-width:none}thead{display:table-header-group}tr{break-inside:avoid}h2{break-after:avoid}}
""")
FRAME = Markup("""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
""")


def framed(title: str, style: Markup, body: Markup) -> str:
    """A whole page that stands alone; `title` is what the window and the browser's list of pages call it."""
    return str(FRAME.format(title=title, style=style, body=body))


def page(title: str, body: Markup) -> str:
    """A whole page of tables, for wide sheets."""
    return framed(title, STYLE, Markup("<main>\n{}\n</main>").format(body))


def section(heading: str, *parts: Markup) -> Markup:
    return Markup("<h2>{}</h2>\n{}\n").format(heading, Markup("\n").join(parts))


def items(texts: Iterable[Cell]) -> Markup:
    """An unordered list."""
    return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(each) for each in texts))


def paragraph(text: Cell) -> Markup:
    return Markup("<p>{}</p>").format(text)


def table(
    caption: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    none: str,
    figures: Collection[int] = (),
    strong: Collection[int] = (),
) -> Markup:
    """A table whose first column names its rows: `figures` are columns to the right, `strong` rows in bold.

    `none` is the sentence that stands in its place when there is no row.
    """
    if not rows:
        return paragraph(none)
    head = Markup("").join(Markup("<th scope='col'>{}</th>").format(each) for each in headers)
    body = Markup("\n").join(
        Markup("<tr{}>{}</tr>").format(
            Markup(" class='strong'") if number in strong else "",
            Markup("").join(_cell(cell, column, column in figures) for column, cell in enumerate(row)),
        )
        for number, row in enumerate(rows)
    )
    return Markup(
        "<div class='scroll' tabindex='0' role='region' aria-label='{}'><table>\n<caption>{}</caption>\n"
        "<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table></div>"
    ).format(caption, caption, head, body)


def _cell(text: Cell, column: int, figure: bool) -> Markup:
    if column == 0:
        return Markup("<th scope='row'>{}</th>").format(text)
    return (Markup("<td class='n'>{}</td>") if figure else Markup("<td>{}</td>")).format(text)
