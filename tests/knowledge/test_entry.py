"""Reading entries: what is right is read whole, what is wrong is named with its place."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
import yaml

from knowledge.base import FAQ_FOLDER
from knowledge.entry import read_entries
from knowledge.errors import InvalidKnowledge, UnreadableFile

ENTRY = """
scheme: contribution
entries:
- id: contribution.example
  status: published
  scope: An example.
  title: {zh: 例子是什么？, en: What is an example?}
  answer:
    zh:
      short: 这是一个例子。
      steps: [先看一看。]
      details: |-
        ZH_DETAILS
    en:
      short: This is an example.
      steps: [Have a look.]
      details: |-
        EN_DETAILS
  phrasings:
    zh: [例子, 举个例子, 什么例子]
    en: [example, an instance, for instance]
  cues: {zh: [], en: []}
  provisions:
  - {law: 社会保险法, article: 58}
  contacts: [hrss-12333]
  related: []
  checked_on: 2026-11-24
  review_by: 2027-11-24
""".replace("ZH_DETAILS", "例" * 300).replace("EN_DETAILS", "example " * 60)


def write(folder: Path, text: str) -> Path:
    (folder / "contribution.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def test_an_entry_is_read_whole(tmp_path: Path) -> None:
    (entry,) = read_entries(write(tmp_path, ENTRY))
    assert entry.id == "contribution.example"
    assert entry.scheme == "contribution"
    assert entry.answer.zh.text.startswith("这是一个例子。\n1. 先看一看。\n例")
    assert entry.provisions[0].article == 58


@pytest.mark.parametrize(
    ("right", "wrong", "field", "key"),
    [
        ("status: published", "status: live", "status", "expected.choice"),
        ("short: 这是一个例子。", "short: ''", "answer.zh.short", "expected.text"),
        ("en: What is an example?", "eng: What?", "title.en", "expected.text"),
        ("en: What is an example?", "en: a, eng: What?", "title.eng", "expected.known_field"),
        ("article: 58", "article: fifty", "provisions[1].article", "expected.number"),
        ("checked_on: 2026-11-24", "checked_on: yesterday", "checked_on", "expected.date"),
        ("review_by: 2027-11-24", "review_by: 2020-01-01", "review_by", "expected.after"),
        ("[例子, 举个例子, 什么例子]", "[例子]", "phrasings.zh", "expected.at_least_items"),
        ("[例子, 举个例子, 什么例子]", "[例子, 例子, 例]", "phrasings.zh[2]", "expected.no_repeat"),
        ("contacts: [hrss-12333]", "contacts: hrss-12333", "contacts", "expected.list"),
        ("id: contribution.example", "id: Example", "id", "expected.pattern"),
        ("steps: [Have a look.]", "steps: [yes]", "answer.en.steps[1]", "expected.text"),
        ("例例例例例例例例例例", "例例例例例例例例例例" * 10, "answer.zh", "expected.at_most"),
    ],
)
def test_what_is_wrong_is_named_with_file_entry_and_field(
    tmp_path: Path, right: str, wrong: str, field: str, key: str
) -> None:
    assert right in ENTRY
    with pytest.raises(InvalidKnowledge) as caught:
        read_entries(write(tmp_path, ENTRY.replace(right, wrong)))
    problems = {(p.file, p.field, p.key) for p in caught.value.problems}
    assert ("contribution.yaml", field, key) in problems


def test_every_problem_is_listed_at_once(tmp_path: Path) -> None:
    broken = ENTRY.replace("status: published", "status: live").replace("2027-11-24", "soon")
    with pytest.raises(InvalidKnowledge) as caught:
        read_entries(write(tmp_path, broken))
    assert len(caught.value.problems) >= 2


def test_an_id_stands_once(tmp_path: Path) -> None:
    write(tmp_path, ENTRY)
    (tmp_path / "other.yaml").write_text(ENTRY, encoding="utf-8")
    with pytest.raises(InvalidKnowledge) as caught:
        read_entries(tmp_path)
    assert [p.key for p in caught.value.problems] == ["expected.unique"]


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"a: 1\n- b\n", 2), (b"scheme: a\nscheme: b\n", 2), (b"\xff\xfe", "?"), (b"a: 'b\n", 2)],
)
def test_a_file_that_is_not_yaml_is_named_with_its_line(
    tmp_path: Path, content: bytes, line: object
) -> None:
    (tmp_path / "broken.yaml").write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        read_entries(tmp_path)
    assert str(caught.value.parameters["file"]).endswith("broken.yaml")
    assert caught.value.parameters["line"] == line


def test_json_holds_everything(tmp_path: Path) -> None:
    (entry,) = read_entries(write(tmp_path, ENTRY))
    value = entry.as_json()
    for name in (
        "id", "scheme", "status", "version", "title", "answer", "phrasings", "provisions",
        "contacts", "related", "checked_on", "review_by",
    ):  # fmt: skip
        assert name in value
    assert value["provisions"] == [{"law": "社会保险法", "article": 58}]


def test_each_shipped_file_holds_one_scheme_and_names_it() -> None:
    for path in FAQ_FOLDER.glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert content["scheme"] == path.stem
