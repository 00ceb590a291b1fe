"""`sellergraph why` as a user calls it, on a case that the program itself ingested and resolved."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graph.stores import open_store
from ingest.pipeline import ingest
from resolvers import resolve
from resolvers.judgements import judge
from sellergraph.case import Settings, create_case

ANN, BO, CARL = "xianyu|ann", "weibo|w1", "tieba|carl"
HOSTILE = "\x1b[31m老料象牙手串，加微信 demo_ann01 看货，打 400-123-4567"


def ad(platform: str, number: int, account: str, name: str, **more: Any) -> dict[str, Any]:
    known = {"platform": platform, "ad_id": str(number), "seller_id": account, "seller_name": name}
    return known | {"posted_at": f"2018-03-{number:02d}T00:30:00+08:00", "location": "河南郑州"} | more


ADS = [
    *(ad("xianyu", number, "ann", "宝韵坊", text=HOSTILE) for number in range(1, 9)),
    *(ad("weibo", number, "w1", "宝韵坊", text="出手串 加微信 demo_ann01") for number in range(11, 15)),
    ad("tieba", 22, "carl", "雅集", text="犀角杯，电话 13800138000，客服 400-123-4567"),
]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("why")
    source = folder / "ads.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in ADS), encoding="utf-8")
    settings = create_case(folder / "case")
    with open_store(settings) as store:
        ingest(settings, store, [source], workers=1)
        resolve(store, folder=settings.resolution)
        judge(store, ANN, BO, "unsure", "Li", "two voices", datetime(2019, 3, 1, 20, tzinfo=UTC))
    return settings


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SELLERGRAPH_")}
    command = [sys.executable, "-c", "from sellergraph.cli import main; main()", "why", *arguments]
    return subprocess.run(
        [*command, "--case", str(folder)], capture_output=True, text=True, env=environ, timeout=120, check=False
    )


def test_a_joined_pair_in_words(case: Settings) -> None:
    done = run(case.folder, ANN, BO)
    assert done.returncode == 0, done.stderr
    shown = done.stdout
    assert shown.startswith("Joined: one seller (seller:")
    assert "both give the WeChat id demo_ann01" in shown
    assert "any two accounts of this case, before anything is known of them" in shown
    assert "likely without it" in shown
    # Days are the case's own: half past midnight in Shanghai is the day before in UTC.
    assert "2018-03-01  text: " in shown
    assert f"[{'xianyu|1'}, ads.jsonl line 1]" in shown
    # Three ads a side, whatever their number.
    assert (shown.count("[xianyu|"), shown.count("[weibo|")) == (3, 3)
    assert "unsure, by Li on 2019-03-02: two voices" in shown
    assert "\x1b" not in shown


def test_a_pair_that_was_not_compared_in_words(case: Settings) -> None:
    shown = run(case.folder, ANN, CARL).stdout
    assert "which did not compare the two: they share nothing that few others have" in " ".join(shown.split())
    assert float(re.search(r"show themselves it is ([0-9.]+) % likely", " ".join(shown.split()))[1]) < 50
    assert "Contacts that both show and that join nobody" in shown
    assert "+86 400 123 4567" in shown
    assert "joins nobody" in shown


def test_a_seller_is_listed_with_its_pairs(case: Settings) -> None:
    seller = json.loads(run(case.folder, ANN, BO, "--json").stdout)["left"]["seller"]
    shown = run(case.folder, seller, BO).stdout
    assert "joined" in shown
    assert f"{ANN}" in shown


def test_json_is_one_record(case: Settings) -> None:
    done = run(case.folder, ANN, BO, "--json")
    record = json.loads(done.stdout)
    assert (record["status"], record["left"]["account"]) == ("joined", ANN)
    assert record["contacts"][0]["left"]["cited"][0]["seen_at"] == "2018-02-28T16:30:00Z"
    bits = sum(piece["bits"] for piece in record["pieces"])
    assert record["prior"] + bits == pytest.approx(record["weight"])
    # What was too slight for a line is little.
    assert abs(record["slight"]) < 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((ANN, "weibo|w2"), "no account 'weibo|w2': did you mean weibo|w1?"),
        ((ANN, ANN), "is one account"),
        ((ANN, "seller:000000000000"), "no seller or account"),
    ],
)
def test_usage_errors_name_what_was_wrong(case: Settings, arguments: tuple[str, ...], message: str) -> None:
    done = run(case.folder, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
