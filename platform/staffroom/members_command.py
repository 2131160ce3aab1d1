"""`staffroom members`: importing and exporting people, and what one of them can demand."""

import json
import sys
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

import click

from core.i18n import N_
from staffroom.plainly import open_installation, plainly

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from core.installation import Installation
    from core.persons import Person
    from members.list_rows import Import, Report
    from members.tables import Table


@click.group()
def members() -> None:
    """The people of the community."""


@members.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--source", required=True, help="Where and when these people agreed, in words.")
@click.option("--topic", type=click.Choice(["newsletter", "workshops"]), default="newsletter")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each row.")
@plainly
def members_import(file: IO[bytes], source: str, topic: str, dry_run: bool) -> None:
    """Import members from a CSV file with a header line; never resubscribes anyone."""
    from members.importing import look_through
    from members.list_rows import Import
    from members.tables import read_table

    if not source.strip():
        raise click.ClickException("--source must say where and when these people agreed")
    content = file.read()
    lines = content.count(b"\n")
    table = read_table(content)
    installation = open_installation()
    with installation.reading() as work:
        into = Import(source, (topic,), work.community.languages[0])
    with click.progressbar(length=lines, label="Importing", file=sys.stderr) as bar:
        if dry_run:
            report = look_through(installation.reading, table, into, bar.update)
        else:
            report = _bring_in(installation, table, into, bar.update)
        bar.update(lines)
    _tell_of_rows(report)
    would = "nothing was written; " if dry_run else ""
    click.echo(would + ", ".join(f"{name}: {report.counts[name]}" for name in IMPORT_ENDS))


def _bring_in(
    installation: "Installation", table: "Table", into: "Import", progress: Callable[[int], None]
) -> "Report":
    from core.audit import audit
    from members.importing import import_table

    report = import_table(installation.unit_of_work, table, into, progress)
    with installation.unit_of_work() as work:
        taken = report.counts["new"] + report.counts["updated"]
        audit(work, None, "import", "people", 0, {"people": taken, "source": into.source[:200]})
    return report


IMPORT_ENDS = (
    "new",
    "updated",
    "unchanged",
    "still unsubscribed",
    "left elsewhere",
    "unconfirmed",
    "suppressed",
    "invalid",
    "duplicates",
)


def _tell_of_rows(report: "Report") -> None:
    """What could not be read, and what was not taken from what could."""
    told = [(number, refusal.message) for number, refusal in report.invalid] + report.notes
    told += [(n, N_("Perhaps they meant %(address)s.", address=a)) for n, a in report.typos]
    for number, message in sorted(told, key=lambda pair: pair[0]):
        click.echo(f"line {number}: {message.text()}", err=True)
    if report.unused:
        click.echo(f"columns that were not used: {', '.join(report.unused)}", err=True)


@members.command("export")
@click.argument("email", required=False)
@plainly
def members_export(email: str | None) -> None:
    """Write all members as CSV to standard output; with EMAIL everything about one, as JSON."""
    from core.audit import audit
    from core.persons import tell_all
    from members.exporting import export_members

    installation = open_installation()
    with installation.reading() as work:
        if email is None:
            sys.stdout.write("\ufeff")
            count = export_members(work.session, sys.stdout)
        else:
            person = _person(work.session, email)
            told = tell_all(work, person, installation.persons)
            click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    with installation.unit_of_work() as unit:
        if email is None:
            audit(unit, None, "export", "people", 0, {"people": count})
        else:
            audit(unit, None, "export", "member", person.id)


@members.command("erase")
@click.argument("email")
@click.option("--keep-byline", is_flag=True, help="Leave their name on what is published.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@plainly
def members_erase(email: str, keep_byline: bool, yes: bool) -> None:
    """Erase one person from every table and file; what stays is a fingerprint, and numbers."""
    from core.persons import Erasure, erase_all

    installation = open_installation()
    with installation.reading() as work:
        person = _person(work.session, email)
    if not yes:
        click.confirm(f"Erase {person.email} for good?", abort=True, err=True)
    with installation.unit_of_work() as work:
        erase_all(work, person, Erasure(keep_byline, None), installation.persons)
    click.echo("Erased.")


@members.command("correct")
@click.argument("email")
@click.option("--email", "new", required=True, help="The address it should be.")
@plainly
def members_correct(email: str, new: str) -> None:
    """Write another address for somebody; the old one is told, and links of older mails end."""
    from contributions import guests
    from core.addresses import parse_address
    from members import address_change
    from members.models import Member
    from workshops.invitation import invitations

    with open_installation().unit_of_work() as work:
        member = work.session.get_one(Member, _person(work.session, email).id)
        awaited = invitations.is_awaited(work.now) | guests.WAITS
        address_change.correct(work, member, parse_address(new), None, awaited)
    click.echo(f"From now on we write to {new}.")


@members.command("join")
@click.argument("email")
@click.argument("other")
@click.option("--yes", is_flag=True, help="Do not ask.")
@plainly
def members_join(email: str, other: str, yes: bool) -> None:
    """Make one record of two of one person: EMAIL stays, and gets all that OTHER has."""
    from core.persons import join_all
    from members import joining

    installation = open_installation()
    with installation.reading() as work:
        kept, gone = (_person(work.session, one) for one in (email, other))
    if not yes:
        click.confirm(f"Give all of {gone.email} to {kept.email}, for good?", abort=True, err=True)
    with installation.unit_of_work() as unit:
        joining.check_joinable(unit, kept, gone)
        join_all(unit, kept, gone, installation.persons)
        joining.note(unit, kept, gone, None)
    click.echo(f"From now on both are {kept.email}.")


def _person(session: "Session", email: str) -> "Person":
    from core.addresses import parse_address
    from members.persons import find_person

    person = find_person(session, parse_address(email).key)
    if person is None:
        raise click.ClickException(f"nobody has the address {email}")
    return person
