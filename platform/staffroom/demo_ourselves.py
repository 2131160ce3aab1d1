"""What the demo's community says of itself: who they are, where else they are."""

from community import checks, parts, who
from community.who import Introduction
from core.unit_of_work import UnitOfWork

PEOPLE = (
    ("Anna Lindqvist", "Writes the letters, leads consultations",
     "Kirjoittaa kirjeet, vetää konsultaatioita"),
    ("Ben Okafor", "Looks after what members send in", "Hoitaa jäsenten ehdotukset"),
    ("Rosa Dubois", "Records the conversations", "Äänittää keskustelut"),
    ("Ilmari Laine", "Keeps the machine running", "Pitää koneen käynnissä"),
)  # fmt: skip
LINKS = (
    ("Our podcast", "https://podcast.staffroom.example"),
    ("Conversations on video", "https://video.staffroom.example"),
)


def fill_ourselves(work: UnitOfWork) -> None:
    """Show the people who run it, and the links at the foot of the pages."""
    for name, english, finnish in PEOPLE:
        now = who.find(work)
        said = who.check(Introduction(name, {"en": english, "fi": finnish}, None))
        parts.change(work, who.PART, now.version, who.put(now, "", said, None), None)
    parts.change(work, "links", 0, checks.links(LINKS), None)
