"""A case of the report's counts, really ingested, once a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from graph.facts import Facts, read_facts
from graph.stores import GraphStore, open_store
from ingest.pipeline import ingest
from sellergraph.case import DEFAULT_TIMEZONE, create_case
from tests.graph.figures.monitored import write_monitored


@pytest.fixture(scope="session")
def monitored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    """115,702 advertisements from files on disk into the embedded store: about 20 seconds on two cores."""
    folder = tmp_path_factory.mktemp("monitored")
    write_monitored(folder)
    case = replace(create_case(folder / "case"), ocr="off")
    with open_store(case) as store:
        report = ingest(case, store, sorted(folder.glob("*.jsonl")))
        assert (report.ads, report.rejects) == (115_702, [])
        yield store


@pytest.fixture(scope="session")
def monitored_facts(monitored: GraphStore) -> Facts:
    return read_facts(monitored, DEFAULT_TIMEZONE)
