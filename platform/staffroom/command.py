"""The command line. Everything heavy is imported by the command that needs it.

Exit status 0 on success, 1 on a refusal with one clear line, 2 on wrong usage.
"""

import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from staffroom.feeds_command import feeds
from staffroom.mail_command import mail
from staffroom.members_command import members
from staffroom.newsletter_command import newsletter
from staffroom.plainly import open_installation, plainly, read_settings
from staffroom.private_files import begin_private
from staffroom.workshops_command import workshops

if TYPE_CHECKING:
    from core.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("staffroom"), prog_name="staffroom")
def staffroom() -> None:
    """Membership and newsletters for communities of teachers."""


staffroom.add_command(feeds)
staffroom.add_command(mail)
staffroom.add_command(members)
staffroom.add_command(newsletter)
staffroom.add_command(workshops)


def main() -> None:
    """Run the command line; a refusal is one line, never a traceback."""
    begin_private()
    staffroom.main(prog_name="staffroom")


host_option = click.option("--host", default="127.0.0.1", show_default=True)
port_option = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
data_option = click.option("--data", type=click.Path(path_type=Path), help="Data directory.")


def _settings_at(host: str, port: int, data: Path | None) -> "Settings":
    shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - a comparison
    runs_at = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    return read_settings(runs_at=runs_at, data_dir=data)


@staffroom.command()
@host_option
@port_option
@data_option
@plainly
def run(host: str, port: int, data: Path | None) -> None:
    """Start everything on this machine: database, queue, workers, web service, outbox."""
    from staffroom import one_machine

    settings = _settings_at(host, port, data)
    sys.exit(one_machine.run(settings, host, port, lambda _installation: None))


@staffroom.command()
@host_option
@port_option
@data_option
@plainly
def demo(host: str, port: int, data: Path | None) -> None:
    """The same with a believable community inside, in a data directory of its own."""
    from staffroom import one_machine
    from staffroom.demo import fill
    from staffroom.demo_feeds import open_feeds

    settings = _settings_at(host, port, data or Path("demo-data"))
    with open_feeds(settings.data_dir / "feeds") as feeds:
        near = {"feed_hosts": (*settings.feed_hosts, feeds.host)}
        filled, known = partial(fill, feeds=feeds), settings.model_copy(update=near)
        sys.exit(one_machine.run(known, host, port, filled, feeds.start))


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
@click.option("--simulate", is_flag=True, help="Send to AWS's simulator and wait for what is told.")
@click.option("--policy", "wants_policy", is_flag=True, help="Print the IAM policy that we need.")
@plainly
def doctor(simulate: bool, wants_policy: bool) -> None:
    """Check settings, database, Valkey and the mail account, and say what is wrong."""
    from mail.ses_doctor import policy
    from staffroom.doctor import facts, findings, simulated

    installation = open_installation()
    if wants_policy:
        click.echo(policy(installation.settings))
        return
    is_well = True
    for name, problem in findings(installation):
        click.echo(f"{name}: {problem or 'ok'}")
        is_well = is_well and not problem
    for name, fact in facts(installation):
        click.echo(f"{name}: {fact}")
    for name, problem in simulated(installation) if simulate else ():
        click.echo(f"{name}: {problem or 'ok'}")
        is_well = is_well and not problem
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
