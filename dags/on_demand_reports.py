"""One Airflow DAG per report of the catalog, ``report__<id>``, with its parameters as a form."""

from broadsheet.catalog import installed_catalog
from broadsheet.orchestration.dag_builder import register_reports
from broadsheet.settings import get_settings

register_reports(globals(), installed_catalog(get_settings()))
