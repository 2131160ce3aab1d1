"""What each mail is about, for rendering all of them."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from core.palettes import CLAY
from mail.rendering import fragment
from newsletters.blocks import BlockKind
from newsletters.showing import ShownBlock, ShownPicture

OWN = {"title": "On listening", "own_url": "http://x/me/contributions/1"}
OWN_WORDS = {
    "heading": "A heading",
    "body_html": Markup("<p>We are glad that you are here, with all your questions.</p>"),
    "body_text": "We are glad that you are here, with all your questions.",
}
WORKSHOP: Mapping[str, object] = {
    "title": "The first minute",
    "whens": ["Wednesday, 17 March 2027, 18:00–19:30 (Helsinki)", "16:00–17:30 (London)"],
    "boundary": "What is said stays here.",
    "has_place": True,
    "host": "Mia",
    "seat": "Rosa",
    "is_host": False,
    "leads": False,
    "is_request": False,
    "is_last": False,
    "room_url": "http://x/organise/1/room",
}
INVITED: Mapping[str, object] = {
    "focus": "How do we begin?",
    "frame": "Forum",
    "note": "Do come.\nWe need you.",
    "places": 8,
    "credit": "Mia",
    "answer_by": "10 March 2027",
    "cover_url": "http://x/drawn/clay/wide/5.png",
    "is_off": False,
    "is_list_mail": True,
}
SHARED = [{"question": "How?", "answer": "So.", "name": "Mia", "is_shared": False}]
WORKSHOPS: Mapping[str, Mapping[str, object]] = {
    **dict.fromkeys(
        ("invitation", "invitation-reminder", "invitation-new-date", "invitation-changed"), INVITED
    ),
    "not-any-more": INVITED,
    **{name: {} for name in ("own-link", "confirmed", "given-up", "removed", "not-accepted")},
    **{name: {} for name in ("changed", "new-date", "postponed", "cancelled", "starts-soon")},
    "certificate": {"has_name": True},
    "not-decided": {},
    "waiting": {"position": 2},
    "offer": {"until": ["17 Mar 2027, 18:00 (Helsinki)"]},
    "shared-answers": {"shared": SHARED},
    "check-out": {"is_reminder": False},
    "learning-points": {"points": ["Silence is an answer"]},
    "action-due": {"doing": [{"text": "We wait", "due": "10 May 2027"}]},
    "follow-up": {"doing": [{"text": "We wait", "doers": ["Mia (done)"]}]},
    "thank-you": {"words": "Thank you\nfor asking", "by": "Ben"},
    "asked-to-facilitate": {"duties": ["read the signs"], "accept_url": "http://x/organise"},
    "facilitators-digest": {"answers": SHARED, "coming": 3, "room_url": "http://x/organise/1"},
    "who-was-there": {"count": 3, "room_url": "http://x/organise/1/room"},
    "still-waiting": {"free": 0},
    "your-link": {"has_page": True},
    "not-told": {
        "what": "that it is cancelled",
        "count": 7,
        "change_url": "http://x/organise/1/change",
    },
    "host-gave-up": {"people_url": "http://x/organise/1/people"},
    "nobody-leads": {"plan_url": "http://x/organise/1"},
    "somebody-asks": {"people_url": "http://x/organise/1/people"},
    "people-ask": {
        "asked": [{"title": "On time", "count": 2, "url": "http://x/organise/1/people"}]
    },
}
CONFIRM: Mapping[str, object] = {
    "confirm_url": "http://x/confirm/1",
    "not_me_url": "http://x/not-me/1",
    "sentences": ["I would like to get the newsletter by e-mail."],
    "elsewhere": {"Suomi": "http://x/fi/confirm/1"},
}
SAMPLES: Mapping[str, Mapping[str, object]] = {
    "members/confirm": {**CONFIRM, **OWN_WORDS},
    "members/confirm-reminder": CONFIRM,
    "members/already-member": {"preferences_url": "http://x/preferences/1"},
    "members/asked-in": {"role": "Editor", "sign_in_page": "http://x/sign-in"},
    "newsletters/please-send": {
        "line": "A letter",
        "send_page": "http://x/organise/issues/1/send",
    },
    "members/joined": {},
    "members/joined-here": {},
    "members/colleague-erased": {"role": "Editor", "team_url": "http://x/organise/team"},
    "members/factor-set-up": {
        "address": "a@example.org",
        "team_url": "http://x/organise/team",
    },
    "members/factor-changed": {
        "what": "A passkey was added.",
        "moment": "1 May 2026, 10:00",
        "factor_url": "http://x/me/second-factor",
    },
    "members/factor-taken-away": {
        "address": "a@example.org",
        "moment": "1 May 2026, 10:00",
        "team_url": "http://x/organise/team",
    },
    "members/team-changed": {
        "address": "a@example.org",
        "role": "Editor",
        "team_url": "http://x/organise/team",
    },
    "members/new-device": {"moment": "1 May 2026, 10:00", "me_url": "http://x/me"},
    "members/address-changed": {},
    "members/new-address": {},
    "contributions/inquiry": {"desk_url": "http://x/organise/messages"},
    "contributions/inquiry-answer": {
        "day": "12 November 2026",
        "paragraphs": ["Dear Aino,\nyes, you may bring a colleague."],
    },
    "members/data-link": {},
    "members/from-organiser": {
        "subject": "About Thursday",
        "paragraphs": ["Dear Aino,\nyou asked where we meet.", "In the old school, second floor."],
        "name": "Zoe Quist",
    },
    "members/fresh-link": {},
    "mail/simulated": {},
    "members/mail-trouble": {
        "title": "The mail service cannot be reached.",
        "advice": "Ask the operator.",
        "words": "SES cannot be reached",
        "about": "A letter",
        "mail_url": "http://x/organise/mail",
    },
    "members/sign-ups-pressed": {"sign_ups_url": "http://x/organise/people/sign-ups"},
    "members/welcome": {
        **OWN_WORDS,
        "archive_url": "http://x/newsletter",
        "preferences_url": "http://x/preferences/1",
    },
    "members/sign-in": {},
    "contributions/desk-digest": {
        "title": "",
        "new": 2,
        "agreed": 1,
        "asked": 1,
        "desk_url": "http://x/organise/2",
    },
    "contributions/deliver": {"deliver_url": "http://x/contribute/deliver/1"},
    "contributions/receipt": OWN,
    "contributions/question": {
        **OWN,
        "question": "Why?\nAnd how?",
        "answer_url": "http://x/contribute/answer/1",
    },
    "contributions/reply": {**OWN, "answer": "So.", "desk_url": "http://x/organise/1"},
    "contributions/accepted": {**OWN, "paragraphs": ["One", "Two"], "is_person": False},
    "contributions/declined": {**OWN, "paragraphs": ["One"], "is_person": False},
    "contributions/agree-to-text": OWN,
    "contributions/published": {**OWN, "item_url": "http://x/library/1"},
    "contributions/co-author": {
        **OWN,
        "by": "Mia",
        "co_author_url": "http://x/contribute/co-author/1",
    },
    "contributions/draft-reminder": OWN,
    "contributions/follow-up": {**OWN, "desk_url": "http://x/organise/1"},
    **{f"workshops/{name}": {**WORKSHOP, **more} for name, more in WORKSHOPS.items()},
    "newsletters/issue": {
        "greets": True,
        "useful_url": "http://x/newsletter/3/useful",
        "minutes": 4,
        "byline": "Anna and Ben",
        "says_since": True,
        "cover_url": "http://x/drawn/clay/wide/7.png",
        "line": "A letter",
        "preheader": "In short",
        "heading": "A letter",
        "number": 7,
        "date": "1 May 2026",
        "body_html": Markup("<p>Words</p>"),
        "body_text": "Words",
        "browser_url": "http://x/newsletter/7",
        "is_list_mail": True,
    },
}
COMMON = {
    "community": "Ääni & <Co>",
    "tones": CLAY.light,
    "dark": CLAY.dark,
    "logo": None,
    "pictures_url": "http://x/pictures/",
    "cover_url": "",
    "says_since": False,
    "home_url": "http://x/",
    "privacy_url": "http://x/privacy",
    "reason": "Because.",
    "is_list_mail": False,
    "is_unasked": True,
}
PERSONAL = (
    "since",
    "back_url",
    "move_url",
    "change_url",
    "data_url",
    "invitation_url",
    "place_url",
    "sign_in_url",
    "spaced_code",
    "when",
)


_CARD: dict[str, Any] = {
    "title": "The silence after a question",
    "language": "en",
    "summary": "Thirty years a teacher, on the ten seconds that nobody can stand.",
    "credit": "Rosa",
    "url": "http://x/library/the-silence",
    "words": "Listen",
}
BLOCKS = (
    ShownBlock(BlockKind.CONTENTS, 1, links=(("What we heard", "#what"), ("A text", "#text"))),
    ShownBlock(BlockKind.TEXT, 2, text="What we heard", mail_html=Markup(
        "<h2>What we heard</h2><p>Ten <em>seconds</em>.</p><blockquote><p>You were waiting.</p>"
        "</blockquote><ul><li>One</li></ul>")),
    ShownBlock(BlockKind.PICTURES, 3, pictures=(
        ShownPicture("http://x/pictures/a.jpg", "A class", 1200, 800),
        ShownPicture("http://x/pictures/b.jpg", "A yard", 1200, 800))),
    ShownBlock(BlockKind.LIBRARY, 4, kicker="Listen · 38 min", picture="http://x/pictures/c.jpg",
               **_CARD),
    ShownBlock(BlockKind.ARTICLE, 5, kicker="From a reader", mail_html=Markup("<p>I count.</p>"),
               **_CARD),
    ShownBlock(BlockKind.WORKSHOP, 6, kicker="Workshop", **_CARD),
    ShownBlock(BlockKind.QUESTION, 7, kicker="The question of the month", **_CARD),
    ShownBlock(BlockKind.BUTTON, 8, title="", url="http://x/", words="Come on Thursday"),
)  # fmt: skip
"""One of each kind of which a letter is made."""


def all_blocks(language: str) -> dict[str, object]:
    """The body of a letter with every block in it."""
    tones = CLAY.light
    made = [
        [fragment("newsletters/issue", part, language,
                  {"block": block, "tones": tones, "language": language})
         for part in ("blocks.html", "blocks.txt")]
        for block in BLOCKS
    ]  # fmt: skip
    return {
        "body_html": Markup("\n").join(Markup(html) for html, _ in made),  # noqa: S704
        "body_text": "\n\n".join(text for _, text in made),
    }
