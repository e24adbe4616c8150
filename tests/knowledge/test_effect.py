"""The effect of an edit: nobody who would get another answer is overlooked."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from knowledge.base import KnowledgeBase, assemble, shipped_outside
from knowledge.build import build_index
from knowledge.decide import Decision
from knowledge.effect import Gets, Moved, effect, gets
from knowledge.entry import Entry, Status
from knowledge.reading import Bilingual
from knowledge.subject import subjects

COMMUTING = "work-injury.commuting-accident"


def edited(base: KnowledgeBase, entry: Entry) -> KnowledgeBase:
    """The knowledge with this entry in the place of the stored one."""
    entries = [entry if each.id == entry.id else each for each in base.entries.values()]
    outside = shipped_outside()
    index = build_index(subjects(entries, outside), base.segmenter, before=base.index)
    return assemble(entries, base.segmenter, index, outside)


def with_phrasings(base: KnowledgeBase, entry_id: str, *texts: str) -> Entry:
    entry = base.entries[entry_id]
    return replace(entry, phrasings=Bilingual((*entry.phrasings.zh, *texts), entry.phrasings.en))


def test_an_edit_that_changes_nothing_moves_nothing(base: KnowledgeBase) -> None:
    entry = base.entries[COMMUTING]
    found = effect(base, edited(base, entry), [entry.id], ["上班路上被车撞了算工伤吗", "社保"])
    assert found.moved == ()
    assert found.questions == 2
    assert found.phrasings == len(base.index.phrasings.texts)


def test_a_new_phrasing_is_told_with_what_it_got_before(base: KnowledgeBase) -> None:
    text = "骑小电驴去厂里半道上让人给碰倒了"
    before = gets(base, text)
    after = edited(base, with_phrasings(base, COMMUTING, text))
    found = effect(base, after, [COMMUTING], [text])
    now = Gets(Decision.ANSWER, COMMUTING)
    expected = [] if before == now else [Moved(text, COMMUTING, before, now)]
    assert [moved for moved in found.moved if moved.owner] == expected


def test_a_phrasing_stolen_from_a_neighbour_is_harm(base: KnowledgeBase) -> None:
    neighbour = base.entries["work-injury.business-trip"]
    stolen = neighbour.phrasings.zh[:8]
    after = edited(base, with_phrasings(base, COMMUTING, *stolen))
    found = effect(base, after, [COMMUTING], [])
    touched = {moved.text for moved in found.moved}
    for text in stolen:
        assert (gets(base, text) != gets(after, text)) <= (text in touched)
    assert touched & set(stolen)


def test_what_belonged_to_a_retired_entry_is_told(base: KnowledgeBase) -> None:
    entry = replace(base.entries[COMMUTING], status=Status.RETIRED)
    found = effect(base, edited(base, entry), [COMMUTING], [])
    told = {moved.text for moved in found.moved}
    assert told >= {
        text for text in entry.phrasings.zh if gets(base, text).decision is Decision.ANSWER
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_no_phrasing_that_moves_is_passed_over(base: KnowledgeBase, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (which texts are looked at)
    victim = chance.choice(sorted(base.entries))
    foreign = [chance.choice(base.index.phrasings.texts) for _ in range(6)]
    after = edited(base, with_phrasings(base, victim, *(f"{text}吧" for text in foreign)))
    told = {moved.text for moved in effect(base, after, [victim], []).moved}
    for number in chance.sample(range(len(after.index.phrasings.texts)), 1_500):
        text = after.index.phrasings.texts[number]
        if gets(after, text) != gets(base, text):
            assert text in told
