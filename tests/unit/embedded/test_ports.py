"""Free ports, kept and claimed."""

import json
import socket
from dataclasses import asdict
from pathlib import Path

import pytest

from broadsheet.embedded.ports import LOOPBACK, assign_ports, is_listening, read_ports
from broadsheet.errors import ConfigurationError


def test_ports_differ_and_nobody_listens_on_them(tmp_path: Path):
    assignment = assign_ports(tmp_path / "ports.json")
    assignment.release()
    ports = asdict(assignment.ports).values()
    assert len(set(ports)) == len(ports)
    assert not any(is_listening(port) for port in ports)


def test_ports_are_kept_while_they_are_free(tmp_path: Path):
    path = tmp_path / "ports.json"
    first = assign_ports(path)
    first.release()
    second = assign_ports(path)
    second.release()
    assert first.ports == second.ports == read_ports(path)


def test_only_a_port_that_somebody_took_is_replaced(tmp_path: Path):
    path = tmp_path / "ports.json"
    first = assign_ports(path)
    first.release()
    with socket.socket() as stranger:
        stranger.bind((LOOPBACK, first.ports.s3))
        stranger.listen()
        second = assign_ports(path)
    second.release()
    changed = {name for name, port in asdict(first.ports).items() if asdict(second.ports)[name] != port}
    assert changed == {"s3"}


def test_a_stack_that_starts_meanwhile_gets_other_ports(tmp_path: Path):
    first = assign_ports(tmp_path / "one.json")
    (tmp_path / "two.json").write_text(json.dumps(asdict(first.ports)))
    second = assign_ports(tmp_path / "two.json")
    first.release()
    second.release()
    assert not set(asdict(first.ports).values()) & set(asdict(second.ports).values())


def test_there_are_no_ports_before_the_first_start(tmp_path: Path):
    assert read_ports(tmp_path / "ports.json") is None


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path):
    path = tmp_path / "ports.json"
    path.write_text('{"s3": "many"}')
    with pytest.raises(ConfigurationError, match=r"ports\.json is damaged.*Remove it"):
        assign_ports(path)
