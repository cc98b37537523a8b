"""Where authors' templates run: Jinja's sandbox, without what fills the memory or differs by chance.

What is refused is an error of the template, which its reader names with file and line. A loop may still take
long: that is what the timeouts of tasks and previews are for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sized
from typing import Any

from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST_TEXT = 20_000
"""Characters of a text, or items of a list, that an operator of a template may make."""
LARGEST_NUMBER = 1_000
"""Bits of a number that a template may raise to a power."""

# They would let a value pass for the author's own text, make two builds differ, or pad without end.
_FORBIDDEN_FILTERS = (
    *("center", "e", "escape", "forceescape", "indent", "random"),
    *("safe", "tojson", "urlize", "xmlattr"),
)
_FORBIDDEN_METHODS = frozenset({"center", "expandtabs", "ljust", "rjust", "zfill"})
# A width of four digits, or one that is computed.
_WIDE = re.compile(r"%[^a-zA-Z%]*(\d{4}|\*)|\{[^{}]*:[^{}]*(\d{4}|\{)")


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """Runs templates over values, of which it can change none."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(undefined=StrictUndefined, **options)
        for name in _FORBIDDEN_FILTERS:
            self.filters.pop(name, None)
        self.filters["format"] = _format
        self.globals.pop("lipsum", None)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may use an attribute of a value."""
        if isinstance(obj, str) and attr in _FORBIDDEN_METHODS:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Return a safe form of a text's own ``format``; None for anything else."""
        wrapped = super().wrap_str_format(value)
        if wrapped is not None:
            _check_widths(value.__self__)
        return wrapped

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Apply an operator, unless what it makes would be too large."""
        size = 0
        if operator == "%" and isinstance(left, str):
            _check_widths(left)
        elif operator == "**" and isinstance(left, int) and isinstance(right, int):
            if left.bit_length() * right > LARGEST_NUMBER:
                raise SecurityError(f"{left} ** {right} is more than a template may reckon")
        elif operator == "+" and isinstance(left, Sized) and isinstance(right, Sized):
            size = len(left) + len(right)
        elif operator == "*":
            size = max(_product(left, right), _product(right, left))
        if size > LONGEST_TEXT:
            raise SecurityError(
                f"{operator} would make {size:,} characters or items; {LONGEST_TEXT:,} are the most"
            )
        return super().call_binop(context, operator, left, right)


def _product(repeated: object, times: object) -> int:
    return len(repeated) * times if isinstance(repeated, Sized) and isinstance(times, int) else 0


def _check_widths(pattern: str) -> None:
    if _WIDE.search(pattern):
        raise SecurityError(f"the widths in {pattern[:60]!r} are more than three digits, or computed")


def _format(pattern: object, *values: object, **named: object) -> str:
    """Write values into a ``%`` pattern."""
    text = str(pattern)
    _check_widths(text)
    if values and named:
        raise TypeError("give format() values by place or by name, not both")
    written: str = text % (named or values)
    return written
