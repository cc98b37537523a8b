"""The gallery's reports on the true flights of 2013: their numbers are those that plain SQL gives."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.unit.pipeline.conftest import HOME

from broadsheet.catalog import load_catalog
from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.period import parse_period
from broadsheet.domain.presentation import Presentation
from broadsheet.embedded.documents import load_documents
from broadsheet.pipeline.preview import Preview, preview_report

pytestmark = pytest.mark.integration

CATALOG = load_catalog(
    HOME / "include/reports", sql_dir=HOME / "sql", templates_dir=HOME / "include/templates"
)


def documents() -> MemoryObjectStore:
    store = MemoryObjectStore()
    load_documents(store)
    return store


def build(
    report_id: str, dsn: str, period: str, *, language: str | None = None, **parameters: Any
) -> Preview:
    report = CATALOG.get(report_id)
    return preview_report(
        report,
        parameters=report.validate_parameters(parameters),
        period=parse_period(period, zone=report.zone),
        dsn=dsn,
        documents=documents,
        sql_dir=HOME / "sql",
        templates_dir=HOME / "include" / "templates",
        static_dir=HOME / "include" / "static",
        themes_dir=HOME / "include" / "themes",
        statement_timeout=60,
        presentation=Presentation(locale=language),
    )


def words_of(found: Preview, folder: Path) -> str:
    """Return the text of a document that poppler reads and draws without a complaint."""
    if not shutil.which("pdftotext") or not shutil.which("pdftoppm"):
        pytest.skip("poppler's pdftotext and pdftoppm are not installed")
    path = folder / "report.pdf"
    path.write_bytes(found.pdf or b"")
    drawn = subprocess.run(
        ["pdftoppm", "-r", "20", "-png", path, folder / "page"], capture_output=True, text=True, check=True
    )
    assert drawn.stderr == ""
    read = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return " ".join(read.stdout.split()).replace("\N{NO-BREAK SPACE}", " ")


def row(dsn: str, query: str) -> tuple[Any, ...]:
    """Return the one row of a query that is written without the reports' own SQL."""
    with psycopg.connect(dsn) as connection:
        found = connection.execute(query).fetchone()  # type: ignore[call-overload]
        return tuple(found or ())


def test_an_airports_day_has_the_days_figures(source_dsn: str, tmp_path: Path) -> None:
    found = build("airport_day", source_dsn, "2013-06-13", airport="LGA")
    assert found == Preview(
        **{**vars(build("airport_day", source_dsn, "2013-06-13", airport="LGA")), "seconds": found.seconds}
    )
    words = words_of(found, tmp_path)
    flights, cancelled, longest, late = row(
        source_dsn,
        "SELECT count(*), count(*) FILTER (WHERE dep_time IS NULL), max(dep_delay),"
        " round(100.0 * count(*) FILTER (WHERE dep_delay < 15) / count(dep_delay), 1)"
        " FROM flights WHERE origin = 'LGA' AND flight_date = '2013-06-13'",
    )
    assert (flights, cancelled, longest) == (309, 42, 447)
    for figure in (f"{flights}", f"{cancelled} flights were cancelled", f"{longest} min", f"only {late} %"):
        assert figure in words
    assert "A bad day" in words
    assert 3 <= found.pages <= 6


def test_a_wind_that_cannot_be_is_left_out_of_an_airports_day(source_dsn: str, tmp_path: Path) -> None:
    assert row(source_dsn, "SELECT max(wind_speed)::int FROM weather") == (1048,)
    words = words_of(build("airport_day", source_dsn, "2013-02-12", airport="EWR"), tmp_path)
    assert "1,048" not in words
    assert "mph" in words


def test_a_day_without_a_departure_says_so(source_dsn: str, tmp_path: Path) -> None:
    found = build("airport_day", source_dsn, "2014-06-13", airport="LGA")
    assert found.empty
    assert "no data" in words_of(found, tmp_path).lower()


def test_the_register_has_every_aircraft_that_flew(source_dsn: str, tmp_path: Path) -> None:
    found = build("fleet_register", source_dsn, "2013-03", carrier="VX")
    words = words_of(found, tmp_path)
    with psycopg.connect(source_dsn) as connection:
        flown = connection.execute(
            "SELECT tailnum, count(*) FROM flights WHERE carrier = 'VX' AND year = 2013 AND month = 3"
            " AND dep_time IS NOT NULL AND tailnum IS NOT NULL GROUP BY tailnum"
        ).fetchall()
    assert len(flown) == 40
    assert [tail for tail, _ in flown if tail not in words] == []
    assert f"{len(flown)} aircraft made {sum(count for _, count in flown):,} flights" in words


def test_the_registers_of_makers_add_up_to_all_aircraft(source_dsn: str) -> None:
    tables = CATALOG.get("fleet_register").tables.values()
    makers = {table.where["maker"] for table in tables if "maker" in table.where}
    query = (HOME / "sql/reports/fleet_register/planes.sql").read_text(encoding="utf-8")
    with psycopg.connect(source_dsn) as connection:
        bound = {"carrier": "all", "first_day": "2013-01-01", "end_day": "2014-01-01"}
        cursor = connection.execute(query, bound)  # type: ignore[call-overload]
        maker = [column.name for column in cursor.description].index("maker")
        found = {one[maker] for one in cursor.fetchall()}
    assert found == makers | {"Not in the register"}


def test_a_scorecard_says_place_and_target(source_dsn: str, tmp_path: Path) -> None:
    found = build("carrier_scorecard", source_dsn, "2013-05", carrier="B6")
    again = build("carrier_scorecard", source_dsn, "2013-05", carrier="B6")
    assert found.pdf == again.pdf
    words = words_of(found, tmp_path)
    with psycopg.connect(source_dsn) as connection:
        ranked = connection.execute(
            "SELECT carrier, round(100.0 * count(*) FILTER (WHERE arr_delay < 15) / count(arr_delay), 1)"
            " FROM flights WHERE year = 2013 AND month = 5"
            " GROUP BY carrier HAVING count(*) >= 100 ORDER BY 2 DESC"
        ).fetchall()
    place = [carrier for carrier, _ in ranked].index("B6") + 1
    assert f"{dict(ranked)['B6']} % of arrivals were on time" in words
    assert f"place {place} of {len(ranked)} airlines" in words
    assert "missed" in words
    assert "Nothing is missing" in words


def test_a_scorecard_has_three_pages_and_one_about_it_for_every_airline(source_dsn: str) -> None:
    schema = CATALOG.get("carrier_scorecard").parameter_schemas["carrier"]
    carriers = schema["enum"]
    assert isinstance(carriers, list)
    pages = {
        str(carrier): build("carrier_scorecard", source_dsn, "2013-07", carrier=carrier).pages
        for carrier in ("AA", "HA", "OO", "US")
    }
    assert set(pages) <= set(carriers)
    # Three, and one about the report; a carrier that did not fly has none.
    assert set(pages.values()) <= {4, 0}


def test_a_dossier_has_its_airports_maps_and_figures(source_dsn: str, tmp_path: Path) -> None:
    found = build("airport_dossier", source_dsn, "2013-02", airport="LGA")
    words = words_of(found, tmp_path)
    flights, destinations, airlines = row(
        source_dsn,
        "SELECT count(*), count(DISTINCT dest), count(DISTINCT carrier) FROM flights"
        " WHERE origin = 'LGA' AND year = 2013 AND month = 2",
    )
    assert f"{flights:,}" in words
    assert f"{airlines} airlines" in words
    assert f"{destinations} destinations" in words
    assert "Blue Marble" in words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ("Ein Tag am Flughafen", "49,1 % der Flüge starteten pünktlich", "42 Flüge fielen aus")),
        ("fr", ("Une journée à l’aéroport", "42 vols ont été annulés")),
        ("ja", ("空港の一日", "欠航は42便でした")),
    ],
)
def test_an_airports_day_is_told_in_other_languages(
    source_dsn: str, tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    report = CATALOG.get("airport_day")
    assert not report.untranslated.get(language)
    found = build("airport_day", source_dsn, "2013-06-13", language=language, airport="LGA")
    text = words_of(found, tmp_path).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert [one for one in words if one not in text] == []
    assert found.pages == 4
