"""Subscribing: the page, the form on other sites, and JSON; all three behind the same checks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from core.addresses import inbox_of, typo_hint
from core.characters import scrub
from core.errors import Refusal, unknown_language
from core.i18n import LANGUAGES, N_
from core.tokens import BrokenToken, ExpiredToken, Purpose
from members import blocking, sign_up_requests, subscribing
from members.blocking import Shown
from members.consent import NEWSLETTER, TOPIC_TEXTS, WORKSHOPS
from members.evidence import Origin
from members.subscribing import SignUp
from web.forms import Text, Ticked, Typed
from web.visit import Visit

HONEYPOT = "website"
TYPED = ("email", "name", "language", "workshops")
AGAIN_SECONDS = 600


@dataclass(frozen=True)
class Subscribing(Typed):
    """The sign-up form: what a person types, and what the page itself sends along."""

    email: Text
    language: Text
    name: Text
    workshops: Ticked
    stamp: Text
    proof: Text
    website: Ticked
    """The trap for robots, which no person sees."""


@dataclass(frozen=True)
class Body(Typed):
    """A request that is no form."""

    body: Text


def show(visit: Visit) -> Response:
    """The sign-up form."""
    return visit.page("site/subscribe.html", **empty_form(visit))


def embed(visit: Visit) -> Response:
    """The form for other sites: what to copy, and how it looks."""
    stamp = visit.installation.tokens.sign(Purpose.EMBED, "embed")
    return visit.page("site/embed.html", stamp=stamp, consent=_sentences(), honeypot=HONEYPOT)


def delay(visit: Visit) -> float:
    """Seconds that a form sent faster than a person can fill it in has to wait."""
    tokens, settings = visit.installation.tokens, visit.installation.settings
    try:
        age = tokens.age(Purpose.FORM, Subscribing.of(visit.form).stamp, visit.now.timestamp())
    except BrokenToken:
        return 0.0
    # The stamp has whole seconds, so the age may seem up to one second too great.
    return max(0.0, min(settings.form_seconds, settings.form_seconds - age))


def submit(visit: Visit) -> Response:
    """A sign-up from a form. The same page for every address; the mail tells the difference."""
    typed = Subscribing.of(visit.form)
    if typed.language in LANGUAGES:
        visit.speak(typed.language)
    topics = [NEWSLETTER, *([WORKSHOPS] if typed.workshops else [])]
    try:
        request = subscribing.check_sign_up(
            visit.installation.settings,
            typed.email,
            typed.language or visit.language,
            typed.name,
            topics,
            _origin(visit),
        )
        _check_stamp(visit)
    except Refusal as refusal:
        return _again(visit, refusal)
    pressure = blocking.pressure(visit.installation.limits, visit.installation.settings)
    shown = Shown.of(typed.stamp, typed.proof, typed.website)
    # A form that had asked for work and brings none is of a browser without scripts: for review.
    if shown.work < pressure.bits and (typed.proof or "proof" not in visit.form):
        return _work_first(visit)
    _write_down(visit, request, shown)
    return visit.page(
        "site/check-inbox.html",
        address=request.address.shown,
        hint=typo_hint(request.address),
        inbox=inbox_of(request.address),
        name=request.name,
        workshops=typed.workshops,
        is_full=pressure.is_full,
        again_seconds=AGAIN_SECONDS,
        **_fields(visit),
    )


def submit_json(visit: Visit) -> Response:
    """A sign-up as JSON: `{email, language, name?, topics?}`."""
    try:
        typed = _json_object(Body.of(visit.form).body)
        request = subscribing.check_sign_up(
            visit.installation.settings,
            _text(typed, "email"),
            _language(typed, visit.community.languages[0]),
            _text(typed, "name"),
            _topics(typed),
            _origin(visit),
        )
        is_trapped = bool(_text(typed, HONEYPOT))
        shown = Shown.of(_text(typed, "stamp"), _text(typed, "proof"), is_trapped)
    except Refusal as refusal:
        return _allow_origin(
            visit, visit.json({"error": visit.say(refusal), "field": refusal.field}, 422)
        )
    _write_down(visit, request, shown)
    return _allow_origin(visit, visit.json({"status": "check your inbox"}, 202))


def preflight(visit: Visit) -> Response:
    """Tells a browser which other sites may use the JSON sign-up."""
    response = Response(status_code=204)
    response.headers["Access-Control-Allow-Methods"] = "POST"
    response.headers["Access-Control-Allow-Headers"] = "content-type"
    return _allow_origin(visit, response)


def empty_form(visit: Visit) -> dict[str, Any]:
    """What a template needs for a fresh sign-up form."""
    return {
        **_fields(visit),
        "values": dict.fromkeys(TYPED, ""),
        "error": None,
    }


def _write_down(visit: Visit, request: SignUp, shown: Shown) -> None:
    """One statement, the same for everybody: what becomes of it, the worker finds out."""
    with visit.unit_of_work() as work:
        sign_up_requests.keep(work, request, shown)


def _again(visit: Visit, refusal: Refusal) -> Response:
    typed = {name: visit.form[name] for name in TYPED}
    error = visit.wrong(refusal)
    return visit.page(
        "site/subscribe.html",
        status=422,
        **{**_fields(visit), "values": typed, "error": error},
    )


def _work_first(visit: Visit) -> Response:
    """A form that was shown before so many came: shown once more, it lets its browser work."""
    crowded = N_("Many people are signing up just now. Please press the button once more.")
    return _again(visit, Refusal(crowded))


def _fields(visit: Visit) -> dict[str, Any]:
    pressure = blocking.pressure(visit.installation.limits, visit.installation.settings)
    return {
        "proof_bits": pressure.bits,
        "stamp": subscribing.form_token(visit.installation.tokens),
        "honeypot": HONEYPOT,
        "consent": _sentences(),
    }


def _sentences() -> dict[str, Any]:
    return {topic: text.consent for topic, text in TOPIC_TEXTS.items()}


def _check_stamp(visit: Visit) -> None:
    """The form was ours and shown today, or is one that another site may show for years."""
    stamp, tokens = Subscribing.of(visit.form).stamp, visit.installation.tokens
    try:
        tokens.read(Purpose.FORM, stamp)
    except ExpiredToken:
        raise Refusal(
            N_("This page was open for a day. Please press the button once more.")
        ) from None
    except BrokenToken:
        if not _is_embedded(visit):
            raise Refusal(
                N_("Please press the button once more, to show that you are here.")
            ) from None


def _origin(visit: Visit) -> Origin:
    """Where it came from, in our words: what a form says of itself is evidence of nothing."""
    source = "embed" if _is_embedded(visit) else visit.path.strip("/")
    return Origin(source, visit.network)


def _is_embedded(visit: Visit) -> bool:
    try:
        visit.installation.tokens.read(Purpose.EMBED, Subscribing.of(visit.form).stamp)
    except BrokenToken:
        return False
    return True


def _json_object(body: str) -> Mapping[str, object]:
    try:
        typed = json.loads(body)
    except (ValueError, RecursionError):
        typed = None
    if not isinstance(typed, dict):
        raise Refusal(N_("The request must be a JSON object with “email” and “language”."))
    return typed


def _text(typed: Mapping[str, object], name: str) -> str:
    value = typed.get(name, "")
    if not isinstance(value, str):
        raise Refusal(N_("“%(field)s” must be text.", field=name), name)
    return scrub(value)


def _language(typed: Mapping[str, object], otherwise: str) -> str:
    language = _text(typed, "language")
    if language and language not in LANGUAGES:
        raise unknown_language(language, "language")
    return language or otherwise


def _topics(typed: Mapping[str, object]) -> list[str]:
    topics = typed.get("topics", [NEWSLETTER])
    if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
        raise Refusal(N_("“%(field)s” must be a list of words.", field="topics"), "topics")
    return [scrub(topic) for topic in topics]


def _allow_origin(visit: Visit, response: Response) -> Response:
    origin = visit.request.headers.get("origin", "")
    if origin in visit.installation.settings.allowed_origins:
        response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Vary"] = "Origin"
    return response
