"""docker-compose.yml: nothing listens beyond this machine, and the app runs as the command starts it."""

from __future__ import annotations

import yaml

from sellergraph.resources import data_path
from sellergraph.serve import _command

COMPOSE = yaml.safe_load(data_path("docker-compose.yml").read_text(encoding="utf-8"))
NEO4J, APP = COMPOSE["services"]["neo4j"], COMPOSE["services"]["app"]


def test_ports_are_published_on_this_machine_only() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service["ports"]]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_server_is_the_lts_with_a_health_check() -> None:
    assert NEO4J["image"].startswith("neo4j:5.26")
    assert "cypher-shell" in NEO4J["healthcheck"]["test"][1]
    assert APP["depends_on"]["neo4j"]["condition"] == "service_healthy"


def test_the_app_gets_the_flags_of_the_command() -> None:
    flags = {flag for flag in _command(8501) if flag.startswith("--") and "address" not in flag}
    assert [flag for flag in flags if flag not in APP["command"]] == []


def test_folders_are_bound_whatever_their_name_looks_like() -> None:
    # A short 'my-case:/case' would be the name of a volume.
    assert {mount["type"] for mount in APP["volumes"]} == {"bind"}
