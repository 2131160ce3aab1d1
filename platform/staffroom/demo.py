"""A believable community for `staffroom demo`: members, issues, contributions, a library.

Everything goes through the services that a real community uses, at moments in the past.
"""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from core.addresses import parse_address
from core.installation import Installation
from core.unit_of_work import UnitOfWork
from mail.models import Delivery, Mailing
from mail.states import DeliveryState, MailingState
from members.consent import NEWSLETTER, WORKSHOPS, Act
from members.evidence import Origin
from members.importing import import_table
from members.list_rows import Import
from members.models import Member, Subscription
from members.organisers import add_organiser
from members.records import new_record
from members.roles import Role
from members.signing_in import has_organisers
from members.states import SubscriptionState
from members.subscriptions import change_topic
from members.tables import table_of
from newsletters import issues, sending
from newsletters.texts import Text, parse_file
from staffroom.demo_feeds import Feeds, follow
from staffroom.demo_files import bring
from staffroom.demo_letter import put_blocks_in
from staffroom.demo_library import fill_library
from staffroom.demo_ourselves import fill_ourselves
from staffroom.demo_people import fill_people
from staffroom.demo_shelves import fill_shelves
from staffroom.demo_workshops import fill_workshops

FINNISH = (
    "Aino Eero Helmi Ilmari Kaisa Lauri Maija Niilo Oona Pekka Riikka Sampo Tuuli "
    "Urho Venla Antti Elina Hannu Inka Jussi Katri Leo Mirja Noora Onni Päivi Raimo "
    "Sanna Timo Ulla"
).split()
OTHERS = (
    "Ada Ben Cleo Dinah Emeka Farah Grace Hugo Ingrid Joon Kirsten Liam Mei Nadia "
    "Omar Priya Quentin Rosa Stella Tomas Uma Viktor Wanda Xavier Yuki Zoe Aisha "
    "Bruno Carmen Dafydd"
).split()
FAMILIES = (
    "Korhonen Virtanen Mäkinen Nieminen Laine Heikkinen Okafor Jones Svensson Rossi "
    "Novak Tanaka Silva Murphy Weber Dubois Haddad Kaur Nowak Petrov"
).split()
ROLES = ("teacher", "teacher", "teacher", "school-leader", "student-teacher", "decision-maker")
COUNTRIES = ("GB", "IE", "SE", "NG", "CA", "NZ", "EE", "DE")
MEMBERS = 200


def fill(installation: Installation, feeds: Feeds) -> None:
    """Put the community into an empty installation; does nothing in one that is not."""
    with installation.reading() as work:
        if has_organisers(work.session):
            return
    table = _table(random.Random(2026))  # noqa: S311 - it only has to look right
    import_table(installation.unit_of_work, table_of(table), Import("demo", (NEWSLETTER,)))
    # Making its files takes as long as all the rest: it goes on beside it.
    with ThreadPoolExecutor(1) as beside, installation.unit_of_work() as work:
        files = beside.submit(bring, installation.files, installation.settings.largest_file_bytes)
        add_organiser(work, parse_address("anna@staffroom.example"), Role.OWNER, "fi", "Anna")
        add_organiser(work, parse_address("ben@staffroom.example"), Role.EDITOR, "en", "Ben")
        _live_a_little(work)
        _send_past(work, "1", work.now - timedelta(days=62))
        _send_past(work, "2", work.now - timedelta(days=27))
        draft = issues.new_issue(work, [_text("3", "en"), _text("3", "fi")])
        fill_ourselves(work)
        fill_people(work)
        fill_library(work)
        fill_workshops(work)
        follow(work, feeds)
        fill_shelves(work, files.result())
        put_blocks_in(work, draft)


def _table(chance: random.Random) -> Iterator[tuple[int, dict[str, str]]]:
    for number in range(MEMBERS):
        is_finnish = chance.random() < 0.55
        first = chance.choice(FINNISH if is_finnish else OTHERS)
        family = chance.choice(FAMILIES)
        plain = f"{first}.{family}".lower().translate(str.maketrans("äö", "ao"))
        yield (
            number + 2,
            {
                "email": f"{plain}{number}@school.example",
                "name": first if chance.random() < 0.85 else "",
                "language": "fi" if is_finnish else "en",
                "role": chance.choice(ROLES),
                "country": "FI" if is_finnish else chance.choice(COUNTRIES),
            },
        )


def _live_a_little(work: UnitOfWork) -> None:
    """Some want workshops too, some have left, some are away, some have not confirmed."""
    origin = Origin("demo")
    for member in work.session.query(Member).order_by(Member.id).all():
        member.created_at = member.confirmed_at = work.now - timedelta(days=100 + member.id % 300)
        if member.id % 4 == 0:
            change_topic(work, member, WORKSHOPS, True, Act.CONFIRMED, origin)
        if member.id % 29 == 0:
            change_topic(work, member, NEWSLETTER, False, Act.WITHDRAWN, origin)
        if member.id % 41 == 0:
            member.paused_until = (work.now + timedelta(days=30)).date()
    for name in ("saara", "oliver", "fatima"):
        _add_pending(work, f"{name}@school.example")


def _add_pending(work: UnitOfWork, email: str) -> None:
    address = parse_address(email)
    pending = Member(**new_record(address, "", "en", "demo", work.now - timedelta(hours=2)))
    work.session.add(pending)
    work.session.flush()
    work.session.add(
        Subscription(
            member_id=pending.id,
            topic=NEWSLETTER,
            state=SubscriptionState.PENDING,
            changed_at=work.now,
        )
    )


def _send_past(work: UnitOfWork, name: str, moment: datetime) -> None:
    """An issue that went out at a moment in the past, to those who are here now."""
    past = replace(work, now=moment, jobs=[])
    issue = issues.new_issue(past, [_text(name, "en"), _text(name, "fi")])
    sending.send(past, issue.id)
    sending.freeze_at_once(past, issue)
    ids = sending.mailing_ids(issue)
    work.session.execute(
        update(Delivery)
        .where(Delivery.mailing_id.in_(ids))
        .values(state=DeliveryState.SENT, attempts=1, changed_at=moment)
    )
    work.session.execute(
        update(Mailing)
        .where(Mailing.id.in_(ids))
        .values(state=MailingState.FINISHED, finished_at=moment)
    )


def _text(name: str, language: str) -> Text:
    path = Path(__file__).with_name("letters") / f"{name}.{language}.md"
    return parse_file(path.read_text("utf-8"))
