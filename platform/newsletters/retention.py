"""How long drafts of letters are kept that were put away."""

from core.i18n import N_
from core.retention import Ground, Rule
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
)
