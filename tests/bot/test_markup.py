"""Messages stay within Telegram's rules whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import Code, pack, pattern, unpack
from bot.markup import BLANK, Line, Style, strong, to_html, to_plain, units
from bot.sandbox.formatting import LONGEST_TEXT, formatted
from knowledge.base import KnowledgeBase

LINES = st.lists(st.builds(Line, st.text(max_size=300), st.sampled_from(Style)), max_size=12)


def seen(html: str) -> str:
    """What people see of a message, if Telegram takes it."""
    return formatted(html, "HTML", None, limit=LONGEST_TEXT, too_long="message is too long")[0]


@given(LINES, st.integers(min_value=2, max_value=200))
def test_no_part_is_longer_than_allowed_and_each_is_valid_html(
    message: list[Line], limit: int
) -> None:
    for part in to_html(message, limit):
        if part.strip():
            assert units(seen(part)) <= limit


@given(st.text(max_size=500))
def test_nothing_is_lost_by_splitting(text: str) -> None:
    whole = "".join(to_html([Line(text)], 40))
    assert len(whole) >= len("".join(text.split())) or not text.strip()


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    assert to_html([strong("<b>&</b>")]) == ["<b>&lt;b&gt;&amp;&lt;/b&gt;</b>"]
    assert to_plain([Line("<b>"), BLANK, Line("x")]) == "<b>\n\nx"


def test_emoji_count_as_two_units() -> None:
    assert units("👍") == 2
    assert units("社保") == 2


def test_callback_data_holds_the_longest_ids(base: KnowledgeBase) -> None:
    for entry_id in base.entries:
        data = pack(Code.NOT_HELPFUL, "x" * 8, entry_id)
        assert unpack(data, 2) == ["x" * 8, entry_id]


def test_too_long_callback_data_is_refused() -> None:
    with pytest.raises(ValueError, match="x"):
        pack(Code.OPEN, "x" * 64)


def test_every_code_has_a_letter_of_its_own() -> None:
    assert len({str(code) for code in Code}) == len(Code)
    assert pattern(Code.OPEN) == "^(?:e)(:|$)"
