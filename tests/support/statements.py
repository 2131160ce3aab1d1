"""What is asked of the database while something is done."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import event

from core.installation import Installation


@contextmanager
def statements_of(installation: Installation) -> Generator[list[str]]:
    """The statements that are sent meanwhile, without those that only begin."""
    engine, said = installation.database.engine, list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)
