"""HTML is refused as Telegram refuses it, and entities are where people see them."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.errors import Refused
from bot.sandbox.formatting import LONGEST_TEXT, Entity, formatted, found_entities, utf16


def parse(text: str) -> tuple[str, list[Entity]]:
    return formatted(text, "HTML", None, limit=LONGEST_TEXT, too_long="message is too long")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<x>a</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("社<x>a</x>", 'Unsupported start tag "x" at byte offset 3'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b><i>a</b></i>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("1 < 2", "Unsupported start tag"),
        ("<a href>x</a>", "Expected equal sign in declaration of an attribute of the tag"),
        ('<a ="x">x</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_broken_html_is_refused_in_telegrams_words(text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(text)
    if "1 < 2" in text:
        assert "at byte offset 2" in refused.value.description
    else:
        assert reason in refused.value.description
    assert refused.value.description.startswith("Bad Request: can't parse entities: ")
    assert refused.value.code == 400


def test_entities_count_in_utf16_units_and_nest() -> None:
    text, entities = parse('👍 <b>a<i>b</i></b> <a href="https://x.cn/?a=1&amp;b=2">c</a>')
    assert text == "👍 ab c"
    assert entities == [
        {"type": "bold", "offset": 3, "length": 2},
        {"type": "italic", "offset": 4, "length": 1},
        {"type": "text_link", "offset": 6, "length": 1, "url": "https://x.cn/?a=1&b=2"},
    ]


def test_a_quotation_may_be_folded_and_a_spoiler_hidden() -> None:
    text, entities = parse(
        "<blockquote expandable>a</blockquote><tg-spoiler>b</tg-spoiler>"
        '<span class="tg-spoiler">c</span>'
    )
    assert text == "abc"
    assert [entity["type"] for entity in entities] == [
        "expandable_blockquote",
        "spoiler",
        "spoiler",
    ]


def test_white_space_around_a_text_is_cut_and_entities_move() -> None:
    text, entities = parse("\n  <b>a</b>  \n")
    assert (text, entities) == ("a", [{"type": "bold", "offset": 0, "length": 1}])


def test_numbers_and_names_stand_for_characters() -> None:
    assert parse("&lt;&#65;&#x4e2d;&amp;&quot;&nope;&#0;")[0] == '<A中&"&nope;&#0;'


def test_4096_units_are_taken_and_one_more_is_not() -> None:
    assert utf16(parse("👍" * 2048)[0]) == 4096
    with pytest.raises(Refused, match="message is too long"):
        parse("👍" * 2048 + "a")


def test_another_parse_mode_is_refused() -> None:
    with pytest.raises(Refused, match="unsupported parse_mode"):
        formatted("*a*", "MarkdownV2", None, limit=10, too_long="")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_escaped_text_arrives_as_it_was(text: str) -> None:
    assert parse(html.escape(text))[0] == text.strip()


@given(st.text(alphabet="<>/abi &;\"'=é社👍", max_size=60))
def test_whatever_is_sent_is_parsed_or_refused(text: str) -> None:
    try:
        shown, entities = parse(text)
    except Refused:
        return
    assert all(e["offset"] >= 0 and e["offset"] + e["length"] <= utf16(shown) for e in entities)


def test_commands_mentions_addresses_and_hashtags_are_found() -> None:
    found = found_entities("/start@abc_bot 看 https://12333.gov.cn/a 问 @some_bot #社保 a@b.cn 1/2")
    assert [entity["type"] for entity in found] == [
        "bot_command",
        "url",
        "mention",
        "hashtag",
        "email",
    ]
