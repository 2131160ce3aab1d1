"""The acts on what a community says of itself, in words for the audit."""

from core.audit import AuditWords, Kind, told
from core.i18n import N_

_ACTS = {
    ("community", "change"): N_("Changed what the community says of itself: %(part)s"),
    ("community", "take back"): N_("Took back what the community said of itself: %(part)s"),
}
WORDS = AuditWords(acts=told(Kind.SETTINGS, _ACTS), names={})
