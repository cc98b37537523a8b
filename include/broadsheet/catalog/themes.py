"""The themes: read from their files and checked, each fault with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from broadsheet.catalog.shapes import shape_problems
from broadsheet.catalog.yaml_lines import Location, read_yaml
from broadsheet.domain.suggestion import suggest
from broadsheet.domain.theme import Style, ThemeDefinition, Tone
from broadsheet.errors import Problem

_LEAST_CONTRAST = 4.5
"""Of text on white, as WCAG 2 asks of small text."""


@dataclass(frozen=True)
class Themes:
    """Themes by name, and what is wrong with the files of the others."""

    found: Mapping[str, ThemeDefinition]
    broken: Mapping[str, tuple[Problem, ...]]

    @property
    def names(self) -> list[str]:
        """Every theme that has a file, good or not: a broken one is not also unknown."""
        return sorted({*self.found, *self.broken})


def load_themes(directory: Path) -> Themes:
    """Load every theme of a folder; a broken one never stops the others."""
    found: dict[str, ThemeDefinition] = {}
    broken: dict[str, tuple[Problem, ...]] = {}
    for path in sorted(directory.glob("*.yaml")):
        theme, problems = read_theme(path)
        if theme is None:
            broken[path.stem] = tuple(problems)
        else:
            found[theme.name] = theme
    return Themes(found, broken)


def read_theme(path: Path) -> tuple[ThemeDefinition | None, list[Problem]]:
    """Read a theme; None, and every fault found, when it cannot be used."""
    if not path.is_file():
        there = sorted(one.stem for one in path.parent.glob("*.yaml"))
        return None, [Problem(path, None, f"there is no theme {path.stem!r}: {suggest(path.stem, there)}")]
    data, lines, problems = read_yaml(path)
    if problems:
        return None, problems
    if not isinstance(data, dict):
        return None, [Problem(path, 1, "must be a mapping: `name: …`, `title: …`, `colors: …` and so on")]
    try:
        theme = ThemeDefinition.model_validate(data)
    except ValidationError as error:
        return None, shape_problems(path, lines, error, model=ThemeDefinition)
    problems = [Problem(path, lines.line(place), message) for place, message in _faults(theme, path)]
    return (None if problems else theme), sorted(problems, key=lambda problem: problem.line or 0)


def _faults(theme: ThemeDefinition, path: Path) -> Iterator[tuple[Location, str]]:
    if theme.name != path.stem:
        yield ("name",), f"name {theme.name!r} is not the file's name; rename the file to {theme.name}.yaml"
    if theme.logo is not None and not (path.parent / theme.logo.file).is_file():
        there = sorted(one.name for one in path.parent.iterdir() if one.suffix != ".yaml")
        yield (
            ("logo", "file"),
            f"there is no picture {theme.logo.file!r} beside the theme: {suggest(theme.logo.file, there)}",
        )
    for name in (*(tone.value for tone in Tone), "good", "bad", "warn"):
        color = getattr(theme.colors, name)
        contrast = 1.05 / (_luminance(color) + 0.05)
        if contrast < _LEAST_CONTRAST:
            yield (
                ("colors", name),
                f"colors.{name}: {color} on white has a contrast of {contrast:.1f} to 1; text needs "
                f"{_LEAST_CONTRAST:g} to 1, so take a darker colour",
            )
    for name in type(theme.type).model_fields:
        style: Style = getattr(theme.type, name)
        if style.leading < style.size:
            yield (
                ("type", name, "leading"),
                f"type.{name}: lines {style.leading:g} points apart would overlap in size {style.size:g}",
            )


def _luminance(color: str) -> float:
    """Return how light a colour is, 0 to 1, as WCAG 2 reckons it."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
