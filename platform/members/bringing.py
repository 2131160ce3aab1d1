"""What a worker does with an import, by where it stands; asked twice, it does no more."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from core.installation import Installation
from members import import_work, undoing
from members.import_states import ImportState
from members.import_work import Overtaken
from members.imports import PeopleImport

_DO: Mapping[str, Callable[[Installation, PeopleImport], None]] = {
    ImportState.LOOKING: import_work.look,
    ImportState.GOING: import_work.come_in,
    ImportState.UNDOING: undoing.take_back,
}


def work_on(installation: Installation, import_id: int) -> None:
    """Do what is to be done now."""
    with installation.reading() as work:
        kept = import_work.read_fully(work.session, import_id)
        if kept is not None:
            work.session.expunge(kept)
    if kept is not None and kept.state in _DO:
        with suppress(Overtaken):  # RQ may run a job twice at once: one of them goes on
            _DO[kept.state](installation, kept)
