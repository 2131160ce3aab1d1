"""All that a community says of itself, on one page, with the way to each part of it."""

from starlette.responses import Response

from community import arranging, texts, who
from community.parts import find_all
from community.texts import TEXTS
from core.i18n import LANGUAGES, language_name
from newsletters import routine
from web.pages import capital
from web.visit import Visit


def show(visit: Visit) -> Response:
    """What each part says now, and where the environment says it."""
    with visit.reading() as work:
        kept = find_all(work, [which.part(code) for which in TEXTS.values() for code in LANGUAGES])
        people = who.shown(who.find(work))
        by_itself = find_all(work, (routine.PART,))[routine.PART].value
        front = arranging.arranged(find_all(work, (arranging.PART,))[arranging.PART].value)
    return visit.page(
        "organiser/ourselves/overview.html",
        texts=texts.TEXTS.values(),
        is_own={name: bool(part.value) for name, part in kept.items()},
        tongues=[(code, capital(language_name(code, visit.language))) for code in visit.languages],
        offered=[
            capital(language_name(code, visit.language)) for code in visit.community.languages
        ],
        people=people,
        routine=by_itself,
        front=[visit.text(arranging.BLOCKS[one.name]) for one in front if not one.is_hidden],
        sentence=visit.community.sentence(visit.language),
        mailbox=visit.community.mailbox.header,
    )
