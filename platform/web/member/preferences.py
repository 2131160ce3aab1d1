"""One's own preferences, signed in; and having all links of older mails made new."""

from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from mail import unasked
from members import address_change, own_links
from members.models import Member
from web import own_preferences
from web.forms import OwnAddress, Typed
from web.limits import check_unasked
from web.visit import Visit

PATH = "/me/preferences"


def show(visit: Visit) -> Response:
    """What I get and have said of myself, and how to change it."""
    return own_preferences.show(visit, partial(_member, visit), PATH)


def save(visit: Visit) -> Response:
    """Keep the changes."""
    return own_preferences.save(visit, partial(_member, visit), PATH)


def renew_links(visit: Visit) -> Response:
    """Make the links in all older mails worthless: whoever else has one can do nothing with it."""
    with visit.unit_of_work() as work:
        own_links.renew_links(work, _member(visit, work), visit.viewer_id)
    return visit.redirect("/me?said=renewed")


@dataclass(frozen=True)
class NewAddress(Typed):
    """Where somebody wants to be written to from now on."""

    email: OwnAddress


def address(visit: Visit) -> Response:
    """The form for another address."""
    with visit.reading() as work:
        return _address_page(visit, work, _member(visit, work))


def ask_address(visit: Visit) -> Response:
    """Ask at the new address whether it is mine."""

    def check(_work: Reading, member: Member) -> None:
        wanted = NewAddress.of(visit.form).email
        check_unasked(visit, "new-addresses", wanted, ("5/day", str(member.id)), field="email")

    def act(work: UnitOfWork, member: Member) -> None:
        address_change.ask(work, member, NewAddress.of(visit.form).email)

    return visit.act(
        partial(_member, visit),
        act,
        before=check,
        then=lambda *_: "/me/address?said=sent",
        refused=partial(_address_page, visit),
    )


def _address_page(
    visit: Visit, _work: Reading, member: Member, refusal: Refusal | None = None
) -> Response:
    return visit.page(
        "member/address.html",
        status=422 if refusal else 200,
        address=member.email,
        typed=visit.form if refusal else None,
        is_sent=visit.query("said") == "sent",
        error=visit.wrong(refusal),
    )


def write_again(visit: Visit) -> Response:
    """Take back that nothing was ever to be written to me."""
    with visit.unit_of_work() as work:
        unasked.write_again(work, [_member(visit, work).email_ascii])
    return visit.redirect("/me?said=again")


def data(visit: Visit) -> Response:
    """The way to what is kept about me."""
    is_sent = visit.query("said") == "sent"
    return visit.page("member/data.html", is_sent=is_sent, error=None)


def send_data_link(visit: Visit) -> Response:
    """Mail me the link to it: whoever sits at this browser may be somebody else."""
    with visit.unit_of_work() as work:
        own_links.mail_data_link(work, _member(visit, work))
    return visit.redirect("/me/data?said=sent")


def _member(visit: Visit, work: Reading) -> Member:
    return work.session.get_one(Member, visit.my_id)
