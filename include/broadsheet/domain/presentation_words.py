"""Languages, themes and formats in a reader's words."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError


@lru_cache(maxsize=256)
def language_words(locale: str) -> str:
    """Return a language in English, such as ``German (Germany)``; what is none as it is written."""
    try:
        return Locale.parse(locale, sep="-").get_display_name("en") or locale
    except (UnknownLocaleError, ValueError):
        return locale


def theme_words(theme: str) -> str:
    """Return a theme's name for readers: ``Night edition`` of ``night_edition``."""
    return theme.replace("_", " ").replace("-", " ").capitalize()
