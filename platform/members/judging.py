"""What would become of the rows of a list, as things stand. Reads only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Text, select

from core.addresses import parse_address
from core.database import among
from core.errors import Refusal
from core.i18n import N_, Message
from core.unit_of_work import Reading
from core.word_index import plain_words_of
from mail.models import Suppression
from mail.suppressing import suppression_keys
from members import erased
from members.finding import labels_of
from members.list_rows import Row
from members.models import AddressChange, Member, Subscription
from members.states import MemberState, SubscriptionState

SAID_OTHERWISE = ("name", "role")
FILLED = ("name", "role", "level", "country", "time_zone")


@dataclass(frozen=True)
class Judged:
    """What becomes of one row: how it is counted, whom we know by its address, what is new."""

    row: Row
    ends_as: str
    member: Member | None = None
    fills: Mapping[str, str] = field(default_factory=dict)
    """What we did not know of them."""
    labels: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether somebody has its address."""
        return self.member is not None

    @property
    def differences(self) -> list[Message]:
        """What the row says otherwise than we know it; what we know stays."""
        if self.member is None:
            return []
        pairs = [(getattr(self.row, name), getattr(self.member, name)) for name in SAID_OTHERWISE]
        if self.row.address.key != self.member.email_key:
            pairs.append((self.row.address.shown, self.member.email))
        words = N_("The list says “%(said)s”, we know “%(known)s”, which stays.")
        return [
            Message(words.source, {"said": said, "known": known})
            for said, known in pairs
            if said and known and said != known
        ]

    @property
    def news(self) -> tuple[str, ...]:
        """Of somebody we know: the names of what the row brings."""
        more = (("labels", self.labels), ("topics", self.topics), ("left topics", self.left))
        return (*self.fills, *(name for name, said in more if said))


def judge(work: Reading, rows: Sequence[Row]) -> list[Judged]:
    """What becomes of some rows as things stand; a question or two for all of them."""
    known = _known(work, rows)
    barred = _barred(work, rows) | erased.among(work, (row.address for row in rows))
    ids = [member.id for member in known.values()]
    said, labelled = _said(work, ids), labels_of(work.session, ids)
    found = []
    for row in rows:
        member = known.get(row.address.key)
        if row.address.key in barred:
            found.append(Judged(row, "suppressed", member))
        elif member is None:
            found.append(_of_unknown(row))
        else:
            own = labelled.get(member.id, ())
            found.append(_of_known(row, member, said.get(member.id, {}), own))
    return found


def _of_unknown(row: Row) -> Judged:
    return Judged(row, row.ends_as, labels=row.labels, topics=row.topics, left=row.left)


def _of_known(row: Row, member: Member, said: Mapping[str, str], labels: Collection[str]) -> Judged:
    """Fill in what we did not know; what the member said themselves stays."""
    fills = {n: new for n in FILLED if (new := getattr(row, n)) and not getattr(member, n)}
    new_labels = tuple(label for label in row.labels if label not in labels)
    if member.state == MemberState.PENDING:
        return Judged(row, "unconfirmed", member, fills, new_labels)
    topics = tuple(topic for topic in row.topics if topic not in said)
    left = tuple(topic for topic in row.left if topic not in said)
    is_left = any(said.get(topic) == SubscriptionState.UNSUBSCRIBED for topic in row.topics)
    judged = Judged(row, "updated", member, fills, new_labels, topics, left)
    ends_as = "still unsubscribed" if is_left else "updated" if judged.news else "unchanged"
    return replace(judged, ends_as=ends_as)


def _said(work: Reading, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Where each of some members stands with each topic."""
    found: dict[int, dict[str, str]] = {}
    theirs = among(Subscription.member_id, ids)
    rows = select(Subscription.member_id, Subscription.topic, Subscription.state).where(theirs)
    for member_id, topic, state in work.session.execute(rows):
        found.setdefault(member_id, {})[topic] = state
    return found


def _known(work: Reading, rows: Sequence[Row]) -> dict[str, Member]:
    keys = [row.address.key for row in rows]
    found = work.session.scalars(select(Member).where(among(Member.email_key, keys, Text)))
    known = {member.email_key: member for member in found}
    return known | _by_former(work, [row for row in rows if row.address.key not in known])


def _by_former(work: Reading, rows: Sequence[Row]) -> dict[str, Member]:
    """Whom an old list still has under the address that they have given up lately.

    Only under the same name: an address may be somebody else's by now.
    """
    names = {row.address.key: plain_words_of(row.name) for row in rows if row.name}
    gone = AddressChange.confirmed_at.is_not(None), AddressChange.returned_at.is_(None)
    theirs = select(AddressChange.old_email, Member).join(Member).where(*gone)
    found = work.session.execute(theirs).all() if names else []
    former = ((_key(email), member) for email, member in found)
    return {key: one for key, one in former if names.get(key) == plain_words_of(one.name)}


def _key(email: str) -> str:
    try:
        return parse_address(email).key
    except Refusal:  # kept by an older version, which took more
        return email


def _barred(work: Reading, rows: Sequence[Row]) -> set[str]:
    secrets = work.settings.keys
    keys = {
        key: row.address.key for row in rows for key in suppression_keys(row.address.ascii, secrets)
    }
    listed = select(Suppression.key).where(among(Suppression.key, list(keys), Text))
    return {keys[key] for key in work.session.scalars(listed)}
