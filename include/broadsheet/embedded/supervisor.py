"""Everything about supervisord: its configuration and talking to it over its private socket."""

from __future__ import annotations

import configparser
import http.client
import io
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from broadsheet.embedded.launch import LaunchSpec
from broadsheet.embedded.processes import MARK
from broadsheet.embedded.programs import Program
from broadsheet.embedded.state import StateFolder, runs_as_root, write_private
from broadsheet.errors import ConfigurationError, TransientError

_LOG_BYTES = 10 * 1024 * 1024
_LOG_BACKUPS = 3
_POLL = 0.1


class SupervisorError(TransientError):
    """The supervisor does not answer, or a program does not start or stop."""

    code = "supervisor_error"


def write_configuration(state: StateFolder, programs: Iterable[Program]) -> None:
    """Write the supervisor's configuration and the private launch file of each program."""
    config = configparser.RawConfigParser()
    config["supervisord"] = {
        "logfile": str(state.logs / "supervisord.log"),
        "logfile_maxbytes": str(_LOG_BYTES),
        "logfile_backups": str(_LOG_BACKUPS),
        "pidfile": str(state.root / "supervisord.pid"),
        "childlogdir": str(state.logs),
        "umask": "077",
        # Said outright, since supervisord warns at every start when root leaves it out.
        **({"user": "root"} if runs_as_root() else {}),
    }
    config["unix_http_server"] = {"file": str(_socket(state)), "chmod": "0600"}
    config["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    for program in programs:
        config[f"program:{program.name}"] = _section(state, program)
        write_private(_spec_file(state, program.name), _spec(state, program).dumps())
    text = io.StringIO()
    config.write(text)
    write_private(state.config / "supervisord.conf", text.getvalue())


def log_file(state: StateFolder, program: str) -> Path:
    """Return the file that holds what a program prints."""
    return state.logs / f"{program}.log"


class Supervisor:
    """A running supervisord."""

    def __init__(self, state: StateFolder) -> None:
        self._transport = SupervisorTransport(serverurl=f"unix://{_socket(state)}")
        self._server = ServerProxy("http://127.0.0.1", transport=self._transport)

    def answers(self) -> bool:
        """Tell whether the supervisor is there and takes orders."""
        try:
            return str(self._call("getState")["statename"]) == "RUNNING"  # type: ignore[index]
        except SupervisorError:
            return False

    def states(self) -> dict[str, str]:
        """Return each program's state in supervisord's words: RUNNING, STOPPED, BACKOFF, FATAL."""
        found = self._call("getAllProcessInfo")
        if not isinstance(found, list):
            raise SupervisorError(f"the supervisor answered {found!r} when asked for its programs")
        return {str(item["name"]): str(item["statename"]) for item in found}

    def start(self, program: str) -> None:
        """Start a program unless it runs."""
        self._order("startProcess", program, unless="ALREADY_STARTED")

    def stop(self, program: str) -> None:
        """Ask a program to stop, without waiting for it."""
        self._order("stopProcess", program, unless="NOT_RUNNING")

    def wait_stopped(self, programs: Iterable[str], *, timeout: float) -> None:
        """Wait until programs have stopped, or the deadline: shutting down kills what is left."""
        deadline = time.monotonic() + timeout
        names = set(programs)
        while time.monotonic() < deadline:
            states = self.states()
            if all(states.get(name) in (None, "STOPPED", "EXITED", "FATAL") for name in names):
                return
            time.sleep(_POLL)

    def _order(self, method: str, program: str, *, unless: str) -> None:
        try:
            self._call(method, program, False)
        except Fault as fault:
            if unless not in str(fault.faultString):
                raise SupervisorError(f"{method} {program}: {fault.faultString}") from fault

    def _call(self, method: str, *arguments: object) -> object:
        try:
            return getattr(self._server.supervisor, method)(*arguments)
        except (OSError, http.client.HTTPException) as error:
            raise SupervisorError(f"the supervisor does not answer: {error}") from error
        finally:
            # It would keep the connection, a broken one too, and use it again.
            self._transport.close()


def _section(state: StateFolder, program: Program) -> dict[str, str]:
    """Return a program's section. Percent signs are doubled, since supervisord expands them."""
    command = f"{sys.executable} -m broadsheet.embedded.launch {_spec_file(state, program.name)}"
    if any(character in command for character in "'\"\\;\n"):
        raise ConfigurationError(
            f"a quote, a backslash or a semicolon in a path cannot be handled: {command}"
        )
    quoted = f'"{sys.executable}" -m broadsheet.embedded.launch "{_spec_file(state, program.name)}"'
    return {
        "command": quoted.replace("%", "%%"),
        "priority": str(program.priority),
        "autostart": str(program.autostart).lower(),
        "autorestart": "true",
        # A program that fails at once is tried again for about a minute: Postgres after a crash, for one,
        # refuses to start while a child of its former self still ends.
        "startsecs": "1",
        "startretries": "10",
        "stopsignal": program.stop_signal,
        "stopwaitsecs": str(program.stop_seconds),
        # Only the main process gets the stop signal: each of ours stops its own children in good order.
        # What is left of the group after the wait is killed.
        "stopasgroup": "false",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(log_file(state, program.name)).replace("%", "%%"),
        "stdout_logfile_maxbytes": str(_LOG_BYTES),
        "stdout_logfile_backups": str(_LOG_BACKUPS),
    }


def _spec(state: StateFolder, program: Program) -> LaunchSpec:
    return LaunchSpec(
        program=program.name,
        command=program.command,
        record=str(state.records / f"{program.name}.json"),
        stop_signal=program.stop_signal,
        death_signal=program.death_signal or program.stop_signal,
        user=program.user,
        directory=program.directory,
        wait_for=program.wait_for,
        environment={**program.environment, MARK: state.ident},
    )


def _spec_file(state: StateFolder, program: str) -> Path:
    return state.environments / f"{program}.json"


def _socket(state: StateFolder) -> Path:
    return state.sockets / "supervisor.sock"
