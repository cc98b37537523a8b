"""What is wrong with YAML that does not parse, in its author's words, and on the line that is to blame.

The parser notices a slip where it can go on no longer, often lines below it; and what it says there is about
tokens. A few slips make nearly all of these errors, and each leaves its traces in the text.
"""

from __future__ import annotations

import re

import yaml

_TAB = re.compile(r"^ *\t")
_TEMPLATE = re.compile(r"^\s*(?:- +)*(?:[\w-]+: +)?(?:\w+: +)?\{[{%]")
_COLON_IN_TEXT = re.compile(r"^\s*(?:- +)?(?P<key>[\w-]+): +(?P<text>[^\s\"'\[{|>&*#].*:(?: .*|))$")
_SIGN = re.compile(r"^\s*(?:- +)?(?:[\w-]+: +)?(?P<sign>[@`%*&!])")
_BEHIND = re.compile(r"^\s*(?:- +)?[\w-]+: +(?:\"[^\"]*\"|'[^']*') *[^\s#,]")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_INDENTED = "is indented otherwise than the keys beside it, or the line above it is"


def explain(text: str, error: yaml.MarkedYAMLError) -> tuple[int | None, str]:
    """Return the line of a fault, from 1, and what is wrong there."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return None, f"is not valid YAML: {error.problem or error.context}"
    lines = text.splitlines()
    at = min(mark.line, max(0, len(lines) - 1))
    started = error.context_mark.line if error.context_mark else at
    line, message = _guess(lines, at, min(started, at), error)
    return line + 1, f"is not valid YAML: {message}"


def _guess(lines: list[str], at: int, started: int, error: yaml.MarkedYAMLError) -> tuple[int, str]:
    problem, context = str(error.problem or ""), str(error.context or "")
    near = [number for number in (at, at - 1) if 0 <= number < len(lines)]
    for number in near:
        if _TAB.match(lines[number]):
            return number, "this line is indented with a tab; YAML takes blanks only"
    for number in near:
        if _TEMPLATE.match(lines[number]):
            return number, 'a text with {{ }} or {% %} is put in quotes: "{{ … }}"'
    if "quoted scalar" in context:
        return started, "the quote that opens on this line is never closed"
    if "another document" in problem:
        return at, "a second document begins here; take out the line `---` and what follows"
    for number in near:
        if sign := _SIGN.match(lines[number]):
            return number, f"a text that begins with {sign['sign']} is put in quotes"
        if _BEHIND.match(lines[number]):
            return number, "text goes on behind the closing quote: put all of it in one pair of quotes"
        if found := _COLON_IN_TEXT.match(lines[number]):
            return number, f'a text with a colon in it is put in quotes: {found["key"]}: "{found["text"]}"'
    if "flow sequence" in context or "flow mapping" in context:
        bracket = "[" if "sequence" in context else "{"
        return started, f"the {bracket} that opens on this line is never closed, or a comma is missing in it"
    if (odd := _odd_quote(lines)) is not None:
        return odd, "a quote on this line is not closed"
    return at, f"this line {_INDENTED}"


def _odd_quote(lines: list[str]) -> int | None:
    """Return the first line whose double quotes do not come in pairs."""
    for number, line in enumerate(lines):
        bare = _COMMENT.sub("", line).replace('\\"', "")
        if bare.count('"') % 2 and "'" not in bare:
            return number
    return None
