"""Where what is said may go: agreed before, printed on every page and mail, kept afterwards."""

from core.i18n import N_, Message

HERE, IDEAS, OPEN = "here", "ideas", "open"

BOUNDARIES: dict[str, Message] = {
    HERE: N_("What is said stays here."),
    IDEAS: N_("Ideas may be told elsewhere, but without names."),
    OPEN: N_("What is said may be told elsewhere."),
}
