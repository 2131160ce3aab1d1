"""Somebody to whom a mail was passed on, and who presses everything that its links show."""

from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborNode

from tests.support.people import Browser, Page

MALICE: Mapping[str, object] = {
    "topics": ["newsletter", "workshops"],
    "newsletter": "1",
    "workshops": "1",
    "asked": "1",
    "name": "Mallory",
    "language": "fi",
    "read_in": "fi",
    "role": "decision-maker",
    "level": "higher",
    "country": "SE",
    "time_zone": "Asia/Tokyo",
    "paused_until": "2026-12-01",
    "email": "mallory@evil.example",
    "reason": "Because",
    "rules": "1",
    "shows_name": "1",
}
"""What else a form may be sent with: everything that would add, rename or move."""
DEEP = 3


def press_everything(stranger: Browser, link: str) -> Iterator[Page]:
    """Every page that a link opens by GET, and by each of its buttons, honest and with malice."""
    page = stranger.get(link)
    yield page
    yield from _press(stranger, page, DEEP, set())


def _press(stranger: Browser, page: Page, deep: int, seen: set[str]) -> Iterator[Page]:
    if deep == 0:
        return
    for form in page.tree.css('form[method="post"]'):
        action = (form.attributes.get("action") or "").removeprefix(
            stranger.installation.settings.base_url
        )
        if not action or action in seen or action.endswith(("/sign-in", "/subscribe")):
            continue
        seen.add(action)
        honest = _filled(form)
        for said in (honest, {**honest, **MALICE}):
            after = Page(stranger.client.post(action, data=said))
            yield after
            yield from _press(stranger, after, deep - 1, seen)


def _filled(form: LexborNode) -> dict[str, object]:
    """A form as it stands, with its last button pressed."""
    said: dict[str, object] = {}
    for one in form.css("[name]"):
        name, is_box = one.attributes.get("name") or "", one.attributes.get("type") == "checkbox"
        if not is_box or "checked" in one.attributes:
            said[name] = one.attributes.get("value") or ""
    return said
