"""How long it is kept what people said of themselves, and what they agreed to."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import CompoundSelect, exists, select, update

from core.i18n import N_
from core.retention import Ground, Rule
from core.unit_of_work import UnitOfWork
from mail import retention as mail
from mail.models import Delivery
from mail.retention import forget_recipients
from members import (
    address_change,
    blocking,
    confirming,
    erased,
    imports,
    notes,
    sessions,
    signing_in,
)
from members.models import ConsentEvent, Member, Subscription
from members.second_factor import authenticator

NETWORKS_KEPT = timedelta(days=30)
REASONS_KEPT = timedelta(days=365)

Awaited = Callable[[datetime], CompoundSelect[int]]
"""Selects who is waited for by something else than a subscription."""


def purge_pending(awaited: Awaited, work: UnitOfWork) -> int:
    """Who has not confirmed: the record, and to whom the question went."""
    gone = confirming.purge_pending(work, awaited(work.now))
    forget_recipients(work, gone)
    return len(gone)


def forget_gone(work: UnitOfWork) -> int:
    """To whom mail went that was on its way when they were erased."""
    gone = ~exists().where(Member.id == Delivery.recipient_id)
    ids = select(Delivery.recipient_id).where(Delivery.recipient_id.is_not(None), gone).distinct()
    return mail.forget_gone(work, [n for n in work.session.scalars(ids) if n is not None])


def forget_networks(work: UnitOfWork) -> int:
    """From which network something was agreed to."""
    old = ConsentEvent.at <= work.now - NETWORKS_KEPT, ConsentEvent.network != ""
    return work.change(update(ConsentEvent).where(*old).values(network=""))


def forget_reasons(work: UnitOfWork) -> int:
    """Why somebody left."""
    old = Subscription.changed_at <= work.now - REASONS_KEPT, Subscription.reason != ""
    return work.change(update(Subscription).where(*old).values(reason=""))


def rules(awaited: Awaited) -> tuple[Rule, ...]:
    """The rules, given who is waited for by others."""
    pending = Rule(
        "pending",
        N_("Addresses that nobody has confirmed"),
        N_("To ask whether the address is yours, and to remind you once"),
        Ground.WISH,
        confirming.FORGET_AFTER,
        partial(purge_pending, awaited),
    )
    return (pending, *RULES)


RULES = (
    Rule(
        "erased",
        N_("What was on its way to you when you had yourself erased"),
        N_("To know that it ended"),
        Ground.INTEREST,
        timedelta(0),
        forget_gone,
        N_("within an hour"),
    ),
    Rule(
        "erased-addresses",
        N_("A fingerprint of your address when you had yourself erased"),
        N_("So that no old list brings you back"),
        Ground.INTEREST,
        erased.KEPT,
        erased.purge,
    ),
    Rule(
        "members",
        N_("Your address, name, language, and what you said about your work"),
        N_("To write to you, and to invite you to what fits"),
        Ground.CONSENT,
        None,
        None,
        N_("until you have yourself erased"),
    ),
    Rule(
        "imports",
        N_("Lists that organisers brought in, and what each did"),
        N_("To take an import back for a day"),
        Ground.INTEREST,
        imports.KEPT,
        imports.purge,
    ),
    Rule(
        "notes",
        N_("What organisers noted about you"),
        N_("To know what was agreed with you"),
        Ground.INTEREST,
        notes.UNDO,
        notes.purge,
        N_("until they take it away, or you have yourself erased"),
    ),
    Rule(
        "consents",
        N_("What you agreed to: which words, when, and how it ended"),
        N_("To be able to show it"),
        Ground.DUTY,
        None,
        None,
        N_("until you have yourself erased"),
    ),
    Rule(
        "networks",
        N_("From which network you agreed, without its last part"),
        N_("To recognise floods of robots"),
        Ground.INTEREST,
        NETWORKS_KEPT,
        forget_networks,
    ),
    Rule(
        "reasons",
        N_("Why you left, if you told us"),
        N_("To learn from it"),
        Ground.CONSENT,
        REASONS_KEPT,
        forget_reasons,
    ),
    Rule(
        "blocked-sign-ups",
        N_("Sign-ups that were held back"),
        N_("So that an organiser may let you in"),
        Ground.INTEREST,
        blocking.KEPT,
        blocking.purge_blocked,
    ),
    Rule(
        "sign-ins",
        N_("That you asked to sign in"),
        N_("To let in you and nobody else"),
        Ground.WISH,
        timedelta(days=1),
        signing_in.purge_requests,
    ),
    Rule(
        "address-changes",
        N_("That your address changed, and which it was"),
        N_("So that you can take it back"),
        Ground.WISH,
        address_change.KEPT,
        address_change.purge_changes,
    ),
    Rule(
        "sessions",
        N_("In which browsers you are signed in, and when each was last used"),
        N_("So that you see it, and can end it"),
        Ground.WISH,
        sessions.ABSOLUTE,
        sessions.purge_sessions,
        N_("two weeks after the last use, ninety days at the most"),
    ),
    Rule(
        "second-factors",
        N_("With which app, passkeys and recovery codes an organiser signs in"),
        N_("To let in you and nobody else"),
        Ground.INTEREST,
        None,
        None,
        N_("until you take them away, or your role ends"),
    ),
    Rule(
        "begun-apps",
        N_("An app for codes that was begun and never confirmed"),
        N_("So that you can finish"),
        Ground.WISH,
        authenticator.BEGUN_KEPT,
        authenticator.purge_begun,
    ),
)
