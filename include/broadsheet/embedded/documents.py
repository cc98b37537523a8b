"""Put the demo's images and PDF documents into the documents bucket.

They are files of the repository, made by ``deploy/demo/make_documents.py``; the folder's README.md says
where each comes from and under which licence.
"""

from __future__ import annotations

import logging

from broadsheet.domain.objects import ObjectStore
from broadsheet.errors import ConfigurationError
from broadsheet.settings import get_settings

log = logging.getLogger(__name__)

_CONTENT_TYPES = {".jpg": "image/jpeg", ".pdf": "application/pdf"}


def load_documents(store: ObjectStore) -> list[str]:
    """Store the demo's documents in ``store`` and return their keys in order; what is there is replaced.

    A key is the file's path below ``deploy/demo/documents``, which begins with the id of a report.

    Raises ConfigurationError when the folder is not there, StorageUnavailableError when the store is not.
    """
    folder = get_settings().home / "deploy" / "demo" / "documents"
    files = sorted(path for path in folder.rglob("*") if path.suffix in _CONTENT_TYPES)
    if not files:
        raise ConfigurationError(
            f"the demo's documents are missing: {folder} holds no image and no PDF; set BROADSHEET_HOME"
        )
    keys = []
    for path in files:
        key = path.relative_to(folder).as_posix()
        store.put(key, path.read_bytes(), content_type=_CONTENT_TYPES[path.suffix])
        keys.append(key)
    log.info("stored %d documents", len(keys))
    return keys
