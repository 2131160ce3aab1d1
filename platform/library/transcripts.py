"""What is said in a recording, and its chapters: from WebVTT, SubRip, JSON, or plain words.

https://podcasting2.org: `podcast:transcript` and `podcast:chapters`. What comes from elsewhere is
read in the child; what an organiser pastes is read by the same rules.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.characters import scrub
from core.confined import Parts, Unfit
from core.word_index import may_have, words_of

MOST_LINES = 5000
MOST_CHAPTERS = 200
LONGEST_LINE = 2000
LONGEST_TITLE = 200
LONGEST = 2_000_000
"""Characters of a transcript: ten hours of talk."""
LEAST_SECONDS, LETTERS_A_SECOND = 5, 10
_TIMES = re.compile(r"((?:\d{1,3}:)?\d{1,2}:\d{2})(?:[.,]\d{1,3})?\s*-->")
_SPEAKER = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]{1,80})>")
_NAMED = re.compile(r"^([A-ZÅÄÖ][^:.!?\n]{0,40}):\s+")
_NOT_SAID = ("WEBVTT", "NOTE", "STYLE", "REGION", "\ufeffWEBVTT")
_TAG = re.compile(r"<[^<>]{0,200}>")
_CHAPTER = re.compile(r"^\s*((?:\d{1,2}:)?\d{1,3}:[0-5]\d)\s+(\S.{0,300})$")


@dataclass(frozen=True)
class Line:
    """Something that is said: when, by whom if it is known, and the words."""

    at: int | None
    who: str
    words: str


@dataclass(frozen=True)
class Chapter:
    """Where a part of a recording begins, and what it is about."""

    at: int
    title: str


def read_here(content: bytes, what: str) -> Parts:
    """The lines of a transcript, or the chapters: for the child alone. Raises Unfit."""
    text = content[: 4 * LONGEST].decode("utf-8-sig", "replace")[:LONGEST]
    if what == "chapters":
        return Parts({"chapters": [vars(one) for one in chapters_of_json(text)]})
    lines = lines_of(text)
    if not lines:
        raise Unfit("nothing is said in it")
    return Parts({"lines": [vars(one) for one in lines]})


def lines_of(text: str) -> list[Line]:
    """What is said, in order; what one says without a break is one line."""
    start = text.lstrip()[:20]
    if start.startswith("{") and (segments := _segments(text)) is not None:
        found = _from_json(segments)
    elif start.startswith("WEBVTT") or _TIMES.search(text[:2000]):
        found = _from_cues(text)
    else:
        found = _from_words(text)
    return _together(found)[:MOST_LINES]


def chapters_of_json(text: str) -> list[Chapter]:
    """The chapters of a JSON file (Podcasting 2.0). Raises Unfit if it is none."""
    try:
        listed = json.loads(text)["chapters"]
        pairs = [(one.get("startTime"), one.get("title"), one.get("toc", True)) for one in listed]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unfit("no chapters") from error
    return [
        Chapter(int(at), _clean(title)[:LONGEST_TITLE])
        for at, title, is_listed in pairs
        if isinstance(at, int | float) and 0 <= at < 360_000 and is_listed is not False
        and isinstance(title, str) and _clean(title)
    ][:MOST_CHAPTERS]  # fmt: skip


class NoChapter(ValueError):
    """A line that is no chapter."""


def chapters_typed(text: str) -> list[Chapter]:
    """Chapters as people write them: `12:30 What we heard`, one in a line.

    Raises NoChapter with the first line that is none.
    """
    read = []
    for line in filter(str.strip, text.splitlines()):
        match = _CHAPTER.match(line)
        if match is None:
            raise NoChapter(_clean(line)[:LONGEST_TITLE])
        read.append(Chapter(_seconds(match[1]), _clean(match[2])[:LONGEST_TITLE]))
    return sorted(read, key=lambda one: one.at)[:MOST_CHAPTERS]


def line_with(lines: Sequence[Line], words: Sequence[str]) -> tuple[int, Line] | None:
    """The first line with most of these words, and its number from one; None if none has any."""
    best, most = None, 0
    for number, line in enumerate(lines, 1):
        said = f"{line.who} {line.words}"
        if not may_have(said, words):
            continue
        there = words_of(said)
        has = sum(any(word.startswith(one) for word in there) for one in words)
        if has > most:
            best, most = (number, line), has
        if most == len(words):
            break
    return best


def _segments(text: str) -> list[Any] | None:
    """The segments of a transcript in JSON; None if it is no JSON, but words in brackets."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    listed = read.get("segments") if isinstance(read, dict) else None
    return listed if isinstance(listed, list) else []


def _from_json(listed: list[Any]) -> Iterator[Line]:
    for one in listed:
        if isinstance(one, dict) and isinstance(one.get("body"), str):
            at = one.get("startTime")
            when = int(at) if isinstance(at, int | float) and 0 <= at < 360_000 else None
            yield Line(when, _clean(str(one.get("speaker") or ""))[:80], _clean(one["body"]))


def _from_cues(text: str) -> Iterator[Line]:
    """WebVTT and SubRip: blocks with a line of times, and words below it."""
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        rows = block.split("\n")
        place = next((n for n, row in enumerate(rows[:3]) if _TIMES.search(row)), None)
        if place is None:
            words = "" if rows[0].startswith(_NOT_SAID) else _clean(_TAG.sub("", block))
            if words:
                yield _named(None, "", words)
            continue
        said = " ".join(rows[place + 1 :])
        speaker, times = _SPEAKER.search(said), _TIMES.search(rows[place])
        words = _clean(_TAG.sub("", said))
        if words and times:
            yield _named(_seconds(times[1]), _clean(speaker[1])[:80] if speaker else "", words)


def _from_words(text: str) -> Iterator[Line]:
    plain = _TAG.sub(" ", re.sub(r"</p>|<br\s*/?>", "\n\n", text)) if "<" in text else text
    for part in re.split(r"\n\s*\n", plain.replace("\r\n", "\n")):
        if words := _clean(part):
            yield _named(None, "", words)


def _named(at: int | None, who: str, words: str) -> Line:
    """`Anna: Good morning` is said by Anna."""
    named = _NAMED.match(words) if not who else None
    return Line(at, named[1], words[named.end() :]) if named else Line(at, who, words)


def _together(found: Iterator[Line]) -> list[Line]:
    """Cues are cut for screens: what one says is put together again, as far as one reads."""
    lines: list[Line] = []
    for one in found:
        last = lines[-1] if lines else None
        goes_on = last is not None and one.at is not None and one.who in ("", last.who)
        if goes_on and last is not None and len(last.words) + len(one.words) < 400:
            lines[-1] = Line(last.at, last.who, f"{last.words} {one.words}")
        else:
            lines.append(Line(one.at, one.who, one.words[:LONGEST_LINE]))
        if len(lines) > MOST_LINES:
            break
    return lines


def _clean(text: str) -> str:
    return " ".join(scrub(html.unescape(text)).split())


def _seconds(clock: str) -> int:
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return total


def lines_written(kept: list[dict[str, Any]]) -> str:
    """Lines as people write them, so that they can be changed: SubRip where they have times."""
    lines = lines_kept(kept)
    parts = []
    for number, one in enumerate(lines, 1):
        words = f"{one.who}: {one.words}" if one.who else one.words
        if one.at is None:
            parts.append(words)
        else:
            ends = next((later.at for later in lines[number:] if later.at is not None), one.at + 5)
            parts.append(f"{number}\n{_clock(one.at)} --> {_clock(ends)}\n{words}")
    return "\n\n".join(parts)


def chapters_written(kept: list[dict[str, Any]]) -> str:
    """Chapters as people write them."""
    return "\n".join(f"{_short(one.at)} {one.title}" for one in chapters_kept(kept))


def webvtt(lines: Sequence[Line], seconds: int | None = None) -> str:
    """What is said as WebVTT (https://www.w3.org/TR/webvtt1/): the first line has a time.

    One without a time begins with the line before it. How long a line lasts is not kept: as long
    as it takes to say, at most to the next one, or to the end of the recording.
    """
    cues, at = ["WEBVTT"], 0
    for number, one in enumerate(lines, 1):
        at = at if one.at is None else max(at, one.at)
        follows = next((later.at for later in lines[number:] if (later.at or 0) > at), seconds)
        ends = at + max(LEAST_SECONDS, len(one.words) // LETTERS_A_SECOND)
        ends = min(ends, follows) if follows and follows > at else ends
        who = f"<v {_in_vtt(one.who)}>" if one.who else ""
        until = _clock(ends).replace(",", ".")
        cues.append(f"{_clock(at).replace(',', '.')} --> {until}\n{who}{_in_vtt(one.words)}")
    return "\n\n".join(cues) + "\n"


def _in_vtt(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def chapters_json(chapters: Sequence[Chapter]) -> dict[str, object]:
    """Chapters as podcast programs read them (JSON Chapters 1.2.0)."""
    listed = [{"startTime": one.at, "title": one.title} for one in chapters]
    return {"version": "1.2.0", "chapters": listed}


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},000"


def _short(seconds: int) -> str:
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    return f"{hours}{seconds // 60 % 60:02}:{seconds % 60:02}"


def lines_kept(kept: list[dict[str, Any]]) -> list[Line]:
    """Lines as they come from the database."""
    return [Line(**one) for one in kept]


def chapters_kept(kept: list[dict[str, Any]]) -> list[Chapter]:
    """Chapters as they come from the database."""
    return [Chapter(**one) for one in kept]
