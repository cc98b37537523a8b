"""docker-compose.yaml: valid by the Compose schema, complete, closed to the outside, and free of secrets.

There is no Docker engine here: what a file can show is tested, not that the containers run.
"""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from broadsheet.embedded.airflow import QUEUES
from broadsheet.embedded.environment import shared_settings

ROOT = Path(__file__).resolve().parents[3]
AIRFLOW_COMMANDS = ("api-server", "scheduler", "dag-processor", "triggerer")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:[?-][^}]*)?\}")
SECRET_NAME = re.compile(r"PASSWORD|SECRET|_KEY|TOKEN|AUTH$|REDISCLI_AUTH|FERNET|JWT")
HARMLESS = {"MP_SMTP_AUTH_ALLOW_INSECURE"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())
    return loaded


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    return shared_settings(ROOT / ".env.example")


def strings(node: object) -> Iterator[str]:
    match node:
        case str():
            yield node
        case dict():
            for key, value in node.items():
                yield from strings(key)
                yield from strings(value)
        case list():
            for value in node:
                yield from strings(value)


def ours(compose: dict[str, Any]) -> dict[str, Any]:
    """The services that run Broadsheet's image."""
    return {name: service for name, service in compose["services"].items() if "build" in service}


def test_the_file_is_valid_by_the_compose_schema(compose: dict[str, Any]) -> None:
    schema = json.loads(
        (files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json").read_text()
    )
    jsonschema.validators.validator_for(schema)(schema).validate(compose)


def test_every_server_of_the_embedded_stack_has_a_service(compose: dict[str, Any]) -> None:
    assert {"postgres", "valkey", "seaweedfs", "mailpit", *AIRFLOW_COMMANDS} <= set(compose["services"])


def test_every_queue_has_a_worker_service_of_its_own(compose: dict[str, Any]) -> None:
    served = {}
    for name, service in ours(compose).items():
        command = service["command"]
        if "--queues" in command:
            served[command[command.index("--queues") + 1]] = name
    assert served == {queue: f"worker-{queue}" for queue in QUEUES}


def test_every_airflow_service_shares_the_settings_file_taken_literally(compose: dict[str, Any]) -> None:
    for name, service in ours(compose).items():
        assert service["env_file"] == [{"path": "deploy/airflow.env", "format": "raw"}], name


def test_no_service_overrides_what_both_shapes_share(compose: dict[str, Any]) -> None:
    shared = set(shared_settings(ROOT / "deploy" / "airflow.env"))
    for name, service in ours(compose).items():
        assert not shared & set(service["environment"]), name


def test_every_service_of_ours_shares_code_shards_logs_and_addresses(compose: dict[str, Any]) -> None:
    services = ours(compose)
    environment = services["scheduler"]["environment"]
    addresses = {name: value for name, value in environment.items() if "HEALTH_CHECK" not in name}
    for name, service in services.items():
        assert "shards:/var/lib/broadsheet/shards" in service["volumes"], name
        assert addresses.items() <= service["environment"].items(), name


def test_no_secret_is_written_into_the_file(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for variable, value in service["environment"].items():
            if SECRET_NAME.search(variable) and variable not in HARMLESS:
                assert VARIABLE.search(str(value)), f"{name}: {variable}"
    for text in strings(compose):
        for credentials in re.findall(r"://([^/@\s]*)@", text):
            assert VARIABLE.fullmatch(credentials.partition(":")[2]), text


def test_no_secret_is_on_a_command_line(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        # A health check in the shell reads the container's environment: `$$` is a dollar sign for it.
        for text in strings(
            [service.get("command", []), service.get("healthcheck", {}), service.get("entrypoint")]
        ):
            for variable, _ in VARIABLE.findall(text):
                assert not SECRET_NAME.search(variable), name
    script = (ROOT / "deploy" / "compose" / "postgres" / "databases.sh").read_text()
    assert "PASSWORD" not in script


def test_every_password_of_a_role_is_read_from_the_environment_of_postgres(compose: dict[str, Any]) -> None:
    text = (ROOT / "deploy" / "compose" / "postgres" / "databases.sql").read_text()
    read = dict(re.findall(r"^\\getenv (\w+) (\w+)$", text, re.MULTILINE))
    assert set(re.findall(r"PASSWORD :'(\w+)'", text)) == set(read)
    assert set(read.values()) <= set(compose["services"]["postgres"]["environment"])


def test_the_broker_asks_for_a_password_and_drops_no_message(compose: dict[str, Any]) -> None:
    lines = compose["configs"]["valkey"]["content"].splitlines()
    assert "requirepass ${BROKER_PASSWORD:?}" in lines
    assert {"appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction"} <= set(lines)
    assert compose["services"]["valkey"]["configs"] == [{"source": "valkey", "target": "/etc/valkey.conf"}]


def test_a_visitors_address_is_taken_from_named_proxies_alone(
    compose: dict[str, Any], example: dict[str, str]
) -> None:
    service = compose["services"]["api-server"]
    assert "--proxy-headers" in service["command"]
    assert service["environment"]["FORWARDED_ALLOW_IPS"] == "${TRUSTED_PROXIES:?}"
    assert example["TRUSTED_PROXIES"] == "127.0.0.1"


def test_every_variable_is_in_the_example_and_must_be_set(
    compose: dict[str, Any], example: dict[str, str]
) -> None:
    used = {match for text in strings(compose) for match in VARIABLE.findall(text)}
    assert {name for name, _ in used} <= set(example)
    assert {guard for _, guard in used} == {":?"}


def test_the_example_holds_no_variable_that_nothing_uses(
    compose: dict[str, Any], example: dict[str, str]
) -> None:
    used = {name for text in [*strings(compose), *example.values()] for name, _ in VARIABLE.findall(text)}
    assert set(example) == used


def test_the_example_holds_no_secret(example: dict[str, str]) -> None:
    for name, value in example.items():
        if SECRET_NAME.search(name):
            assert not value, name


def test_the_generator_fills_every_secret_anew_and_leaves_the_rest(tmp_path: Path) -> None:
    fill = runpy.run_path(str(ROOT / "deploy" / "compose" / "make_env.py"))["fill"]
    text = (ROOT / ".env.example").read_text()
    first, second = (read_back(fill(text), tmp_path) for _ in range(2))
    for name, value in read_back(text, tmp_path).items():
        if value:
            assert first[name] == value
        else:
            assert re.fullmatch(r"[A-Za-z0-9_=-]{20,}", first[name]), name
            assert first[name] != second[name]


def read_back(text: str, folder: Path) -> dict[str, str]:
    path = folder / "env"
    path.write_text(text)
    return shared_settings(path)


def test_every_published_port_is_bound_to_loopback(compose: dict[str, Any]) -> None:
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert len(published) == 2
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_data_servers_are_on_the_closed_network_alone(compose: dict[str, Any]) -> None:
    assert compose["networks"]["backend"]["internal"] is True
    for name in ("postgres", "valkey", "seaweedfs"):
        assert compose["services"][name]["networks"] == ["backend"]


def test_every_service_that_stays_up_is_restarted_and_checked(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name in {"init", "demo-data"}:
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name


def test_everything_waits_for_the_initialisation(compose: dict[str, Any]) -> None:
    for name, service in ours(compose).items():
        if name not in {"init", "demo-data"}:
            assert service["depends_on"]["init"]["condition"] == "service_completed_successfully", name


def test_every_dependency_and_named_volume_exists(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).exists(), source
            else:
                assert source in compose["volumes"], source


def test_images_are_pinned_and_none_gains_privileges(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        if "build" in service:
            assert service["cap_drop"] == ["ALL"], name
        else:
            assert re.search(r":v?\d", service["image"]), name


def test_the_image_ends_as_an_ordinary_user_with_hash_pinned_packages() -> None:
    lines = [line.strip() for line in (ROOT / "Dockerfile").read_text().splitlines()]
    assert [line for line in lines if line.startswith("USER ")][-1] == "USER airflow"
    assert any("--require-hashes" in line for line in lines)
    copied = {line.split()[-2] for line in lines if line.startswith("COPY ")}
    assert {"dags", "plugins", "include", "sql", "deploy"} <= copied


def test_the_build_context_holds_what_is_copied_and_no_state() -> None:
    patterns = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in patterns
    allowed = {pattern[1:] for pattern in patterns if pattern.startswith("!")}
    assert allowed == {"requirements.txt", "dags", "plugins", "include", "sql", "deploy"}


def test_the_demo_flights_have_the_hash_of_the_lock() -> None:
    requirements = (ROOT / "deploy" / "compose" / "requirements-demo.txt").read_text()
    for digest in re.findall(r"sha256:[0-9a-f]{64}", requirements):
        assert digest in (ROOT / "uv.lock").read_text()
