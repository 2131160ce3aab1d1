"""Every URL: its views, who may come, and what is special about it.

Those of organisers stand in `web.organiser.routes`.
"""

from starlette.convertors import register_url_convertor
from starlette.routing import Route

from core.settings import Settings
from web import health, hooks, metrics, outbox, static
from web.by_link import (
    address,
    answering,
    confirming,
    data,
    fresh,
    invitation,
    learning,
    leaving,
    own_page,
    preferences,
    room,
    silence,
)
from web.endpoint import LARGEST_TEXT, LARGEST_UPLOAD, Access, Entry, IdConvertor
from web.member import contributions as own
from web.member import interest as own_interest
from web.member import me, proving, second_factor, sign_in
from web.member import preferences as own_preferences
from web.organiser.routes import ORGANISER
from web.site import (
    archive,
    collections,
    contribute,
    drawings,
    files,
    home,
    library,
    library_files,
    opinion,
    podcast,
    privacy,
    question,
    search,
    subscribing,
    what_is_said,
    workshops,
    write_in,
)

register_url_convertor("id", IdConvertor())

EVEN = 0.03  # longer than any of the ways takes when nobody else is there

# fmt: off
SITE = (
    Entry("/", home.show),
    Entry("/about", home.about),
    Entry("/privacy", privacy.show),
    Entry("/write-to-us", write_in.show, write_in.send),
    Entry("/subscribe", subscribing.show, subscribing.submit, from_anywhere=True, delay=subscribing.delay),
    Entry("/embed", subscribing.embed),
    Entry("/api/subscriptions", None, subscribing.submit_json, preflight=subscribing.preflight, from_anywhere=True, raw=True),
    Entry("/confirm/{token}", confirming.show, confirming.confirm),
    Entry("/confirm/{token}/again", None, confirming.send_again, even_time=EVEN),
    Entry("/not-me/{token}", confirming.show_not_me, confirming.not_me),
    Entry("/unsubscribe/{token}", leaving.show, leaving.leave, from_anywhere=True, raw=True),
    Entry("/unsubscribe/{token}/reason", None, leaving.reason),
    Entry("/resubscribe/{token}", leaving.show_undo, leaving.undo),
    Entry("/never/{token}", silence.show, silence.never_write),
    Entry("/preferences/{token}", preferences.show, preferences.save),
    Entry("/preferences/{token}/fresh", None, preferences.send_fresh),
    Entry("/move/{token}", address.show, address.confirm),
    Entry("/move/back/{token}", address.show_back, address.go_back),
    Entry("/data/{token}", data.show),
    Entry("/data/{token}/my-data.json", data.download),
    Entry("/data/{token}/erase", None, data.erase),
    Entry("/erased", data.erased),
    Entry("/change/{token}", fresh.show, fresh.save),
    Entry("/change/{token}/about", None, fresh.save_about),
    Entry("/library", library.listing),
    Entry("/library/feed.atom", library.atom),
    Entry("/library/feed.json", library.json_feed),
    Entry("/library/podcast.xml", podcast.show),
    Entry("/library/collections", collections.listing),
    Entry("/library/collections/{slug}", collections.show),
    Entry("/library/{slug}", library.show),
    Entry("/library/{slug}/transcript.vtt", what_is_said.timed),
    Entry("/library/{slug}/transcript.txt", what_is_said.plain),
    Entry("/library/{slug}/chapters.json", what_is_said.chapters),
    Entry("/library/{slug}/{name}", library_files.show),
    Entry("/search", search.show),
    Entry("/question", question.show, question.answer),
    Entry("/contribute", contribute.choose),
    Entry("/contribute/deliver/{token}", answering.show_deliver, answering.deliver),
    Entry("/contribute/answer/{token}", answering.show_answer, answering.answer),
    Entry("/contribute/co-author/{token}", answering.show_co_author, answering.respond_co_author),
    Entry("/contribute/{kind}", contribute.show, contribute.save, largest=LARGEST_TEXT),
    Entry("/contribute/{kind}/autosave", None, contribute.autosave, largest=LARGEST_TEXT),
    Entry("/workshops", workshops.listing),
    Entry("/workshops/{public_id}", workshops.show, workshops.ask),
    Entry("/workshops/{public_id}/event.ics", workshops.calendar_file),
    Entry("/calendar/{token}", workshops.personal_feed),
    Entry("/certificates/{code}", workshops.certificate),
    Entry("/i/{token}", invitation.show, invitation.answer),
    Entry("/i/{token}/own-link", None, invitation.send_own_link),
    Entry("/i/{token}/ask", None, invitation.ask),
    Entry("/i/{token}/nominate", None, invitation.nominate),
    Entry("/w/{token}", own_page.show),
    Entry("/w/{token}/renew", None, own_page.renew),
    Entry("/w/{token}/take", None, own_page.take),
    Entry("/w/{token}/give-up", None, own_page.give_up),
    Entry("/w/{token}/answers", None, own_page.write),
    Entry("/w/{token}/let-read", None, own_page.let_read),
    Entry("/w/{token}/rules", None, own_page.agree_to_rules),
    Entry("/w/{token}/suggest", None, own_page.suggest_rule),
    Entry("/w/{token}/nominate", None, own_page.nominate),
    Entry("/w/{token}/join", room.show, room.join),
    Entry("/w/{token}/learning", learning.show),
    Entry("/w/{token}/check-out", None, learning.check_out),
    Entry("/w/{token}/points", None, learning.add_point),
    Entry("/w/{token}/points/{id:id}/agree", None, learning.agree),
    Entry("/w/{token}/points/{id:id}/disagree", None, learning.disagree),
    Entry("/w/{token}/points/{id:id}/withdraw", None, learning.withdraw),
    Entry("/w/{token}/actions", None, learning.propose),
    Entry("/w/{token}/actions/{id:id}/take-on", None, learning.take_on),
    Entry("/w/{token}/actions/{id:id}/report", None, learning.report),
    Entry("/w/{token}/event.ics", own_page.calendar_file),
    Entry("/w/{token}/certificate.pdf", own_page.certificate),
    Entry("/files/{name}", files.download),
    Entry("/pictures/{name}", files.picture),
    Entry("/newsletter", archive.listing),
    Entry("/newsletter/feed.atom", archive.feed),
    Entry("/newsletter/{number:id}", archive.show),
    Entry("/newsletter/{number:id}/useful", opinion.show, opinion.say),
)

MEMBER = (
    Entry("/sign-in", sign_in.show, sign_in.ask),
    Entry("/sign-in/code", sign_in.show_code, sign_in.use_code),
    Entry("/sign-in/proof", proving.show, proving.prove, access=Access.SESSION),
    Entry("/sign-in/proof/mail", None, proving.send_code, access=Access.SESSION),
    Entry("/sign-in/{link}", sign_in.show_link, sign_in.use_link),
    Entry("/sign-out", None, sign_in.sign_out),
    Entry("/me", me.show, access=Access.MEMBER),
    Entry("/me/contributions", own.listing, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}", own.show, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}/edit", own.edit, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}/reply", None, own.reply, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}/agree", None, own.agree, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}/withdraw", None, own.withdraw, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}/retract", None, own.retract, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}/discard", None, own.discard, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}/resubmit", None, own.resubmit, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}/files", None, own.attach, access=Access.MEMBER, largest=LARGEST_UPLOAD, files=20, is_slow=True),
    Entry("/me/contributions/{public_id}/files/{id:id}/remove", None, own.detach, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}/co-authors", None, own.invite, access=Access.MEMBER),
    Entry("/me/contributions/{public_id}/co-authors/{id:id}/remove", None, own.uninvite, access=Access.MEMBER),
    Entry("/me/interest", own_interest.show, own_interest.save, access=Access.MEMBER),
    Entry("/me/preferences", own_preferences.show, own_preferences.save, access=Access.MEMBER),
    Entry("/me/mail", None, own_preferences.write_again, access=Access.MEMBER),
    Entry("/me/address", own_preferences.address, own_preferences.ask_address, access=Access.MEMBER, fresh=True),
    Entry("/me/data", own_preferences.data, own_preferences.send_data_link, access=Access.MEMBER),
    Entry("/me/links", None, own_preferences.renew_links, access=Access.MEMBER),
    Entry("/me/sessions/{id:id}", None, me.revoke, access=Access.MEMBER),
    Entry("/me/second-factor", second_factor.show, access=Access.ORGANISER, fresh=True),
    Entry("/me/second-factor/app", second_factor.show_app, second_factor.confirm_app, access=Access.ORGANISER, fresh=True),
    Entry("/me/second-factor/app/begin", None, second_factor.begin_app, access=Access.ORGANISER, fresh=True),
    Entry("/me/second-factor/app/remove", None, second_factor.remove_app, access=Access.ORGANISER, fresh=True),
    Entry("/me/second-factor/passkeys", None, second_factor.add_passkey, access=Access.ORGANISER, fresh=True),
    Entry("/me/second-factor/passkeys/{id:id}/remove", None, second_factor.remove_passkey, access=Access.ORGANISER, fresh=True),
    Entry("/me/second-factor/codes", second_factor.show_codes, second_factor.renew_codes, access=Access.ORGANISER, fresh=True),
)

OUTBOX = (
    Entry("/outbox", outbox.listing, access=Access.THIS_MACHINE),
    Entry("/outbox.json", outbox.listing_json, access=Access.THIS_MACHINE),
    Entry("/outbox/{name}", outbox.show, access=Access.THIS_MACHINE),
    Entry("/outbox/{name}/html", outbox.html, access=Access.THIS_MACHINE),
    Entry("/outbox/{name}/source", outbox.source, access=Access.THIS_MACHINE),
)

ALWAYS = (
    Entry("/metrics", metrics.show),
    Entry("/hooks/ses", None, hooks.ses, from_anywhere=True, raw=True, largest=hooks.LARGEST),
    Entry("/healthz", quick=health.healthz),
    Entry("/readyz", quick=health.readyz),
    Entry("/static/{name}", quick=static.serve),
    Entry("/drawn/{palette}/{frame}/{name}", quick=drawings.show),
    Entry("/robots.txt", quick=static.robots),
)

# fmt: on


def entries(settings: Settings) -> tuple[Entry, ...]:
    """The URLs of an installation; the outbox only where mail stays on this machine."""
    outbox_too = OUTBOX if settings.mail == "outbox" else ()
    return SITE + MEMBER + ORGANISER + outbox_too + ALWAYS


def routes(settings: Settings) -> list[Route]:
    """The same as Starlette routes."""
    return [entry.route() for entry in entries(settings)]
