"""The brake: after the first unclear answer nothing runs on through a list.

What concerns everybody on a road is put in its way. Then one worker at a time tries, first by
asking for the account, which costs nobody a letter, then with one recipient, and waits longer each
time; the road is free again with the first clear answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from core.actors import Who
from core.installation import Installation
from core.unit_of_work import UnitOfWork
from mail import mailings, obstacles
from mail.flights import Call
from mail.models import Mailing
from mail.obstacles import SERVICE_ROAD
from mail.outcomes import Outcome, Verdict
from mail.states import MailClass, MailingState
from mail.transport import Transport
from mail.trouble import FROM_VERDICT, PATIENCE, Trouble, stops

MOST_REFUSED = 5
"""One address may be refused. Where so many are, one after the other, it is the message."""

log = structlog.get_logger()


@dataclass
class Brake:
    """The brake of one worker on one road."""

    installation: Installation
    road: int
    is_on: bool = False
    """Nothing more is begun in this run."""
    is_try: bool = False
    """Something stands in the way, and this worker tries whether it still does."""
    refused: int = 0

    @property
    def is_bulk(self) -> bool:
        """Whether the road is that of one mailing."""
        return self.road != SERVICE_ROAD

    def may_begin(self, transport: Transport) -> bool:
        """Whether the road is free, or this worker is the one to try it now."""
        with self.installation.reading() as work:
            obstacle = obstacles.standing(work.session, self.road)
            mailing = work.session.get(Mailing, self.road) if self.is_bulk else None
            is_stale = mailing is not None and mailings.is_stale(mailing, work.now)
        if is_stale:
            self.stop_for(Trouble.STALE, "")
            return False
        return obstacle is None or self._may_try(transport)

    def _may_try(self, transport: Transport) -> bool:
        with self.installation.unit_of_work() as work:
            self.is_try = obstacles.claim(work, self.road)
        fault = transport.look().fault if self.is_try else None
        if fault is not None:
            self.stop_for(FROM_VERDICT[fault.verdict], fault.words, fault.code)
        return self.is_try and fault is None

    def react(self, work: UnitOfWork, call: Call) -> None:
        """What the outcomes of a call mean for everybody on this road."""
        found = {outcome.verdict: outcome for outcome in call.outcomes}
        worst = next((found[verdict] for verdict in FROM_VERDICT if verdict in found), None)
        worst = worst or self._nobody_is_taken(call, found)
        if worst is not None:
            kind = FROM_VERDICT.get(worst.verdict, Trouble.ACCOUNT)
            self._put_on(work, kind, worst.words, worst.code)
        elif self.is_try:
            self.release(work)
            log.info("mail goes again", road=self.road)

    def release(self, work: UnitOfWork) -> None:
        """The road is free."""
        obstacles.clear(work.session, [self.road], *PATIENCE)
        self.is_try = False

    def _nobody_is_taken(self, call: Call, found: Mapping[Verdict, Outcome]) -> Outcome | None:
        is_refused = self.is_bulk and found.keys() == {Verdict.REFUSED}
        self.refused = self.refused + len(call.outcomes) if is_refused else 0
        return found[Verdict.REFUSED] if self.refused >= MOST_REFUSED else None

    def stop_for(self, kind: Trouble, words: str, code: str = "") -> None:
        """Put something in the way that no call has met."""
        with self.installation.unit_of_work() as work:
            self._put_on(work, kind, words, code)

    def _put_on(self, work: UnitOfWork, kind: Trouble, words: str, code: str) -> None:
        self.is_on = True
        tries = obstacles.place(work, self.road, kind, words, code, was_tried=self.is_try)
        log.warning("mail waits", road=self.road, kind=kind.value, said=words, tries=tries)
        mail_class = MailClass.NEWSLETTER if self.is_bulk else MailClass.SERVICE
        if stops(kind, tries, mail_class):
            log.error("mailing paused", mailing=self.road, kind=kind.value, said=words)
            running = (MailingState.RELEASED,)
            mailings.move(work, [self.road], MailingState.PAUSED, Who.WORKER, running)
            obstacles.wait_for_a_person(work.session, self.road)
