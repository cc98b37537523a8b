"""The product's own words in the languages of documents and mails, and what else a language decides.

Words are looked up by their English form in ``locales/<language>.po``, which Babel reads when the language is
first needed. A word that a language lacks stays English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from copy import deepcopy
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.localedata import load
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from broadsheet.domain.run import DEFAULT_LOCALE

LOCALES = Path(__file__).parents[1] / "locales"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_GREEK_ACCENTS = dict.fromkeys((0x300, 0x301, 0x342))
"""Grave, acute and circumflex; the two dots stay."""
_SHARED = ("months", "days", "quarters", "eras", "currency_formats")
"""Parts of Babel's data in which a language leads to the entries of others."""
_STOPS = re.compile(r"([.。।])[.。।]$")
_WIDE_STOPS = ("\N{IDEOGRAPHIC FULL STOP}", "\N{FULLWIDTH EXCLAMATION MARK}", "\N{FULLWIDTH QUESTION MARK}")


def is_rtl(locale: str) -> bool:
    """Whether a language is read from right to left."""
    return _language(locale) in RIGHT_TO_LEFT


def is_english(locale: str) -> bool:
    """Whether a language is the one that the product itself is written in."""
    return locale == DEFAULT_LOCALE


def say(locale: str, message: str, **values: object) -> str:
    """Return a message in a language; ``{name}`` in it takes the value of that name."""
    return translations(locale).gettext(message).format(**values)


def say_many(locale: str, one: str, many: str, number: int, /, **values: object) -> str:
    """Return the form of a message that a language has for a number of things."""
    return translations(locale).ngettext(one, many, number).format(**values)


def capitals(text: str, locale: str) -> str:
    """Return a text in capitals: Greek ones without accents, a Turkish one of i with its dot."""
    language = _language(locale)
    if language in ("tr", "az"):
        text = text.replace("i", "İ")
    if language == "el":
        plain = unicodedata.normalize("NFD", text).translate(_GREEK_ACCENTS)
        text = unicodedata.normalize("NFC", plain)
    return text.upper()


def joined_sentences(sentences: Iterable[str]) -> str:
    """Put sentences behind each other: with a space, but none after the full stop of Chinese and Japanese.

    A sentence that ends with the full stop of a name, and its own, ends with one.
    """
    text = ""
    for sentence in filter(None, sentences):
        whole = _STOPS.sub(r"\1", sentence)
        text += f"{'' if not text or text.endswith(_WIDE_STOPS) else ' '}{whole}"
    return text


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
        known = Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        known = Locale.parse(DEFAULT_LOCALE, sep="-")
    data = load(str(known))
    for section in _SHARED:
        # What languages inherit they share in Babel, and an entry that one of them has looked up would be
        # the others' too: Arabic months would be Japanese after a Japanese document.
        data[section] = deepcopy(data[section])
    return known


@lru_cache(maxsize=32)
def regional_locale(locale: str) -> Locale:
    """Return what Babel knows of a language in its region, by default that where most of it is spoken."""
    known = babel_locale(locale)
    if known.territory:
        return known
    likely = get_global("likely_subtags")
    name = likely.get(f"{known.language}_{known.script}") or likely.get(known.language, "")
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return known


def _language(locale: str) -> str:
    return locale.partition("-")[0].lower()


def _scripts(locale: str) -> list[str]:
    """Return the name of a language in its script, which its region says: ``zh-CN`` is ``zh_Hans``."""
    known = babel_locale(locale)
    return [f"{known.language}_{known.script}"] if known.script else []
