"""The tables of workshops: the workshop itself, who is invited, and who has a place."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, composite, mapped_column

from core.database import NEVER_REUSED, Base, JsonOf, one_of
from members.models import Member
from workshops.model.cohort_states import CohortState, NominationState
from workshops.model.invitation_states import REPEATABLE, InvitationState
from workshops.model.plans import Plan
from workshops.model.registration_states import REGISTRATIONS, WAITING, RegistrationState
from workshops.model.schedules import Schedule
from workshops.model.stages import HAPPENING, PLANNED, TAKING, Phase, Stage, phase_of

_HAS_CERTIFICATE = text("certificate_code IS NOT NULL")


class Workshop(Base):
    """One workshop: what it is about, when, and how many may come."""

    __tablename__ = "workshop"
    __table_args__ = (
        UniqueConstraint("public_id"),
        CheckConstraint("capacity > 0", name="capacity"),
        one_of("stage", Stage),
        Index("ix_workshop_starts_at", "starts_at"),
        Index("ix_workshop_follow_up_on", "follow_up_on"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(10))
    stage: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    frame: Mapped[str] = mapped_column(String(12))
    plan: Mapped[Plan] = mapped_column(JsonOf(Plan))
    """What the planner asks: focus, questions, agenda and the rest."""
    language: Mapped[str] = mapped_column(String(5))
    zone: Mapped[str] = mapped_column(String(40))
    local_start: Mapped[str] = mapped_column(String(20))
    """The wall time, `2026-11-22T18:00`: the truth, whatever time zones become."""
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    schedule: Mapped[Schedule] = composite("local_start", "zone", "starts_at", "ends_at")
    capacity: Mapped[int]
    seats_rev: Mapped[int] = mapped_column(default=0)
    """Rises with every act on the places; writing it first is what locks them."""
    facilitator_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    facilitator_accepted_at: Mapped[datetime | None]
    facilitator_rev: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rises whenever somebody else is to facilitate: each is asked once."""
    seat_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL", name="fk_workshop_seat_id")
    )
    """Who sits in the hotseat, in a workshop of that frame."""
    follow_up_on: Mapped[date | None] = mapped_column(Date)
    waitlist_stops_at: Mapped[datetime | None]
    audience: Mapped[str] = mapped_column(String(10), default="invited", server_default="invited")
    needs_approval: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    boundary: Mapped[str] = mapped_column(String(10), default="ideas", server_default="ideas")
    """Where what is said may go: it stays here, ideas without names, or open."""
    area_id: Mapped[int | None]
    """No foreign key, as for the next: neither areas nor workshops are ever deleted."""
    calendar_rev: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rises when time, title or standing change: calendars take the higher one."""
    follows_id: Mapped[int | None]
    """The workshop that this one is the follow-up conversation of."""
    source: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    host: Mapped[str | None] = column_property(
        select(Member.name)
        .where(Member.id == facilitator_id)
        .correlate_except(Member)
        .scalar_subquery(),
        deferred=True,
    )
    """The name of who leads it, as the invited see it."""

    def phase(self, now: datetime) -> Phase:
        """Where it stands at a moment."""
        return phase_of(self.stage, self.starts_at, self.ends_at, now)

    @property
    def is_planned(self) -> bool:
        """Whether nobody knows of it yet, so that its plan may be changed freely."""
        return self.stage in PLANNED

    @property
    def is_draft(self) -> bool:
        """Whether its ground is not prepared yet."""
        return self.stage == Stage.DRAFT

    @property
    def is_ready(self) -> bool:
        """Whether its ground is prepared, and nobody was invited."""
        return self.stage == Stage.READY

    @property
    def is_taking(self) -> bool:
        """Whether people can come."""
        return self.stage in TAKING

    @property
    def is_open(self) -> bool:
        """Whether people come without an invitation."""
        return self.stage == Stage.OPEN

    @property
    def is_closed(self) -> bool:
        """Whether nobody new can come, although it takes place."""
        return self.stage == Stage.CLOSED

    @property
    def is_happening(self) -> bool:
        """Whether it is going to take place, or has."""
        return self.stage in HAPPENING

    @property
    def is_postponed(self) -> bool:
        """Whether it waits for a new day."""
        return self.stage == Stage.POSTPONED

    @property
    def is_cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.stage == Stage.CANCELLED

    @property
    def is_complete(self) -> bool:
        """Whether nothing of it is left to do."""
        return self.stage == Stage.COMPLETE

    @property
    def is_for_anyone(self) -> bool:
        """Whether people who are no members may see it."""
        return self.audience == "anyone"


class Registration(Base):
    """One person and one workshop."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("workshop_id", "member_id"),
        one_of("state", RegistrationState),
        Index("ix_registration_places", "workshop_id", "state", "joined_at"),
        Index("ix_registration_member_id", "member_id"),
        Index(
            "uq_registration_certificate_code",
            "certificate_code",
            unique=True,
            sqlite_where=_HAS_CERTIFICATE,
            postgresql_where=_HAS_CERTIFICATE,
        ),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12))
    joined_at: Mapped[datetime]
    """When they last began to wait, or came: the order of the waiting list."""
    offer_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    rev: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rises with every change of state: each tells its person once."""
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    """To the open questions: `{"question", "answer", "is_shared"}`."""
    shows_name: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether the other participants see their name."""
    rules_version: Mapped[int] = mapped_column(default=0, server_default="0")
    rules_agreed_at: Mapped[datetime | None]
    in_calendar: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether we have put it into their calendar, so that it has to be taken out again."""
    arrived_at: Mapped[datetime | None]
    certificate_code: Mapped[str | None] = mapped_column(String(20))
    certificate_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """The name as it was when the certificate was issued."""
    answers_to: Mapped[int | None]
    """To which facilitator the answers "for the facilitator only" were written."""

    @property
    def is_requested(self) -> bool:
        """Whether an organiser has to decide."""
        return self.state == RegistrationState.REQUESTED

    @property
    def is_offered(self) -> bool:
        """Whether a place waits for their yes."""
        return self.state == RegistrationState.OFFERED

    @property
    def is_cancelled(self) -> bool:
        """Whether they gave it back themselves."""
        return self.state == RegistrationState.CANCELLED

    @property
    def is_waiting(self) -> bool:
        """Whether they would come if they had a place."""
        return self.state in WAITING

    @property
    def is_removable(self) -> bool:
        """Whether an organiser may take them off the list."""
        return RegistrationState.REMOVED in REGISTRATIONS.edges[RegistrationState(self.state)]


class Cohort(Base):
    """People who are invited together: until when they answer, and whether places wait for them."""

    __tablename__ = "cohort"
    __table_args__ = (
        one_of("state", CohortState),
        Index("ix_cohort_workshop_id", "workshop_id"),
        Index("ix_cohort_answer_by", "answer_by"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    """The organisers' own words to these people."""
    holds_places: Mapped[bool] = mapped_column(default=True)
    answer_by: Mapped[datetime]
    left_out: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Who was named but is not invited: `{"who", "reason"}`; emptied when it is released."""
    reminders: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    @property
    def is_prepared(self) -> bool:
        """Whether nothing has gone out."""
        return self.state == CohortState.PREPARED

    @property
    def is_released(self) -> bool:
        """Whether these people were invited."""
        return self.state == CohortState.RELEASED


class Invitation(Base):
    """One person asked to one workshop."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("workshop_id", "member_id"),
        one_of("state", InvitationState),
        Index("ix_invitation_cohort_id", "cohort_id", "state"),
        Index("ix_invitation_member_id", "member_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12))
    round: Mapped[int] = mapped_column(default=1)
    """Which link is good: sending again makes the one before it worthless."""
    answered_at: Mapped[datetime | None]
    answered_round: Mapped[int | None]
    """The link that was answered with: afterwards it opens nothing for another browser."""
    answered_form: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """Hash of the form that answered: its second click is the same browser's."""
    changed_at: Mapped[datetime]

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent again, with a new link."""
        return self.state in REPEATABLE

    @property
    def is_revoked(self) -> bool:
        """Whether an organiser took it back."""
        return self.state == InvitationState.REVOKED

    @property
    def is_yes(self) -> bool:
        """Whether they said that they come."""
        return self.state == InvitationState.ACCEPTED

    @property
    def is_maybe(self) -> bool:
        """Whether they said maybe."""
        return self.state == InvitationState.MAYBE

    @property
    def is_no(self) -> bool:
        """Whether they said that they do not come."""
        return self.state == InvitationState.DECLINED


class Nomination(Base):
    """Somebody whom a participant would like to see invited; an organiser decides."""

    __tablename__ = "nomination"
    __table_args__ = (
        one_of("state", NominationState),
        UniqueConstraint("workshop_id", "email_key"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(5))
    wants_a_place: Mapped[bool] = mapped_column(default=False)
    """Whether they asked themselves, with an invitation that somebody forwarded to them."""
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]


class GroundRules(Base):
    """One version of a workshop's ground rules."""

    __tablename__ = "ground_rules"

    workshop_id: Mapped[int] = mapped_column(
        ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class RuleSuggestion(Base):
    """A rule that a participant would add."""

    __tablename__ = "rule_suggestion"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
