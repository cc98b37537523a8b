"""The step between the supervisor and a program."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from broadsheet.embedded.launch import LaunchSpec

SHOW = "import json, os; print(json.dumps([os.getpid(), dict(os.environ), os.getcwd(), os.umask(0)]))"


def launch(tmp_path: Path, spec: LaunchSpec) -> subprocess.Popen[str]:
    path = tmp_path / "spec.json"
    path.write_text(spec.dumps())
    return subprocess.Popen(
        [sys.executable, "-m", "broadsheet.embedded.launch", str(path)], stdout=subprocess.PIPE, text=True
    )


def test_the_program_takes_the_place_of_the_launcher_with_its_environment_alone(tmp_path: Path):
    spec = LaunchSpec(
        program="show",
        command=(sys.executable, "-c", SHOW),
        record=str(tmp_path / "show.json"),
        directory=str(tmp_path),
        environment={"ONLY": "this"},
    )
    with launch(tmp_path, spec) as process:
        output, _ = process.communicate(timeout=30)
    pid, environment, directory, umask = json.loads(output)
    assert pid == process.pid == json.loads((tmp_path / "show.json").read_text())["pid"]
    # Python itself may add LC_CTYPE.
    assert {name: value for name, value in environment.items() if name != "LC_CTYPE"} == {"ONLY": "this"}
    assert directory == str(tmp_path.resolve())
    assert umask == 0o077


def test_it_waits_for_what_the_program_needs(tmp_path: Path):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        spec = LaunchSpec(
            program="show",
            command=(sys.executable, "-c", SHOW),
            record=str(tmp_path / "show.json"),
            wait_for=(server.getsockname()[1],),
        )
        with launch(tmp_path, spec) as process:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=1)
            server.listen()
            process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels know no parent-death signal")
def test_the_program_dies_with_the_supervisor(tmp_path: Path):
    record = tmp_path / "sleep.json"
    spec = LaunchSpec(
        program="sleep", command=("sleep", "300"), record=str(record), environment={"PATH": "/usr/bin:/bin"}
    )
    path = tmp_path / "spec.json"
    path.write_text(spec.dumps())
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'broadsheet.embedded.launch', sys.argv[1]])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(300)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout is not None
        child = psutil.Process(int(supervisor.stdout.readline()))
        while child.name() != "sleep":
            assert child.is_running()
        supervisor.kill()
    _, alive = psutil.wait_procs([child], timeout=30)
    assert alive == []
