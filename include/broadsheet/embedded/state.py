"""The state folder of an embedded stack: everything that one stack knows, keeps and writes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from broadsheet.errors import ConfigurationError

STATE_VARIABLE = "BROADSHEET_STATE"
PRIVATE_DIR = 0o700
_INSTANCE = r"[0-9a-f]{32}"
_LEAST_FREE = 512 * 2**20
_SOCKET_NAME_ROOM = 24
# sun_path holds 104 bytes on macOS and 108 on Linux, the closing zero included.
_SOCKET_PATH_LIMIT = 103
_UNPRIVILEGED_ROOT = Path("/var/lib/broadsheet")


def default_state(home: Path) -> Path:
    """Return the state folder that the environment or, failing that, the project's folder names."""
    given = os.environ.get(STATE_VARIABLE)
    return Path(given).expanduser().resolve() if given else home / ".broadsheet"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step: a reader sees the old text or the new."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@dataclass(frozen=True)
class StateFolder:
    """Where one stack keeps its data, logs, secrets and sockets."""

    root: Path

    @property
    def ident(self) -> str:
        """Short name that is the same for the same folder, and differs between stacks on one machine."""
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]

    @property
    def secrets_file(self) -> Path:
        """Generated passwords and keys."""
        return self.root / "secrets.json"

    @property
    def ports_file(self) -> Path:
        """Port numbers, kept so that addresses stay the same."""
        return self.root / "ports.json"

    @property
    def environment_file(self) -> Path:
        """Variables with which commands use the stack, as one JSON object."""
        return self.root / "environment.json"

    @property
    def timings_file(self) -> Path:
        """Seconds that each phase of the last start took."""
        return self.root / "timings.json"

    @property
    def logs(self) -> Path:
        """Logs of the programs, one file each."""
        return self.root / "logs"

    @property
    def records(self) -> Path:
        """One file per running program, which says who it is (see ``processes``)."""
        return self.root / "processes"

    @property
    def environments(self) -> Path:
        """One private file per program with its whole environment."""
        return self.root / "environments"

    @property
    def config(self) -> Path:
        """Configuration files of the servers and the supervisor."""
        return self.root / "config"

    @property
    def stamps(self) -> Path:
        """Marks of work that is done and need not be done again."""
        return self.root / "stamps"

    @property
    def airflow_home(self) -> Path:
        """AIRFLOW_HOME, with the task logs."""
        return self.root / "airflow"

    @property
    def shards(self) -> Path:
        """DAG files that the subscription bundle generates."""
        return self.root / "shards"

    @property
    def mail(self) -> Path:
        """Received mails, one .eml file each."""
        return self.root / "mail"

    @property
    def objects(self) -> Path:
        """Data of the S3 server."""
        return self.root / "s3"

    @property
    def broker(self) -> Path:
        """Data of the broker."""
        return self.root / "broker"

    @property
    def sockets(self) -> Path:
        """Folder of the unix sockets: inside the state folder, or a short one when that is too deep."""
        inside = self.root / "run"
        if len(os.fsencode(inside)) + _SOCKET_NAME_ROOM <= _SOCKET_PATH_LIMIT:
            return inside
        return Path(tempfile.gettempdir()) / f"broadsheet-{os.getuid()}-{self.ident}"

    @property
    def postgres(self) -> Path:
        """Data of Postgres: elsewhere for root, whose Postgres runs as a user who cannot enter here."""
        return self.unprivileged / "data" if runs_as_root() else self.root / "postgres"

    @property
    def unprivileged(self) -> Path:
        """Folder outside the state folder that root's Postgres lives in."""
        return _UNPRIVILEGED_ROOT / self.ident

    @property
    def instance(self) -> str:
        """A name that this folder got when it was made: one made later at the same place has another."""
        return self._mark.read_text(encoding="utf-8")

    @property
    def ours(self) -> bool:
        """Whether a stack made this folder, so that everything in it may be deleted."""
        try:
            return re.fullmatch(_INSTANCE, self.instance) is not None
        except (OSError, ValueError):
            return False

    @property
    def _mark(self) -> Path:
        return self.root / "instance"

    def create(self) -> None:
        """Make the folders, readable by their owner only; ConfigurationError when that cannot be.

        A folder that holds something else is refused: a stack's end may be that its folder is deleted.
        """
        own = (
            self.root,
            self.logs,
            self.records,
            self.environments,
            self.config,
            self.stamps,
            self.airflow_home,
            self.shards,
            self.mail,
            self.objects,
            self.broker,
            self.sockets,
        )
        try:
            self._claim()
            for folder in own:
                folder.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"the state folder {self.root} cannot be made ({error}); set {STATE_VARIABLE} to one that can"
            ) from error
        for folder in (self.root, self.sockets):
            make_private(folder)

    def check_space(self) -> None:
        """Raise ConfigurationError when the disk is so full that each server would fail in its own words."""
        for place in (self.root, self.unprivileged):
            if not place.exists():
                continue
            free = shutil.disk_usage(place).free
            if free < _LEAST_FREE:
                raise ConfigurationError(
                    f"{place} has {free // 2**20} MiB left, and a stack needs {_LEAST_FREE // 2**20}: "
                    f"make room, or set {STATE_VARIABLE} to a folder that has it"
                )

    def _claim(self) -> None:
        """Mark a new or empty folder as ours; ConfigurationError when it is not."""
        self.root.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
        if self.ours:
            return
        # The marks of starts that are under way at the same time are no strangers.
        strangers = [path for path in self.root.iterdir() if not path.name.startswith(f".{self._mark.name}.")]
        if strangers and not self.ours:
            raise ConfigurationError(
                f"{self.root} holds other things: {STATE_VARIABLE} must name a folder of the stack's own"
            )
        make_private(self.root)
        with tempfile.NamedTemporaryFile("w", dir=self.root, prefix=f".{self._mark.name}.") as file:
            file.write(secrets.token_hex(16))
            file.flush()
            # Whoever comes first names it; unlike replacing, linking never changes a name that is there.
            with suppress(FileExistsError):
                os.link(file.name, self._mark)

    def stamped(self, name: str, key: str) -> bool:
        """Tell whether work was done before with the same key (versions, hashes)."""
        stamp = self.stamps / name
        return stamp.is_file() and stamp.read_text(encoding="utf-8") == key

    def stamp(self, name: str, key: str) -> None:
        """Note that work is done for this key."""
        write_private(self.stamps / name, key)

    def save_timings(self, seconds: dict[str, float]) -> None:
        """Keep the seconds that each phase took."""
        rounded = {phase: round(value, 2) for phase, value in seconds.items()}
        write_private(self.timings_file, json.dumps(rounded, indent=2) + "\n")


def runs_as_root() -> bool:
    """Tell whether this process may do everything, in which case Postgres must run as somebody else."""
    return os.geteuid() == 0


def make_private(folder: Path) -> None:
    """Make a folder that only we can enter; ConfigurationError when another user made it before us."""
    folder.mkdir(mode=PRIVATE_DIR, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ConfigurationError(
            f"{folder} belongs to another user; remove it or set {STATE_VARIABLE} to another folder"
        )
    folder.chmod(PRIVATE_DIR)
