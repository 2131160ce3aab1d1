"""The mails of membership: one function each."""

from collections.abc import Collection, Sequence

from markupsafe import Markup

from community.texts import CONFIRMATION, WELCOME, OwnText, Spoken, spoken
from core.i18n import N_, Message, language_name, say_moment
from core.tokens import Purpose
from core.unit_of_work import Reading, UnitOfWork
from mail.links import Links, OneTimeCode, OpeningLink
from mail.posting import Email
from mail.reasons import Reason
from members.consent import TOPIC_TEXTS
from members.models import Member
from members.roles import NO_ROLE, ROLE_NAMES, Role


def confirm_subscription(
    work: UnitOfWork,
    member: Member,
    topics: Collection[str],
    events: Sequence[int],
    is_reminder: bool = False,
) -> Email:
    """Asks whether the address is right, and for what. Holds nothing that a visitor typed.

    Its link names the consent events that it confirms. Somebody else may have chosen the language,
    so there is a way to the same question in each of the others.
    """
    links = Links.of(work.settings, work.tokens)
    parts = (member.id, member.token_version)
    confirm = f"/confirm/{work.tokens.sign(Purpose.CONFIRM, *parts, *events)}"
    return Email(
        template="members/confirm-reminder" if is_reminder else "members/confirm",
        language=member.language,
        reason=N_("You get this because this address was written into our sign-up form."),
        is_unasked=True,
        repeatable=True,
        priority=10,
        context={
            "confirm_url": links.to(confirm),
            **_own_words(work, CONFIRMATION, member.language),
            "sentences": [TOPIC_TEXTS[topic].consent.text(member.language) for topic in topics],
            "elsewhere": {
                language_name(code, code).capitalize(): f"{links.base_url}/{code}{confirm}"
                for code in work.community.languages
                if code != member.language
            },
            "not_me_url": links.to(f"/not-me/{work.tokens.sign(Purpose.NOT_ME, *parts)}"),
        },
    )


def _own_words(work: UnitOfWork, which: OwnText, language: str) -> dict[str, object]:
    """What the community itself says in a mail."""
    return _as_said(work, spoken(work, which, language))


def _as_said(work: Reading, said: Spoken) -> dict[str, object]:
    return {
        "heading": said.heading,
        "body_html": Markup(said.mail_html(work)),  # noqa: S704 - cleaned by nh3
        "body_text": said.text(work),
    }


def as_it_would_be(work: Reading, which: OwnText, said: Spoken) -> Email:
    """A mail with a text that is being written: to look at, not to send. Its links lead home."""
    links, language = Links.of(work.settings, work.tokens), said.language
    home = links.to("/", language)
    asked = [one.consent.text(language) for one in TOPIC_TEXTS.values()]
    return Email(
        template=f"members/{'welcome' if which is WELCOME else 'confirm'}",
        language=language,
        reason=N_("You get this because this address was written into our sign-up form."),
        context={
            **_as_said(work, said),
            **dict.fromkeys(("archive_url", "preferences_url", "confirm_url", "not_me_url"), home),
            "sentences": asked,
            "elsewhere": {},
        },
    )


def already_member(work: UnitOfWork, member: Member) -> Email:
    """Somebody, likely its owner, subscribed an address that is subscribed already."""
    links = Links.of(work.settings, work.tokens)
    return Email(
        template="members/already-member",
        language=member.language,
        reason=N_("You get this because this address was written into our sign-up form."),
        is_unasked=True,
        repeatable=True,
        priority=20,
        context={"preferences_url": links.preferences(member.id, member.links_version)},
    )


def fresh_link(member: Member) -> Email:
    """The link by which everything can be changed, for an hour; made when the mail leaves."""
    change = OpeningLink("/change/", Purpose.CHANGE, (member.id, member.links_version))
    return Email(
        template="members/fresh-link",
        language=member.language,
        reason=N_("You get this because somebody asked for a new link on a page of yours."),
        is_unasked=True,
        repeatable=True,
        priority=10,
        values={"change_url": change},
    )


def data_link(member: Member) -> Email:
    """The link to everything that is kept about somebody, for an hour."""
    data = OpeningLink("/data/", Purpose.DATA, (member.id, member.links_version))
    return Email(
        template="members/data-link",
        language=member.language,
        reason=N_("You get this because you asked for it, on our site or an organiser."),
        repeatable=True,
        always=True,
        priority=10,
        values={"data_url": data},
    )


def new_address(member: Member, change_id: int) -> Email:
    """To the new address: is it theirs? Nothing that anybody typed is in it."""
    return Email(
        template="members/new-address",
        language=member.language,
        reason=N_("You get this because this address was written into a form on our site."),
        is_unasked=True,
        repeatable=True,
        priority=10,
        values={"move_url": OpeningLink("/move/", Purpose.MOVE, (change_id,))},
    )


def address_changed(member: Member, change_id: int) -> Email:
    """To the old address: it is the one no more; and the way back."""
    return Email(
        template="members/address-changed",
        language=member.language,
        reason=N_("You get this because this was your address until now."),
        always=True,
        priority=10,
        values={"back_url": OpeningLink("/move/back/", Purpose.MOVE_BACK, (change_id,))},
    )


def asked_in(work: UnitOfWork, colleague: Member, role: Role) -> Email:
    """To somebody whom an owner asks to help run the community."""
    links = Links.of(work.settings, work.tokens)
    return Email(
        template="members/asked-in",
        language=colleague.language,
        reason=N_("You get this because an owner of this community asked you in."),
        priority=10,
        context={
            "role": ROLE_NAMES[role].text(colleague.language),
            "sign_in_page": links.to("/sign-in", colleague.language),
        },
    )


_AN_OWNER = N_("You get this because you are an owner of this community.")
_IT_CONCERNS = N_("You get this because you are an owner of this community, or it concerns you.")
_AN_ORGANISER = N_("You get this because you help to run this community.")
TEAM = "/organise/team"


def team_changed(work: UnitOfWork, to: Member, whom: Member, role: Role | None) -> Email:
    """To the owners, and to whom it concerns: who is what from now on."""
    now = (ROLE_NAMES[role] if role else NO_ROLE).text(to.language)
    context = {"address": whom.email, "role": now}
    return _to_team(work, to, "team-changed", _IT_CONCERNS, team_url=TEAM, **context)


def factor_set_up(work: UnitOfWork, owner: Member, whom: Member) -> Email:
    """To the owners: a colleague signs in with a second factor from now on."""
    return _to_team(work, owner, "factor-set-up", _AN_OWNER, team_url=TEAM, address=whom.email)


def factor_taken_away(work: UnitOfWork, to: Member, whom: Member) -> Email:
    """To the owners, and to whom it concerns: the second factor was taken away."""
    name, address = "factor-taken-away", whom.email
    return _to_team(work, to, name, _IT_CONCERNS, team_url=TEAM, address=address)


def colleague_erased(work: UnitOfWork, owner: Member, role: Role) -> Email:
    """To the owners: an organiser is not here any more. It says no name: that was erased."""
    was = ROLE_NAMES[role].text(owner.language)
    return _to_team(work, owner, "colleague-erased", _AN_OWNER, team_url=TEAM, role=was)


def from_organiser(work: UnitOfWork, member: Member, by: Member, subject: str, text: str) -> Email:
    """A few words that an organiser wrote to one person."""
    name = by.name or work.community.name
    return Email(
        template="members/from-organiser",
        language=member.language,
        reason=N_("You get this because %(name)s, who helps to run this community, wrote to you.",
                  name=name),
        priority=20,
        context={"subject": subject, "paragraphs": text.split("\n\n"), "name": name},
        written_by=by.name,
    )  # fmt: skip


def new_device(work: UnitOfWork, organiser: Member) -> Email:
    """To an organiser: their address was used in a browser that had not signed in before."""
    return _to_team(work, organiser, "new-device", _AN_ORGANISER, me_url="/me")


def factor_changed(work: UnitOfWork, organiser: Member, what: Message) -> Email:
    """To an organiser: how they sign in has changed."""
    page, said = "/me/second-factor", what.text(organiser.language)
    return _to_team(work, organiser, "factor-changed", _AN_ORGANISER, factor_url=page, what=said)


def sign_ups_pressed(work: UnitOfWork, owner: Member) -> Email:
    """To owners: so many sign up at once that not everybody gets a mail."""
    page = "/organise/people/sign-ups"
    return _to_team(work, owner, "sign-ups-pressed", _AN_OWNER, sign_ups_url=page)


def mail_trouble(work: UnitOfWork, owner: Member, reason: Reason, about: str) -> Email:
    """For an owner: mail does not go out, why, and what to do about it."""
    said = {
        "title": reason.title.text(owner.language),
        "advice": reason.advice.text(owner.language) if reason.advice else "",
        "words": reason.words,
        "about": about,
    }
    return _to_team(work, owner, "mail-trouble", _AN_OWNER, mail_url="/organise/mail", **said)


def _to_team(work: UnitOfWork, to: Member, name: str, reason: Message, **context: str) -> Email:
    """What organisers have to know at once, whatever else they want no mail of.

    What begins with a slash is a page of ours; the moment is always said.
    """
    links = Links.of(work.settings, work.tokens)
    said = {
        key: links.to(one, to.language) if one.startswith("/") else one
        for key, one in context.items()
    }
    moment = say_moment(work.now, to.language, work.settings.time_zone)
    return Email(
        template=f"members/{name}",
        language=to.language,
        reason=reason,
        always=True,
        priority=5,
        context={"moment": moment, **said},
    )


def joined(language: str) -> Email:
    """To the address whose record is gone: they are written to at the other one."""
    return Email(
        template="members/joined",
        language=language,
        reason=N_("You get this because this was your address until now."),
        always=True,
        priority=10,
    )


def joined_here(language: str) -> Email:
    """To the address that stays: what was kept under another one is here now."""
    return Email(
        template="members/joined-here",
        language=language,
        reason=N_("You get this because an organiser changed what we keep about you."),
        always=True,
        priority=10,
    )


def welcome(work: UnitOfWork, member: Member) -> Email:
    """The first mail after confirming."""
    links = Links.of(work.settings, work.tokens)
    return Email(
        template="members/welcome",
        language=member.language,
        reason=N_("You get this once, because you have just confirmed your subscription."),
        priority=30,
        context={
            **_own_words(work, WELCOME, member.language),
            "archive_url": links.to("/newsletter", member.language),
            "preferences_url": links.preferences(member.id, member.links_version),
        },
    )


def sign_in(member: Member, request_id: int) -> Email:
    """A way in, by link on the device that asked or by code on it from any other.

    Both are made when the mail leaves: nobody who reads the database can sign in with it.
    """
    code = Purpose.SIGN_IN_CODE, (request_id,)
    return Email(
        template="members/sign-in",
        language=member.language,
        reason=N_("You get this because somebody asked to sign in with this address."),
        repeatable=True,
        always=True,
        priority=1,
        values={
            "sign_in_url": OpeningLink("/sign-in/", Purpose.SIGN_IN, (request_id,)),
            "spaced_code": OneTimeCode(*code, between=" "),
        },
    )
