"""Whether programs that read documents aloud can read one: a check of a finished file's objects.

Each rule is a failure condition of PDF/UA-1 that a program can find, with its number in the Matterhorn
Protocol 1.1; two have names instead, since they come from the standards themselves. What needs a person's
judgement is not checked, so a file without findings is no proof of conformance: ``docs/accessibility.md``.
"""

from __future__ import annotations

from io import BytesIO

import pikepdf

from broadsheet.errors import DocumentError
from broadsheet.pipeline.document.conformance import (  # noqa: F401 - importing them registers their rules
    annotation_rules,
    content_rules,
    element_rules,
    file_rules,
    font_rules,
)
from broadsheet.pipeline.document.conformance.reading import Reading
from broadsheet.pipeline.document.conformance.rules import RULES, Finding, Rule

__all__ = ["RULES", "Finding", "Rule", "check_pdf"]

_MOST_OF_A_RULE = 20


def check_pdf(data: bytes, *, password: str = "") -> list[Finding]:
    """Return what breaks a rule, in the order of the rules; at most twenty findings of each.

    DocumentError when the file cannot be opened.
    """
    try:
        with pikepdf.open(BytesIO(data), password=password) as pdf:
            reading = Reading(pdf)
            found: list[Finding] = []
            for rule in RULES:
                for place, _ in zip(rule.check(reading), range(_MOST_OF_A_RULE), strict=False):
                    found.append(Finding(rule.number, rule.asks, place))
            return found
    except pikepdf.PasswordError as error:
        raise DocumentError("the file is encrypted, and the password does not open it") from error
    except pikepdf.PdfError as error:
        # What pikepdf says begins with the name of the stream that it was given, which nobody knows.
        reason = str(error).rpartition(">: ")[2]
        raise DocumentError(f"the file is no PDF that can be read: {reason}") from error
