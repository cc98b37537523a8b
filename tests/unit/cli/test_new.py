"""``broadsheet new report``: a report of a real table, from its catalog to its PDF."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from PIL import Image
from pypdf import PdfReader
from tests.unit.cli.conftest import Run

from broadsheet.cli import watch
from broadsheet.settings import get_settings

HOME = Path(__file__).resolve().parents[3]

TABLES = """
CREATE SCHEMA shop;
CREATE DOMAIN shop.money_amount AS numeric(12, 2);
CREATE TABLE shop.regions (region_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE shop.orders (
    order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region_id int NOT NULL REFERENCES shop.regions,
    placed_at timestamptz NOT NULL,
    channel text NOT NULL,
    amount shop.money_amount,
    "Gift?" boolean NOT NULL,
    details jsonb
);
INSERT INTO shop.regions VALUES (1, 'North'), (2, 'South');
INSERT INTO shop.orders (region_id, placed_at, channel, amount, "Gift?", details)
SELECT 1 + n % 2, '2026-03-02 12:00Z'::timestamptz + n * interval '1 hour',
    CASE WHEN n % 3 = 0 THEN 'Shop' ELSE 'Web' END, n * 1.25, n % 5 = 0, '{"n": 1}'
FROM generate_series(1, 200) AS n;
ANALYZE shop.orders;
CREATE TABLE shop.pictures (data bytea);
CREATE TABLE public.regions (region_id int PRIMARY KEY);
CREATE SCHEMA "Büro";
CREATE TABLE "Büro"."Auftrags Liste" (
    "Nr." int PRIMARY KEY, "Lieferdatum" date NOT NULL, "Straße" text, "Größe (m²)" numeric(8, 2),
    "100% ""x"" y" boolean
);
INSERT INTO "Büro"."Auftrags Liste" SELECT n, '2026-03-09', 'Allee', n, true FROM generate_series(1, 9) AS n;
CREATE TABLE shop.odd (
    "select" int, "order" date NOT NULL, tags text[], doc json, raw bytea, uid uuid, span interval, at time,
    net inet, n numeric, far double precision
);
INSERT INTO shop.odd
SELECT n, '2026-03-09', '{a,b}', '{}', 'x', gen_random_uuid(), '1 h', '12:00', '10.0.0.1',
    'NaN', 'infinity' FROM generate_series(1, 9) AS n;
CREATE TABLE shop.parts (id int, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE VIEW shop.seen AS SELECT placed_at, channel, amount FROM shop.orders;
CREATE TABLE shop.secret (id int);
REVOKE ALL ON shop.secret FROM broadsheet;
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation whose catalog is empty."""
    for part in ("include/templates/new_report", "include/static", "include/themes", "sql/sources"):
        shutil.copytree(HOME / part, tmp_path / part)
    (tmp_path / "include/reports").mkdir()
    monkeypatch.setenv("BROADSHEET_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    yield tmp_path
    get_settings.cache_clear()


@pytest.fixture
def shop(database_dsn: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A source with a table of orders; returns its DSN."""
    del home
    with psycopg.connect(database_dsn) as connection:
        connection.execute(TABLES)
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_SOURCE_SHOP", database_dsn)
    return database_dsn


def pages(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


@pytest.mark.usefixtures("shop")
def test_a_report_of_a_table_can_be_previewed_at_once(
    home: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("new", "report", "orders", "--source", "shop", "--table", "shop.orders") == 0
    told = capsys.readouterr().out
    assert "wrote include/reports/orders.yaml" in told
    assert "broadsheet check\n  broadsheet preview orders --watch\n  broadsheet subscribe orders" in told
    query = (home / "sql/reports/orders/orders.sql").read_text()
    assert "(placed_at AT TIME ZONE %(zone)s)::date AS placed_at_day" in query
    assert '"Gift?" AS gift' in query
    assert "details::text AS details" in query
    assert query.endswith("ORDER BY\n    placed_at_day,\n    order_id\n")
    assert "format: decimal2" in (home / "include/reports/orders.yaml").read_text()
    assert run("check") == 0
    assert run("preview", "orders", "--period", "2026-W11", "-o", "orders.pdf") == 0, capsys.readouterr().err
    text = pages(home / "orders.pdf")
    for words in ("Orders", "Total amount", "Gift", "By channel", "Web", "Shop"):
        assert words in text


@pytest.mark.usefixtures("shop")
def test_a_report_of_example_rows_can_be_previewed_at_once(home: Path, run: Run) -> None:
    assert run("new", "report", "first", "--source", "shop") == 0
    assert run("check") == 0
    assert run("preview", "first", "--period", "2026-W11", "-o", "first.pdf") == 0
    assert "By region" in pages(home / "first.pdf")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["orders", "--table", "shop.order"], "did you mean 'shop.orders'?"),
        (["orders", "--table", "regions"], "write public.regions or shop.regions"),
        (["orders", "--table", "shop.orders", "--day", "placed"], "did you mean 'placed_at'?"),
        (["orders", "--table", "shop.pictures"], "no column that a report can show"),
        (["orders", "--table", "shop.secret"], "GRANT SELECT ON shop.secret TO broadsheet;"),
        (["orders", "--table", "shop.Order"], "did you mean 'shop.orders'?"),
        (["Orders", "--table", "shop.orders"], "did you mean 'orders'?"),
        (["orders", "--day", "placed_at"], "give --table"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(
    home: Path, run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run("new", "report", *arguments, "--source", "shop") == 2
    assert words in capsys.readouterr().err
    assert list((home / "include/reports").iterdir()) == []


@pytest.mark.usefixtures("shop")
def test_a_second_report_of_the_name_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("new", "report", "first", "--source", "shop") == 0
    assert run("new", "report", "first", "--source", "shop", "--table", "shop.orders") == 2
    assert "first.yaml is there already" in capsys.readouterr().err


@pytest.mark.usefixtures("shop")
def test_a_table_without_a_date_gives_all_rows_and_says_so(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("new", "report", "places", "--source", "shop", "--table", "shop.regions") == 0
    assert "every period shows all rows" in capsys.readouterr().out
    assert run("preview", "places", "--period", "2026-W11", "-o", "places.pdf") == 0


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("Büro.Auftrags Liste", ("Auftrags Liste", "Total größe (m²)", "By straße")),
        ("shop.odd", ("Odd", "Mean select", "By tags")),
        ("shop.seen", ("Seen", "Total amount", "By channel")),
        ("shop.parts", ("No data for this period",)),
    ],
)
def test_odd_tables_give_reports_that_can_be_read(
    home: Path, run: Run, capsys: pytest.CaptureFixture[str], table: str, words: tuple[str, ...]
) -> None:
    assert run("new", "report", "odd", "--source", "shop", "--table", table) == 0, capsys.readouterr().err
    assert run("check") == 0
    assert run("preview", "odd", "--period", "2026-W11", "-o", "odd.pdf") == 0, capsys.readouterr().err
    text = pages(home / "odd.pdf")
    assert [one for one in words if one not in text] == []
    assert "Data as of" not in text.replace("Data as of: not stated", "")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    amount\n", "    amount,\n", ':9: syntax error at or near "FROM"'),
        ("    amount\n", "    amont AS amount\n", ':8: column "amont" does not exist (Perhaps you meant'),
        ("FROM shop.seen", "FROM shop.sene", ':9: relation "shop.sene" does not exist'),
        ("    amount\n", "    (amount / 0)::numeric(12, 2) AS amount\n", ": division by zero"),
        (
            "    amount\n",
            "    amount AS sum\n",
            "gives 'sum', which is not declared and does not give 'amount'",
        ),
        ("    amount\n", "    amount::text AS amount\n", "column amount is text and declared decimal"),
    ],
)
def test_what_postgres_refuses_is_told_with_the_line_and_nothing_else(
    home: Path, run: Run, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    assert run("new", "report", "seen", "--source", "shop", "--table", "shop.seen") == 0
    query = home / "sql/reports/seen/seen.sql"
    text = query.read_text()
    assert old in text, text
    query.write_text(text.replace(old, new, 1))
    capsys.readouterr()
    assert run("preview", "seen", "--period", "2026-W11") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"broadsheet: {query}:")
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_source_that_is_not_set_is_named_and_those_that_are(
    home: Path, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_SOURCE_SHOP", "postgresql://localhost/shop")
    assert run("new", "report", "a", "--source", "nowhere", "--table", "t") == 2
    told = capsys.readouterr().err
    assert "AIRFLOW_CONN_BROADSHEET_SOURCE_NOWHERE" in told
    assert "the sources that are set: " in told
    assert "shop" in told


@pytest.mark.usefixtures("shop")
def test_a_preview_without_data_says_how_to_see_another_period(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("new", "report", "parts", "--source", "shop", "--table", "shop.parts") == 0
    assert run("preview", "parts", "-o", "parts.pdf") == 0
    assert "(no data for this period; another one: --period 20" in capsys.readouterr().out


@pytest.mark.usefixtures("shop")
def test_a_preview_has_pictures_of_its_pages_and_none_of_an_older_one(
    home: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("new", "report", "first", "--source", "shop") == 0
    folder = home / "out/pages"
    folder.mkdir(parents=True)
    for name in ("first-009.png", "first-page.png", "second-002.png"):
        (folder / name).touch()
    assert run("preview", "first", "--period", "2026-W11", "--pages", str(folder)) == 0
    told = capsys.readouterr()
    assert {path.name for path in folder.iterdir()} == {
        "first-001.png",
        "first-002.png",
        "first-page.png",
        "second-002.png",
    }
    with Image.open(folder / "first-001.png") as picture:
        assert picture.width == 1000
    assert "2 pictures" in told.out
    assert "pages 0." in told.err


@pytest.mark.usefixtures("shop")
def test_a_watched_report_is_built_again_when_its_files_are_saved(
    home: Path, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("new", "report", "first", "--source", "shop") == 0
    definition = home / "include/reports/first.yaml"
    good = definition.read_text()
    acts = iter([good.replace("kind: line", "kind: lien"), good.replace("title: First", "title: Mended")])

    def save(seconds: float) -> None:
        del seconds
        text = next(acts, None)
        if text is None:
            raise KeyboardInterrupt
        definition.write_text(text)

    monkeypatch.setattr(watch.watch_files, "__kwdefaults__", {"wait": save})
    assert run("preview", "first", "--period", "2026-W11", "-o", "first.pdf", "--watch") == 0
    told = capsys.readouterr()
    assert told.err.count(" s in all: ") == 2
    assert "did you mean 'line'?" in told.err
    assert "watching 5 files" in told.out
    assert "Mended" in pages(home / "first.pdf")


def test_a_report_that_there_is_not_is_not_watched(
    home: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    del home
    assert run("preview", "nothing", "--watch") == 2
    assert "there is no report 'nothing'" in capsys.readouterr().err
