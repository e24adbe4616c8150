"""Figures over labelled questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from knowledge.evaluate import Case, InvalidCase, evaluate, read_cases


def test_figures_count_what_they_say(base: KnowledgeBase) -> None:
    right = "work-injury.commuting-accident"
    cases = [
        Case(("上班路上被车撞了算工伤吗",), (right,), "plain", "zh"),
        Case(("上班路上被车撞了算工伤吗",), ("law.wrong-label",), "plain", "zh"),
        Case(("今天天气怎么样",), (), "oos", "zh"),
        Case(("上班路上被车撞了算工伤吗",), (), "oos", "zh"),
    ]
    overall = evaluate(base, cases).overall
    assert overall.questions == 4
    assert (overall.hit1, overall.hit3, overall.useful) == (50.0, 50.0, 50.0)
    assert overall.wrong == 50.0
    assert overall.false_answer == 50.0


def test_nothing_to_measure_gives_no_figure(base: KnowledgeBase) -> None:
    overall = evaluate(base, []).overall
    assert overall.questions == 0
    assert overall.hit1 is None


def test_cases_and_conversations_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"q": "a", "ids": []}\n\n{"turns": ["a", "b"], "ids": ["x.y"]}\n')
    assert [case.turns for case in read_cases(path)] == [("a",), ("a", "b")]


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes("老板".encode("gbk"))
    with pytest.raises(InvalidCase):
        read_cases(path)


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"q": 1, "ids": []}', '{"turns": [], "ids": []}', '{"q": "a"}']
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"q": "a", "ids": []}\n' + line + "\n")
    with pytest.raises(InvalidCase) as caught:
        read_cases(path)
    assert caught.value.parameters["line"] == 2
