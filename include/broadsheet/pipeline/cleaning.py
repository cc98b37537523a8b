"""Text made safe to draw: texts may come from data, and data holds anything."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029 ]+")
# Controls, zero-width and direction controls, variation selectors and tags: they have no shape of their
# own, and the direction controls can make a text read as another one. The two joiners stay: Persian, Hindi
# and emoji are written with them.
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_NONCHARACTERS = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_JOINERS = re.compile("([\u200c\u200d])[\u200c\u200d]+")
_UNENCODABLE = re.compile(f"[\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
_MARK_FLOOD = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]+"
)


def clean(text: str, *, limit: int = 2_000) -> str:
    """Return text as one drawable line of at most ``limit`` characters: no controls, single spaces.

    What is cut off is shown by an ellipsis, so that one hostile value can neither fill a document nor stop
    it.
    """
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    if text.isascii() and text.isprintable() and "  " not in text:
        return text
    text = _JOINERS.sub(r"\1", _INVISIBLE.sub("", _SPACES.sub(" ", text)))
    text = unicodedata.normalize("NFC", _UNENCODABLE.sub("\ufffd", text))
    return _MARK_FLOOD.sub(r"\1", text)
