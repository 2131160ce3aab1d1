"""Every URL on one screen: its views, who may come, and what is special about it."""

from starlette.convertors import register_url_convertor
from starlette.routing import Route

from core.settings import Settings
from members.roles import Permission
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
from web.endpoint import Access, Entry, IdConvertor
from web.member import contributions as own
from web.member import interest as own_interest
from web.member import me, proving, second_factor, sign_in
from web.member import preferences as own_preferences
from web.organiser import (
    audit,
    cohorts,
    conducting,
    interest,
    issues,
    kept,
    leading,
    people,
    person,
    sending,
    sign_ups,
    team,
    today,
)
from web.organiser import contributions as desk
from web.organiser import library as shelves
from web.organiser import room as facilitators_room
from web.organiser import workshops as planner
from web.site import (
    archive,
    contribute,
    files,
    home,
    library,
    privacy,
    subscribing,
    workshops,
)

register_url_convertor("id", IdConvertor())

TEXT = 2 * 1024 * 1024
UPLOAD = 120 * 1024 * 1024  # on the disk; more than we take, so that refusals are in our words
EVEN = 0.03  # longer than any of the ways takes when nobody else is there

# fmt: off
SITE = (
    Entry("/", home.show),
    Entry("/about", home.about),
    Entry("/privacy", privacy.show),
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
    Entry("/library/{slug}", library.show),
    Entry("/contribute", contribute.choose),
    Entry("/contribute/deliver/{token}", answering.show_deliver, answering.deliver),
    Entry("/contribute/answer/{token}", answering.show_answer, answering.answer),
    Entry("/contribute/co-author/{token}", answering.show_co_author, answering.respond_co_author),
    Entry("/contribute/{kind}", contribute.show, contribute.save, largest=TEXT),
    Entry("/contribute/{kind}/autosave", None, contribute.autosave, largest=TEXT),
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
    Entry("/me/contributions/{public_id}/files", None, own.attach, access=Access.MEMBER, largest=UPLOAD, files=20, is_slow=True),
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

WRITE, SEND = Permission.WRITE_ISSUES, Permission.SEND_ISSUES
PLAN, TEAM = Permission.PLAN_WORKSHOPS, Permission.MANAGE_TEAM
LIBRARY, DESK = Permission.EDIT_LIBRARY, Permission.EDIT_CONTRIBUTIONS
LETTER = 300 * 1024
LIST = 2 * 1024 * 1024

ORGANISER = (
    Entry("/organise", today.show, access=Permission.SEE_TODAY),
    Entry("/organise/issues", issues.listing, issues.create, access=WRITE),
    Entry("/organise/issues/{id:id}", issues.edit, issues.save, access=WRITE, largest=LETTER),
    Entry("/organise/issues/{id:id}/autosave", None, issues.autosave, access=WRITE, largest=LETTER),
    Entry("/organise/issues/{id:id}/preview/{language}", issues.preview, access=WRITE),
    Entry("/organise/issues/{id:id}/discard", None, issues.discard, access=WRITE),
    Entry("/organise/issues/{id:id}/restore", None, issues.restore, access=WRITE),
    Entry("/organise/issues/{id:id}/test", None, issues.send_test, access=WRITE),
    Entry("/organise/issues/{id:id}/send", sending.review, sending.send, access=SEND, fresh=True),
    Entry("/organise/issues/{id:id}/ask-to-send", None, sending.ask_to_send, access=WRITE),
    Entry("/organise/issues/{id:id}/progress", sending.progress, access=WRITE),
    Entry("/organise/issues/{id:id}/progress.json", sending.progress_json, access=WRITE),
    Entry("/organise/issues/{id:id}/pause", None, sending.pause, access=SEND),
    Entry("/organise/issues/{id:id}/resume", None, sending.resume, access=SEND, fresh=True),
    Entry("/organise/issues/{id:id}/cancel", None, sending.cancel, access=SEND),
    Entry("/organise/issues/{id:id}/take-back", None, sending.take_back, access=SEND),
    Entry("/organise/issues/{id:id}/retry", None, sending.retry_failed, access=SEND, fresh=True),
    Entry("/organise/issues/{id:id}/joined", None, sending.send_to_joined, access=SEND, fresh=True),
    Entry("/organise/issues/{id:id}/unknown/count", None, sending.count_unknown, access=SEND),
    Entry("/organise/issues/{id:id}/unknown/repeat", None, sending.repeat_unknown, access=SEND, fresh=True),
    Entry("/organise/team", team.show, team.ask_in, access=TEAM, fresh=True),
    Entry("/organise/team/{id:id}/role", None, team.change_role, access=TEAM, fresh=True),
    Entry("/organise/team/{id:id}/let-go", None, team.let_go, access=TEAM, fresh=True),
    Entry("/organise/team/{id:id}/second-factor", None, team.take_factor_away, access=TEAM, fresh=True),
    Entry("/organise/team/{id:id}/sessions/{session:id}", None, team.end_session, access=TEAM, fresh=True),
    Entry("/organise/audit", audit.show, access=Permission.SEE_AUDIT),
    Entry("/organise/kept", kept.show, access=Permission.SEE_PEOPLE),
    Entry("/organise/people", person.listing, access=Permission.SEE_PEOPLE, reads="page"),
    Entry("/organise/people/{id:id}", person.show, access=Permission.SEE_PEOPLE, reads="member"),
    Entry("/organise/people/{id:id}/export", None, person.export, access=Permission.EXPORT_PEOPLE, fresh=True),
    Entry("/organise/people/{id:id}/mail-link", None, person.mail_link, access=Permission.CHANGE_PEOPLE, fresh=True),
    Entry("/organise/people/{id:id}/correct", None, person.correct, access=Permission.CHANGE_PEOPLE, fresh=True, reads="member"),
    Entry("/organise/people/{id:id}/join", None, person.join, access=Permission.CHANGE_PEOPLE, fresh=True, reads="member"),
    Entry("/organise/people/{id:id}/erase", None, person.erase, access=Permission.CHANGE_PEOPLE, fresh=True, reads="member"),
    Entry("/organise/people/sign-ups", sign_ups.listing, access=Permission.SEE_PEOPLE, reads="page"),
    Entry("/organise/people/sign-ups/{id:id}/let-in", None, sign_ups.let_in, access=Permission.SEE_PEOPLE),
    Entry("/organise/people/sign-ups/{id:id}/drop", None, sign_ups.drop, access=Permission.SEE_PEOPLE),
    Entry("/organise/contributions", desk.inbox, access=DESK),
    Entry("/organise/contributions/hear", None, desk.choose_to_hear, access=DESK),
    Entry("/organise/contributions/{public_id}", desk.show, access=DESK, reads="contribution"),
    Entry("/organise/contributions/{public_id}/edit", desk.edit, desk.revise, access=DESK, largest=TEXT, reads="contribution"),
    Entry("/organise/contributions/{public_id}/note", None, desk.note, access=DESK),
    Entry("/organise/contributions/{public_id}/assign", None, desk.assign, access=DESK),
    Entry("/organise/contributions/{public_id}/lean", None, desk.lean, access=DESK),
    Entry("/organise/contributions/{public_id}/do/{action}", None, desk.step, access=DESK),
    Entry("/organise/contributions/{public_id}/letters/{id:id}", None, desk.rewrite, access=DESK),
    Entry("/organise/contributions/{public_id}/letters/{id:id}/release", None, desk.release, access=DESK),
    Entry("/organise/contributions/{public_id}/letters/{id:id}/drop", None, desk.drop, access=DESK),
    Entry("/organise/workshops", planner.listing, access=Permission.SEE_WORKSHOPS),
    Entry("/organise/workshops", None, planner.begin, access=PLAN),
    Entry("/organise/workshops/from/{public_id}", None, planner.begin_from_topic, access=PLAN),
    Entry("/organise/workshops/{public_id}", leading.plan, access=Permission.SEE_WORKSHOPS),
    Entry("/organise/workshops/{public_id}", None, planner.save, access=PLAN, fields=100),
    Entry("/organise/workshops/{public_id}/people", leading.who_comes, access=Permission.SEE_WORKSHOPS, reads="workshop"),
    Entry("/organise/workshops/{public_id}/cohorts", None, cohorts.prepare, access=PLAN, largest=LIST, files=1, is_slow=True),
    Entry("/organise/workshops/{public_id}/cohorts/{id:id}", cohorts.show_cohort, cohorts.change_terms, access=PLAN),
    Entry("/organise/workshops/{public_id}/cohorts/{id:id}/time", None, cohorts.give_more_time, access=PLAN),
    Entry("/organise/workshops/{public_id}/cohorts/{id:id}/release", None, cohorts.release, access=PLAN, fresh=True),
    Entry("/organise/workshops/{public_id}/cohorts/{id:id}/preview/{language}", cohorts.preview, access=PLAN),
    Entry("/organise/workshops/{public_id}/cohorts/{id:id}/test", None, cohorts.send_test, access=PLAN),
    Entry("/organise/workshops/{public_id}/cohorts/{id:id}/drop", None, cohorts.drop, access=PLAN),
    Entry("/organise/workshops/{public_id}/cohorts/{id:id}/leave-out", None, cohorts.leave_out, access=PLAN),
    Entry("/organise/workshops/{public_id}/invitations/{id:id}/revoke", None, people.revoke, access=PLAN),
    Entry("/organise/workshops/{public_id}/invitations/{id:id}/again", None, people.send_again, access=PLAN),
    Entry("/organise/workshops/{public_id}/places/{id:id}/approve", None, people.approve, access=PLAN),
    Entry("/organise/workshops/{public_id}/places/{id:id}/give", None, people.give_place, access=PLAN),
    Entry("/organise/workshops/{public_id}/places/{id:id}/certificate", None, people.correct_certificate, access=PLAN),
    Entry("/organise/workshops/{public_id}/places/{id:id}/refuse", None, people.refuse, access=PLAN),
    Entry("/organise/workshops/{public_id}/places/{id:id}/remove", None, people.remove, access=PLAN),
    Entry("/organise/workshops/{public_id}/nominations/{id:id}/invite", None, people.invite_nominated, access=PLAN),
    Entry("/organise/workshops/{public_id}/nominations/{id:id}/put-away", None, people.put_away, access=PLAN),
    Entry("/organise/workshops/{public_id}/change", conducting.show, conducting.change, access=PLAN),
    Entry("/organise/workshops/{public_id}/plan", None, conducting.rewrite, access=PLAN, fields=100),
    Entry("/organise/workshops/{public_id}/new-date", None, conducting.set_new_date, access=PLAN),
    Entry("/organise/workshops/{public_id}/capacity", None, conducting.change_capacity, access=PLAN),
    Entry("/organise/workshops/{public_id}/open", None, conducting.open_to, access=PLAN),
    Entry("/organise/workshops/{public_id}/close", None, conducting.close, access=PLAN),
    Entry("/organise/workshops/{public_id}/reopen", None, conducting.reopen, access=PLAN),
    Entry("/organise/workshops/{public_id}/postpone", None, conducting.postpone, access=PLAN),
    Entry("/organise/workshops/{public_id}/cancel", None, conducting.cancel, access=PLAN),
    Entry("/organise/workshops/{public_id}/complete", None, conducting.complete, access=PLAN),
    Entry("/organise/workshops/{public_id}/notices", None, conducting.release_notices, access=PLAN, fresh=True),
    Entry("/organise/workshops/{public_id}/notices/undo", None, conducting.undo, access=PLAN),
    Entry("/organise/workshops/{public_id}/notices/drop", None, conducting.drop_notices, access=PLAN),
    Entry("/organise/workshops/{public_id}/follow-up", None, conducting.hold_follow_up, access=PLAN),
    Entry("/organise/workshops/{public_id}/article", None, conducting.draft_article, access=PLAN),
    Entry("/organise/workshops/{public_id}/room", facilitators_room.show, access=Permission.SEE_WORKSHOPS, reads="workshop"),
    Entry("/organise/workshops/{public_id}/room/notes", None, facilitators_room.keep_notes, access=Permission.SEE_WORKSHOPS),
    Entry("/organise/workshops/{public_id}/room/attendance", None, facilitators_room.note_attendance, access=Permission.SEE_WORKSHOPS, fields=600),
    Entry("/organise/workshops/{public_id}/room/points", None, facilitators_room.add_point, access=Permission.SEE_WORKSHOPS),
    Entry("/organise/workshops/{public_id}/room/actions", None, facilitators_room.add_action, access=Permission.SEE_WORKSHOPS),
    Entry("/organise/interest", interest.show, interest.add, access=PLAN),
    Entry("/organise/interest/{id:id}/put-away", None, interest.put_away, access=PLAN),
    Entry("/organise/workshops/{public_id}/ready", None, planner.ready, access=PLAN),
    Entry("/organise/workshops/{public_id}/call-off", None, planner.call_off, access=PLAN),
    Entry("/organise/workshops/{public_id}/accept", None, planner.accept, access=Permission.SEE_WORKSHOPS),
    Entry("/organise/workshops/{public_id}/run-sheet", planner.run_sheet, access=Permission.SEE_WORKSHOPS),
    Entry("/organise/library", shelves.overview, access=LIBRARY),
    Entry("/organise/library/materials", None, shelves.add_material, access=LIBRARY, largest=LETTER),
    Entry("/organise/library/items/{id:id}/show", None, shelves.show_item, access=LIBRARY),
    Entry("/organise/library/items/{id:id}/hide", None, shelves.hide_item, access=LIBRARY),
    Entry("/organise/library/feeds", None, shelves.add_feed, access=LIBRARY, is_slow=True),
    Entry("/organise/library/feeds/preview", None, shelves.preview_feed, access=LIBRARY, is_slow=True),
    Entry("/organise/library/feeds/{id:id}", shelves.show_feed, shelves.change_feed, access=LIBRARY),
    Entry("/organise/library/feeds/{id:id}/pause", None, shelves.pause_feed, access=LIBRARY),
    Entry("/organise/library/feeds/{id:id}/resume", None, shelves.resume_feed, access=LIBRARY),
    Entry("/organise/library/feeds/{id:id}/look", None, shelves.look_now, access=LIBRARY),
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
