"""Every word that a person sees: sentences by key, in Chinese and English, with named parameters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from babel.messages.pofile import PoFileError, read_po

from knowledge.errors import UnreadableFile
from knowledge.text import Language, to_traditional

LOCALES = Path(__file__).parent.parent / "locales"
CATALOGUE_LANGUAGES = ("zh", "en")


def catalogue_path(language: str) -> Path:
    """Where the catalogue of ``zh`` or ``en`` stands."""
    return LOCALES / language / "LC_MESSAGES" / "shebao.po"


def read_catalogue(language: str) -> Mapping[str, str]:
    """Key to sentence of one language, read from the PO file itself.

    Raises:
        UnreadableFile: the file is missing or not a PO file.
    """
    path = catalogue_path(language)
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
    except OSError as error:
        raise UnreadableFile(str(path), None, error.strerror or str(error)) from error
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableFile(str(path), getattr(error, "lineno", None), str(error)) from error
    return MappingProxyType(
        {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.fuzzy}
    )


class Texts:
    """The sentences of both catalogues."""

    def __init__(self) -> None:
        self._catalogues = {language: read_catalogue(language) for language in CATALOGUE_LANGUAGES}

    def say(self, language: Language, key: str, **values: object) -> str:
        """The sentence for ``key`` in the reader's language, with its parameters filled in.

        Readers of traditional characters get the Chinese sentence converted.

        Raises:
            KeyError: the catalogues have no such key, or the sentence needs another parameter.
        """
        catalogue = self._catalogues["en" if language is Language.EN else "zh"]
        return self.own(language, catalogue[key].format_map(values))

    @staticmethod
    def own(language: Language, text: str) -> str:
        """A text that was written in the reader's language, in the reader's characters."""
        return to_traditional(text) if language is Language.ZH_HANT else text

    def starting_with(self, language: Language, prefix: str) -> dict[str, str]:
        """Every sentence whose key starts so, with its parameters still open, for a page to fill in."""
        catalogue = self._catalogues["en" if language is Language.EN else "zh"]
        return {
            key: self.own(language, text)
            for key, text in catalogue.items()
            if key.startswith(prefix)
        }

    def has(self, key: str) -> bool:
        """Whether there is a sentence for ``key``."""
        return all(key in catalogue for catalogue in self._catalogues.values())
