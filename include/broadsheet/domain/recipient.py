"""Recipients: one parsed address each, checked before anything is stored or sent."""

from __future__ import annotations

from collections.abc import Iterable

from email_validator import EmailNotValidError, validate_email

from broadsheet.errors import InputError


def check_recipient(text: str, *, domains: Iterable[str] = ()) -> str:
    """Return one mail address in its normal form, all ASCII: a domain in another script becomes punycode.

    Raises InputError when the text is anything but one plain address (a display name, a list, a line break, a
    comment), has other than ASCII characters before the @, or when its domain is not among ``domains`` (empty
    allows all).
    """
    shown = ascii(text[:80])
    if any(ord(character) < 33 or ord(character) == 127 for character in text):
        raise InputError(
            f"recipient {shown} holds a space, line break or control character; give one plain address",
            field="recipients",
        )
    try:
        address = validate_email(
            text, allow_smtputf8=False, check_deliverability=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise InputError(f"recipient {shown} is not a mail address: {error}", field="recipients") from error
    # A domain in another script can look like a permitted one: it is compared, stored and sent as ASCII.
    normal = f"{address.local_part}@{address.ascii_domain.lower()}"
    allowed = {domain.lower() for domain in domains}
    if allowed and address.ascii_domain.lower() not in allowed:
        raise InputError(
            f"recipient {shown} is outside the permitted domains ({', '.join(sorted(allowed))})",
            field="recipients",
        )
    return normal


def check_recipients(
    texts: Iterable[str], *, domains: Iterable[str] = (), limit: int
) -> tuple[list[str], list[InputError]]:
    """Check each recipient; return the good ones without repeats, in their order, and every fault found."""
    allowed = tuple(domains)
    good: dict[str, str] = {}
    faults: list[InputError] = []
    for text in texts:
        try:
            address = check_recipient(text, domains=allowed)
        except InputError as error:
            faults.append(error)
        else:
            good.setdefault(address.lower(), address)
    if len(good) > limit:
        faults.append(
            InputError(f"{len(good)} recipients are more than the {limit} permitted", field="recipients")
        )
    return list(good.values()), faults
