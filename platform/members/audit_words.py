"""The acts of membership, of signing in and of the team, in words for the audit."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import AuditWords, Kind, told
from core.i18n import N_
from members.models import Member


def names_of(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    """What members are called: a name alone is whatever somebody says of themselves."""
    rows = select(Member.id, Member.name, Member.email).where(Member.id.in_(ids))
    found = session.execute(rows)
    return {number: f"{name}, {email}" if name else email for number, name, email in found}


_SIGNING_IN = {
    ("member", "sign in"): N_("Signed in"),
    ("member", "wrong code"): N_("A code from a mail was wrong"),
    ("member", "wrong factor"): N_("A code of the second factor was wrong"),
    ("member", "sign-in mail held back"): N_("Too many sign-in mails were asked for"),
    ("organiser", "add app"): N_("Added an app for codes"),
    ("organiser", "remove app"): N_("Removed the app for codes"),
    ("organiser", "add passkey"): N_("Added a passkey"),
    ("organiser", "remove passkey"): N_("Removed a passkey"),
    ("organiser", "renew codes"): N_("Made new recovery codes"),
    ("organiser", "show factor"): N_("Showed the second factor"),
    ("organiser", "use recovery code"): N_("Used a recovery code"),
    ("organiser", "end session"): N_("Signed somebody out of a browser"),
    ("page", "refused"): N_("Was refused a page: %(path)s"),
}
_TEAM = {
    ("organiser", "add organiser"): N_("Asked a colleague in: %(role)s"),
    ("organiser", "change role"): N_("Changed a role: %(role)s"),
    ("organiser", "remove organiser"): N_("Took a role away"),
    ("organiser", "take factor away"): N_("Took a second factor away"),
}
_PEOPLE = {
    ("member", "write again"): N_("Let mail go to an address again"),
    ("member", "change address"): N_("Changed an address"),
    ("member", "address taken back"): N_("Took a change of address back"),
    ("member", "renew links"): N_("Made the links in mails new"),
    ("member", "erase"): N_("Erased somebody"),
    ("organiser", "organiser erased"): N_("Erased an organiser: %(role)s"),
    ("sign-up", "let in"): N_("Let a blocked sign-up in"),
    ("sign-up", "drop"): N_("Forgot a blocked sign-up"),
    ("member", "join"): N_("Joined two records of one person"),
    ("member", "export"): N_("Exported everything about somebody"),
    ("member", "note"): N_("Wrote a note about somebody"),
    ("member", "forget note"): N_("Took a note about somebody away"),
    ("member", "bring note back"): N_("Brought a note about somebody back"),
    ("member", "correct"): N_("Corrected what is known of somebody"),
    ("member", "pause"): N_("Paused mail to somebody until: %(until)s"),
    ("member", "unsubscribe"): N_("Took somebody off: %(topic)s"),
    ("member", "ask again"): N_("Asked somebody to confirm once more"),
    ("member", "write to"): N_("Wrote to somebody"),
    ("member", "add"): N_("Wrote somebody down"),
    ("people", "export"): N_("Exported the list of members: %(people)s"),
    ("people", "import"): N_("Imported a list of members: %(people)s"),
    ("import", "begin"): N_("Let a list come in: %(people)s rows, %(source)s"),
    ("import", "undo"): N_("Took an import back"),
    ("member", "two people"): N_("Said of two records that they are two people"),
    ("people", "label"): N_("Labelled %(people)s people: %(label)s"),
    ("people", "unlabel"): N_("Took a label off %(people)s people: %(label)s"),
    ("segment", "save"): N_("Kept a segment: %(name)s"),
    ("segment", "forget"): N_("Forgot a segment: %(name)s"),
    ("segment", "bring back"): N_("Brought a segment back: %(name)s"),
}
_READING = {
    ("member", "read"): N_("Looked at everything about somebody"),
    ("page", "read"): N_("Read what is confidential: %(path)s"),
    ("contribution", "read"): N_("Read what is confidential of a contribution"),
    ("workshop", "read"): N_("Read what is confidential of a workshop"),
}
_SETTINGS = {
    ("settings", "first"): N_("The settings were written down for the first time"),
    ("settings", "anew"): N_("A new version knows other settings"),
    ("settings", "changed"): N_("Settings were changed: %(names)s"),
}

WORDS = AuditWords(
    acts={
        **told(Kind.SIGNING_IN, _SIGNING_IN),
        **told(Kind.TEAM, _TEAM),
        **told(Kind.PEOPLE, _PEOPLE),
        **told(Kind.READING, _READING),
        **told(Kind.SETTINGS, _SETTINGS),
    },
    names={"member": names_of, "organiser": names_of},
)
