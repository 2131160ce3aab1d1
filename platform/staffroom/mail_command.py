"""`staffroom mail …`: how mail stands, and what became of one person's mails."""

import sys

import click

from staffroom.plainly import open_installation, plainly


@click.group()
def mail() -> None:
    """How mail stands, and what became of it."""


@mail.command("status")
@plainly
def mail_status() -> None:
    """What goes out, what waits and why; exit status 1 if something stands in the way."""
    from mail import account, overview, reasons

    with open_installation().reading() as work:
        found = reasons.standing(work.session)
        known = account.known(work.session)
        going, single = overview.going(work.session), overview.single_mail(work.session)
    if known:
        facts, at = known
        click.echo(
            f"account: {facts['status']}, {facts['rate']:g} a second, "
            f"{facts['used']:,.0f} of {facts['quota']:,.0f} today (as of {at:%Y-%m-%d %H:%M} UTC)"
        )
    click.echo(f"single mails: {single['waiting']} waiting, {single['unknown']} unknown")
    for one in going:
        click.echo(
            f"{one.id}  {one.state:<9}{one.left:>9,} of {one.counts['total']:,}  {one.subject}"
        )
    for reason in found:
        click.echo(f"waits: {reason.in_one_line}", err=True)
    sys.exit(1 if found else 0)


@mail.command("find")
@click.argument("address")
@plainly
def mail_find(address: str) -> None:
    """What went to an address, the newest first, and what became of each."""
    from core.addresses import parse_address
    from mail import overview, suppressing

    parsed = parse_address(address)
    with open_installation().reading() as work:
        found = overview.mails_to(work, parsed.ascii)
        why = suppressing.why_suppressed(work, parsed.ascii)
    if why is not None:
        click.echo(f"gets no mail: {suppressing.REASONS[why].text()}")
    if not found:
        raise click.ClickException(f"nothing went to {address}")
    for one in found:
        said = f" ({one.words})" if one.words else ""
        click.echo(f"{one.changed_at:%Y-%m-%d %H:%M}  {one.state}{said}  {one.subject}")
