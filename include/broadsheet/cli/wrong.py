"""What a check of ``broadsheet doctor`` says of something that is wrong."""

from __future__ import annotations


class WrongError(Exception):
    """A check found something wrong: the message says what, ``remedy`` what to do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy
