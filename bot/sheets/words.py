"""What sheets, columns and choices are called, from both catalogues."""

from __future__ import annotations

from bot.texts import Texts
from knowledge.entry import LANGUAGES, SCHEMES, Status
from knowledge.reading import Bilingual
from knowledge.spreadsheet import (
    CONTACT_COLUMNS,
    ENTRY_COLUMNS,
    KINDS,
    PHRASING_COLUMNS,
    SHEETS,
    Words,
)
from knowledge.text import Language

# Group -> beginning of the keys of its sentences, and the keys there are.
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sheet": ("sheet.name.", SHEETS),
    "column": (
        "sheet.column.",
        tuple(dict.fromkeys([*ENTRY_COLUMNS, *PHRASING_COLUMNS, *CONTACT_COLUMNS])),
    ),
    "status": ("sheet.status.", tuple(map(str, Status))),
    "scheme": ("scheme.", SCHEMES),
    "language": ("sheet.language.", LANGUAGES),
    "kind": ("sheet.kind.", tuple(KINDS)),
    "delete": ("sheet.mark.", ("delete",)),
}


def words_of(texts: Texts) -> Words:
    """The names in both languages."""

    def both(key: str) -> Bilingual[str]:
        return Bilingual(texts.say(Language.ZH, key), texts.say(Language.EN, key))

    help_text = both("sheet.help")
    return Words(
        {
            group: {key: both(prefix + key) for key in keys}
            for group, (prefix, keys) in GROUPS.items()
        },
        Bilingual(tuple(help_text.zh.splitlines()), tuple(help_text.en.splitlines())),
    )
