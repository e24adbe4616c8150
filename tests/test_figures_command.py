"""`shebao stats` from the outside."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from bot.asking import store
from bot.loading import MIGRATIONS
from knowledge.database import open_database
from knowledge.decide import Decision, Reason
from tests.test_cli import REFUSES, environment, shebao

__all__ = ["environment"]

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture(autouse=True)
def asked(database: Path) -> None:
    """One question was answered now, and one 40 days ago was not."""
    now = datetime.datetime.now(datetime.UTC)
    zone = datetime.timezone(datetime.timedelta(hours=8))
    db = open_database(database, *MIGRATIONS)
    for text, decision, moment in (
        ("老板不交社保", Decision.ANSWER, now),
        ("天气", Decision.NONE, now - datetime.timedelta(days=40)),
    ):
        store.record_question(
            db,
            store.new_question_id(),
            text=text,
            language="zh",
            decision=decision,
            reason=Reason.NOTHING_NEAR if decision is Decision.NONE else Reason.CLEAR,
            shown=[REFUSES] if decision is Decision.ANSWER else [],
            region="44",
            day=moment.astimezone(zone).date(),
            moment=moment,
        )
    db.close()


def test_json_is_one_value_with_every_figure() -> None:
    value = json.loads(shebao("stats", "--since", "year", "--json").stdout)
    assert value["period"] == "year"
    assert (value["questions"], value["answered"], value["choices"], value["none"]) == (2, 1, 0, 1)
    assert value["entries"] == [{"name": REFUSES, "questions": 1}]
    assert value["unanswered"] == [{"name": "天气", "questions": 1}]
    assert value["regions"] == [{"name": "44", "questions": 2}]
    assert len(value["parts"]) == 12


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_words_name_what_was_asked_in_the_period_alone(period: str) -> None:
    told = shebao("stats", "--since", period).stdout
    assert "1. " in told
    assert "– 1" in told
    assert "天气" not in told


def test_a_week_is_what_is_shown_unasked() -> None:
    assert json.loads(shebao("stats", "--json").stdout)["period"] == "week"


def test_an_unknown_period_is_refused() -> None:
    result = shebao("stats", "--since", "century")
    assert result.exit_code == 2
    assert "month" in result.stderr
