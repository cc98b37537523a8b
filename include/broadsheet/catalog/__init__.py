"""Load and validate the definitions of reports."""

from broadsheet.catalog.catalog import Catalog, installed_catalog, load_catalog

__all__ = ["Catalog", "installed_catalog", "load_catalog"]
