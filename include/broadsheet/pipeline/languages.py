"""The product's own words in the languages of documents and mails, and what else a language decides.

Words are looked up by their English form in ``locales/<language>.po``, which Babel reads when the language is
first needed. A word that a language lacks stays English.
"""

from __future__ import annotations

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from broadsheet.domain.run import DEFAULT_LOCALE

LOCALES = Path(__file__).parents[1] / "locales"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def is_rtl(locale: str) -> bool:
    """Whether a language is read from right to left."""
    return _language(locale) in RIGHT_TO_LEFT


def is_english(locale: str) -> bool:
    """Whether a language is the one that the product itself is written in."""
    return locale == DEFAULT_LOCALE


def say(locale: str, message: str, **values: object) -> str:
    """Return a message in a language; ``{name}`` in it takes the value of that name."""
    return translations(locale).gettext(message).format(**values)


def say_many(locale: str, one: str, many: str, count: int, **values: object) -> str:
    """Return the form of a message that a language has for a count."""
    return translations(locale).ngettext(one, many, count).format(**values)


@lru_cache(maxsize=32)
def translations(locale: str) -> NullTranslations:
    """Return the words of a language: those of its region, else of the language, else English."""
    for name in (locale.replace("-", "_"), *_scripts(locale), _language(locale)):
        path = LOCALES / f"{name}.po"
        if path.is_file():
            with path.open("rb") as file:
                catalog = read_po(file, locale=name)
            compiled = BytesIO()
            write_mo(compiled, catalog)
            compiled.seek(0)
            return GNUTranslations(compiled)
    return NullTranslations()


@lru_cache(maxsize=32)
def babel_locale(locale: str) -> Locale:
    """Return what Babel knows of a language; of one that it does not know, what it knows of English."""
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(DEFAULT_LOCALE, sep="-")


def _language(locale: str) -> str:
    return locale.partition("-")[0].lower()


def _scripts(locale: str) -> list[str]:
    """Return the name of a language in its script, which its region says: ``zh-CN`` is ``zh_Hans``."""
    known = babel_locale(locale)
    return [f"{known.language}_{known.script}"] if known.script else []
