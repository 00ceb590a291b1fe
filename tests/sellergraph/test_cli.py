"""The command as a user calls it: real processes for what matters, exit codes, one-line errors."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.main import get_command

from sellergraph.cli import app
from sellergraph.resources import data_path


def _run(*arguments: str, case: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SELLERGRAPH_")}
    if case:
        environ["SELLERGRAPH_CASE"] = str(case)
    command = [sys.executable, "-c", "from sellergraph.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, input=stdin, env=environ, timeout=120, check=False)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small case, built by the commands themselves."""
    folder = tmp_path_factory.mktemp("cli")
    for arguments in (
        ("simulate", "--seed", "2", "--operators", "8", "--out", str(folder / "market"), "--no-images"),
        ("init", str(folder / "case")),
        ("ingest", str(folder / "market" / "ads.jsonl"), "--case", str(folder / "case")),
        ("resolve", "--case", str(folder / "case")),
    ):
        done = _run(*arguments)
        assert done.returncode == 0, done.stderr
    return folder / "case"


def test_every_command_has_help_with_an_example_and_is_in_the_readme() -> None:
    readme = data_path("README.md").read_text(encoding="utf-8")
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert set(commands) == {
        "init", "ingest", "resolve", "sellers", "seller", "accounts", "paths", "query", "cypher", "extract", "export",
        "simulate", "evaluate", "app", "demo", "doctor", "find-image", "match-hashes", "judge", "retract", "split",
        "judgements", "replay", "why", "rank", "concentration", "routes", "doors", "carriers", "connect", "disrupt",
        "figures", "displacement", "terms",
    }  # fmt: skip
    for name, command in commands.items():
        assert "Example: sellergraph " + name in (command.help or ""), name
        assert f"sellergraph {name}" in readme, name


def test_accounts_are_csv_of_two_columns(case: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(_run("accounts", "--csv", case=case).stdout)))
    assert list(rows[0]) == ["account_id", "seller_id"]
    assert all("|" in row["account_id"] and row["seller_id"].startswith("seller:") for row in rows)


def test_sellers_are_ranked(case: Path) -> None:
    rows = [json.loads(line) for line in _run("sellers", "--limit", "5", "--json", case=case).stdout.splitlines()]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["ads"] for row in rows] == sorted((row["ads"] for row in rows), reverse=True)
    shown = _run("seller", rows[0]["seller_id"], case=case)
    assert shown.returncode == 0
    assert "Accounts" in shown.stdout


def test_the_screen_shows_the_span_of_ranks_and_the_points(case: Path) -> None:
    shown = _run("sellers", "--scheme", "harm", "--limit", "2", case=case).stdout
    assert all(words in shown for words in ("ranks", "points", "protection"))


def test_what_is_asked_is_answered_with_the_same_rows_again(case: Path) -> None:
    for command in (
        ("rank", "contacts", "--scheme", "connectors"), ("rank", "platforms"), ("rank", "accounts"),
        ("routes",), ("doors",), ("carriers",), ("concentration", "--by", "account"), ("paths", "--by", "recent"),
    ):  # fmt: skip
        first, again = (_run(*command, "--json", case=case) for _ in range(2))
        assert first.returncode == 0, first.stderr
        assert first.stdout == again.stdout
        assert json.loads(first.stdout.splitlines()[0])


def test_two_contacts_of_a_seller_hang_together_by_his_account(case: Path) -> None:
    seller = json.loads(_run("sellers", "--limit", "1", "--json", case=case).stdout)["seller_id"]
    contacts = json.loads(_run("seller", seller, "--json", case=case).stdout)["contacts"]
    own = next(row["contact_id"] for row in contacts if row["role"] == "own")
    steps = [json.loads(line) for line in _run("connect", seller, own, "--json", case=case).stdout.splitlines()]
    assert (steps[0]["from_id"], steps[0]["how"]) == (seller, "runs")
    assert own in (step["to_id"] for step in steps)


@pytest.mark.parametrize("form", ["--json", "--csv"])
@pytest.mark.parametrize("command", [("paths",), ("query", "--list"), ("query", "textless_ads_by_platform")])
def test_results_go_to_stdout(case: Path, command: tuple[str, ...], form: str) -> None:
    done = _run(*command, form, case=case)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_cypher_reads_and_refuses(case: Path) -> None:
    done = _run("cypher", "MATCH (a:Ad) RETURN count(*) AS ads", "--csv", case=case)
    assert done.stdout.splitlines()[0] == "ads"
    assert int(done.stdout.splitlines()[1]) > 50
    refused = _run("cypher", "MATCH (a:Ad) DETACH DELETE a", case=case)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_evaluate_prints_scores(case: Path) -> None:
    done = _run("evaluate", "--truth", str(case.parent / "market" / "truth.csv"), "--json", case=case)
    scores = json.loads(done.stdout)
    assert any("precision" in name for name in scores)


@pytest.mark.parametrize("name", ["targets.csv", "targets.xlsx", "graph.graphml"])
def test_exports(case: Path, tmp_path: Path, name: str) -> None:
    done = _run("export", str(tmp_path / name), case=case)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sellers",), "is not a case"),
        (("sellers", "--case", "nowhere"), "is not a case"),
        (("extract", "nowhere.jsonl"), "No such file"),
        (("init", "/dev/null/x"), "cannot make a case"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done = _run(*arguments, case=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sellers", "--since", "soon"), "--since: 'soon' is not a day"),
        (("sellers", "--since", "0001-01-01"), "is not a day"),
        (("sellers", "--since", "2019-01-01", "--until", "2018-01-01"), "is after --until"),
        (("sellers", "--limit", "99999999999999999999"), "--limit"),
        (("sellers", "--json", "--csv"), "choose one of --json and --csv"),
        (("query", "hub_contacts", "more_than=1", "more_than=2"), "given twice"),
        (("query", "hub_contacts", "more_than=abc"), "more_than: 'abc' is not a whole number"),
        (("cypher", "RETURN 1 AS x, 2 AS x"), "several columns are called x"),
        (("extract", "-", "--region", "ZZ"), "region ZZ"),
        (("sellers", "--store", "bolt://me:secret@127.0.0.1:1"), "no user or password"),
        (("sellers", "--species", "unicorn"), "unicorn"),
        (("sellers", "--scheme", "loud"), "unknown scheme 'loud'; there are volume, harm"),
        (("sellers", "--schemes", "nowhere.yaml"), "the schemes in nowhere.yaml cannot be read"),
        (("routes", "siet"), "unknown platform 'siet'"),
        (("connect", "seller:nobody", "seller:noone"), "no seller or account"),
        (("seller", "seller:000000000000"), "seller:000000000000"),
        (("query", "no_such_query"), "no_such_query"),
        (("query", "hub_contacts", "oops"), "key=value"),
        (("export", "targets.doc"), "no such format"),
        (("evaluate", "--truth", "none.csv"), "none.csv"),
    ],
)
def test_usage_errors_name_what_was_wrong(case: Path, arguments: tuple[str, ...], message: str) -> None:
    done = _run(*arguments, case=case)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_extract_reads_stdin_and_names_bad_lines() -> None:
    lines = '{"id": 7, "text": "出象牙 微信 demo_seller_1"}\n{"id": 8}\n{broken\n'
    done = _run("extract", "-", stdin=lines)
    [mention] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (mention["id"], mention["kind"], mention["service"], mention["value"]) == (
        7,
        "handle",
        "wechat",
        "demo_seller_1",
    )
    assert list(mention)[:9] == ["id", "kind", "service", "value", "raw", "start", "end", "method", "role"]
    assert done.returncode == 1
    assert [line.split(" ")[0] for line in done.stderr.splitlines()] == ["-:2:", "-:3:"]


def test_extract_says_the_same_with_more_processes(tmp_path: Path) -> None:
    texts = [f"老料手串，微信 demo_seller_{number}，电话138{number:08d}，非诚勿扰" for number in range(20_000)]
    lines = [json.dumps({"id": number, "text": text}) for number, text in enumerate(texts)]
    lines[15_000] = "{broken"
    (tmp_path / "texts.jsonl").write_text("\n".join(lines), encoding="utf-8")
    one = _run("extract", str(tmp_path / "texts.jsonl"), "--workers", "1")
    two = _run("extract", str(tmp_path / "texts.jsonl"), "--workers", "2")
    assert len(one.stdout.splitlines()) == 2 * 19_999
    assert (two.stdout, two.stderr, two.returncode) == (one.stdout, one.stderr, 1)
    assert ":15001: is not JSON" in two.stderr


def test_extract_marks_hotlines() -> None:
    done = _run("extract", "-", stdin='{"id": 1, "text": "电话 400-820-8820，手机 13800001234"}\n')
    services = [json.loads(line)["service"] for line in done.stdout.splitlines()]
    assert services == ["hotline", "tel"]


def test_extract_names_utf16_once_and_reads_lines_that_end_in_cr(tmp_path: Path) -> None:
    wide, old = tmp_path / "wide.jsonl", tmp_path / "old.jsonl"
    wide.write_text('{"id": 1, "text": ""}\n' * 3, encoding="utf-16")
    old.write_bytes('{"id": 1, "text": ""}\r{"id": 2, "text": "微信 demo_seller_1"}\r'.encode())
    refused, read = _run("extract", str(wide)), _run("extract", str(old))
    assert refused.returncode == 2
    assert refused.stderr.count("is UTF-16; save it as UTF-8") == 1
    assert (read.returncode, json.loads(read.stdout)["id"]) == (0, 2)


def test_half_a_character_is_mended_or_named(tmp_path: Path) -> None:
    done = _run("extract", "-", stdin='{"id": 1, "text": "\\ud800 微信 demo_seller_1"}\n')
    assert json.loads(done.stdout)["value"] == "demo_seller_1"
    _run("init", str(tmp_path / "c"))
    rows = [
        '{"platform": "a", "ad_id": "1", "text": "\\ud800 微信 demo_seller_1"}',
        '{"platform": "a", "ad_id": "\\udc00"}',
    ]
    (tmp_path / "ads.jsonl").write_text("\n".join(rows), encoding="utf-8")
    done = _run("ingest", str(tmp_path / "ads.jsonl"), case=tmp_path / "c")
    assert done.returncode == 1
    assert "ads.jsonl:1: text: held half of a character" in done.stderr
    assert "ads.jsonl:2: ad_id: holds half of a character" in done.stderr


def test_a_reader_that_goes_away_is_no_error(case: Path) -> None:
    command = "from sellergraph.cli import main; main()"
    shell = f"set -o pipefail; {sys.executable} -c '{command}' seller --json --case {case} $0 | head -c 10"
    account = _run("accounts", "--csv", case=case).stdout.splitlines()[1].split(",")[0]
    done = subprocess.run(["bash", "-c", shell, account], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_query_that_does_not_heed_its_limit_is_stopped(case: Path) -> None:
    done = _run("cypher", "UNWIND range(1, 1000000000) AS x RETURN count(x) AS n", "--seconds", "1", case=case)
    assert done.returncode == 2
    assert "took longer than 1 s" in done.stderr
    assert "Traceback" not in done.stderr


def test_rejects_give_exit_code_1(tmp_path: Path) -> None:
    _run("init", str(tmp_path / "c"))
    (tmp_path / "ads.jsonl").write_text('{"platform": "a", "ad_id": "1"}\n{"platform": "a"}\n', encoding="utf-8")
    done = _run("ingest", str(tmp_path / "ads.jsonl"), case=tmp_path / "c")
    assert done.returncode == 1
    assert "ads.jsonl:2: ad_id:" in done.stderr


def test_a_file_that_is_lost_is_named_however_many_rows_are(tmp_path: Path) -> None:
    _run("init", str(tmp_path / "c"))
    (tmp_path / "a.jsonl").write_text('{"platform": "a"}\n' * 200, encoding="utf-8")
    (tmp_path / "b.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    done = _run("ingest", str(tmp_path / "a.jsonl"), str(tmp_path / "b.csv"), case=tmp_path / "c")
    assert "b.csv: no column 'platform'" in done.stderr
    assert "... and 150 more in rows" in done.stderr
    assert done.stderr.count("a.jsonl:") == 50
    assert len((tmp_path / "c" / "rejects.jsonl").read_text(encoding="utf-8").splitlines()) == 201


def test_the_queries_of_the_pack_take_numbers_and_days(case: Path) -> None:
    account = _run("sellers", "--limit", "1", "--json", case=case).stdout
    seller = json.loads(account)["seller_id"]
    done = _run("query", "ads_of_seller", f"seller={seller}", "most=2", "--json", case=case)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    done = _run("query", "ads_by_month", "since=2018-01-01", "until=2018-02-01", "--json", case=case)
    assert {json.loads(line)["month"][:7] for line in done.stdout.splitlines()} == {"2018-01"}


def test_days_are_those_of_the_case_and_both_included(tmp_path: Path) -> None:
    _run("init", str(tmp_path / "c"))
    rows = [{"platform": "a", "ad_id": str(day), "seller_id": "u", "posted_at": f"2018-06-0{day}"} for day in (1, 2, 3)]
    (tmp_path / "ads.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert "Next: sellergraph resolve" in _run("ingest", str(tmp_path / "ads.jsonl"), case=tmp_path / "c").stderr
    _run("resolve", case=tmp_path / "c")
    days = ("sellers", "--since", "2018-06-01", "--until", "2018-06-02")
    for until in ("2018-06-02", "20180602"):
        found = json.loads(_run(*days[:3], "--until", until, "--json", case=tmp_path / "c").stdout)
        assert found["ads"] == 2
    assert "2018-06-01 00:00" in _run(*days, case=tmp_path / "c").stdout
    (tmp_path / "more.jsonl").write_text(json.dumps(rows[0] | {"ad_id": "9", "seller_id": "late"}), encoding="utf-8")
    _run("ingest", str(tmp_path / "more.jsonl"), case=tmp_path / "c")
    assert "1 account has no seller yet" in _run("sellers", case=tmp_path / "c").stderr
    assert "came after the last resolution" in _run("seller", "a|late", case=tmp_path / "c").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the shell and /dev/full are POSIX's")
@pytest.mark.parametrize(("where", "code", "said"), [(">&-", 0, ""), (">/dev/full", 2, "the disk is full")])
def test_results_that_cannot_be_written(case: Path, where: str, code: int, said: str) -> None:
    shell = f"{sys.executable} -c 'from sellergraph.cli import main; main()' accounts --csv --case {case} {where}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_market_replaces_no_other_ads(tmp_path: Path) -> None:
    (tmp_path / "ads.jsonl").write_text("mine", encoding="utf-8")
    done = _run("simulate", "--out", str(tmp_path), "--operators", "2", "--no-images")
    assert done.returncode == 2
    assert (tmp_path / "ads.jsonl").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_says_that_what_was_written_stands(tmp_path: Path, number: signal.Signals, code: int) -> None:
    _run("init", str(tmp_path / "c"))
    row = {"platform": "a", "text": "象牙 微信 demo_seller_1 13800001234 " * 20}
    with (tmp_path / "ads.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row | {"ad_id": str(n)}) + "\n" for n in range(30_000))
    command = [sys.executable, "-c", "from sellergraph.cli import main; main()"]
    arguments = ["ingest", str(tmp_path / "ads.jsonl"), "--case", str(tmp_path / "c"), "--workers", "1"]
    with subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, text=True) as process:
        time.sleep(4)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert "What was written stands" in said
    assert "Traceback" not in said


def test_a_server_that_is_down_is_one_line(tmp_path: Path) -> None:
    _run("init", str(tmp_path / "c"))
    done = _run("sellers", "--store", "bolt://127.0.0.1:9", case=tmp_path / "c")
    assert done.returncode == 2
    assert "bolt://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
