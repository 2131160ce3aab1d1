"""The podcast of our own recordings: RSS as podcast programs read it."""

from email.utils import format_datetime

from starlette.responses import Response

from core.covers import Frame, address_of
from library import podcast
from library.podcast import Episode
from library.words import clean_html
from web import pages
from web.site.feed_answer import feed_answer
from web.visit import Visit

TRANSCRIPT_TYPES = {podcast.TIMED: "text/vtt", podcast.PLAIN: "text/plain"}


def show(visit: Visit) -> Response:
    """The episodes in the language of the address, which the feed itself always names."""
    base, language = visit.installation.settings.base_url, visit.language
    with visit.reading() as work:
        found = podcast.episodes(work.session, language)
    self_url = f"{base}/{language}/library/podcast.xml"
    drawn = address_of("podcast", visit.community.palette, Frame.SQUARE, "png")
    xml = pages.render(
        "site/podcast.rss",
        language,
        {
            "community": visit.community.name,
            "sentence": visit.community.sentence(language),
            "language": language,
            "site_url": f"{base}/{language}/library?kind=recording",
            "self_url": self_url,
            "guid": podcast.guid_of(self_url),
            "image": f"{base}{drawn}",
            "episodes": [_told(visit, one) for one in found],
        },
    )
    return feed_answer(visit, xml, "application/rss+xml")


def _told(visit: Visit, episode: Episode) -> dict[str, object]:
    base, item, file = visit.installation.settings.base_url, episode.item, episode.file
    picture = f"{base}/pictures/{item.shown_picture}" if item.shown_picture else ""
    return {
        "title": item.title,
        "summary": item.summary,
        "html": clean_html(item.body_html),
        "by": item.byline,
        "guid": f"{base}/library/{item.slug}",
        "page": f"{base}/{visit.language}/library/{item.slug}",
        "url": f"{base}/library/{item.slug}/file.{file.extension}",
        "size": file.size,
        "type": "audio/x-m4a" if file.media_type == "audio/mp4" else file.media_type,
        "at": format_datetime(item.published_at),
        "seconds": item.seconds,
        "season": item.season,
        "number": item.episode,
        "picture": picture,
        "transcript": f"{base}/library/{item.slug}/{episode.transcript}",
        "transcript_type": TRANSCRIPT_TYPES.get(episode.transcript),
        "chapters": f"{base}/library/{item.slug}/chapters.json" if episode.has_chapters else "",
        "language": item.language,
    }
