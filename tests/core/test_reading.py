"""A unit of work that only looks writes nothing, and says so."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.installation import Installation
from tests.conftest import both_databases

WRITE = text("DELETE FROM member")


@both_databases
def test_a_write_while_reading_is_an_error_and_the_next_writer_may_write(
    installation: Installation,
) -> None:
    for _ in range(3):  # whatever connection of the pool it is
        with pytest.raises(DBAPIError), installation.reading() as work:
            work.session.execute(WRITE)
        with installation.unit_of_work() as work:
            work.session.execute(WRITE)
