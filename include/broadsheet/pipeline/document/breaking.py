"""Where a line may end: after spaces, and between the characters of Chinese and Japanese text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_SPACES_AND_WORDS = re.compile(r" +|[^ ]+")
_EAST_ASIAN = re.compile(
    "[\u2e80-\u2fff\u3001-\u312f\u31a0-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6\U0001f200-\U0001f2ff"
    "\U00020000-\U0003fffd]"
)
# The basic rules of kinsoku: what may not begin a line, and what may not end one.
_NEVER_FIRST = frozenset(
    "、。，．・：；？！‼⁇⁈⁉ー―々〻ゝゞヽヾ゛゜）］｝」』】〕〉》〗〙〟’”"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
    ",.:;?!)]}%‰°′″…‥〜～％℃）｡､」･"
)
_NEVER_LAST = frozenset("（［｛「『【〔〈《〖〘〝‘“([{$¥£€＄￥￡#＃№「")
_STAYS = re.compile("[\u0300-\u036f\u200d\u3099\u309a\ufe00-\ufe0f]|[\U000e0100-\U000e01ef]")


def words_of(text: str) -> Iterator[str]:
    """Cut text into spaces and pieces that stay on one line; together they are the text."""
    for word in _SPACES_AND_WORDS.findall(text):
        if word.isascii() or not _EAST_ASIAN.search(word):
            yield word
        else:
            yield from _pieces(word)


@lru_cache(maxsize=2_048)
def _pieces(word: str) -> tuple[str, ...]:
    pieces, start = [], 0
    for at in range(1, len(word)):
        before, after = word[at - 1], word[at]
        if before == "\u200d" or _STAYS.match(after) or after in _NEVER_FIRST or before in _NEVER_LAST:
            continue
        if _EAST_ASIAN.match(before) or _EAST_ASIAN.match(after):
            pieces.append(word[start:at])
            start = at
    return (*pieces, word[start:])
