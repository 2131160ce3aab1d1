"""When recurring work was last started; the row is claimed, so several ticks may run."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class Recurring(Base):
    """One kind of recurring work and when it is due again."""

    __tablename__ = "recurring"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    next_at: Mapped[datetime]
    started_at: Mapped[datetime]
