"""`staffroom workshops …`: looking after the places by hand."""

import click

from staffroom.plainly import open_installation, plainly


@click.group()
def workshops() -> None:
    """Workshops and their places."""


@workshops.command("check-seats")
@plainly
def check_seats() -> None:
    """Prove that no workshop holds more places than it has; exit status 1 if one does."""
    from workshops.registration import counting

    installation = open_installation()
    with installation.reading() as work:
        faults = counting.check_seats(work.session, work.now)
    for fault in faults:
        click.echo(f"{fault.public_id}: {fault.held} held of {fault.capacity}", err=True)
    if faults:
        raise click.ClickException("more is held than there is")
    click.echo("Every workshop holds at most as many places as it has.")
