"""Who may do what: one table. Buttons, pages and tests are made from it."""

from enum import StrEnum

from core.i18n import N_, Message


class Role(StrEnum):
    """What an organiser is here for."""

    OWNER = "owner"
    EDITOR = "editor"
    FACILITATOR = "facilitator"


ROLE_NAMES: dict[Role, Message] = {
    Role.OWNER: N_("Owner"),
    Role.EDITOR: N_("Editor"),
    Role.FACILITATOR: N_("Facilitator"),
}
NO_ROLE = N_("no role any more")


class Permission(StrEnum):
    """Something an organiser may be allowed to do."""

    SEE_TODAY = "see today"
    WRITE_ISSUES = "write issues"
    SEND_ISSUES = "send issues"
    SEE_MAIL = "see mail"
    SEE_PEOPLE = "see people"
    CHANGE_PEOPLE = "change people"
    EXPORT_PEOPLE = "export people"
    MANAGE_TEAM = "manage team"
    SEE_AUDIT = "see audit"
    CHANGE_SETTINGS = "change settings"
    EDIT_LIBRARY = "edit library"
    EDIT_CONTRIBUTIONS = "edit contributions"
    SEE_WORKSHOPS = "see workshops"
    PLAN_WORKSHOPS = "plan workshops"


PERMISSIONS: dict[Permission, frozenset[Role]] = {
    Permission.SEE_TODAY: frozenset({Role.OWNER, Role.EDITOR, Role.FACILITATOR}),
    Permission.WRITE_ISSUES: frozenset({Role.OWNER, Role.EDITOR}),
    Permission.SEND_ISSUES: frozenset({Role.OWNER, Role.EDITOR}),
    Permission.SEE_MAIL: frozenset({Role.OWNER, Role.EDITOR}),
    Permission.SEE_PEOPLE: frozenset({Role.OWNER, Role.EDITOR}),
    Permission.CHANGE_PEOPLE: frozenset({Role.OWNER, Role.EDITOR}),
    Permission.EXPORT_PEOPLE: frozenset({Role.OWNER}),
    Permission.MANAGE_TEAM: frozenset({Role.OWNER}),
    Permission.SEE_AUDIT: frozenset({Role.OWNER}),
    Permission.CHANGE_SETTINGS: frozenset({Role.OWNER}),
    Permission.EDIT_LIBRARY: frozenset({Role.OWNER, Role.EDITOR}),
    Permission.EDIT_CONTRIBUTIONS: frozenset({Role.OWNER, Role.EDITOR}),
    Permission.SEE_WORKSHOPS: frozenset({Role.OWNER, Role.EDITOR, Role.FACILITATOR}),
    Permission.PLAN_WORKSHOPS: frozenset({Role.OWNER, Role.EDITOR}),
}


def may(role: Role | None, permission: Permission) -> bool:
    """Whether somebody in `role` (or in none) may do this."""
    return role is not None and role in PERMISSIONS[permission]
