"""Files are swept when nobody holds them, and only then: who holds them is a list."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Select, select

from community import parts
from contributions import attachments
from core.installation import Installation
from core.stored_files import Checked, StoredFile, store, sweep_files
from library import holding
from newsletters import pictures
from tests.conftest import both_databases


def test_every_part_of_the_house_holds_its_files(
    installation: Installation,
) -> None:
    holders = {attachments.held_files, holding.held_files, parts.held_files, pictures.held_files}
    assert set(installation.file_holders) == holders


@both_databases
def test_a_new_holder_needs_its_line_in_the_composition_and_nothing_else(
    installation: Installation,
) -> None:
    def letters() -> Select[int]:
        return select(StoredFile.id).where(StoredFile.shown_name == "of a letter")

    with installation.unit_of_work() as work:
        for name in ("of a letter", "of nobody"):
            store(work, Checked(name, "png", "image/png", b"x"))
    extended = replace(installation, file_holders=(*installation.file_holders, letters))
    with extended.unit_of_work() as work:
        sweep_files(work, extended.file_holders, work.now - timedelta(days=1))
        assert len(work.session.scalars(select(StoredFile.id)).all()) == 2, "they are young"
        sweep_files(work, extended.file_holders, work.now)
        assert work.session.scalars(select(StoredFile.shown_name)).all() == ["of a letter"]


def test_without_holders_nothing_is_swept(installation: Installation) -> None:
    with pytest.raises(AssertionError), installation.unit_of_work() as work:
        sweep_files(work, (), work.now)
