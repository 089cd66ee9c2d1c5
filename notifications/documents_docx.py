"""How does a document become a .docx, to be completed in a word processor before it is signed?"""

import io
from typing import TYPE_CHECKING, Any

from notifications import a4
from notifications.documents import Block, Box, Bullets, Grid, Heading, Paper, Paragraph, Picture
from notifications.french import UNBROKEN, typeset

if TYPE_CHECKING:
    from docx.document import Document as Docx

DOCX_FONT = "Arial"  # a .docx carries no font: one that every office program has, or has the twin of
PADDING = 90  # of a cell at its sides, in twentieths of a point


def as_docx(paper: Paper) -> bytes:
    """The document for a word processor, to be completed before it is signed."""
    from docx import Document
    from docx.shared import Mm, Pt, RGBColor

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(a4.MARGIN)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = DOCX_FONT, Pt(a4.BODY)
    style.paragraph_format.space_after = Pt(6)
    _speak_french(style)
    for name, size, colour, before, after in (
        ("Title", a4.TITLE, a4.BLACK, 0, 2), ("Subtitle", a4.SUBTITLE, a4.GREY, 0, 10),
        ("Heading 1", a4.HEADINGS[1], a4.BLACK, 12, 4), ("Heading 2", a4.HEADINGS[2], a4.BLACK, 8, 3),
    ):  # fmt: skip
        own: Any = document.styles[name]
        own.font.name, own.font.size, own.font.color.rgb = DOCX_FONT, Pt(size), RGBColor(*colour)
        own.font.bold, own.font.italic = name != "Subtitle", False
        own.paragraph_format.space_before, own.paragraph_format.space_after = Pt(before), Pt(after)
        _plain_heading(own)
    properties = document.core_properties
    properties.title, properties.author, properties.language = paper.title, "", "fr-FR"
    properties.subject, properties.comments = paper.subtitle, ""
    properties.created = properties.modified = paper.made_at.replace(tzinfo=None)
    document.add_paragraph(typeset(paper.title), style="Title")
    document.add_paragraph(typeset(paper.subtitle), style="Subtitle")
    _page_numbers(section.footer.paragraphs[0], paper.footer)
    for block in paper.blocks:
        _to_docx(document, block)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _to_docx(document: "Docx", block: Block) -> None:
    from docx.enum.table import WD_ROW_HEIGHT_RULE
    from docx.shared import Mm, Pt, RGBColor

    match block:
        case Heading():
            document.add_heading(typeset(block.text), level=block.level)
        case Paragraph():
            run = document.add_paragraph().add_run(typeset(block.text))
            if block.quiet:
                run.font.size, run.font.color.rgb = Pt(a4.SMALL), RGBColor(*a4.GREY)
        case Bullets():
            for item in block.items:
                document.add_paragraph(typeset(item), style="List Bullet")
        case Grid():
            _grid_to_docx(document, block)
        case Box():
            table = document.add_table(rows=1, cols=1, style="Table Grid")
            row = table.rows[0]
            row.height, row.height_rule = Mm(a4.LINE * block.lines), WD_ROW_HEIGHT_RULE.AT_LEAST
            row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
            row.cells[0].text = typeset(block.label)
            row.cells[0].paragraphs[0].paragraph_format.space_before = Pt(3)
            _pad(table)
            _after_a_table(document)
        case Picture():
            shape = document.add_picture(io.BytesIO(block.png), width=Mm(a4.TEXT_WIDTH))
            shape._inline.docPr.set("descr", block.words)


def _grid_to_docx(document: "Docx", grid: Grid) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    head = (grid.headers,) if grid.headers else ()
    table = document.add_table(rows=0, cols=len(grid.widths), style="Table Grid")
    table.autofit = False
    widths = [Mm(a4.TEXT_WIDTH * width / sum(grid.widths)) for width in grid.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for number, row in enumerate((*head, *grid.rows), start=-len(head)):
        cells = table.add_row().cells
        for column_number, (cell, text) in enumerate(zip(cells, row, strict=True)):
            cell.width = widths[column_number]
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
            run = paragraph.add_run(typeset(text))
            run.bold = number < 0 or number in grid.bold
            run.font.size = Pt(a4.BODY - 1)
            if column_number in grid.to_the_right:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if number < 0:
                shade = _element("w:shd", **{"w:val": "clear", "w:color": "auto", "w:fill": bytes(a4.PALE).hex()})
                cell._tc.get_or_add_tcPr().append(shade)
    for number, made in enumerate(table.rows):
        properties = made._tr.get_or_add_trPr()
        properties.append(_element("w:cantSplit"))
        if head and number == 0:
            properties.append(_element("w:tblHeader"))
    _pad(table)
    _after_a_table(document)


def _pad(table: Any) -> None:
    """Room at the sides of every cell."""
    margins = _element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", **{"w:w": str(PADDING), "w:type": "dxa"}))
    table._tbl.tblPr.append(margins)


def _after_a_table(document: "Docx") -> None:
    """The paragraph that a table needs after it, as small as can be."""
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(6)


def _page_numbers(paragraph: Any, footer: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, field in ((f"{typeset(footer)} · page{UNBROKEN}", "PAGE"), (f" sur{UNBROKEN}", "NUMPAGES")):
        run = paragraph.add_run(text)
        run.font.size, run.font.color.rgb = Pt(a4.SMALL), RGBColor(*a4.GREY)
        simple = _element("w:fldSimple", **{"w:instr": field})
        shown = paragraph.add_run("1")
        shown.font.size, shown.font.color.rgb = Pt(a4.SMALL), RGBColor(*a4.GREY)
        simple.append(shown._r)
        paragraph._p.append(simple)


def _speak_french(style: Any) -> None:
    style.element.get_or_add_rPr().append(_element("w:lang", **{"w:val": "fr-FR"}))


def _plain_heading(style: Any) -> None:
    """The style without its theme's font (which would win over ours), its letter spacing and its rule underneath."""
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_rPr()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        properties.rFonts.attrib.pop(qn(f"w:{name}"), None)
    for name in ("w:spacing", "w:kern"):
        for found in properties.findall(qn(name)):
            properties.remove(found)
    paragraph = style.element.get_or_add_pPr()
    for found in paragraph.findall(qn("w:pBdr")):
        paragraph.remove(found)


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(key), value)
    return element
