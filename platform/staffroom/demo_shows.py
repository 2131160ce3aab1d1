"""What the demo's two podcasts say: shows of somebody else, which the community follows."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from staffroom.demo_files import Talk
from staffroom.demo_pictures import corridor, table


@dataclass(frozen=True)
class Part:
    """An episode: how long ago it came out, what is said in it, and where its parts begin."""

    talk: Talk
    days: int
    said: tuple[tuple[str, str], ...]
    """Who, and what; spread over its seconds."""
    chapters: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Show:
    """A podcast."""

    name: str
    """The folder that it lies in."""
    title: str
    sentence: str
    language: str
    by: str
    parts: tuple[Part, ...]
    draw: Callable[[int], Image.Image]
    """Its picture; of each episode, another."""


CORRIDOR = Show(
    "corridor",
    "The Corridor",
    "Two teachers meet between lessons, and one asks.",
    "en",
    "Farah Haddad, Liam Murphy",
    (
        Part(
            Talk("The lesson I would take back",
                 "Farah tells of a Tuesday in March, and Liam does not console her.", 46,
                 (208.0, 139.0), topics=("Questions",)),
            3,
            (("Liam", "Which lesson would you take back, if you could have one?"),
             ("Farah", "A Tuesday in March. I had an answer ready before I heard the question."),
             ("Liam", "What was the question?"),
             ("Farah", "Whether it matters that we are right. I said yes, and went to page ten."),
             ("Liam", "And now?"),
             ("Farah", "Now I would sit down on the table and ask them back.")),
            ((0, "Which lesson?"), (16, "Page ten"), (34, "Sitting on the table")),
        ),
        Part(
            Talk("Marking less, reading more",
                 "What happened when one of us put the red pen into a drawer for a term.", 41,
                 (201.0, 146.0), topics=("Assessment",)),
            17,
            (("Farah", "You stopped marking. Did anybody notice?"),
             ("Liam", "The parents, in a week. The pupils, never. They noticed that I read."),
             ("Farah", "How do they know that you read?"),
             ("Liam", "I ask them about the second paragraph."),
             ("Farah", "Always the second?"),
             ("Liam", "Everybody polishes the first.")),
            ((0, "The drawer"), (18, "The second paragraph")),
        ),
        Part(
            Talk("What the caretaker knows",
                 "He has seen every class leave for twenty years. We asked him what he sees.", 39,
                 (117.0, 196.0), topics=("Listening",)),
            31,
            (("Farah", "What do you see at the door that we do not?"),
             ("Mr Doyle", "Who walks alone. You see them sitting; I see them leaving."),
             ("Liam", "Have you ever told anybody?"),
             ("Mr Doyle", "Nobody has ever asked.")),
        ),
    ),
    corridor,
)  # fmt: skip
TABLE = Show(
    "kahvipoyta",
    "Kahvipöytä",
    "Kymmenen minuuttia, kaksi kuppia ja yksi kysymys.",
    "fi",
    "Elina Nieminen, Jussi Virtanen",
    (
        Part(
            Talk("Miksi hiljaisuus pelottaa?",
                 "Elina laski sekunnit, Jussi kertoo, mitä niiden aikana ehti ajatella.", 37,
                 (215.0, 128.0), topics=("Keskustelu",)),
            5,
            (("Elina", "Kuinka kauan odotat, kun olet kysynyt?"),
             ("Jussi", "Luulin, että viisi sekuntia. Mittasin: yhden."),
             ("Elina", "Mitä siinä sekunnissa pelkäät?"),
             ("Jussi", "Että kysymys oli huono. Useammin se oli vain iso."),
             ("Elina", "Odotetaanko nyt yhdessä?")),
            ((0, "Yksi sekunti"), (20, "Iso kysymys")),
        ),
        Part(
            Talk("Kenen vuoro puhua?",
                 "Mitä tapahtui, kun kokouksessa puhuttiin vain pallo kädessä.", 33,
                 (189.0, 142.0), topics=("Luottamus",)),
            19,
            (("Jussi", "Kuka teillä puhuu ensin?"),
             ("Elina", "Se, jolla on pallo. Ensimmäisellä kerralla se oli rehtorilla koko ajan."),
             ("Jussi", "Entä toisella?"),
             ("Elina", "Hän heitti sen siivoojalle.")),
        ),
        Part(
            Talk("Vanhempainilta toisin päin",
                 "Kun vanhemmat kysyvät ja opettajat kuuntelevat.", 35,
                 (178.0, 230.0), topics=("Kuunteleminen",)),
            33,
            (("Elina", "Mitä vanhemmat kysyivät?"),
             ("Jussi", "Ei arvosanoista mitään. He kysyivät, kuka syö yksin."),),
        ),
    ),
    table,
)  # fmt: skip
SHOWS = (CORRIDOR, TABLE)
