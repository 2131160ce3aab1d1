"""`staffroom newsletter …`: sending issues from files, and how far they got."""

import json
import sys
import time
from typing import IO, TYPE_CHECKING

import click

from staffroom.plainly import open_installation, plainly

if TYPE_CHECKING:
    from core.installation import Installation


@click.group()
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
    """Send an issue from Markdown files with front matter, one for each language.

    Pictures that lie beside a file, and stand in it as `![What it shows](name.jpg)`, go along.
    """
    from newsletters import checking, issues, sending
    from newsletters.texts import parse_files
    from staffroom.pictures_beside import bring_all, pictures_beside

    contents = [_text_of(file) for file in files]
    for file, content in zip(files, contents, strict=True):
        _check_file(file.name, content)
    texts = parse_files(contents)
    pictures = pictures_beside(zip([file.name for file in files], texts, strict=True))
    installation = open_installation()
    with installation.unit_of_work() as work:
        if not again and issues.sent_lately(work, texts):
            raise click.ClickException(
                "the same letter went out within a week; to send it once more, add --again"
            )
        issue = issues.new_issue(work, texts)
        bring_all(work, issue, texts, pictures)
        for one in checking.findings(work, issue, {}):
            if not one.stops:
                click.echo(f"look at it: {one.language}, {one.sentence.text()}", err=True)
        by_language = sending.send(work, issue.id)
    sending.freeze_audience(installation, issue.id)
    summary = {"id": issue.id, "total": sum(by_language.values()), "by_language": by_language}
    if wait:
        _say_how_to_take_it_back(installation, issue.id)
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
    installation = open_installation()
    counts = _status(installation, issue_id)
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(_title(installation, issue_id))
    for line in _reasons(installation, issue_id):
        click.echo(line)
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
        counts = sending.status(work.session, issue, is_exact=True)
    counts["failed"] += counts.pop("rejected")
    order = (*STATES, "unknown", "suppressed", "cancelled", "total")
    return {state: counts[state] for state in order}


def _say_if_nobody_works(installation: "Installation") -> None:
    from web import health

    parts = [part.text() for part in health.missing_for_command(installation)]
    if parts:
        click.echo(f"waiting; not running just now: {', '.join(parts)}", err=True)


def _say_how_to_take_it_back(installation: "Installation", issue_id: int) -> None:
    settings = installation.settings
    if settings.undo_seconds:
        where = f"{settings.base_url}/organise/issues/{issue_id}/progress"
        minute = f"{settings.undo_seconds} s"
        click.echo(f"it goes out in {minute}; until then it can be taken back: {where}", err=True)


def _wait_until_sent(installation: "Installation", issue_id: int) -> None:
    """Stay until nothing is left. Raises ClickException if not everybody got it for certain."""
    _say_if_nobody_works(installation)
    said: list[str] = []
    while not _is_over(installation, issue_id):
        for line in _reasons(installation, issue_id):
            if line not in said:
                said.append(line)
                click.echo(line, err=True)
        if pause := _pause_note(installation, issue_id):
            raise click.ClickException(f"issue {issue_id} is paused: {pause}")
        time.sleep(0.5)
    counts = _status(installation, issue_id)
    if unsettled := {name: counts[name] for name in ("unknown", "failed") if counts[name]}:
        numbers = ", ".join(f"{count} {name}" for name, count in unsettled.items())
        where = f"{installation.settings.base_url}/organise/issues/{issue_id}/progress"
        raise click.ClickException(f"issue {issue_id}: {numbers}; look at {where}")


def _is_over(installation: "Installation", issue_id: int) -> bool:
    from newsletters import sending
    from newsletters.models import Issue

    with installation.reading() as work:
        issue = work.session.get_one(Issue, issue_id)
        found = sending.mailings_of(work.session, issue)
        counts = sending.status(work.session, issue, is_exact=True)
    left = counts["queued"] + counts["reserved"] + counts["sending"]
    if sys.stderr.isatty():
        click.echo(f"\r{counts['total'] - left:,} of {counts['total']:,} ", nl=False, err=True)
    return not left and all(one.state in ("finished", "cancelled") for one in found)


def _reasons(installation: "Installation", issue_id: int) -> list[str]:
    """Why it waits, a line each."""
    from mail import reasons
    from newsletters import sending
    from newsletters.models import Issue

    with installation.reading() as work:
        issue = work.session.get(Issue, issue_id)
        ids = sending.mailing_ids(issue) if issue is not None else []
        found = reasons.standing(work.session, ids) if ids else []
    return [f"waits: {one.in_one_line}" for one in found]


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
