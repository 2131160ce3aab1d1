"""Who acts, and as what: an act of a person, of time, or of what works in the background. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """In which role somebody, or something, acts."""

    MEMBER = "member"
    """The person concerned, by session or by the link in a mail."""
    AUTHOR = "author"
    EDITOR = "editor"
    ORGANISER = "organiser"
    TIME = "time"
    WORKER = "worker"
    MAIL_SERVICE = "mail service"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts, and as what. A visitor who sends something in has no member id yet."""

    member_id: int | None
    who: Who
