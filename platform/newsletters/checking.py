"""What is looked at before a letter goes: errors stop it, warnings are asked about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.errors import Refusal
from core.i18n import N_, Message
from core.unit_of_work import Reading
from library.kinds import Boundary
from mail.posting import render_email
from newsletters import dates, emails
from newsletters.blocks import Block, BlockKind, blocks_of
from newsletters.greeting import Greeting, greets_itself
from newsletters.issues import languages_of
from newsletters.models import Issue, IssueText
from newsletters.showing import Known, is_there, look_up
from newsletters.wording import inline_pictures, odd_links, placeholders, shortened_links
from workshops.model.stages import OFF, PLANNED, TAKING, Phase
from workshops.model.tables import Workshop
from workshops.registration.counting import held

MOST_BYTES, MANY_BYTES = 102 * 1024, 90 * 1024
"""Gmail cuts off what is longer than the first, and with it the link to leave."""
LONG_SUBJECT, LONG_PREHEADER = 60, 120


@dataclass(frozen=True)
class Finding:
    """Something to look at: in which language, in which field, in which line if in one."""

    language: str
    field: str
    words: Message
    line: int = 0
    stops: bool = False

    @property
    def sentence(self) -> Message:
        """What was found, and where."""
        if not self.line:
            return self.words
        return N_("Line %(line)s: %(what)s", line=self.line, what=self.words)


def check(work: Reading, issue: Issue) -> None:
    """Raises Refusal with the first thing that stops a letter, and where it is."""
    for one in findings(work, issue, {}):
        if one.stops:
            raise Refusal(one.sentence, f"{one.field}_{one.language}")


def findings(work: Reading, issue: Issue, readers: dict[str, int]) -> list[Finding]:
    """Everything that was found; what stops the letter comes first. `readers` by own language."""
    texts = [text for code in languages_of(issue) if (text := issue.text_in(code)) is not None]
    found = [one for text in texts for one in _of_text(work, issue, text)]
    found += that_lag(work, issue, readers)
    return sorted(found, key=lambda one: not one.stops)


def _of_text(work: Reading, issue: Issue, text: IssueText) -> Iterator[Finding]:
    blocks = blocks_of(text.body)
    known = look_up(work, blocks)
    for block in blocks:
        yield from _of_block(work, text.language, block, known)
    yield from _of_words(work, text)
    yield from _of_head(text)
    if issue.greeting != Greeting.NONE and greets_itself(text.body):
        words = N_("The text greets too: one greeting stands above it already.")
        yield Finding(text.language, "body", words, 1)
    yield from _of_size(work, issue, text)


def _of_block(work: Reading, language: str, block: Block, known: Known) -> Iterator[Finding]:
    for picture in block.pictures:
        if not picture.alt:
            words = N_("A picture lacks the words for those who cannot see it.")
            yield Finding(language, "body", words, picture.line, stops=True)
        if picture.file not in known.pictures:
            words = N_(
                "The picture “%(file)s” is not here. Bring it with “Put in a picture”.",
                file=picture.file[:80],
            )
            yield Finding(language, "body", words, picture.line, stops=True)
    if block.kind in (BlockKind.LIBRARY, BlockKind.ARTICLE):
        item = known.items.get(block.target)
        if item is None or not is_there(item) or item.boundary == Boundary.EDITORS:
            words = N_(
                "“%(title)s” is not in the library any more. Take it out, or put it back there.",
                title=item.title if item else block.target,
            )
            yield Finding(language, "body", words, block.line, stops=True)
    if block.kind is BlockKind.WORKSHOP:
        yield from _of_workshop(work, language, block, known.workshops.get(block.target))


def _of_workshop(
    work: Reading, language: str, block: Block, workshop: Workshop | None
) -> Iterator[Finding]:
    if workshop is None or workshop.stage in PLANNED:
        words = N_("This workshop is not announced yet, so nobody would see it.")
        yield Finding(language, "body", words, block.line, stops=True)
    elif workshop.stage in OFF:
        words = N_("The workshop “%(title)s” does not take place.", title=workshop.title)
        yield Finding(language, "body", words, block.line, stops=True)
    elif workshop.stage not in TAKING or workshop.phase(work.now) is not Phase.COMING:
        words = N_("The workshop “%(title)s” takes nobody any more.", title=workshop.title)
        yield Finding(language, "body", words, block.line)
    elif held(work.session, workshop.id, work.now) >= workshop.capacity:
        words = N_(
            "“%(title)s” is full: whoever comes now waits for a place.", title=workshop.title
        )
        yield Finding(language, "body", words, block.line)


def _of_words(work: Reading, text: IssueText) -> Iterator[Finding]:
    fields = {"subject": text.subject, "preheader": text.preheader, "title": text.title,
              "body": text.body}  # fmt: skip
    for field, said in fields.items():
        for line, words in placeholders(said):
            sentence = N_(
                "“%(words)s” looks as if something were still to be written.", words=words
            )
            yield Finding(text.language, field, sentence, line if field == "body" else 0)
        for line, day in dates.past(said, text.language, work.now.date()):
            sentence = N_("“%(words)s” is in the past.", words=day)
            yield Finding(text.language, field, sentence, line if field == "body" else 0)
        for line, day, weekday in dates.wrong_weekdays(said, text.language, work.now.date()):
            sentence = N_("“%(words)s”: that day is a %(weekday)s.", words=day, weekday=weekday)
            yield Finding(text.language, field, sentence, line if field == "body" else 0)
    for line, host in shortened_links(text.body):
        sentence = N_(
            "A link by %(host)s hides where it leads; mail filters dislike it.", host=host
        )
        yield Finding(text.language, "body", sentence, line)
    for line, label, target in odd_links(text.body):
        sentence = N_("The link “%(words)s” leads nowhere (%(target)s). Write its whole address, "
                      "as in https://example.org.", words=label, target=target or "–")  # fmt: skip
        yield Finding(text.language, "body", sentence, line, stops=True)
    for line, alt in inline_pictures(text.body):
        sentence = N_("The picture “%(words)s” stands within a line, where it is not shown. "
                      "Give it a line of its own.", words=alt)  # fmt: skip
        yield Finding(text.language, "body", sentence, line)


def _of_head(text: IssueText) -> Iterator[Finding]:
    if len(text.subject) > LONG_SUBJECT:
        words = N_("The subject is longer than the 60 characters that inboxes show.")
        yield Finding(text.language, "subject", words)
    if not text.preheader:
        words = N_("Without a preheader inboxes show the first line of the text.")
        yield Finding(text.language, "preheader", words)
    elif len(text.preheader) > LONG_PREHEADER:
        words = N_("The preheader is longer than the 120 characters that inboxes show.")
        yield Finding(text.language, "preheader", words)


def _of_size(work: Reading, issue: Issue, text: IssueText) -> Iterator[Finding]:
    html = render_email(work, emails.issue_letter(work, issue, text, with_all=True)).html
    size = len(html.encode())
    said = {"size": round(size / 1024), "most": MOST_BYTES // 1024}
    if size > MOST_BYTES:
        words = N_("The letter has %(size)s kB; mail programs cut it off after %(most)s.", **said)
        yield Finding(text.language, "body", words, stops=True)
    elif size > MANY_BYTES:
        words = N_("The letter has %(size)s kB; after %(most)s mail programs cut it off.", **said)
        yield Finding(text.language, "body", words)


def that_lag(work: Reading, issue: Issue, readers: dict[str, int]) -> Iterable[Finding]:
    """Languages that people read and nobody wrote, and those that tell of other things."""
    texts = [text for code in languages_of(issue) if (text := issue.text_in(code)) is not None]
    written = {text.language for text in texts}
    for code in work.community.languages:
        if texts and code not in written and readers.get(code, 0):
            words = N_("Nothing is written in this language; its readers get the other one.")
            yield Finding(code, "subject", words)
    told = {text.language: _things(text) for text in texts}
    most = max(told.values(), key=len, default=[])
    for code, things in told.items():
        if things != most:
            words = N_("This language tells of other things, or in another order, than the other.")
            yield Finding(code, "body", words)


def _things(text: IssueText) -> list[tuple[str, str]]:
    return [(block.kind, block.target) for block in blocks_of(text.body)
            if block.kind not in (BlockKind.TEXT, BlockKind.CONTENTS)]  # fmt: skip
