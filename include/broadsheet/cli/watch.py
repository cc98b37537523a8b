"""Do something again whenever files change, until Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from broadsheet.errors import BroadsheetError

_SECONDS = 0.2

Stamps = dict[Path, tuple[int, int, int]]


def watch_files(
    files: Callable[[], Iterable[Path]],
    build: Callable[[], None],
    *,
    wait: Callable[[float], object] = time.sleep,
) -> None:
    """Call ``build`` now and after every change of the files; return at Ctrl-C.

    ``files`` is asked anew each time, so that added and removed ones count. A foreseen error is shown, and
    watching goes on: the next save may mend it.
    """
    seen: Stamps | None = None
    try:
        while True:
            # Looked at before building: what is saved meanwhile is built next.
            now = _stamps(files())
            if seen is not None and seen.keys() - now.keys():
                # Editors that save by renaming leave a file missing for an instant: not worth an error.
                wait(_SECONDS)
                now = _stamps(files())
            if now != seen:
                seen = now
                _try(build)
                print(f"watching {len(seen)} files; Ctrl-C ends", flush=True)
            wait(_SECONDS)
    except KeyboardInterrupt:
        print()


def _try(build: Callable[[], None]) -> None:
    try:
        build()
    except (BroadsheetError, OSError) as error:
        sys.stderr.write(f"broadsheet: {error}\n")


def _stamps(files: Iterable[Path]) -> Stamps:
    """Return time, size and place of each file that is there; a file moved here may be as old as before."""
    stamps: Stamps = {}
    for path in files:
        try:
            found = path.stat()
        except OSError:
            continue
        stamps[path] = (found.st_mtime_ns, found.st_size, found.st_ino)
    return stamps
