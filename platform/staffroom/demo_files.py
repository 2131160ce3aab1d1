"""What the demo's people have made with their hands: slides, and conversations that one can hear.

All of it is made here. The voices are no voices: two tones that take turns, as people do.
"""

import array
import io
import math
import random
import wave
from dataclasses import dataclass

from fpdf import FPDF

from core.covers import Frame, cover, seed_of
from core.file_store import FileStore
from core.palettes import CLAY
from core.stored_files import Apart
from library.material_files import Looked, keep, look_at

RATE = 8000
LOUD = 7000
WIDTH, HEIGHT = 960, 540


@dataclass(frozen=True)
class Deck:
    """Slides: a title, and a line for each page that follows."""

    title: str
    lines: tuple[str, ...]
    language: str = "en"
    by: str = ""
    year: int = 2026
    topics: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True)
class Talk:
    """A recording of two people."""

    title: str
    summary: str
    seconds: int
    pitches: tuple[float, float]
    language: str = "en"
    by: str = ""
    topics: tuple[str, ...] = ()


DECKS = (
    Deck("Asking so that they answer", ("Wait ten seconds.", "Ask what you do not know.",
         "Let somebody else ask."), by="Rosa Dubois", topics=("Questions", "Listening"),
         summary="Slides of a workshop in Oulu: three habits, one for each week."),
    Deck("Palaute ilman numeroa", ("Mikä toimi?", "Mikä jäi auki?", "Mitä kokeilet seuraavaksi?"),
         "fi", "Ilmari Laine", 2025, ("Arviointi",), "Kolme kysymystä arvosanan tilalle."),
    Deck("A room for disagreeing", ("Agree how far it travels.", "Hear everybody once.",
         "Say what would change your mind."), by="Ben Okafor", year=2024, topics=("Trust",),
         summary="How we set the table before a hard conversation."),
)  # fmt: skip
TALKS = (
    Talk("The silence after a question", "Anna with Rosa, thirty years a teacher.", 38,
         (196.0, 147.0), by="Anna Lindqvist, Rosa Dubois", topics=("Listening", "Questions")),
    Talk("Who owns the curriculum?", "A head and a student teacher disagree well.", 52,
         (131.0, 220.0), by="Ben Okafor, Ingrid Novak", topics=("Trust",)),
    Talk("Ensimmäinen päivä, viimeinen päivä", "Yksi aloittaa, toinen jää eläkkeelle.", 28,
         (175.0, 233.0), "fi", "Ilmari Laine, Helmi Mäkinen", ("Keskustelu",)),
)  # fmt: skip


@dataclass(frozen=True)
class Brought:
    """A file that lies where large files lie, not yet in the library."""

    made: Deck | Talk
    looked: Looked
    kept: Apart


def bring(store: FileStore, largest: int) -> list[Brought]:
    """Make all of them, look into each as into a stranger's, and put them where files lie."""
    files: list[tuple[Deck | Talk, str, bytes]] = [
        *((deck, f"{deck.title}.pdf", slides(deck)) for deck in DECKS),
        *((talk, f"{talk.title}.wav", voices(talk)) for talk in TALKS),
    ]
    found = []
    for made, name, content in files:
        with io.BytesIO(content) as file:
            looked = look_at(name, file, largest)
            found.append(Brought(made, looked, keep(store, looked)))
    return found


def slides(deck: Deck) -> bytes:
    """The deck as a PDF, with the drawing of its title."""
    made = FPDF("landscape", "pt", (HEIGHT, WIDTH))
    made.set_auto_page_break(False)
    made.set_title(deck.title)
    _page(made, deck.title, deck.title, deck.by, 54)
    for number, line in enumerate(deck.lines, 1):
        _page(made, f"{deck.title} {number}", line, f"{number}", 44)
    return bytes(made.output())


def _page(made: FPDF, drawn_for: str, words: str, below: str, size: int) -> None:
    made.add_page()
    tones = CLAY.light
    made.set_fill_color(tones.wash)
    made.rect(0, 0, WIDTH, HEIGHT, "F")
    drawn, scale = cover(seed_of(drawn_for), Frame.CARD), WIDTH / 1200
    colours = {"air": "#e4d5c4", "room": "#dcb9a4", "ink": tones.ink, "accent": tones.accent}
    for dot in (*drawn.rooms, *drawn.people):
        made.set_fill_color(colours[dot.tone])
        made.circle(dot.x * scale, dot.y * scale + 60, dot.radius * scale, "F")
    made.set_fill_color(tones.sheet)
    made.rect(60, 60, WIDTH - 120, 190, "F")
    made.set_text_color(tones.ink)
    made.set_font("times", "B", size)
    made.set_xy(90, 85)
    made.multi_cell(WIDTH - 180, size * 1.15, words, align="L")
    made.set_font("helvetica", "", 18)
    made.set_xy(90, 205)
    made.cell(text=below)


def voices(talk: Talk) -> bytes:
    """Two tones that take turns, now higher, now lower, with breaths between."""
    luck = random.Random(talk.title)  # noqa: S311 - it only has to sound alive
    samples = array.array("h")
    turn = 0
    while len(samples) < talk.seconds * RATE:
        pitch = talk.pitches[turn % 2]
        for _ in range(luck.randint(3, 7)):
            samples.extend(_syllable(pitch * luck.uniform(0.92, 1.12), luck.uniform(0.12, 0.3)))
        samples.extend([0] * int(RATE * luck.uniform(0.25, 0.6)))
        turn += 1
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples[: talk.seconds * RATE].tobytes())
    return out.getvalue()


def _syllable(pitch: float, seconds: float) -> list[int]:
    count = int(seconds * RATE)
    turn, swell = 2 * math.pi * pitch / RATE, math.pi / count
    return [
        int(LOUD * math.sin(n * swell) * (math.sin(n * turn) + 0.4 * math.sin(2 * n * turn)) / 1.4)
        for n in range(count)
    ]
