"""The labelled texts that development looks at (benchmarks/contacts_seen.yaml): few mistakes of each kind."""

from __future__ import annotations

from collections import Counter

import yaml

from benchmarks.contacts import node_id
from ingest.extract import extract
from sellergraph.resources import data_path

SEEN = data_path("benchmarks") / "contacts_seen.yaml"


def test_hardly_a_false_contact_few_misses_and_mistaken_roles() -> None:
    counts, wrong = Counter[str](), list[str]()
    for case in yaml.safe_load(SEEN.read_text(encoding="utf-8")):
        found = extract(case["text"], regions=tuple(case.get("regions", ["CN"])), platform=case.get("platform"))
        got = {node_id(m.kind, m.service, m.value): m for m in found}
        wanted = {node_id(w["kind"], w.get("service", ""), w["value"]): w for w in case["want"]}
        wrong += [f"{case['text']}: {key}" for key in got.keys() - wanted.keys()]
        counts["missed"] += len(wanted.keys() - got.keys())
        counts["found"] += len(wanted.keys() & got.keys())
        counts["role"] += sum(wanted[key].get("role", "own") == got[key].role for key in wanted.keys() & got.keys())
    # Measured: 3 false beside 760 found, 33 missed, 26 roles mistaken.
    assert len(wrong) <= 4, wrong
    assert counts["missed"] <= 38, counts
    assert counts["found"] - counts["role"] <= 32, counts
