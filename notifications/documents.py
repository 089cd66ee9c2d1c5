"""How do facts become a document that somebody signs, as .docx and as PDF?

A document is a list of plain blocks; each of the two writers lays them out on A4, without any office program. The PDF
carries its font. What people typed is shown on one line, and e-mail addresses in it are not shown at all.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from notifications.french import UNBROKEN, one_line, typeset

if TYPE_CHECKING:
    from docx.document import Document as Docx
    from fpdf import FPDF

NARROW = "\N{NARROW NO-BREAK SPACE}"  # the font has none
MARGIN = 20.0  # millimetres
TEXT_WIDTH = 210.0 - 2 * MARGIN
BODY, SMALL = 10, 8.5  # points
GREY, PALE, BLACK = (96, 96, 96), (236, 240, 245), (17, 24, 39)
DOCX_FONT = "Arial"  # a .docx carries no font: one that every office program has, or has the twin of
LINE = 6.0  # millimetres to a handwritten line
PADDING = 90  # of a cell at its sides, in twentieths of a point
_address = re.compile(r"\S+@\S+")


@dataclass(frozen=True, kw_only=True)
class Heading:
    text: str
    level: int = 1  # 2 for a heading within a section


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    text: str
    quiet: bool = False  # small and grey


@dataclass(frozen=True, kw_only=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table: shares of the width by column, amounts to the right, some rows in bold (counted from 0)."""

    headers: tuple[str, ...]  # empty for a table without a head
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    to_the_right: frozenset[int] = frozenset()
    bold: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Box:
    """An empty frame to write in by hand; `lines` is its height."""

    label: str
    lines: int


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawing as wide as the text: as PNG for paper, as SVG for the screen, and what it shows in words."""

    png: bytes
    svg: str
    words: str


Block = Heading | Paragraph | Bullets | Grid | Box | Picture


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A whole document; `made_at` is the instant that its properties tell."""

    title: str
    subtitle: str
    footer: str
    blocks: tuple[Block, ...]
    made_at: datetime


def clean(text: str) -> str:
    """What somebody typed, on one line and without any e-mail address."""
    return _address.sub("(adresse)", one_line(text))


def as_docx(paper: Paper) -> bytes:
    """The document for a word processor, to be completed before it is signed."""
    from docx import Document
    from docx.shared import Mm, Pt, RGBColor

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = DOCX_FONT, Pt(BODY)
    style.paragraph_format.space_after = Pt(6)
    _speak_french(style)
    for name, size, colour, before, after in (
        ("Title", 18, BLACK, 0, 2), ("Subtitle", 12, GREY, 0, 10), ("Heading 1", 12, BLACK, 12, 4),
        ("Heading 2", 10.5, BLACK, 8, 3),
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


def as_pdf(paper: Paper) -> bytes:
    """The document as it is printed."""
    from fpdf import FPDF
    from ttf_opensans import OPENSANS_BOLD, OPENSANS_ITALIC, OPENSANS_REGULAR

    class Page(FPDF):
        def footer(self) -> None:
            self.set_y(-14)
            self.set_font("opensans", size=SMALL)
            self.set_text_color(*GREY)
            self.cell(0, 5, self.words(f"{paper.footer} · page {self.page_no()} sur {{nb}}"), align="C")
            self.set_text_color(0)

        def words(self, text: str) -> str:
            """Text that the font can show."""
            known = self.fonts["opensans"].cmap  # type: ignore[union-attr]
            narrow = typeset(text).replace(NARROW, UNBROKEN)
            return "".join(letter if ord(letter) in known or letter == "\n" else "?" for letter in narrow)

    pdf = Page(format="A4")
    for style, font in (("", OPENSANS_REGULAR), ("B", OPENSANS_BOLD), ("I", OPENSANS_ITALIC)):
        pdf.add_font("opensans", style=style, fname=font.path)
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(True, margin=MARGIN)
    pdf.set_lang("fr-FR")
    pdf.set_title(paper.title)
    pdf.set_subject(paper.subtitle)
    pdf.set_creation_date(paper.made_at)
    pdf.add_page()
    pdf.set_font("opensans", "B", 18)
    pdf.multi_cell(0, 9, pdf.words(paper.title), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("opensans", size=12)
    pdf.set_text_color(*GREY)
    pdf.multi_cell(0, 7, pdf.words(paper.subtitle), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_text_color(0)
    pdf.ln(3)
    for block in paper.blocks:
        _to_pdf(pdf, block, pdf.words)
    return bytes(pdf.output())


# .docx


def _to_docx(document: "Docx", block: Block) -> None:
    from docx.enum.table import WD_ROW_HEIGHT_RULE
    from docx.shared import Mm, Pt, RGBColor

    match block:
        case Heading():
            document.add_heading(typeset(block.text), level=block.level)
        case Paragraph():
            run = document.add_paragraph().add_run(typeset(block.text))
            if block.quiet:
                run.font.size, run.font.color.rgb = Pt(SMALL), RGBColor(*GREY)
        case Bullets():
            for item in block.items:
                document.add_paragraph(typeset(item), style="List Bullet")
        case Grid():
            _grid_to_docx(document, block)
        case Box():
            table = document.add_table(rows=1, cols=1, style="Table Grid")
            row = table.rows[0]
            row.height, row.height_rule = Mm(LINE * block.lines), WD_ROW_HEIGHT_RULE.AT_LEAST
            row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
            row.cells[0].text = typeset(block.label)
            row.cells[0].paragraphs[0].paragraph_format.space_before = Pt(3)
            _pad(table)
            _after_a_table(document)
        case Picture():
            shape = document.add_picture(io.BytesIO(block.png), width=Mm(TEXT_WIDTH))
            shape._inline.docPr.set("descr", block.words)


def _grid_to_docx(document: "Docx", grid: Grid) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    head = (grid.headers,) if grid.headers else ()
    table = document.add_table(rows=0, cols=len(grid.widths), style="Table Grid")
    table.autofit = False
    widths = [Mm(TEXT_WIDTH * width / sum(grid.widths)) for width in grid.widths]
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
            run.font.size = Pt(BODY - 1)
            if column_number in grid.to_the_right:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if number < 0:
                shade = _element("w:shd", **{"w:val": "clear", "w:color": "auto", "w:fill": bytes(PALE).hex()})
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
        run.font.size, run.font.color.rgb = Pt(SMALL), RGBColor(*GREY)
        simple = _element("w:fldSimple", **{"w:instr": field})
        shown = paragraph.add_run("1")
        shown.font.size, shown.font.color.rgb = Pt(SMALL), RGBColor(*GREY)
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


# PDF


def _to_pdf(pdf: "FPDF", block: Block, words: Any) -> None:
    pdf.set_font("opensans", size=BODY)
    match block:
        case Heading():
            if pdf.will_page_break(60):  # a heading stays with what it announces
                pdf.add_page()
            pdf.ln(3)
            pdf.set_font("opensans", "B", 12 if block.level == 1 else 10.5)
            pdf.multi_cell(0, 7, words(block.text), align="L", new_x="LMARGIN", new_y="NEXT")
            pdf.ln(1)
        case Paragraph():
            if block.quiet:
                pdf.set_font("opensans", size=SMALL)
                pdf.set_text_color(*GREY)
            pdf.multi_cell(0, 5, words(block.text), align="L", new_x="LMARGIN", new_y="NEXT")
            pdf.set_text_color(0)
            pdf.ln(1.5)
        case Bullets():
            for item in block.items:
                pdf.cell(5, 5, "•")
                pdf.multi_cell(TEXT_WIDTH - 5, 5, words(item), align="L", new_x="LMARGIN", new_y="NEXT")
                pdf.ln(0.5)
        case Grid():
            _grid_to_pdf(pdf, block, words)
        case Box():
            height = LINE * block.lines
            if pdf.will_page_break(height):
                pdf.add_page()
            top = pdf.get_y()
            pdf.rect(MARGIN, top, TEXT_WIDTH, height)
            pdf.set_xy(MARGIN + 2, top + 1.5)
            pdf.multi_cell(TEXT_WIDTH - 4, 5, words(block.label), align="L")
            pdf.set_xy(MARGIN, top + height + 3)
        case Picture():
            pdf.image(io.BytesIO(block.png), w=TEXT_WIDTH, alt_text=block.words)
            pdf.ln(2)


def _grid_to_pdf(pdf: "FPDF", grid: Grid, words: Any) -> None:
    from fpdf.enums import TextEmphasis
    from fpdf.fonts import FontFace

    pdf.set_font("opensans", size=BODY - 1)
    pdf.set_draw_color(*GREY)
    bold = FontFace(emphasis=TextEmphasis.B)
    with pdf.table(
        col_widths=grid.widths,
        text_align=tuple("R" if number in grid.to_the_right else "L" for number in range(len(grid.widths))),
        first_row_as_headings=bool(grid.headers),
        headings_style=FontFace(emphasis=TextEmphasis.B, fill_color=PALE),
        line_height=5,
        padding=(0.6, 1.5),
    ) as table:
        if grid.headers:
            table.row([words(text) for text in grid.headers])
        for number, row in enumerate(grid.rows):
            table.row([words(text) for text in row], style=bold if number in grid.bold else None)
    pdf.set_draw_color(0)
    pdf.ln(2)


def amount(cents: int) -> str:
    """« 15 000,00 € »: an amount as a column of an account shows it."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", NARROW)
    return f"{'−' if cents < 0 else ''}{grouped},{rest:02d}{UNBROKEN}€"


def share(value: float | None) -> str:
    """« 62,3 % »."""
    return "" if value is None else f"{value * 100:.1f}{UNBROKEN}%".replace(".", ",")


def yes_or_no(value: bool) -> str:
    return "oui" if value else "non"


def counted(texts: Sequence[str], none: str) -> Block:
    """The texts as a list, or one sentence when there is none."""
    return Bullets(items=tuple(texts)) if texts else Paragraph(text=none)
