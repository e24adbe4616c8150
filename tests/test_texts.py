"""Both catalogues: the same keys, the same parameters, all used, none missing."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from bot.config import SETTINGS
from bot.curation.figures_store import Period
from bot.notices.composing.steps import STEPS
from bot.notices.following.store import FollowUp
from bot.notices.notice import Missing
from bot.notices.signing.store import Refusal
from bot.notices.states import DeliveryState, NoticeState, PauseReason
from bot.people.roles import STAFF_ROLES, Right, staff_commands
from bot.profile import PRIVATE_COMMANDS
from bot.sandbox.running import EXAMPLE_PEOPLE
from bot.sheets.words import GROUPS
from bot.texts import CATALOGUE_LANGUAGES, Texts, catalogue_path, read_catalogue
from knowledge.base import shipped_outside
from knowledge.decide import Reason
from knowledge.entry import SCHEMES, Status
from knowledge.rank import PARTS
from knowledge.revise import FIELDS
from knowledge.text import Language

ROOT = Path(__file__).parent.parent
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("bot", "knowledge")
    for kind in ("*.py", "*.js", "*.html")
    for path in (ROOT / folder).rglob(kind)
)
# Keys that are put together from a part that is data.
BUILT = (
    "scheme.",
    "command.",
    "contacts.",
    "release.",
    "sandbox.role.",
    "sandbox.try.",
    "explain.part.",
    "outside.",
    "role.",
    "act.",
    "field.",
    "status.",
    "figures.period.",
    "button.period.",
    "sheet.name.",
    "sheet.column.",
    "sheet.status.",
    "sheet.language.",
    "sheet.kind.",
    "sheet.mark.",
    "announce.step.",
    "announce.field.",
    "announce.state.",
    "announce.count.",
    "announce.follow.",
    "announce.language.",
    "announce.missing.",
    "announce.pause.",
    "announce.told.",
)
FIRST_PARTS = "|".join(sorted({key.partition(".")[0] for key in read_catalogue("zh")}))
KEY = re.compile(rf'"((?:{FIRST_PARTS})\.[a-z_.]+)"')

ACT = re.compile(
    r'(?:act=|_record(?:_role)?\(db, |return )"((?:staff|entry|notice|faq|question|number)\.[a-z_]+)"'
)


def parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_both_catalogues_have_the_same_keys_and_parameters() -> None:
    zh, en = (read_catalogue(language) for language in CATALOGUE_LANGUAGES)
    assert set(zh) == set(en)
    for key in zh:
        assert parameters(zh[key]) == parameters(en[key]), key


def test_no_sentence_is_empty_or_waits_for_review() -> None:
    for language in CATALOGUE_LANGUAGES:
        written = catalogue_path(language).read_text(encoding="utf-8")
        assert written.count("\nmsgid ") == len(read_catalogue(language)) + 1
        assert "#, fuzzy" not in written


def test_every_key_is_used() -> None:
    for key in read_catalogue("zh"):
        assert f'"{key}"' in CODE or key.startswith(BUILT), key


def test_every_key_that_is_used_is_there(texts: Texts) -> None:
    acts = set(ACT.findall(CODE))  # data, whose sentences stand under act.
    used = {key for key in KEY.findall(CODE) if not key.endswith((".yaml", ".txt", "."))} - acts
    assert len(used) > 100
    assert [key for key in sorted(used) if not texts.has(key)] == []


def test_keys_that_are_put_together_are_there(texts: Texts) -> None:
    for key in (
        *(f"scheme.{scheme}" for scheme in SCHEMES),
        *(f"command.{command}" for command in PRIVATE_COMMANDS),
        *(f"command.{command}" for command in staff_commands(frozenset(Right))),
        *(f"role.{role}" for role in STAFF_ROLES),
        *(f"field.{part}" for name in FIELDS for part in name.split(".")),
        *(f"status.{status}" for status in Status),
        *(f"act.{act}" for act in ACT.findall(CODE)),
        *(f"{kind}.period.{period}" for kind in ("figures", "button") for period in Period),
        *(f"contacts.{office}" for office in ("hrss", "nhsa", "union")),
        *(f"release.{name}" for name in ("updated", "kept", "retired")),
        *(f"sandbox.{what}.{person[2]}" for what in ("role", "try") for person in EXAMPLE_PEOPLE),
        *(f"explain.part.{part}" for part in PARTS),
        *(f"{prefix}{name}" for prefix, names in GROUPS.values() for name in names),
        *(f"sheet.column.{field.replace('.', '_')}" for field in FIELDS),
        *(topic.id for topic in shipped_outside()),
        *(f"announce.{what}.{step.name}" for what in ("step", "field") for step in STEPS),
        *(f"announce.state.{state}" for state in NoticeState),
        *(f"announce.count.{state}" for state in DeliveryState),
        *(f"announce.follow.{kind}" for kind in FollowUp),
        *(f"announce.language.{language}" for language in Language),
        *(f"announce.missing.{each}" for each in Missing),
        *(f"announce.pause.{reason}" for reason in PauseReason),
        *(f"announce.told.{state}" for state in ("done", "cancelled", "paused", "missed")),
        *Refusal,
        *Reason,
    ):
        assert texts.has(key), key


def test_chinese_sentences_are_chinese_and_english_ones_are_not() -> None:
    allowed = {"language", "社会保险法", "工伤", "王芳", "中文"}
    for key, sentence in read_catalogue("en").items():
        rest = sentence
        for word in allowed:
            rest = rest.replace(word, "")
        assert not re.search(r"[\u4e00-\u9fff]", rest), key


def test_readers_of_traditional_characters_get_them(texts: Texts) -> None:
    assert texts.say(Language.ZH_HANT, "button.gone") == "這個按鈕已經失效，請重新發一次。"


def test_a_missing_parameter_is_an_error(texts: Texts) -> None:
    with pytest.raises(KeyError):
        texts.say(Language.ZH, "law.help")


def test_telegram_takes_the_descriptions() -> None:
    for language in CATALOGUE_LANGUAGES:
        catalogue = read_catalogue(language)
        assert len(catalogue["profile.description"]) <= 512
        assert len(catalogue["profile.short_description"]) <= 120
        assert all(len(catalogue[f"command.{name}"]) <= 256 for name in PRIVATE_COMMANDS)


def test_settings_have_distinct_names() -> None:
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
