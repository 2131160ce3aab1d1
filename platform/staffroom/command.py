"""The command line. Everything heavy is imported by the command that needs it.

Exit status 0 on success, 1 on a refusal with one clear line, 2 on wrong usage.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from staffroom.feeds_command import feeds
from staffroom.members_command import members
from staffroom.plainly import open_installation, plainly, read_settings
from staffroom.private_files import begin_private
from staffroom.workshops_command import workshops

if TYPE_CHECKING:
    from core.installation import Installation


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("staffroom"), prog_name="staffroom")
def staffroom() -> None:
    """Membership and newsletters for communities of teachers."""


staffroom.add_command(feeds)
staffroom.add_command(members)
staffroom.add_command(workshops)


def main() -> None:
    """Run the command line; a refusal is one line, never a traceback."""
    begin_private()
    staffroom.main(prog_name="staffroom")


host_option = click.option("--host", default="127.0.0.1", show_default=True)
port_option = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
data_option = click.option("--data", type=click.Path(path_type=Path), help="Data directory.")


def _run(host: str, port: int, data: Path | None, fill: "Callable[[Installation], None]") -> None:
    from staffroom.one_machine import run

    shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - a comparison
    runs_at = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    settings = read_settings(runs_at=runs_at, data_dir=data)
    sys.exit(run(settings, host, port, fill))


@staffroom.command()
@host_option
@port_option
@data_option
@plainly
def run(host: str, port: int, data: Path | None) -> None:
    """Start everything on this machine: database, queue, workers, web service, outbox."""
    _run(host, port, data, lambda _installation: None)


@staffroom.command()
@host_option
@port_option
@data_option
@plainly
def demo(host: str, port: int, data: Path | None) -> None:
    """The same with a believable community inside, in a data directory of its own."""
    from staffroom.demo import fill

    _run(host, port, data or Path("demo-data"), fill)


@staffroom.command()
@host_option
@port_option
@plainly
def web(host: str, port: int) -> None:
    """Serve the pages; needs a database and a Valkey of its own."""
    from staffroom.one_machine import listener
    from staffroom.processes import name_process, serve_web

    settings = read_settings()
    name_process("web")
    with listener(host, port) as opened:
        serve_web(settings, opened)


@staffroom.command()
@click.option("--queue", type=click.Choice(["service", "bulk", "upkeep"]), help="Default: all.")
@plainly
def worker(queue: str | None) -> None:
    """Run the jobs of one queue, or of all in one process each."""
    from core.heartbeats import worker_of
    from core.jobs import QUEUES
    from staffroom.composition import make_transport
    from staffroom.processes import name_process, work_queue
    from staffroom.supervisor import Supervisor

    settings = read_settings()
    make_transport(settings)
    name_process(worker_of(queue) if queue else "workers")
    if queue is not None:
        work_queue(settings, queue)
        return
    supervisor = Supervisor(settings.log_format, lambda line: click.echo(line, err=True))
    for name in QUEUES:
        supervisor.start(worker_of(name), work_queue, settings, name)
    try:
        sys.exit(0 if supervisor.watch() else 1)
    finally:
        supervisor.end()


@staffroom.command()
@plainly
def tick() -> None:
    """Look for due work every few seconds and wake the workers for it."""
    from staffroom import processes

    settings = read_settings()
    processes.name_process("tick")
    processes.tick(settings)


@staffroom.command()
@plainly
def migrate() -> None:
    """Bring the database to the shape that this version needs."""
    from staffroom import migrating

    migrating.migrate(open_installation(is_new=True).database)
    click.echo("The database is up to date.")


@staffroom.command()
@plainly
def doctor() -> None:
    """Check settings, database, Valkey and the mail account, and say what is wrong."""
    from staffroom.doctor import facts, findings

    is_well, installation = True, open_installation()
    for name, problem in findings(installation):
        click.echo(f"{name}: {problem or 'ok'}")
        is_well = is_well and not problem
    for name, fact in facts(installation):
        click.echo(f"{name}: {fact}")
    sys.exit(0 if is_well else 1)


@staffroom.group()
def organiser() -> None:
    """The people who run the community."""


@organiser.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(["owner", "editor", "facilitator"]), required=True)
@plainly
def organiser_add(email: str, role: str) -> None:
    """Give somebody a role; prints a sign-in link that works once."""
    from core.addresses import parse_address
    from members import team
    from members.roles import Role
    from members.signing_in import print_link

    with open_installation().unit_of_work() as work:
        member = team.give_role(work, parse_address(email), Role(role))
        link = f"{work.settings.base_url}{print_link(work, member)}"
    click.echo(link)


@organiser.command("sign-in-link")
@click.argument("email")
@plainly
def organiser_sign_in_link(email: str) -> None:
    """Print a sign-in link for an organiser; it works once (in production for 15 minutes)."""
    from core.addresses import parse_address
    from members.organisers import find_organiser
    from members.signing_in import print_link

    with open_installation().unit_of_work() as work:
        member = find_organiser(work, parse_address(email))
        if member is None:
            raise click.ClickException(f"{email} is no organiser (see `staffroom organiser add`)")
        link = f"{work.settings.base_url}{print_link(work, member)}"
    click.echo(link)


@organiser.command("reset-second-factor")
@click.argument("email")
@plainly
def organiser_reset_second_factor(email: str) -> None:
    """Take the second factor of an organiser away, who has lost phone, keys and codes."""
    from core.addresses import parse_address
    from members import team
    from members.organisers import find_organiser

    with open_installation().unit_of_work() as work:
        member = find_organiser(work, parse_address(email))
        if member is None:
            raise click.ClickException(f"{email} is no organiser (see `staffroom organiser add`)")
        team.take_factor_away(work, member.id, None)
    click.echo(f"{email} is signed out everywhere, signs in by mail, and sets up a new one.")


@staffroom.group()
def newsletter() -> None:
    """Issues of the newsletter."""


@newsletter.command("send")
@click.argument("files", nargs=-1, required=True, type=click.File("rb"))
@click.option("--audience", type=click.Choice(["all"]), default="all", show_default=True)
@click.option("--wait", is_flag=True, help="Stay until nothing is left to send.")
@click.option("--again", is_flag=True, help="Also if the same letter went out within a week.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@plainly
def newsletter_send(
    files: tuple[IO[bytes], ...],
    audience: str,  # noqa: ARG001 - there is one audience so far; click checks the word
    wait: bool,
    again: bool,
    as_json: bool,
) -> None:
    """Send an issue from Markdown files with front matter, one for each language."""
    from newsletters import issues, sending
    from newsletters.texts import parse_files

    contents = [_text_of(file) for file in files]
    for file, content in zip(files, contents, strict=True):
        _check_file(file.name, content)
    texts = parse_files(contents)
    installation = open_installation()
    with installation.unit_of_work() as work:
        if not again and issues.sent_lately(work, texts):
            raise click.ClickException(
                "the same letter went out within a week; to send it once more, add --again"
            )
        issue = issues.new_issue(work, texts)
        by_language = sending.send(work, issue.id)
    summary = {"id": issue.id, "total": sum(by_language.values()), "by_language": by_language}
    if wait:
        _wait_until_sent(installation, issue.id)
    if as_json:
        click.echo(json.dumps(summary))
    else:
        numbers = ", ".join(f"{code}: {number}" for code, number in by_language.items())
        click.echo(
            f"Issue {issue.number} (id {issue.id}) goes to {summary['total']} people ({numbers})."
        )
        if wait:
            counts = _status(installation, issue.id)
            click.echo(", ".join(f"{n} {state}" for state, n in counts.items() if n))


@newsletter.command("status")
@click.argument("issue_id", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@plainly
def newsletter_status(issue_id: int, as_json: bool) -> None:
    """How far an issue got."""
    counts = _status(open_installation(), issue_id)
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(_title(open_installation(), issue_id))
    for state, count in counts.items():
        click.echo(f"{state:<11}{count:>9,}")


STATES = ("queued", "reserved", "sending", "sent", "delivered", "bounced", "complained", "failed")


def _status(installation: "Installation", issue_id: int) -> dict[str, int]:
    from newsletters import sending
    from newsletters.models import Issue

    with installation.reading() as work:
        issue = work.session.get(Issue, issue_id)
        if issue is None:
            raise click.ClickException(f"there is no issue {issue_id}")
        counts = sending.status(work.session, issue)
    counts["failed"] += counts.pop("rejected")
    order = (*STATES, "unknown", "suppressed", "cancelled", "total")
    return {state: counts[state] for state in order}


def _say_if_nobody_works(installation: "Installation") -> None:
    from web import health

    parts = [part.text() for part in health.missing(installation)]
    if parts:
        click.echo(f"waiting; not running just now: {', '.join(parts)}", err=True)


def _wait_until_sent(installation: "Installation", issue_id: int) -> None:
    _say_if_nobody_works(installation)
    while True:
        counts = _status(installation, issue_id)
        left = counts["queued"] + counts["reserved"] + counts["sending"]
        if sys.stderr.isatty():
            click.echo(f"\r{counts['total'] - left:,} of {counts['total']:,} ", nl=False, err=True)
        if not left:
            return
        if note := _pause_note(installation, issue_id):
            raise click.ClickException(f"issue {issue_id} is paused: {note}")
        time.sleep(0.5)


def _title(installation: "Installation", issue_id: int) -> str:
    from newsletters.models import Issue

    with installation.reading() as work:
        issue = work.session.get_one(Issue, issue_id)
        subject = issue.texts[0].subject if issue.texts else "without a subject"
    return f"Issue {issue.number}: {subject}" if issue.number else f"A draft: {subject}"


def _check_file(name: str, content: str) -> None:
    from core.errors import Refusal
    from newsletters.texts import parse_file

    try:
        parse_file(content)
    except Refusal as refusal:
        raise click.ClickException(f"{name}: {refusal.message.text()}") from None


def _pause_note(installation: "Installation", issue_id: int) -> str:
    from mail import reasons
    from newsletters import sending
    from newsletters.models import Issue

    with installation.reading() as work:
        issue = work.session.get_one(Issue, issue_id)
        mailings = sending.mailings_of(work.session, issue)
        why = reasons.standing(work.session, [mailing.id for mailing in mailings])
    if not any(mailing.state == "paused" for mailing in mailings):
        return ""
    return why[0].in_one_line if why else "by an organiser"


def _text_of(file: IO[bytes]) -> str:
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException(f"{file.name} is not UTF-8 text") from None
