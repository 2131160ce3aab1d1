"""A certificate on paper: one page, with the address at which anybody can check it."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from core.characters import scrub
from core.i18n import N_
from mail.links import Links
from workshops.model.times import when_in
from workshops.reflection.alphabets import composed, fonts_for
from workshops.reflection.attendance import Certified

if TYPE_CHECKING:
    from fpdf import FPDF

INK, SOFT, ACCENT = (40, 35, 28), (102, 90, 72), (154, 59, 31)
MARGIN = 28
TITLE = N_("Certificate of attendance")
SENTENCE = N_("took part in the workshop")
CHECK = N_("Anybody can check this certificate at")


def pdf_of(certified: Certified, community: str, links: Links, language: str) -> bytes:
    """The certificate as a PDF, in a language; its fonts are in it."""
    from fpdf import FPDF

    # It would write the letters that its font lacks, from people's names, into the log.
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    page = FPDF(orientation="landscape", format="A4")
    page.set_margin(MARGIN)
    page.set_auto_page_break(False)
    page.set_title(f"{TITLE.text(language)}: {certified.name}")
    page.set_lang(language)
    for style, name in (("", "Regular"), ("B", "Semibold")):
        page.add_font("Source", style, _font(name))
    _add_fallbacks(page, f"{community} {certified.name} {certified.title}")
    page.set_text_shaping(True)
    page.add_page()
    page.set_draw_color(*ACCENT)
    page.set_line_width(1.2)
    page.line(MARGIN, MARGIN, MARGIN + 40, MARGIN)
    page.ln(10)

    def line(text: str, size: int, style: str = "", colour: tuple[int, int, int] = INK) -> None:
        page.set_font("Source", style, size)
        page.set_text_color(*colour)
        page.multi_cell(
            0, size * 0.5, composed(scrub(text)), align="L", new_x="LMARGIN", new_y="NEXT"
        )
        page.ln(3)

    when = when_in(certified.starts_at, certified.ends_at, certified.zone, language)
    line(community, 13, colour=SOFT)
    line(TITLE.text(language), 34, "B")
    page.ln(6)
    line(certified.name, 24, "B")
    line(SENTENCE.text(language), 14, colour=SOFT)
    line(certified.title, 20)
    line(when, 13, colour=SOFT)
    page.set_y(-MARGIN - 18)
    line(CHECK.text(language), 10, colour=SOFT)
    line(links.to(f"/certificates/{certified.code}", language), 11)
    return bytes(page.output())


def _add_fallbacks(page: "FPDF", text: str) -> None:
    """Fonts for the letters that Source Sans has not."""
    others = fonts_for(text)[1:]
    for number, font in enumerate(others):
        for style in ("", "B"):
            page.add_font(f"other{number}", style, font)
    page.set_fallback_fonts([f"other{number}" for number in range(len(others))], exact_match=False)


def _font(name: str) -> Path:
    """A font that has the letters of most of Europe: fpdf2 alone knows Western ones only."""
    from font_source_sans_pro import font_directory

    return Path(font_directory) / f"SourceSansPro-{name}.ttf"
