"""Finding people by a part of their address or name."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from members.models import Member

PAGE = 50


def find(session: Session, words: str, page: int) -> tuple[Sequence[Member], bool]:
    """A page of those whom each of the words fits, the newest first; and whether there are more."""
    fitting = [
        or_(
            Member.email_key.contains(word.lower(), autoescape=True),
            func.lower(Member.email).contains(word.lower(), autoescape=True),
            func.lower(Member.name).contains(word.lower(), autoescape=True),
        )
        for word in words.split()
    ]
    rows = select(Member).where(*fitting).order_by(Member.id.desc())
    found = session.scalars(rows.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return found[:PAGE], len(found) > PAGE
