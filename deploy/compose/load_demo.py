"""Load the flights and documents of the demo: what the service `demo-data` does when it is asked for."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from broadsheet.embedded.documents import load_documents
from broadsheet.embedded.flights import demo_shift_weeks, load_flights
from broadsheet.settings import STORAGE, connection_uri, get_settings, parse_endpoint
from broadsheet.store.objects import S3ObjectStore


def main() -> None:
    """Put the flights of this season into the source database and the pictures into the documents bucket."""
    now = datetime.now(UTC)
    load_flights(
        os.environ["FLIGHTS_OWNER_DSN"],
        shift_weeks=demo_shift_weeks(now.astimezone(ZoneInfo("America/New_York")).date()),
        reader_password=os.environ["FLIGHTS_READER_PASSWORD"],
        loaded_at=now,
    )
    load_documents(S3ObjectStore(parse_endpoint(connection_uri(STORAGE)), get_settings().documents_bucket))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    main()
