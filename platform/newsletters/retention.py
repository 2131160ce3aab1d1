"""How long drafts of letters are kept that were put away."""

from core.i18n import N_
from core.retention import Ground, Rule
from newsletters import revisions
from newsletters.issues import DISCARDED_KEPT, purge_discarded

RULES = (
    Rule(
        "discarded-drafts",
        N_("Drafts of letters that were put away"),
        N_("So that organisers can take them out again"),
        Ground.INTEREST,
        DISCARDED_KEPT,
        purge_discarded,
    ),
    Rule(
        "issue-revisions",
        N_("Earlier versions of letters"),
        N_("So that nothing is lost while several write"),
        Ground.INTEREST,
        revisions.KEPT_AFTER,
        revisions.purge,
        until=N_("30 days after the letter was sent"),
    ),
)
