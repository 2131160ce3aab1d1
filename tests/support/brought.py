"""Files that organisers bring: honest ones and broken ones, made here, of every kind we take."""

import io
import math
import struct
import wave
import zipfile

from fpdf import FPDF
from PIL import Image

FRAME = b"\xff\xfb\x90\x64" + bytes(413)
"""Of an MP3 (128 kbit/s, 44.1 kHz), with nothing to hear: 1152 samples."""
A_SECOND = 44100 / 1152


def pdf(pages: int = 1, words: str = "Asking well") -> bytes:
    """A document of so many pages."""
    made = FPDF("landscape", unit="pt", format=(540, 960))
    made.set_font("helvetica", size=48)
    for number in range(pages):
        made.add_page()
        made.cell(text=f"{words} {number + 1}")
    return bytes(made.output())


def locked_pdf() -> bytes:
    """One that asks for a password."""
    made = FPDF()
    made.set_encryption(owner_password="o", user_password="u")
    made.add_page()
    return bytes(made.output())


def pptx(*, with_macros: bool = False, with_thumbnail: bool = True) -> bytes:
    """Slides, as far as we look into them."""
    parts = {"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        if with_macros:
            archive.writestr("ppt/vbaProject.bin", b"x")
        if with_thumbnail:
            archive.writestr("docProps/thumbnail.jpeg", picture("JPEG"))
    return out.getvalue()


def odp() -> bytes:
    """The same in OpenDocument."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.presentation")
        archive.writestr("content.xml", "<office/>")
        archive.writestr("Thumbnails/thumbnail.png", picture("PNG"))
    return out.getvalue()


def mp3(seconds: int = 30) -> bytes:
    """A recording in which nobody speaks."""
    return FRAME * math.ceil(seconds * A_SECOND)


def wav(seconds: float = 2.0, pitch: float = 330.0) -> bytes:
    """A recording of one note."""
    rate = 8000
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = (math.sin(2 * math.pi * pitch * n / rate) for n in range(int(seconds * rate)))
        file.writeframes(b"".join(struct.pack("<h", int(9000 * one)) for one in samples))
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (320, 180)) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, (154, 59, 31)).save(out, kind)
    return out.getvalue()
