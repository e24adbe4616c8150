"""How Chinese characters sound, for words typed with the wrong character of the right sound."""

from __future__ import annotations

import itertools
import os
from functools import cache

# Without its phrases pypinyin takes 13 MB instead of 57; the words below stand in for them.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import lazy_pinyin

# Words that workers use with characters that are read otherwise than alone.
_READ_OTHERWISE = {
    "银行": "yin hang",
    "工行": "gong hang",
    "农行": "nong hang",
    "建行": "jian hang",
    "行业": "hang ye",
    "重新": "chong xin",
    "重复": "chong fu",
    "还钱": "huan qian",
    "归还": "gui huan",
    "退还": "tui huan",
    "调解": "tiao jie",
    "调整": "tiao zheng",
    "出差": "chu chai",
    "会计": "kuai ji",
    "便宜": "pian yi",
    "大夫": "dai fu",
    "睡觉": "shui jiao",
    "成都": "cheng du",
    "重庆": "chong qing",
    "长沙": "chang sha",
    "厦门": "xia men",
    "佛山": "fo shan",
    "西藏": "xi zang",
    "长期": "chang qi",
    "延长": "yan chang",
    "返还": "fan huan",
    "还给": "huan gei",
    "腰椎": "yao zhui",
    "没收": "mo shou",
    "弹性": "tan xing",
    "交行": "jiao hang",
    "长途": "chang tu",
    "给付": "ji fu",
    "不了": "bu liao",
}

# Sounds that many speakers do not tell apart, and so do not type apart.
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@cache
def syllable(character: str) -> str:
    """The sound of a Chinese character: its first reading without tone, retroflex and final -g."""
    sound: str = lazy_pinyin(character)[0]
    for initial, alike in _ALIKE:
        if sound.startswith(initial):
            sound = alike + sound.removeprefix(initial)
    return sound.removesuffix("g") if sound.endswith("ng") else sound


def reading(word: str) -> list[str]:
    """The syllables of a Chinese word, without tones, one a character."""
    read = list(lazy_pinyin(word))
    for part, syllables in _READ_OTHERWISE.items():
        start = word.find(part)
        if start >= 0 and len(read) == len(word):
            read[start : start + len(part)] = syllables.split()
    return read


def sounds(words: list[str]) -> tuple[str, ...]:
    """The sounds of neighbouring characters inside and across Chinese words, marked with ``~``."""
    found: dict[str, None] = {}
    previous = ""
    for word in words:
        if word[0].isascii():
            previous = ""
            continue
        run = previous + word
        for first, second in itertools.pairwise(run):
            found[f"~{syllable(first)} {syllable(second)}"] = None
        previous = word[-1]
    return tuple(found)
