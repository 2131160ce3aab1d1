"""A mailing says itself that not even a complaint silences it, and a value what link it is."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WAITING = ("queued", "reserved", "sending", "unknown", "failed")
LINKS = {"place": ("/w/", "PLACE"), "invitation": ("/i/", "INVITE")}
delivery = sa.table("delivery", sa.column("id"), sa.column("state"), sa.column("values", sa.JSON))


def upgrade() -> None:
    """What waits to be sent keeps its links, under the names by which they are asked for now."""
    column: sa.Column[bool] = sa.Column(
        "always", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("mailing", column)
    op.execute("UPDATE mailing SET always = true WHERE kind = 'members/sign-in'")
    connection = op.get_bind()
    waiting = sa.select(delivery.c.id, delivery.c["values"]).where(delivery.c.state.in_(WAITING))
    for number, values in connection.execute(waiting).all():
        if LINKS.keys() & values.keys():
            changed = sa.update(delivery).where(delivery.c.id == number)
            connection.execute(changed.values(values=_with_links(values)))


def downgrade() -> None:
    """Take the column away; links that wait are called again what they were."""
    connection = op.get_bind()
    waiting = sa.select(delivery.c.id, delivery.c["values"]).where(delivery.c.state.in_(WAITING))
    for number, values in connection.execute(waiting).all():
        if any(f"{name}_url" in values for name in LINKS):
            changed = sa.update(delivery).where(delivery.c.id == number)
            connection.execute(changed.values(values=_without_links(values)))
    op.drop_column("mailing", "always")


def _with_links(values: dict[str, object]) -> dict[str, object]:
    links = {
        f"{name}_url": {"path": path, "purpose": purpose, "parts": str(values[name]).split("-")}
        for name, (path, purpose) in LINKS.items()
        if name in values
    }
    return {name: value for name, value in values.items() if name not in LINKS} | links


def _without_links(values: dict[str, object]) -> dict[str, object]:
    old = {
        name: "-".join(map(str, link["parts"]))
        for name in LINKS
        if isinstance(link := values.get(f"{name}_url"), dict)
    }
    kept = {name: value for name, value in values.items() if name.removesuffix("_url") not in old}
    return kept | old
