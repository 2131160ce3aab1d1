"""How long a community keeps what it says of itself."""

from community import parts
from core.i18n import N_
from core.retention import Ground, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "who-we-are",
        N_("Names, tasks and pictures of those who are shown as who we are"),
        N_("So that people see whom they deal with"),
        Ground.CONSENT,
        None,
        until=N_("until they wish to be shown no more"),
    ),
    Rule(
        "said-before",
        N_("What the community said of itself before the last change"),
        N_("So that a change can be taken back"),
        Ground.INTEREST,
        parts.UNDO,
        parts.purge,
    ),
)
