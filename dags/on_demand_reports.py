"""One Airflow DAG per report of the catalog, ``report__<id>``, with its parameters as a form."""

from broadsheet.catalog import load_catalog
from broadsheet.orchestration.dag_builder import register_reports
from broadsheet.settings import get_settings

settings = get_settings()
catalog = load_catalog(settings.catalog_dir, sql_dir=settings.sql_dir, templates_dir=settings.templates_dir)
register_reports(globals(), catalog)
