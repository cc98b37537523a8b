"""Style sheets and scripts lose their comments and indentation, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.office import HOME

from broadsheet.portal.leaner import lean_css, lean_html, lean_js, served_bytes

STATIC = HOME / "include/static/portal"


@pytest.mark.parametrize(
    ("written", "served"),
    [
        ("/* why */\na > b, c { color: red; }\n", "a>b,c{color:red}"),
        ("a :hover { margin: 0 auto; }", "a :hover{margin:0 auto}"),
        ("a:not(.b) .c { width: calc(1px + 2px); }", "a:not(.b) .c{width:calc(1px + 2px)}"),
        ('p::before { content: "a ;  /* b */ } \\" c"; }', 'p::before{content:"a ;  /* b */ } \\" c"}'),
        ("@media (min-width: 3rem) {\n  a { b: c; }\n}", "@media (min-width: 3rem){a{b:c}}"),
        ("a { /* in\n between */ b: c !important; }", "a{b:c !important}"),
    ],
)
def test_a_style_sheet_says_the_same_in_less(written: str, served: str) -> None:
    assert lean_css(written) == served


def test_a_script_keeps_everything_but_lines_of_comment_and_indentation() -> None:
    written = 'const a = "// b"; // c\n\n  // why\n  d();\n'

    assert lean_js(written) == 'const a = "// b"; // c\nd();\n'


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_no_text_of_a_script_runs_over_lines_which_would_change_it(path: Path) -> None:
    if path.name.endswith(".min.js"):
        assert served_bytes(path) == path.read_bytes()
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        assert line.count("`") % 2 == 0, line
        assert not line.strip().startswith(("/*", "*"))


def test_a_style_sheet_has_as_many_rules_as_it_is_written_with() -> None:
    for path in STATIC.glob("*.css"):
        served = served_bytes(path).decode()
        assert served.count("{") == path.read_text(encoding="utf-8").count("{")
        assert served.count("{") == served.count("}")


def test_a_page_keeps_what_is_typed_into_it() -> None:
    written = "<p>\n    a\n\n  <b>b</b></p>\n  <textarea>\n  c\n\n  d</textarea>\n  e"

    assert lean_html(written) == "<p>\na\n<b>b</b></p>\n<textarea>\n  c\n\n  d</textarea>\ne"
