"""`sellergraph figures`: the list, a figure as a table, JSON or CSV, and what it refuses."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from graph.figures.catalogue import FIGURES
from graph.stores import open_store
from ingest.pipeline import ingest
from sellergraph import figure_commands
from sellergraph.case import create_case
from sellergraph.errors import UsageError
from sellergraph.figure_commands import _span

app = typer.Typer()
figure_commands.register(app)
# A program of one command has no names of commands.
app.callback()(lambda: None)
POSTED = [("1", "site", "象牙", "2017-05-02"), ("2", "site", "犀角", "2018-02-01"), ("3", "site", "虎骨", "2018-02-28"),
          ("4", "kuaishou", "象牙", "2018-03-01T00:10")]  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = replace(create_case(tmp_path_factory.mktemp("figures") / "case"), ocr="off")
    rows = [
        {"platform": site, "ad_id": ad, "seller_id": "s", "title": title, "posted_at": posted}
        | ({"platform_kind": "website"} if site == "site" else {})
        for ad, site, title, posted in POSTED
    ]
    source = settings.folder / "ads.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with open_store(settings) as store:
        ingest(settings, store, [source], workers=1)
    return settings.folder


def run(case: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["figures", *arguments, "--case", str(case)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_without_a_name_all_are_listed_with_one_line_each(case: Path) -> None:
    listed = [json.loads(line) for line in run(case, "--json").splitlines()]
    assert [row["figure"] for row in listed] == list(FIGURES)
    assert all(row["what"].endswith(".") for row in listed)


def test_a_figure_as_json_csv_and_table(case: Path) -> None:
    asked = ("new-ads", "--kind", "website", "--since", "2017-05", "--until", "2018")
    rows = [json.loads(line) for line in run(case, *asked, "--json").splitlines()]
    # The case's last ad, of any kind, is of March.
    assert (len(rows), rows[0]["month"], rows[-1]["month"]) == (11, "2017-05-01", "2018-03-01")
    assert {row["month"]: row["ads"] for row in rows if row["ads"]} == {"2017-05-01": 1, "2018-02-01": 2}
    [first, *_] = csv.DictReader(StringIO(run(case, *asked, "--csv")))
    assert first == {"month": "2017-05-01", "ads": "1", "average": "0.2727272727272727", "mark": ""}
    assert "peak" in run(case, *asked)


def test_days_are_the_cases_own(case: Path) -> None:
    """Ten past midnight on 1 March in Shanghai is February in UTC."""
    [row] = [json.loads(line) for line in run(case, "new_ads", "--platform", "kuaishou", "--json").splitlines()]
    assert row["month"] == "2018-03-01"


def test_periods_and_ways_to_count(case: Path) -> None:
    periods = ("--period", "2017", "--period", "2018-02:2018-03")
    rows = [json.loads(line) for line in run(case, "period_averages", *periods, "--json").splitlines()]
    assert [(row["first_day"], row["last_day"], row["months"], row["ads"]) for row in rows] == [
        ("2017-01-01", "2017-12-31", 8, 1),
        ("2018-02-01", "2018-03-31", 2, 3),
    ]
    compared = run(case, "species_compared", *periods, "--by", "taxon", "--csv")
    assert compared.splitlines()[1].startswith("elephant,")
    goods = run(case, "goods_within_days", "--days", "2", "--until", "2018-03-01", "--json").splitlines()
    assert [json.loads(line)["species"] for line in goods] == ["elephant", "tiger"]
    assert len(run(case, "species_shares", "--limit", "1", "--csv").splitlines()) == 2


REFUSED = [
    (("new_ads", "--days", "3"), "new_ads takes no --days; leave it out"),
    (("new_ads", "--by", "taxon", "--period", "2018"), "takes no --period or --by"),
    (("species_compared", "--period", "2018"), "needs two periods, e.g. --period"),
    (("new_ads", "--since", "last year"), "--since: 'last year' is not a year, month or day like 2018"),
    (("new_ads", "--until", "2018-13"), "--until: '2018-13' is not"),
    (("new_ads", "--since", "2018-03", "--until", "2018-02"), "--since 2018-03 is after --until 2018-02"),
    (("period_averages", "--period", "2018:2017"), "--period 2018:2017 ends before it begins"),
    (("new_ads", "--kind", "websites"), "did you mean website"),
    (("table-1",), "there is no figure 'table-1'; there are new_ads"),
    (("new_ads", "--json", "--csv"), "choose one of --json and --csv"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_what_is_refused_says_what_to_do(case: Path, arguments: tuple[str, ...], words: str) -> None:
    done = CliRunner().invoke(app, ["figures", *arguments, "--case", str(case)])
    assert isinstance(done.exception, UsageError)
    assert words in str(done.exception)


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2018", date(2018, 1, 1), date(2019, 1, 1)),
        ("2018-12", date(2018, 12, 1), date(2019, 1, 1)),
        ("2020-02", date(2020, 2, 1), date(2020, 3, 1)),
        (" 2018-02-28 ", date(2018, 2, 28), date(2018, 3, 1)),
    ],
)
def test_years_months_and_days_are_spans(text: str, first: date, after: date) -> None:
    assert _span("--since", text) == (first, after)


@pytest.mark.parametrize("text", ["", "2018-1-1-1", "9999", "9999-12-31", "2018-02-30", "x-1", "-2018", "0"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--since: .* is not a year, month or day"):
        _span("--since", text)
