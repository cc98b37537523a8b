"""Instants, sizes and numbers as readers like them; ``static/portal/portal.js`` writes instants alike."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

_SOON = timedelta(seconds=45)
_MINUTES = timedelta(seconds=3570)
_HOURS = timedelta(seconds=84600)
_DAYS = timedelta(days=7)
_UNITS = ("B", "kB", "MB", "GB", "TB")


def when_words(at: datetime, zone: tzinfo, *, now: datetime) -> str:
    """Write an instant in a zone: ``Mon 23 Nov, 07:00``, with the year where it is not the present one."""
    local = at.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}"


def long_words(at: datetime, zone: tzinfo) -> str:
    """Write an instant in full: ``Monday 23 November 2026, 07:00:12 (Europe/Vienna)``."""
    local = at.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M:%S} ({zone})"


def ago_words(at: datetime, zone: tzinfo, *, now: datetime) -> str:
    """Write how long ago an instant was or how far off it is; past a week, the instant itself."""
    ahead = at - now
    away = abs(ahead)
    if away < _SOON:
        return "in a moment" if ahead > timedelta(0) else "just now"
    if away < _MINUTES:
        words = _counted(max(1, round(away / timedelta(minutes=1))), "minute")
    elif away < _HOURS:
        words = _counted(round(away / timedelta(hours=1)), "hour")
    elif away < _DAYS:
        words = _counted(round(away / timedelta(days=1)), "day")
    else:
        return when_words(at, zone, now=now)
    return f"in {words}" if ahead > timedelta(0) else f"{words} ago"


def day_words(day: date) -> str:
    """Write a day: ``18 March 2013``."""
    return f"{day.day} {day:%B %Y}"


def number_words(number: float) -> str:
    """Write a number with separators: ``4,112`` or ``10.5``."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


def size_words(size_bytes: int) -> str:
    """Write a size: ``184 kB``."""
    size, unit = float(size_bytes), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if size >= 10 or unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def duration_words(seconds: float) -> str:
    """Write a length of time: ``0.8 s``, ``42 s``, ``3 min 5 s``, ``2 h 10 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
