"""The commands for displacement and new terms as a user calls them, until they are listed with the others."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta

import pyarrow as pa
import pytest
import typer
from typer.testing import CliRunner, Result

from graph.stores import open_store
from sellergraph import displacement_commands, terms_commands
from sellergraph.case import Settings
from sellergraph.errors import UsageError

A, B = "xianyu|a", "weibo|b"


@pytest.fixture
def case(settings: Settings) -> Settings:
    """xianyu|a stops on 3 March and comes back as weibo|b on 6 March by the same number; weibo|c writes on."""
    days = {A: (1, 2), B: (5,), "xianyu|c": (60,)}
    seen = [(name, datetime(2018, 3, 1, 4) + timedelta(days=day)) for name in days for day in days[name]]
    ads = [(f"{name}/{moment.day}", name, moment) for name, moment in seen]
    with open_store(settings) as store:
        store.write(
            {
                "Account": pa.table({"id": [*days], "platform": [name.partition("|")[0] for name in days]}),
                "Ad": pa.table(
                    {
                        "id": [ad for ad, _, _ in ads],
                        "account_id": [name for _, name, _ in ads],
                        "platform": [name.partition("|")[0] for _, name, _ in ads],
                        "seen_at": [seen for _, _, seen in ads],
                        "text": ["出象牙手串"] * len(ads),
                    }
                ),
                "Phone": pa.table({"id": ["tel:+8613800138000"], "kind": ["mobile"]}),
                "Ad.MENTIONS.Phone": pa.table(
                    {
                        "src": [f"{A}/2", f"{B}/6"],
                        "dst": ["tel:+8613800138000"] * 2,
                        "role": ["own"] * 2,
                        "place": ["text"] * 2,
                        "span_start": [0, 0],
                    }
                ),
            }
        )
    return settings


def run(case: Settings, *arguments: str) -> Result:
    app = typer.Typer()
    displacement_commands.register(app)
    terms_commands.register(app)
    return CliRunner().invoke(app, [*arguments, "--case", str(case.folder)])


def test_displacement_names_both_accounts_and_the_days_between(case: Settings) -> None:
    shown = run(case, "displacement")
    assert shown.exit_code == 0, shown.output
    assert A in shown.stdout
    assert B in shown.stdout
    row = json.loads(run(case, "displacement", "--json").stdout)
    assert (row["account_id"], row["new_account_id"], row["days"], row["via"]) == (A, B, 3, "contact")
    assert (row["last_ad_id"], row["first_ad_id"]) == (f"{A}/3", f"{B}/6")
    assert run(case, "displacement", "--json", "--within", "2").stdout == ""
    assert run(case, "displacement", "--json", "--quiet", "60").stdout == ""


def test_survival_has_a_row_a_platform_and_one_for_all(case: Settings) -> None:
    rows = list(csv.DictReader(io.StringIO(run(case, "displacement", "--survival", "--csv").stdout)))
    assert [(row["platform"], row["accounts"], row["stopped"]) for row in rows] == [
        ("weibo", "1", "0"),
        ("xianyu", "2", "1"),
        ("", "3", "1"),
    ]


def test_terms_say_when_nobody_is_known(case: Settings) -> None:
    shown = run(case, "terms", "--limit", "5")
    assert shown.exit_code == 0, shown.output
    assert "name some with --sellers" in shown.stderr
    assert isinstance(run(case, "terms", "--sellers", "nobody").exception, UsageError)
