"""``broadsheet schema``: the JSON Schema of a report's definition, for editors and other programs."""

from __future__ import annotations

import sys

from broadsheet.catalog.json_schema import report_schema_text


def schema_command() -> None:
    """Print the JSON Schema of a report's YAML; it is committed as include/reports/report.schema.json."""
    sys.stdout.write(report_schema_text())
