"""The demo's next letter: out of what the community did since the last."""

from core.unit_of_work import UnitOfWork
from newsletters import issues
from newsletters.arranging import put_in
from newsletters.blocks import BlockKind, line_of
from newsletters.models import Issue
from newsletters.suggesting import suggestions, workshops_to_tell
from newsletters.texts import Text

QUESTIONS = {
    "en": "What are we not talking about that we should be?",
    "fi": "Mistä emme puhu, vaikka pitäisi?",
}
MOST_TOLD = 2


def put_blocks_in(work: UnitOfWork, issue: Issue) -> None:
    """What is new in the library, the next workshop, and a question."""
    told = [line_of(BlockKind.LIBRARY, slug) for _, slug, _ in suggestions(work)[:MOST_TOLD]]
    told += [line_of(BlockKind.WORKSHOP, one) for one, _ in workshops_to_tell(work)[:1]]
    texts = []
    for text in issue.texts:
        body = text.body
        for line in (*told, line_of(BlockKind.QUESTION, words=QUESTIONS[text.language])):
            body = put_in(body, line)
        texts.append(Text(text.language, text.subject, text.preheader, text.title, body))
    issues.save_draft(work, issue.id, texts, issue.version)
