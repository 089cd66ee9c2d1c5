"""How does a document become a PDF, as it is printed? It carries its font."""

import io
from typing import TYPE_CHECKING, Any

from notifications import a4
from notifications.documents import NARROW, Block, Box, Bullets, Grid, Heading, Paper, Paragraph, Picture
from notifications.french import UNBROKEN, typeset

if TYPE_CHECKING:
    from fpdf import FPDF


def as_pdf(paper: Paper) -> bytes:
    """The document as it is printed."""
    from fpdf import FPDF
    from ttf_opensans import OPENSANS_BOLD, OPENSANS_ITALIC, OPENSANS_REGULAR

    class Page(FPDF):
        def footer(self) -> None:
            self.set_y(-14)
            self.set_font("opensans", size=a4.SMALL)
            self.set_text_color(*a4.GREY)
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
    pdf.set_margin(a4.MARGIN)
    pdf.set_auto_page_break(True, margin=a4.MARGIN)
    pdf.set_lang("fr-FR")
    pdf.set_title(paper.title)
    pdf.set_subject(paper.subtitle)
    pdf.set_creation_date(paper.made_at)
    pdf.add_page()
    pdf.set_font("opensans", "B", a4.TITLE)
    pdf.multi_cell(0, 9, pdf.words(paper.title), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("opensans", size=a4.SUBTITLE)
    pdf.set_text_color(*a4.GREY)
    pdf.multi_cell(0, 7, pdf.words(paper.subtitle), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_text_color(0)
    pdf.ln(3)
    for block, after in zip(paper.blocks, (*paper.blocks[1:], None), strict=True):
        if isinstance(block, Heading) and pdf.will_page_break(_room_under_a_heading(after)):
            pdf.add_page()
        _to_pdf(pdf, block, pdf.words)
    return bytes(pdf.output())


def _room_under_a_heading(announced: Block | None) -> float:
    """A heading stays with what it announces: millimetres for it, and for a frame whole."""
    return 60.0 if not isinstance(announced, Box) else 12.0 + a4.LINE * announced.lines


def _to_pdf(pdf: "FPDF", block: Block, words: Any) -> None:
    pdf.set_font("opensans", size=a4.BODY)
    match block:
        case Heading():
            pdf.ln(3)
            pdf.set_font("opensans", "B", a4.HEADINGS[block.level])
            pdf.multi_cell(0, 7, words(block.text), align="L", new_x="LMARGIN", new_y="NEXT")
            pdf.ln(1)
        case Paragraph():
            if block.quiet:
                pdf.set_font("opensans", size=a4.SMALL)
                pdf.set_text_color(*a4.GREY)
            pdf.multi_cell(0, 5, words(block.text), align="L", new_x="LMARGIN", new_y="NEXT")
            pdf.set_text_color(0)
            pdf.ln(1.5)
        case Bullets():
            for item in block.items:
                pdf.cell(5, 5, "•")
                pdf.multi_cell(a4.TEXT_WIDTH - 5, 5, words(item), align="L", new_x="LMARGIN", new_y="NEXT")
                pdf.ln(0.5)
        case Grid():
            _grid_to_pdf(pdf, block, words)
        case Box():
            height = a4.LINE * block.lines
            if pdf.will_page_break(height):
                pdf.add_page()
            top = pdf.get_y()
            pdf.rect(a4.MARGIN, top, a4.TEXT_WIDTH, height)
            pdf.set_xy(a4.MARGIN + 2, top + 1.5)
            pdf.multi_cell(a4.TEXT_WIDTH - 4, 5, words(block.label), align="L")
            pdf.set_xy(a4.MARGIN, top + height + 3)
        case Picture():
            pdf.image(io.BytesIO(block.png), w=a4.TEXT_WIDTH, alt_text=block.words)
            pdf.ln(2)


def _grid_to_pdf(pdf: "FPDF", grid: Grid, words: Any) -> None:
    from fpdf.enums import TextEmphasis
    from fpdf.fonts import FontFace

    pdf.set_font("opensans", size=a4.BODY - 1)
    pdf.set_draw_color(*a4.GREY)
    bold = FontFace(emphasis=TextEmphasis.B)
    with pdf.table(
        col_widths=grid.widths,
        text_align=tuple("R" if number in grid.to_the_right else "L" for number in range(len(grid.widths))),
        first_row_as_headings=bool(grid.headers),
        headings_style=FontFace(emphasis=TextEmphasis.B, fill_color=a4.PALE),
        line_height=5,
        padding=(0.6, 1.5),
    ) as table:
        if grid.headers:
            table.row([words(text) for text in grid.headers])
        for number, row in enumerate(grid.rows):
            table.row([words(text) for text in row], style=bold if number in grid.bold else None)
    pdf.set_draw_color(0)
    pdf.ln(2)
