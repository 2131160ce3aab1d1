"""The words of the audit: every part of the house brings those of its acts; this is the table."""

from community import audit_words as community
from contributions import audit_words as contributions
from core.audit import AuditWords
from library import audit_words as library
from mail import audit_words as mail
from members import audit_words as members
from newsletters import audit_words as newsletters
from workshops.conduct import audit_words as workshops

PARTS = (
    mail.WORDS,
    members.WORDS,
    newsletters.WORDS,
    contributions.WORDS,
    library.WORDS,
    workshops.WORDS,
    community.WORDS,
)

AUDIT_WORDS = AuditWords(
    acts={act: told for part in PARTS for act, told in part.acts.items()},
    names={thing: names for part in PARTS for thing, names in part.names.items()},
)
