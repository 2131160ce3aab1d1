"""What names an entry of a feed, so that we know it again tomorrow: ids that many share name none.

Some feeds give every entry the same id, some the same link, some count anew each week.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from library.recordings import http_address

Name = tuple[str, str]
"""What may name an entry: its kind (id, link or recording) and the words."""


def names_of(own_id: str, link: Any, media_url: str, base: str) -> list[Name]:
    """What may name an entry, the best first."""
    address = http_address(link, base)
    if address == own_id:  # feedparser takes a guid for a link where there is none
        address = ""
    named = (("id", own_id.strip()), ("link", address), ("media", media_url))
    return [(kind, said) for kind, said in named if said]


def naming(named: Iterable[Sequence[Name]], site_url: str) -> frozenset[Name]:
    """What names one entry each: what many share names none, nor does the site's own address."""
    counted = Counter(name for names in named for name in set(names))
    return frozenset(
        (kind, said)
        for (kind, said), times in counted.items()
        if times == 1 and said.rstrip("/") != site_url.rstrip("/") and not _says_nothing(kind, said)
    )


def _says_nothing(kind: str, said: str) -> bool:
    """Counting from 0 is what feeds do that show one entry at a time."""
    is_counted = said.isdecimal() and len(said) <= 2
    return kind == "id" and (is_counted or said.casefold() in ("none", "null", "undefined", "-"))


def identities(
    names: Sequence[Name], usable: Collection[Name], title: str, moment: datetime | None
) -> dict[str, Any]:
    """Its id, else its link, else its recording, else everything that it says; hashed.

    Where that is an address, http and https are the same: sites move from one to the other. What
    names it today may have been shared yesterday; so the other names go along.
    """
    lasting = [said for kind, said in names if (kind, said) in usable]
    if not lasting:  # of two that share everything and their date too, one is the other
        first = "|".join(said for _, said in names) or title
        lasting = [f"{first}|{moment.isoformat() if moment else ''}"]
    first, *others = [_hashed(form) for one in lasting for form in _forms(one)]
    return {"identity": first, "also_known_as": tuple(one for one in others if one != first)}


def _forms(known: str) -> tuple[str, ...]:
    """An address with https, and as it was before; anything else as it is."""
    if known.startswith("http://"):
        return f"https://{known[7:]}", known
    return (known, f"http://{known[8:]}") if known.startswith("https://") else (known,)


def _hashed(known: str) -> str:
    return hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()
