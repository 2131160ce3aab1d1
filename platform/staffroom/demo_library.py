"""What the demo's people have shared: contributions at every point of their way, and a library."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from contributions import desk, drafts
from contributions.kinds import Content, Kind
from contributions.loop import focus_of
from contributions.models import Contribution
from contributions.publishing import publish_contribution
from contributions.states import Action
from core.actors import Actor, Who
from core.markdown import to_html
from core.unit_of_work import UnitOfWork
from library.items import NewItem, mark_used, publish
from library.kinds import Boundary, ItemKind, Licence
from members.models import Member, Organiser
from members.states import MemberState
from workshops.planning import planning

STEPS_TO_PUBLISHED = (Action.OPEN, Action.ACCEPT)

SILENCE = Content(
    title="Ten seconds of silence",
    summary="I count to ten after every question, and the class has begun to answer differently.",
    language="en",
    answers={
        "body": "I used to wait less than a second. I know because a colleague counted.\n\n"
        "## What I do now\n\nI ask, and then I count to ten in my head. It is *long*. In the "
        "second week somebody who never speaks began to speak.\n\n> “You were waiting for me.”",
        "audience": "Anybody who asks questions for a living",
        "phase": "lower-secondary",
        "pupils": "More of them answer, and the answers are longer.",
    },
    may_share=True,
)
HILJAISUUS = Content(
    title="Kuka saa olla eri mieltä?",
    summary="Miten huoneessa tehdään tilaa sille, joka ajattelee toisin?",
    language="fi",
    answers={
        "question": "Miten kokouksessa voi olla eri mieltä niin, että jokainen haluaa tulla "
        "seuraavaankin kokoukseen?",
        "why": "Koulullamme tehdään iso päätös keväällä, ja puolet opettajista on hiljaa.",
        "frame": "hotseat",
    },
    boundary=Boundary.MEMBERS,
    may_share=True,
)
NEW_TOPIC = Content(
    title="When pupils assess us",
    summary="What would we have to believe about pupils to take their assessment seriously?",
    language="en",
    answers={
        "question": "What would change if our pupils wrote our appraisal?",
        "why": "Our district is trying it next year.",
        "frame": "forum",
    },
    may_share=True,
)
PODCAST = Content(
    title="Välituntijakso",
    summary="Kymmenen minuuttia opettajainhuoneen ovella, yksi kysymys kerrallaan.",
    language="fi",
    answers={"pitch": "Mitä välitunnilla oikeasti puhutaan?", "guests": "Minä ja rehtori",
             "minutes": "10"},
    may_share=True,
)  # fmt: skip
PERSON = Content(
    title="A head who closed her office",
    summary="She moved her desk into the corridor for a year.",
    language="en",
    answers={"person": "A head teacher in Leeds", "why": "What did she hear there?",
             "contact": "through me", "relation": "We trained together", "knows": "no"},
    may_share=True,
)  # fmt: skip


def fill_library(work: UnitOfWork) -> None:
    """Put contributions and materials into the demo, as if people had worked on them for weeks."""
    authors = _authors(work)
    editor = work.session.scalars(select(Organiser.member_id)).first() or 0
    _publish(work, Kind.ARTICLE, SILENCE, authors[0], editor, days=34)
    _publish(work, Kind.TOPIC, HILJAISUUS, authors[1], editor, days=9)
    asked = _sent(work, Kind.PODCAST, PODCAST, authors[1], days=6)
    lately = replace(work, now=work.now - timedelta(days=3), jobs=[])
    desk.act(lately, asked, Action.OPEN, Actor(editor, Who.EDITOR), asked.version)
    words = "Kenelle jakso olisi, ja kuka siinä kysyy?"
    desk.ask(lately, asked, Actor(editor, Who.EDITOR), asked.version, words, drafts.new_form_key())
    _sent(work, Kind.TOPIC, NEW_TOPIC, authors[0], days=1)
    person = _sent(work, Kind.INTERVIEWEE, PERSON, authors[2], days=12)
    for action in (Action.OPEN, Action.ACCEPT):
        desk.act(lately, person, action, Actor(editor, Who.EDITOR), person.version)
    _materials(work)
    _plan_workshop(work, editor)


def _plan_workshop(work: UnitOfWork, editor: int) -> None:
    """One workshop that is being planned around a member's topic, and not ready yet."""
    topics = select(Contribution).where(Contribution.title == HILJAISUUS.title)
    topic = work.session.scalars(topics).one()
    workshop = planning.begin_from_topic(work, focus_of(work, topic), editor)
    plan = workshop.plan
    workshop.title = HILJAISUUS.title
    workshop.facilitator_id = editor
    workshop.plan = replace(
        plan,
        pupils="Oppilaat näkevät aikuisia, jotka osaavat olla eri mieltä.",
        questions=["Milloin viimeksi muutit mieltäsi kokouksessa, ja mikä sen sai aikaan?"],
        rules="Jokainen saa puhua ennen kuin kukaan puhuu toista kertaa.\nKysymme ennen kuin "
        "neuvomme.",
    )


def _authors(work: UnitOfWork) -> list[int]:
    """An English reader, a Finnish one, and another English one."""
    found = []
    for language, place in (("en", 0), ("fi", 0), ("en", 1)):
        people = select(Member.id).where(
            Member.language == language, Member.state == MemberState.CONFIRMED
        )
        people = people.where(Member.name != "", Member.source == "demo").order_by(Member.id)
        found.append(list(work.session.scalars(people.limit(2)))[place])
    return found


def _sent(work: UnitOfWork, kind: Kind, content: Content, author: int, days: int) -> Contribution:
    past = replace(work, now=work.now - timedelta(days=days), jobs=[])
    name = work.session.get_one(Member, author).name
    named = replace(content, name=name)
    draft = drafts.start(past, kind, drafts.new_form_key(), author, named)
    return drafts.submit(past, draft, author)


def _publish(
    work: UnitOfWork, kind: Kind, content: Content, author: int, editor: int, days: int
) -> None:
    past = replace(work, now=work.now - timedelta(days=days - 1), jobs=[])
    workshop = _sent(work, kind, content, author, days)
    for action in STEPS_TO_PUBLISHED:
        desk.act(past, workshop, action, Actor(editor, Who.EDITOR), workshop.version)
    drafts.agree(past, workshop, author, workshop.version)
    topics = ("Listening", "Questions") if content.language == "en" else ("Keskustelu",)
    item = publish_contribution(past, workshop, Actor(editor, Who.EDITOR), workshop.version, topics)
    if days > 30:
        mark_used(work, [item.id], 2)


def _materials(work: UnitOfWork) -> None:
    shelf = (
        ("Ground rules that we use", "One page to put on the table before a conversation.",
         ("- Everybody is heard before anybody is heard twice.\n- We ask before we advise.\n"
         "- What is said here may be told; who said it may not."), "en", ("Trust",), 50),
        ("Keskustelun pelisäännöt", "Yksi sivu pöydälle ennen keskustelua.",
         ("- Jokainen saa puhua ennen kuin kukaan puhuu toista kertaa.\n- Kysymme ennen kuin "
         "neuvomme.\n- Sen, mitä sanottiin, saa kertoa; sen, kuka sanoi, ei."), "fi",
         ("Luottamus",), 50),
        ("Four frames on one sheet", "Workshop, forum, consultation, hotseat: when to use which.",
         ("**Workshop**: a problem we all know. **Forum**: a text or a talk as the start. "
         "**Consultation**: one brings a question. **Hotseat**: one answers, all ask."), "en",
         ("Method",), 20),
    )  # fmt: skip
    for title, summary, body, language, topics, days in shelf:
        past = replace(work, now=work.now - timedelta(days=days), jobs=[])
        publish(
            past,
            NewItem(
                kind=ItemKind.MATERIAL,
                title=title,
                summary=summary,
                body_html=to_html(body, language, work.settings.base_url),
                language=language,
                byline=work.community.name,
                licence=Licence.CC_BY,
                boundary=Boundary.ANYONE,
                topics=topics,
            ),
        )
