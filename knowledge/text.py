"""Questions as people type them, made comparable: normalising, language, masking."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache

import opencc

# Longer questions keep their beginning (who and what) and their end (what is asked).
LONGEST_QUESTION = 1200
KEPT_HEAD = 400
KEPT_TAIL = 800

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_REPEATED = re.compile(r"(.)\1{3,}", re.DOTALL)
_ASCII_NOISE = re.compile(r"[`^]")  # the ones among them that are no letters, marks or digits: Sk
_WRITTEN_WORK = re.compile(r"(?<![显名原专编论土])著(?![名作称述])")
_SPACE = re.compile(r"\s+")


class Language(StrEnum):
    """Languages that are answered. ``zh-Hant`` readers get Chinese in traditional characters."""

    ZH = "zh"
    ZH_HANT = "zh-Hant"
    EN = "en"


@cache
def _converter(direction: str) -> opencc.OpenCC:
    return opencc.OpenCC(direction)


def to_simplified(text: str) -> str:
    """The text with traditional characters replaced by simplified ones."""
    text = str(_converter("t2s").convert(text))
    # OpenCC leaves these, which stand in simplified texts too, though rarely in this sense.
    return _WRITTEN_WORK.sub("着", text).replace("甚么", "什么")


def to_traditional(text: str) -> str:
    """The text with simplified characters replaced by traditional ones."""
    return str(_converter("s2tw").convert(text))


@lru_cache(maxsize=10_000)
def _is_noise(character: str) -> bool:
    # Cf: zero-width and direction marks; Cc, Co, Cs, Cn: nothing a person types; So, Sk: emoji and
    # their skin tones; Mn: variation selectors and stacked accents.
    return unicodedata.category(character) in {"Cf", "Cc", "Co", "Cs", "Cn", "So", "Sk", "Mn", "Me"}


def _once(text: str) -> str:
    if text.isascii() and text.isprintable():
        text = _ASCII_NOISE.sub(" ", text.casefold())
    else:
        text = unicodedata.normalize("NFKC", text).casefold()
        text = "".join(" " if _is_noise(c) and not c.isspace() else c for c in text)
        text = to_simplified(text)
    text = _REPEATED.sub(r"\1\1\1", text)
    return _SPACE.sub(" ", text).strip()


def normalise(text: str) -> str:
    """The text in one width, one case, simplified characters, without emoji or invisible marks.

    Normalising twice changes nothing. The result has at most ``LONGEST_QUESTION`` characters: of a
    longer text the first ``KEPT_HEAD`` and the last ``KEPT_TAIL`` are kept.
    """
    # A hundred times the limit is read at most, so that a book costs no more than a letter.
    if len(text) > 100 * LONGEST_QUESTION:
        text = text[:LONGEST_QUESTION] + " " + text[-LONGEST_QUESTION:]
    # One pass can make new work for the next (a compatibility form that is a traditional character).
    for _ in range(8):
        following = _once(text.replace("\u200d", "").replace("\ufe0f", ""))
        if following == text:
            break
        text = following
    if len(text) > LONGEST_QUESTION:
        return normalise(text[: KEPT_HEAD - 1] + " " + text[-KEPT_TAIL:])
    return text


_MARKS = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """The text without marks and spaces."""
    return _MARKS.sub("", text)


def detect_language(text: str) -> Language:
    """The language to answer in: the one that most of the words are in.

    A Chinese word has about two characters, so two Han characters weigh as much as one Latin word.
    Chinese is traditional when at least an eighth of its characters, and at least two (or all),
    exist only in the traditional script: people who type simplified let one slip in now and then.
    """
    text = unicodedata.normalize("NFKC", text)
    han = _HAN.findall(text)
    latin = _LATIN_WORD.findall(text)
    if not han:
        return Language.EN if latin else Language.ZH
    if len(latin) > len(han):
        return Language.EN
    simplified = to_simplified("".join(han))
    changed = sum(a != b for a, b in zip(han, simplified, strict=False))
    if changed >= max(min(2, len(han)), len(han) / 8):
        return Language.ZH_HANT
    return Language.ZH


_NORMALISED_LATIN_WORD = re.compile(r"[a-z]+")


def latin_words(normalised: str) -> list[str]:
    """The Latin words of a normalised text, in order; digits and apostrophes end a word."""
    return _NORMALISED_LATIN_WORD.findall(normalised)


_DIGITS = re.compile(r"(?<![0-9A-Za-z])(\+?[0-9](?:[ \-]?[0-9]){6,}(?:[ \-]?[Xx](?![A-Za-z]))?)")
_LETTER_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[A-Za-z]{1,2}[0-9]{6,8}(?:\([0-9A-Za-z]\))?(?![0-9A-Za-z])"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def _mask_digits(match: re.Match[str]) -> str:
    written = match.group(1)
    digits = re.sub(r"[^0-9Xx]", "", written)
    national = digits.removeprefix("86") if len(digits) == 13 else digits
    if len(digits) in (15, 18) and (digits[-1] in "Xx" or len(digits) != 15):
        return "[id]"
    if re.fullmatch(r"1[3-9][0-9]{9}|0[0-9]{9,11}", national):
        return "[phone]"
    if 15 <= len(digits) <= 19:
        return "[card]"
    # A date (2024-03-15) or a sum of money is not a number that names a person.
    if re.fullmatch(r"(19|20)[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}", written) or len(digits) < 9:
        return written
    return "[number]"


def mask(text: str) -> str:
    """The text with numbers that could name a person replaced by what kind of number it was.

    Identity cards (also passports and Hong Kong cards), mobile and fixed telephones, bank cards, any
    other run of nine or more digits, and e-mail addresses; also in full width or with spaces.
    """
    text = unicodedata.normalize("NFKC", text)
    text = _EMAIL.sub("[email]", text)
    text = _LETTER_NUMBER.sub("[id]", text)
    return _DIGITS.sub(_mask_digits, text)
