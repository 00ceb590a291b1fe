"""Find the project's data files in a clone and in an installed wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sellergraph.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent


def data_path(name: str) -> Path:
    """Return the path of `name` ('app.py', 'cypher', 'graph/schema.yaml', ...).

    The clone's file wins; a wheel carries app.py and cypher/ inside this package.

    Raises:
        UsageError: neither place holds it: the installation is incomplete.
    """
    for base in (_PACKAGE.parent, _PACKAGE):
        candidate = base / name
        if candidate.exists():
            return candidate
    raise UsageError(f"{name} is missing from the installation at {_PACKAGE}; install sellergraph again")


def load_yaml(path: Path) -> Any:
    """Parse a YAML file by libyaml, which is ten times faster than PyYAML's own parser, where it is built in.

    Raises:
        OSError, yaml.YAMLError: the file cannot be read, or is no YAML.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=loader)  # noqa: S506  # both are safe loaders
