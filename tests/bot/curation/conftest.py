"""What the tests of curation share: a clock that stands, and questions counted by hand."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from sqlite_utils.db import Database as Connection

from bot.app import UPDATES, App, build
from bot.asking import store
from bot.config import Config
from bot.loading import MIGRATIONS, Loaded
from bot.texts import Texts
from knowledge.base import FAQ_FOLDER, KnowledgeBase
from knowledge.database import open_database
from knowledge.decide import Decision, Reason
from knowledge.entry import read_entries
from knowledge.segment import Segmenter
from tests.bot.conftest import stop
from tests.conftest import Shipped, stored

COMMUTING, REFUSES = "work-injury.commuting-accident", "contribution.employer-refuses-to-pay"
# A Wednesday afternoon in China.
NOW = datetime.datetime(2026, 11, 25, 8, 30, tzinfo=datetime.UTC)
TODAY = NOW.date()


# Of the shipped entries a fifth: editing them rebuilds the index again and again.
SCHEMES = ("contribution", "union")
OTHERS = ("work-injury.business-trip", COMMUTING, "pension.minimum-contribution-years")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files with these entries, which name none but each other as related."""
    made = tmp_path_factory.mktemp("knowledge") / "faq"
    made.mkdir()
    shutil.copy(FAQ_FOLDER.parent / "law.yaml", made.parent)
    chosen = [
        entry for entry in read_entries(FAQ_FOLDER) if entry.scheme in SCHEMES or entry.id in OTHERS
    ]
    ids = {entry.id for entry in chosen}
    for scheme in {entry.scheme for entry in chosen}:
        written = yaml.safe_load((FAQ_FOLDER / f"{scheme}.yaml").read_text("utf-8"))
        written["entries"] = [entry for entry in written["entries"] if entry["id"] in ids]
        for entry in written["entries"]:
            entry["related"] = [name for name in entry["related"] if name in ids]
        (made / f"{scheme}.yaml").write_text(yaml.safe_dump(written, allow_unicode=True), "utf-8")
    return made


@pytest.fixture(scope="session")
def shipped(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, segmenter: Segmenter
) -> Shipped:
    """These entries take the place of all that are shipped."""
    return stored(folder, tmp_path_factory.mktemp("some") / "shebao.db", segmenter)


@pytest.fixture(scope="session")
def base(shipped: Shipped) -> KnowledgeBase:
    """The knowledge of these entries."""
    return shipped.base


@pytest.fixture(autouse=True)
def released(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restart finds no other release than these entries."""
    monkeypatch.setattr("bot.loading.FAQ_FOLDER", folder)


@dataclass
class Clock:
    """A clock that stands until somebody moves it."""

    time: datetime.datetime = field(default=NOW)

    def now(self) -> datetime.datetime:
        """The time it shows."""
        return self.time


@pytest.fixture
def clock() -> Clock:
    """The clock of the bot in these tests."""
    return Clock()


async def start_at(config: Config, loaded: Loaded, texts: Texts, clock: Clock) -> App:
    """The bot runs by that clock."""
    app = build(config, loaded, texts, clock.now)
    await app.initialize()
    if app.post_init:
        await app.post_init(app)
    assert app.updater is not None
    await app.updater.start_polling(allowed_updates=UPDATES, timeout=1)
    await app.start()
    return app


@pytest_asyncio.fixture
async def bot(config: Config, loaded: Loaded, texts: Texts, clock: Clock) -> AsyncIterator[App]:
    """The running bot, by the clock that stands."""
    app = await start_at(config, loaded, texts, clock)
    yield app
    if app.running:
        await stop(app)


@pytest.fixture
def db(database: Path) -> Iterator[Connection]:
    """A second connection to the bot's database, so that no transaction is shared with it."""
    opened = open_database(database, *MIGRATIONS)
    yield opened
    opened.close()


async def look(app: App) -> None:
    """The bot looks whether a digest is due, as it does every few seconds."""
    assert app.job_queue is not None
    (job,) = app.job_queue.get_jobs_by_name("look_for_digest")
    await job.run(app)


def asked(
    db: Connection,
    text: str,
    decision: Decision,
    shown: list[str],
    *,
    hours_ago: float = 0,
    region: str | None = None,
    language: str = "zh",
    chosen: str | None = None,
    helpful: bool | None = None,
) -> None:
    """A question stands in the table as if somebody had asked it then."""
    moment = NOW - datetime.timedelta(hours=hours_ago)
    day = moment.astimezone(datetime.timezone(datetime.timedelta(hours=8))).date()
    name = store.new_question_id()
    store.record_question(
        db,
        name,
        text=text,
        language=language,
        decision=decision,
        reason=Reason.NOTHING_NEAR if decision is Decision.NONE else Reason.CLEAR,
        shown=shown,
        region=region,
        day=day,
        moment=moment,
    )
    if chosen is not None:
        store.record_choice(db, name, chosen)
    if helpful is not None:
        vote(db, chosen or shown[0], helpful, question_id=name, day=day)


def vote(
    db: Connection,
    entry_id: str,
    helpful: bool,
    *,
    version: int = 1,
    question_id: str | None = None,
    day: datetime.date = TODAY,
) -> None:
    """Somebody tapped helpful or not helpful on that day."""
    store.record_feedback(
        db,
        question_id=question_id,
        entry_id=entry_id,
        entry_version=version,
        helpful=helpful,
        day=day,
    )


def fill(db: Connection) -> None:
    """Nine questions, whose figures are easily counted by hand.

    ======  ==========  =========  ======  ========  ============
    ago     entry       decision   region  language  how it went
    ======  ==========  =========  ======  ========  ============
    now     commuting   answer     44      zh        helpful
    1 h     commuting   answer     44      zh        not helpful
    2 h     –           none       –       en
    23 h    refuses     choices    –       zh        chosen, helpful
    26 h    –           choices    35      zh        none of these
    3 d     commuting   answer     –       zh-Hant
    3 d     –           none       –       zh        as 2 h, in Chinese
    20 d    refuses     answer     –       en        helpful
    100 d   –           choices    44      zh        nothing tapped
    ======  ==========  =========  ======  ========  ============
    """
    answer, choices, none = Decision.ANSWER, Decision.CHOICES, Decision.NONE
    asked(db, "下班路上被车撞", answer, [COMMUTING], region="44", helpful=True)
    asked(db, "上班摔了", answer, [COMMUTING], hours_ago=1, region="44", helpful=False)
    asked(db, "=cmd|'x'!A1", none, [], hours_ago=2, language="en")
    both = [COMMUTING, REFUSES]
    asked(db, "社保", choices, both, hours_ago=23, chosen=REFUSES, helpful=True)
    asked(db, "保险", choices, both, hours_ago=26, region="35", chosen=store.NONE_OF_THESE)
    asked(db, "下班被撞", answer, [COMMUTING], hours_ago=72, language="zh-Hant")
    asked(db, "天气", none, [], hours_ago=72)
    asked(db, "not paid", answer, [REFUSES], hours_ago=480, language="en", helpful=True)
    asked(db, "怎么弄", choices, both, hours_ago=2400, region="44")


def rows(db: Connection, view: str) -> list[dict[str, Any]]:
    """Everything that a view shows."""
    return list(db.query(f"SELECT * FROM {view}"))  # noqa: S608
