"""The embedded stack as one thing: bring it up, ask it for addresses, take it down.

with Stack(folder, keep=False) as stack:
    stack.up()
    subprocess.run([...], env={**os.environ, **stack.environment()})
"""

from __future__ import annotations

import fcntl
import functools
import json
import logging
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

import psutil

from broadsheet.embedded import airflow, postgres
from broadsheet.embedded.credentials import Credentials, load_credentials
from broadsheet.embedded.environment import stack_environment
from broadsheet.embedded.guard import GUARD
from broadsheet.embedded.guard_start import reap_guards, start_guard
from broadsheet.embedded.ports import Ports, assign_ports, read_ports
from broadsheet.embedded.processes import find_recorded, stop_marked, stop_recorded
from broadsheet.embedded.programs import Program
from broadsheet.embedded.servers import Site, server_programs, tail, wait_for_servers, wait_until
from broadsheet.embedded.state import STATE_VARIABLE, StateFolder, runs_as_root, write_private
from broadsheet.embedded.supervisor import Supervisor, SupervisorError, write_configuration
from broadsheet.errors import ConfigurationError
from broadsheet.settings import get_settings

logger = logging.getLogger(__name__)

_SERVERS_TIMEOUT = 60.0
# Five processes that load Airflow: half a minute on two cores, and minutes where those have other work.
_AIRFLOW_TIMEOUT = 300.0
_PROGRAMS_STOP_TIMEOUT = 20.0
_STOP_TIMEOUT = 60.0
_PHASES = {
    "prepare": "preparing the state folder",
    "supervisor": "starting the supervisor",
    "servers": "starting Postgres, Valkey, SeaweedFS and the mail server",
    "databases": "making roles and databases",
    "airflow set-up": "setting up Airflow's database, roles and users",
    "airflow healthy": "waiting until Airflow's processes are healthy",
}


class Stack:
    """One stack, named by its state folder. Several with different folders run side by side."""

    def __init__(
        self,
        state: Path,
        *,
        home: Path | None = None,
        keep: bool = True,
        report: Callable[[str], None] | None = None,
    ) -> None:
        """Name a stack; nothing is started yet.

        ``home`` holds dags, plugins, templates and SQL, by default the project's. Leaving the ``with``
        block stops the stack, and unless ``keep`` deletes it. ``report`` is told each phase as it starts.
        """
        self.state = StateFolder(state.expanduser().resolve())
        self.timings: dict[str, float] = {}
        self._home = home
        self._keep = keep
        self._report = report or logger.info
        self._pipe: int | None = None
        self._supervisor = Supervisor(self.state)

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()
        if not self._keep:
            self.remove()

    @property
    def ports(self) -> Ports:
        """The ports of the servers; ConfigurationError before the first start."""
        ports = read_ports(self.state.ports_file)
        if ports is None:
            raise ConfigurationError(
                f"no stack has been started in {self.state.root}: run `broadsheet stack up`"
            )
        return ports

    @property
    def secrets(self) -> Credentials:
        """The generated passwords and keys."""
        return load_credentials(self.state.secrets_file)

    @property
    def running(self) -> bool:
        """Whether the stack's supervisor is there."""
        return find_recorded(self.state.records / f"{GUARD}.json") is not None and self._supervisor.answers()

    def up_servers(self, *, tied: bool = False) -> None:
        """Start Postgres, Valkey, SeaweedFS and the mail server, and wait until they work.

        ``tied`` stops the stack when this process ends, however it ends.
        """
        with self._alone():
            if not self.running:
                self._start(tied=tied)
            with self._phase("servers"):
                wait_for_servers(self.site(), self._supervisor, timeout=_SERVERS_TIMEOUT)
            with self._phase("databases"):
                postgres.create_databases(self.ports, self.secrets)

    def up(self, *, tied: bool = False) -> None:
        """Start everything, and return when it works. ``tied`` as for :meth:`up_servers`."""
        self.up_servers(tied=tied)
        self.up_airflow()

    def up_airflow(self, *, wait: bool = True) -> None:
        """Set Airflow up and start its processes beside the running servers; wait until they are healthy."""
        self.set_up_airflow()
        for program in airflow.PROGRAMS:
            self._supervisor.start(program)
        if wait:
            self.wait_for_airflow(triggerer=True)

    def set_up_airflow(self) -> None:
        """Migrate Airflow's database and make roles and users, unless that is done; the servers must run."""
        with self._alone(), self._phase("airflow set-up"):
            airflow.set_up(self.site())

    def wait_for_airflow(self, *, triggerer: bool = False) -> None:
        """Wait until Airflow's processes say that they are healthy, and the worker answers.

        The triggerer starts after the others, and only deferred tasks and deadlines need it.
        """
        site = self.site()
        deadline = time.monotonic() + _AIRFLOW_TIMEOUT
        probes: list[tuple[Callable[[Site], None], str]] = [
            (airflow.check_health, airflow.API_SERVER),
            (airflow.check_log_in, airflow.API_SERVER),
            (airflow.check_worker, airflow.WORKER),
        ]
        if triggerer:
            probes.append((airflow.check_triggerer, airflow.TRIGGERER))
        with self._phase("airflow healthy"):
            for probe, program in probes:
                wait_until(
                    functools.partial(probe, site), site, self._supervisor, program=program, deadline=deadline
                )

    def healthy(self) -> bool:
        """Tell whether Airflow's processes say now that they are well, which includes its database."""
        try:
            airflow.check_health(self.site())
        except (OSError, ValueError):
            return False
        return True

    def start_program(self, program: str) -> None:
        """Start one program of a running stack: ``postgres``, ``seaweedfs``, ``mail``, ``worker``..."""
        self._supervisor.start(program)

    def stop_program(self, program: str) -> None:
        """Stop one program of a running stack, and wait until it is gone."""
        self._supervisor.stop(program)
        self._supervisor.wait_stopped([program], timeout=_STOP_TIMEOUT)

    def programs(self) -> dict[str, str]:
        """Return each program's state in supervisord's words."""
        return self._supervisor.states()

    def down(self) -> None:
        """Stop everything and wait until it is gone; what an interrupted stack left behind too."""
        guard = find_recorded(self.state.records / f"{GUARD}.json")
        if guard is not None:
            self._stop_programs()
            with suppress(psutil.NoSuchProcess):
                guard.send_signal(signal.SIGTERM)
            psutil.wait_procs([guard], timeout=_STOP_TIMEOUT)
        if self.state.records.is_dir():
            stop_recorded(self.state.records)
            stop_marked(self.state.ident)
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
        reap_guards()

    def remove(self) -> None:
        """Stop everything and delete all that the stack ever wrote; never a folder that is not a stack's."""
        if self.state.root.exists() and not self.state.ours:
            raise ConfigurationError(
                f"{self.state.root} was not made by a stack, so it is not deleted: see {STATE_VARIABLE}"
            )
        self.down()
        shutil.rmtree(self.state.sockets, ignore_errors=True)
        shutil.rmtree(self.state.root, ignore_errors=True)
        if runs_as_root():
            shutil.rmtree(self.state.unprivileged, ignore_errors=True)
            with suppress(OSError):
                # Unless another stack is there.
                self.state.unprivileged.parent.rmdir()

    def tail(self, program: str, *, lines: int = 20) -> str:
        """Return the last lines that a program printed."""
        return tail(self.state, program, lines=lines)

    def site(self) -> Site:
        """Return what the parts of a started stack need to know."""
        settings = get_settings()
        return Site(
            state=self.state,
            ports=self.ports,
            credentials=self.secrets,
            home=self._home or settings.home,
            buckets=(settings.storage_bucket, settings.documents_bucket),
        )

    def environment(self) -> dict[str, str]:
        """Return the variables with which Airflow's and our own commands use this stack."""
        return stack_environment(self.site())

    def owner_dsn(self, database: str) -> str:
        """Return the URI of the owner of a database: ``airflow``, ``broadsheet`` or ``flights``."""
        passwords = {
            "airflow": self.secrets.postgres_airflow,
            "broadsheet": self.secrets.postgres_broadsheet,
            "flights": self.secrets.postgres_flights,
        }
        return postgres.dsn(self.ports, user=database, password=passwords[database], database=database)

    def _start(self, *, tied: bool) -> None:
        """Prepare data and configuration and start the supervisor, which starts the servers."""
        with self._phase("prepare"):
            stop_recorded(self.state.records)
            stop_marked(self.state.ident)
            if runs_as_root():
                postgres.prepare_unprivileged(self.state)
            self.state.check_space()
            assignment = assign_ports(self.state.ports_file)
            site = self.site()
            postgres.initialise(self.state, site.credentials)
            write_configuration(self.state, self._programs(site))
            write_private(self.state.environment_file, json.dumps(stack_environment(site), indent=1))
        try:
            with self._phase("supervisor"):
                self._pipe = start_guard(self.state, assignment.claims, tied=tied)
        finally:
            assignment.release()

    def _programs(self, site: Site) -> list[Program]:
        return [*server_programs(site), *airflow.programs(site)]

    def _stop_programs(self) -> None:
        """Stop Airflow's processes all at once, then the servers; supervisord stops one after the other."""
        try:
            servers = set(self._supervisor.states()) - set(airflow.PROGRAMS)
            for programs in (airflow.PROGRAMS, sorted(servers)):
                for program in programs:
                    self._supervisor.stop(program)
                self._supervisor.wait_stopped(programs, timeout=_PROGRAMS_STOP_TIMEOUT)
        except SupervisorError as error:
            # Then the guard stops everything in its own way.
            logger.debug("the supervisor did not stop its programs: %s", error)

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        """Report a phase and keep the seconds that it takes."""
        started = time.monotonic()
        self._report(_PHASES[name])
        yield
        self.timings[name] = self.timings.get(name, 0.0) + time.monotonic() - started

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep a second start of the same stack out while this one is under way."""
        self.state.create()
        descriptor = os.open(self.state.root / "start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
