"""`sellergraph disrupt` as a user calls it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys

import pyarrow as pa
import pytest

from graph.stores import open_store
from sellergraph.case import Settings

CALL = """
import typer
from sellergraph import disrupt_commands
from sellergraph.ending import ending_well
app = typer.Typer()
app.callback()(lambda: None)
disrupt_commands.register(app)
with ending_well():
    app()
"""


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SELLERGRAPH_")}
    command = [sys.executable, "-c", CALL, "disrupt", "--case", str(settings.folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=120, check=False)


@pytest.fixture
def case(settings: Settings) -> Settings:
    """Three ads of two accounts; the last two show one contact, the second another beside it."""
    ads, handles = ["xianyu|1", "xianyu|2", "xianyu|3"], ["wechat:demo_1", "wechat:demo_2"]
    accounts = ["xianyu|a", "xianyu|a", "xianyu|b"]
    with open_store(settings) as store:
        store.write(
            {
                "Platform": pa.table({"id": ["xianyu"], "name": ["Xianyu"]}),
                "Account": pa.table(
                    {"id": ["xianyu|a", "xianyu|b"], "platform": ["xianyu"] * 2, "name": ["Ann", "Bo"]}
                ),
                "Ad": pa.table({"id": ads, "platform": ["xianyu"] * 3, "account_id": accounts}),
                "Account.POSTED.Ad": pa.table({"src": accounts, "dst": ads}),
                "Handle": pa.table({"id": handles, "service": ["wechat"] * 2, "value": ["demo_1", "demo_2"]}),
                "Ad.MENTIONS.Handle": pa.table(
                    {
                        "src": ["xianyu|2", "xianyu|3", "xianyu|2"],
                        "dst": ["wechat:demo_1", "wechat:demo_1", "wechat:demo_2"],
                        "place": ["text"] * 3,
                        "span_start": [0, 0, 9],
                        "role": ["own"] * 3,
                    }
                ),
            }
        )
    return settings


def test_people_see_who_and_how_sure_and_beside_what(case: Settings) -> None:
    done = run(case, "--by", "contact", "--what", "ads", "-k", "1")
    assert done.returncode == 0, done.stderr
    assert "2 more ads, 1 left without a contact" in done.stdout
    assert all(name in done.stdout for name in ("greedy", "volume", "betweenness", "random"))
    assert "At least 63 % (1 - 1/e)" in done.stderr
    assert "here at least 100 %" in done.stderr


def test_json_is_one_object(case: Settings) -> None:
    found = json.loads(run(case, "--by", "account", "-k", "1", "--json").stdout)
    assert (found["by"], found["certificate"], found["totals"]["ads"]) == ("account", 1.0, 3)
    assert [row["name"] for row in found["chosen"]] == ["Ann"] * 3
    assert {row["k"] for row in found["curve"]} == {1}


def test_csv_is_the_choice_or_the_curve(case: Settings) -> None:
    choice = list(csv.DictReader(io.StringIO(run(case, "--by", "contact", "--csv").stdout)))
    assert [row["id"] for row in choice] == ["wechat:demo_1"]
    curve = list(csv.DictReader(io.StringIO(run(case, "--by", "contact", "--csv", "--curve").stdout)))
    assert [int(row["k"]) for row in curve if row["strategy"] == "random"] == list(range(51))


def test_mistakes_are_answered(case: Settings) -> None:
    for arguments, message in (
        (("--since", "2018-02-01", "--until", "2018-01-01"), "--since 2018-02-01 is after --until 2018-01-01"),
        (("--by", "seller"), "no sellers yet: run sellergraph resolve"),
        (("--by", "account", "--platform", "xianju"), "did you mean xianyu?"),
    ):
        done = run(case, *arguments)
        assert done.returncode == 2
        assert message in done.stderr
