"""Load and validate the definitions of reports."""

from broadsheet.catalog.catalog import Catalog, load_catalog

__all__ = ["Catalog", "load_catalog"]
