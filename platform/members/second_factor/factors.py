"""The second factors of one organiser: what they have, and every change of it, told by mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from core.audit import audit
from core.errors import Refusal
from core.i18n import N_, Message
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members import emails
from members.models import Member, Organiser
from members.organisers import tell_owners
from members.second_factor import authenticator, passkeys, recovery_codes
from members.second_factor.demand import FROM
from members.second_factor.tables import Passkey

THING = "organiser"
WRONG_CODE = N_(
    "This code is not right. The app shows a new one every half minute, and each is good once; "
    "the clock of the phone must be right."
)
WRONG_KEY = N_("This passkey was not taken. Please try again.")


@dataclass(frozen=True)
class Factors:
    """What somebody can show."""

    app_since: datetime | None
    passkeys: Sequence[Passkey]
    codes_left: int

    @property
    def count(self) -> int:
        """How many there are; codes on paper are none, they stand in for one."""
        return len(self.passkeys) + (self.app_since is not None)


def of(work: Reading, member_id: int) -> Factors:
    """What a member has."""
    app = authenticator.confirmed(work, member_id)
    since = app.confirmed_at if app is not None else None
    left = recovery_codes.left(work, member_id)
    return Factors(since, passkeys.of(work, member_id), left)


def confirm_app(work: UnitOfWork, member: Member, code: str) -> None:
    """From now on the app counts whose secret was shown. Raises Refusal for a wrong code."""
    if not authenticator.confirm(work, member.id, code):
        raise Refusal(WRONG_CODE, "code")
    _added(work, member, "add app")


def add_passkey(work: UnitOfWork, member: Member, challenge: str, answer: str, device: str) -> None:
    """Keep a passkey. Raises Refusal if it is none, or known."""
    if not passkeys.add(work, member.id, challenge, answer, device):
        raise Refusal(WRONG_KEY)
    _added(work, member, "add passkey")


def remove_app(work: UnitOfWork, member: Member) -> None:
    """Forget the app. Harmless to repeat. Raises Refusal for the last of who must have one."""
    now = of(work, member.id)
    _check_another(work, member, now.count - (now.app_since is not None))
    if authenticator.remove(work, member.id):
        _removed(work, member, "remove app")


def remove_passkey(work: UnitOfWork, member: Member, passkey_id: int) -> None:
    """Forget one passkey. Harmless to repeat. Raises Refusal like `remove_app`."""
    now = of(work, member.id)
    is_theirs = any(one.id == passkey_id for one in now.passkeys)
    _check_another(work, member, now.count - is_theirs)
    if passkeys.remove(work, member.id, passkey_id):
        _removed(work, member, "remove passkey")


def renew_codes(work: UnitOfWork, member: Member) -> None:
    """Ten new codes; those of before are worth nothing. Raises Refusal for who needs none."""
    if not of(work, member.id).count:
        raise Refusal(N_("Please set up an app or a passkey first."))
    recovery_codes.make(work, member.id)
    _note(work, member, "renew codes", N_("There are new recovery codes."))


def forget(work: UnitOfWork, member_id: int) -> bool:
    """Take all of it away; whether there was any."""
    had = bool(of(work, member_id).count)
    authenticator.remove(work, member_id)
    passkeys.remove(work, member_id)
    recovery_codes.remove(work, member_id)
    return had


def use_code(work: UnitOfWork, member: Member, code: str) -> bool:
    """Whether a code is of the app, or one of those on paper; it is used up.

    What is like one on paper is nothing else: only the app's few digits can be guessed.
    """
    is_on_paper = recovery_codes.is_like_one(code)
    if not is_on_paper and authenticator.use(work, member.id, code):
        audit(work, member.id, "show factor", THING, member.id)
        return True
    if not is_on_paper or not recovery_codes.use(work, member.id, code):
        audit(work, None, "wrong factor", "member", member.id)
        return False
    left = recovery_codes.left(work, member.id)
    words = N_("A recovery code was used. Left are: %(left)s.", left=left)
    _note(work, member, "use recovery code", words)
    return True


def use_passkey(work: UnitOfWork, member: Member, challenge: str, answer: str) -> bool:
    """Whether one of their passkeys signed this challenge."""
    is_right = passkeys.use(work, member.id, challenge, answer)
    if is_right:
        audit(work, member.id, "show factor", THING, member.id)
    else:
        audit(work, None, "wrong factor", "member", member.id)
    return is_right


def _check_another(work: UnitOfWork, member: Member, left: int) -> None:
    organiser = work.session.get(Organiser, member.id)
    must = organiser is not None and organiser.role in FROM[work.settings.second_factor]
    if must and not left:
        raise Refusal(N_("Your role needs a second factor. Please add another one first."))


def _added(work: UnitOfWork, member: Member, act: str) -> None:
    if of(work, member.id).count == 1:
        # Whoever had only the mailbox may have set it up.
        write = partial(emails.factor_set_up, work, whom=member)
        tell_owners(work, member, "first-factor", write, and_them=False)
    recovery_codes.make_first(work, member.id)
    words = {
        "add app": N_("An app for codes was added."),
        "add passkey": N_("A passkey was added."),
    }
    _note(work, member, act, words[act])


def _removed(work: UnitOfWork, member: Member, act: str) -> None:
    if not of(work, member.id).count:
        recovery_codes.remove(work, member.id)
    words = {
        "remove app": N_("The app for codes was removed."),
        "remove passkey": N_("A passkey was removed."),
    }
    _note(work, member, act, words[act])


def _note(work: UnitOfWork, member: Member, act: str, words: Message) -> None:
    """In the audit, and by mail to whom it is about: they may not have done it."""
    audit(work, member.id, act, THING, member.id)
    key = delivery_key("factor", member.id, f"{act}-{work.now:%Y%m%d%H%M%S%f}")
    post(work, emails.factor_changed(work, member, words), member.recipient, key)
