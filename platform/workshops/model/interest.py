"""The tables of special areas, and of the members who are interested in one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.database import NEVER_REUSED, Base


class Area(Base):
    """A special area in which members may say that they are interested."""

    __tablename__ = "area"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    names: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Its name in each language."""
    is_offered: Mapped[bool] = mapped_column(default=True)


class Interest(Base):
    """A member who would come to a workshop in an area."""

    __tablename__ = "interest"

    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True
    )
    area_id: Mapped[int] = mapped_column(
        ForeignKey("area.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]
