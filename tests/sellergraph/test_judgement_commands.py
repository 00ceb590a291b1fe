"""The commands for judgements as a user calls them."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import datetime
from itertools import combinations

import pyarrow as pa
import pytest

from graph.stores import open_store
from sellergraph.case import Settings

A, B, C, D = (f"xianyu|{name}" for name in ("ann", "bo", "carl", "dan"))
BY = ("--by", "Li", "--reason", "两个声音")


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SELLERGRAPH_")}
    environ |= {"SELLERGRAPH_NEO4J_USER": settings.neo4j_user, "SELLERGRAPH_NEO4J_PASSWORD": settings.neo4j_password}
    chosen = ["--case", str(settings.folder), "--store", settings.store]
    command = [sys.executable, "-c", "from sellergraph.cli import main; main()", *arguments, *chosen]
    return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=120, check=False)


@pytest.fixture
def case(store_settings: Settings) -> Settings:
    """Ann, Bo, Carl and Dan are one seller: a clique of links."""
    ids = [A, B, C, D]
    pairs = list(combinations(ids, 2))
    with open_store(store_settings) as store:
        store.write(
            {
                "Account": pa.table({"id": ids, "platform": ["xianyu"] * 4}),
                "Seller": pa.table({"id": ["seller:0123456789ab"]}),
                "Account.RUN_BY.Seller": pa.table({"src": ids, "dst": ["seller:0123456789ab"] * 4}),
                "Account.MATCHES.Account": pa.table(
                    {
                        "src": [pair[0] for pair in pairs],
                        "dst": [pair[1] for pair in pairs],
                        "weight": [9.0] * 6,
                        "joined": [True] * 6,
                    }
                ),
            }
        )
    return store_settings


def test_judge_list_retract_and_replay(case: Settings) -> None:
    made = run(case, "judge", A, B, "same", *BY)
    assert made.returncode == 0, made.stderr
    assert "两个声音" in made.stdout
    assert f"sellergraph resolve --case {case.folder} applies it" in made.stderr
    (stands,) = [json.loads(line) for line in run(case, "judgements", "--json").stdout.splitlines()]
    assert (stands["left"], stands["right"], stands["verdict"], stands["author"]) == (A, B, "same", "Li")
    refused = run(case, "judge", B, A, "different", *BY)
    assert refused.returncode == 2
    assert stands["id"] in refused.stderr
    unsure = run(case, "judge", A, B, "unsure", *BY, "--json")
    assert f"Beside it stands, until it is taken back: {A} same {B} ({stands['id']}" in unsure.stderr
    assert run(case, "retract", stands["id"], "--by", "Wu", "--reason", "x").returncode == 0
    again = run(case, "retract", stands["id"], "--by", "Wu", "--reason", "x")
    assert again.returncode == 2
    assert "taken back already, by Wu" in again.stderr
    rows = list(csv.DictReader(io.StringIO(run(case, "judgements", "--all", "--csv").stdout)))
    assert [(row["verdict"], row["retracted_by"]) for row in rows] == [("same", "Wu"), ("unsure", "")]
    assert run(case, "judgements", "--at", "2019-03-01", "--json").stdout == ""


def test_split_and_replay(case: Settings) -> None:
    made = run(case, "split", "seller:0123456789ab", A, *BY, "--json")
    assert made.returncode == 0, made.stderr
    assert {json.loads(line)["verdict"] for line in made.stdout.splitlines()} == {"different"}
    rows = list(csv.DictReader(io.StringIO(run(case, "replay", "2999-01-01", "--csv").stdout)))
    assert {row["account_id"]: row["group"] for row in rows} == {A: A, B: B, C: B, D: B}
    before = run(case, "replay", "2019-03-01T12:00", "--json").stdout.splitlines()
    assert {json.loads(line)["group"] for line in before} == {A}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("judge", A, "xianyu|an", "same", *BY), "no account 'xianyu|an': did you mean xianyu|ann"),
        (("judge", A, B, "equal", *BY), "'equal' is none of same, different, unsure"),
        (("judge", A, A, "same", *BY), "is one account"),
        (("judge", A, B, "same", "--by", "Li"), "--reason"),
        (("retract", "judgement:none", *BY), "no judgement 'judgement:none'"),
        (("judgements", "--at", "soon"), "--at: 'soon' is not a day"),
        (("replay", "soon"), "DATE: 'soon' is not a day"),
        (("split", A, "xianyu|eve", *BY), "is no account of seller:0123456789ab"),
        (("judgements", "--json", "--csv"), "choose one of --json and --csv"),
    ],
)
def test_usage_errors_name_what_was_wrong(settings: Settings, arguments: tuple[str, ...], message: str) -> None:
    with open_store(settings) as store:
        store.write(
            {
                "Account": pa.table({"id": [A, B]}),
                "Seller": pa.table({"id": ["seller:0123456789ab"]}),
                "Account.RUN_BY.Seller": pa.table({"src": [A, B], "dst": ["seller:0123456789ab"] * 2}),
            }
        )
    done = run(settings, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert run(settings, "judgements", "--all", "--json").stdout == ""


def test_days_and_times_are_the_cases_own(settings: Settings) -> None:
    """The case is in Shanghai: half past midnight there is the day before in UTC."""
    made = {
        "id": "judgement:1",
        "left_id": A,
        "right_id": B,
        "verdict": "same",
        "made_at": datetime(2019, 3, 1, 16, 30),
    }
    with open_store(settings) as store:
        store.write({"Account": pa.table({"id": [A, B]}), "Judgement": pa.Table.from_pylist([made])})
    assert run(settings, "judgements", "--at", "2019-03-01", "--json").stdout == ""
    assert "2019-03-02 00:30" in run(settings, "judgements", "--at", "2019-03-02").stdout
    (row,) = run(settings, "judgements", "--at", "2019-03-02T00:30", "--json").stdout.splitlines()
    assert json.loads(row)["made_at"] == "2019-03-01T16:30:00Z"
