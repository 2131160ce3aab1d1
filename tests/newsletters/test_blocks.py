"""The blocks of a letter: what is one, what is text, how they are moved, put in and taken out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refusal
from newsletters.arranging import joined, mark_of, moved, parts_of, put_in, without
from newsletters.blocks import BlockKind, Picture, blocks_of, check_blocks, line_of

LETTER = """Hello everybody.

## What we heard

![A class in the dark](a.jpg)
![The same in the light](b.jpg)
::library[](ten-seconds-of-silence)

> You were waiting for me.

::question[What are we not talking about?]
::button[Come (on) Thursday](https://example.org/x)
::contents

```
::library[](only-shown)
```
"""


def test_a_letter_is_its_blocks_in_their_order() -> None:
    found = blocks_of(LETTER)
    assert [block.kind for block in found] == [
        BlockKind.TEXT, BlockKind.PICTURES, BlockKind.LIBRARY, BlockKind.TEXT,
        BlockKind.QUESTION, BlockKind.BUTTON, BlockKind.CONTENTS, BlockKind.TEXT,
    ]  # fmt: skip
    assert found[1].pictures == (
        Picture("A class in the dark", "a.jpg", 5), Picture("The same in the light", "b.jpg", 6),
    )  # fmt: skip
    assert (found[2].target, found[2].line) == ("ten-seconds-of-silence", 7)
    assert (found[5].words, found[5].target) == ("Come (on) Thursday", "https://example.org/x")
    assert "only-shown" in found[7].markdown


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("::pictures[](x)", "is no block"),
        ("::library", "not complete"),
        ("::library[](two words)", "is no block"),
        ("::question[]", "not complete"),
        ("::button[Words]", "not complete"),
        ("::workshop[]()", "not complete"),
    ],
)
def test_what_is_no_whole_block_is_said_with_its_line(line: str, sentence: str) -> None:
    with pytest.raises(Refusal, match=f"Line 3: .*{sentence}"):
        check_blocks(f"Words.\n\n{line}\n")
    check_blocks(f"Words.\n\n```\n{line}\n```\n" if "is no block" not in sentence else "Words")


def test_a_picture_beside_others_moves_with_them_and_a_section_with_its_heading() -> None:
    parts = parts_of(LETTER)
    assert parts[:3] == [
        "Hello everybody.",
        "## What we heard",
        "![A class in the dark](a.jpg)\n![The same in the light](b.jpg)",
    ]
    up = moved(LETTER, mark_of(parts[2]), -1)
    assert parts_of(up)[1:3] == [parts[2], parts[1]]
    assert parts_of(without(LETTER, mark_of(parts[0]))) == parts[1:]
    with pytest.raises(LookupError):
        moved(LETTER, "gone", 1)


@pytest.mark.parametrize("body", ["", "\n", "  \n\n"])
def test_where_nothing_is_written_there_are_no_parts(body: str) -> None:
    assert parts_of(body) == []


def test_a_block_comes_after_the_paragraph_of_the_cursor_and_else_at_the_end() -> None:
    body = "One.\n\nTwo goes\non.\n\nThree.\n"
    assert put_in(body, "::contents", body.index("goes")) == (
        "One.\n\nTwo goes\non.\n\n::contents\n\nThree.\n"
    )
    assert put_in(body, "::contents").endswith("Three.\n\n::contents\n")
    assert put_in("", "::contents") == "::contents\n"
    assert put_in(body, "---", 10_000).endswith("Three.\n\n---\n")


TARGETS = st.text("abcdefghij-0123456789", min_size=1, max_size=20)
WORDS = st.text(min_size=1, max_size=60).filter(lambda said: said.strip("[]\n\r \t"))
PARTS = st.one_of(
    st.builds(lambda target: line_of(BlockKind.LIBRARY, target), TARGETS),
    st.builds(lambda words: line_of(BlockKind.QUESTION, words=" ".join(words.split())), WORDS),
    st.sampled_from(["Words.", "## A heading\n\nWords.", "> Said", "![x](a.jpg)", "---x"]),
)


@given(st.lists(PARTS, min_size=1, max_size=8), st.integers(0, 7), st.integers(-8, 8))
def test_nothing_is_lost_or_doubled_however_parts_are_moved(
    parts: list[str], number: int, by: int
) -> None:
    body = joined(parts)
    before = parts_of(body)
    after = parts_of(moved(body, mark_of(before[number % len(before)]), by))
    # What came to stand beside each other may be one text now.
    assert sorted("\n\n".join(after).split()) == sorted("\n\n".join(before).split())


@given(WORDS)
def test_whatever_is_asked_is_one_line_and_reads_as_it_was_written(words: str) -> None:
    line = line_of(BlockKind.QUESTION, words=" ".join(words.split()))
    found = [one for one in blocks_of(line) if one.kind is BlockKind.QUESTION]
    assert len(line.splitlines()) <= 1 or found == []
