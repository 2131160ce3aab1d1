"""What can stand in the way of mail, how long each is waited for, and when somebody is told. Pure.

Nothing runs through a list on unclear answers: whatever stands in the way, one recipient at a time
tries whether it still does, and waits longer each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from core.i18n import N_, Message
from mail.outcomes import Verdict
from mail.states import MailClass


class Trouble(StrEnum):
    """What stands in the way."""

    UNCLEAR = "unclear"
    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    QUOTA = "quota"
    ACCOUNT = "account"
    LIMITER = "limiter"
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"
    STALE = "stale"


@dataclass(frozen=True)
class Patience:
    """How something is waited for: the first wait, the longest, and after how long it is told."""

    first: timedelta
    longest: timedelta
    told_after: timedelta


def _patience(first: float, longest: float, told_after: float) -> Patience:
    return Patience(*(timedelta(seconds=n) for n in (first, longest, told_after)))


PATIENCE: Mapping[Trouble, Patience] = {
    Trouble.UNCLEAR: _patience(5, 600, 60),
    Trouble.UNREACHABLE: _patience(5, 300, 300),
    Trouble.THROTTLED: _patience(1, 60, 900),
    Trouble.QUOTA: _patience(900, 900, 0),
    Trouble.ACCOUNT: _patience(60, 900, 0),
    Trouble.LIMITER: _patience(2, 30, 300),
}
"""What passes by itself. What is not here waits for a person, who is told at once."""

TITLES: Mapping[Trouble, Message] = {
    Trouble.UNCLEAR: N_(
        "The mail service does not say clearly whether it took a letter. One at a time tries it."
    ),
    Trouble.UNREACHABLE: N_("The mail service cannot be reached. Nothing is lost."),
    Trouble.THROTTLED: N_("The mail service wants it slower. Nothing is lost."),
    Trouble.QUOTA: N_("The day's quota of the mail account is used up."),
    Trouble.ACCOUNT: N_("The mail account, or how it is set up, does not let mail out."),
    Trouble.LIMITER: N_(
        "Valkey, which counts how fast mail goes, does not answer. Nothing is lost."
    ),
    Trouble.BOUNCES: N_(
        "Too many addresses do not exist: more than 5 of 100 letters came back. AWS would stop the "
        "account. Look at the list before you go on."
    ),
    Trouble.COMPLAINTS: N_(
        "Too many readers call this letter spam: more than 2 of 1,000. AWS would stop the account. "
        "Look at who gets it before you go on."
    ),
    Trouble.STALE: N_("It was to go out more than a day ago and has not begun. Is it still right?"),
}

FROM_VERDICT: Mapping[Verdict, Trouble] = {
    Verdict.UNKNOWN: Trouble.UNCLEAR,
    Verdict.UNREACHABLE: Trouble.UNREACHABLE,
    Verdict.THROTTLED: Trouble.THROTTLED,
    Verdict.QUOTA_USED: Trouble.QUOTA,
    Verdict.FAULT: Trouble.ACCOUNT,
}
"""The verdicts that concern everybody, the most careful first."""

MOST_UNCLEAR = 8
"""So many single letters are spent on trying one mailing: then it may be the mailing itself."""


def wait_before(trouble: Trouble, tries: int) -> timedelta | None:
    """How long until it is tried again after so many tries; None: a person goes on."""
    patience = PATIENCE.get(trouble)
    if patience is None:
        return None
    doubled: timedelta = patience.first * 2 ** min(tries, 12)
    return min(doubled, patience.longest)


def told_after(trouble: Trouble) -> timedelta:
    """How long it stands in the way before the owners are written to."""
    patience = PATIENCE.get(trouble)
    return patience.told_after if patience else timedelta(0)


def stops(trouble: Trouble, tries: int, mail_class: MailClass) -> bool:
    """Whether the mailing stops for a person. Service mail only waits: it is wanted."""
    if mail_class is MailClass.SERVICE:
        return False
    is_poison = trouble is Trouble.UNCLEAR and tries >= MOST_UNCLEAR
    return trouble is Trouble.ACCOUNT or trouble not in PATIENCE or is_poison
