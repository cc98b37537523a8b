"""The structure types of ISO 32000-1, and which of them may stand in which."""

from __future__ import annotations

_TAGS = """
    Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private
    P H H1 H2 H3 H4 H5 H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot
    Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP Warichu WT WP
    Figure Formula Form
"""
STANDARD_TAGS = frozenset(f"/{tag}" for tag in _TAGS.split())

TABLE_KIDS = {
    "/Table": {"/TR", "/THead", "/TBody", "/TFoot", "/Caption"},
    "/THead": {"/TR"},
    "/TBody": {"/TR"},
    "/TFoot": {"/TR"},
    "/TR": {"/TH", "/TD"},
}
TABLE_PARENTS = {
    "/TR": {"/Table", "/THead", "/TBody", "/TFoot"},
    "/TH": {"/TR"},
    "/TD": {"/TR"},
    "/THead": {"/Table"},
    "/TBody": {"/Table"},
    "/TFoot": {"/Table"},
}
LIST_KIDS = {"/L": {"/L", "/LI", "/Caption"}, "/LI": {"/Lbl", "/LBody"}}
LIST_PARENTS = {"/LI": {"/L"}, "/LBody": {"/LI"}}
CONTENTS_KIDS = {
    "/TOC": {"/TOC", "/TOCI", "/Caption"},
    "/TOCI": {"/Lbl", "/Reference", "/NonStruct", "/P", "/TOC"},
}
CONTENTS_PARENTS = {"/TOCI": {"/TOC"}}
