"""YAML with line numbers: safe values, and the line of every key and item."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import JsonValue

from broadsheet.catalog.sources import read_source
from broadsheet.catalog.yaml_syntax import explain
from broadsheet.errors import Problem

Location = tuple[str | int, ...]
"""Keys and list positions that lead to a value: ``("charts", "by_day", "measures", 0)``."""

_BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST_FILE = 1_000_000
# Aliases of aliases make billions of values out of ten lines.
_MOST_VALUES = 20_000


class _Loader(_BaseLoader):  # type: ignore[misc, valid-type] # libyaml's loader where it is built in
    """SafeLoader that leaves dates as text, which JSON Schema and our models expect."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


class LineMap:
    """The line of every location in one file."""

    def __init__(self) -> None:
        self._lines: dict[Location, int] = {}

    def add(self, location: Location, line: int) -> None:
        """Note the line of a location."""
        self._lines[location] = line

    def __len__(self) -> int:
        """Return how many locations there are."""
        return len(self._lines)

    def __contains__(self, location: Location) -> bool:
        """Say whether a location is written in the file."""
        return location in self._lines

    def line(self, location: Location) -> int:
        """Return the line of a location or, where it is not written in the file, of what surrounds it."""
        while location and location not in self._lines:
            location = location[:-1]
        return self._lines.get(location, 1)


def read_yaml(path: Path) -> tuple[JsonValue, LineMap, list[Problem]]:
    """Read a file as plain values with the line of each; what is wrong comes back as problems."""
    lines = LineMap()
    text = read_source(path)
    if isinstance(text, Problem):
        return None, lines, [text]
    if len(text) > _LARGEST_FILE:
        return (
            None,
            lines,
            [Problem(path, None, f"larger than {_LARGEST_FILE:,} characters; a definition is small")],
        )
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, lines, [Problem(path, 1, "the file is empty")]
        problems = [Problem(path, line, message) for line, message in _check_nodes(node, (), lines)]
        if problems:
            return None, lines, problems
        return loader.construct_document(node), lines, []
    except yaml.MarkedYAMLError as error:
        line, message = explain(text, error)
        return None, lines, [Problem(path, line, message)]
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, lines, [Problem(path, line, "this line holds a control character; take it out")]
    except yaml.YAMLError as error:
        return None, lines, [Problem(path, None, f"is not valid YAML: {error}")]
    except RecursionError:
        return None, lines, [Problem(path, None, "an alias (*name) leads to itself; write the value out")]
    except ValueError as error:
        return None, lines, [Problem(path, None, f"holds a value that cannot be read: {error}")]
    finally:
        loader.dispose()


def _check_nodes(node: yaml.Node, location: Location, lines: LineMap) -> Iterator[tuple[int, str]]:
    """Note lines; yield what YAML allows and a definition does not: keys that are no text, keys twice."""
    if len(lines) > _MOST_VALUES:
        raise ValueError(f"there are more than {_MOST_VALUES:,} values, counting each use of an alias")
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            lines.add((*location, position), _line(item))
            yield from _check_nodes(item, (*location, position), lines)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = _line(key)
        if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
            yield line, _odd_key(key)
            continue
        if key.value in seen:
            yield line, f"{key.value!r} is given twice, first on line {seen[key.value]}; keep one"
            continue
        seen[key.value] = line
        lines.add((*location, key.value), line)
        yield from _check_nodes(value, (*location, key.value), lines)


def _odd_key(key: yaml.Node) -> str:
    if not isinstance(key, yaml.ScalarNode):
        return 'a text with {{ }} is put in quotes, "{{ … }}"; other braces here cannot be a name'
    return f'{key.value} is not a text: YAML reads it as another type; put it in quotes ("{key.value}")'


def _line(node: yaml.Node) -> int:
    """Return the line on which a node starts, counted from 1."""
    line: int = node.start_mark.line
    return line + 1
