"""The `sellergraph` command: parse, call one function, print.

Exit codes: 0 done, 1 done with rejects, 2 usage or environment error.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from sellergraph import (
    displacement_commands,
    disrupt_commands,
    figure_commands,
    judgement_commands,
    market_commands,
    path_commands,
    picture_commands,
    rank_commands,
    terms_commands,
    why_command,
)
from sellergraph.case import DEFAULT_TIMEZONE, EMBEDDED, check_ocr, create_case
from sellergraph.ending import ending_well
from sellergraph.options import (
    CaseOption,
    Chosen,
    CsvOption,
    JsonOption,
    LimitOption,
    StoreOption,
    VersionOption,
    pairs_of,
    reading,
    resumable,
    settings_of,
)
from sellergraph.output import Form, emit, emit_lines, emit_record, form_of, say

app = typer.Typer(
    name="sellergraph",
    help="Captured advertisements for illegal wildlife in, ranked and explained sellers out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def main_options(
    case: CaseOption = None,
    store: StoreOption = None,
    version: VersionOption = False,
) -> None:
    """Captured advertisements for illegal wildlife in, ranked and explained sellers out."""
    Chosen.case, Chosen.store = case, store


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    store: StoreOption = None,
    timezone: Annotated[str, typer.Option(help="Time zone of times without an offset.")] = DEFAULT_TIMEZONE,
) -> None:
    """Make a case folder.

    Example: sellergraph init ivory-2018 --timezone Asia/Shanghai
    """
    settings = create_case(directory, store or Chosen.store or EMBEDDED, timezone)
    say(f"Made the case {settings.folder}. Next: sellergraph ingest FILES --case {settings.folder}")


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="JSONL, CSV or XLSX files, or folders.")],
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (default: one a core).")] = None,
    ocr: Annotated[
        str | None,
        typer.Option(metavar="default|fast|off", help="How text in pictures is read (else as case.toml says)."),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="YAML that renames columns: 'column in the file: field of the ad record'.")
    ] = None,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read advertisements and the pictures and videos that they name; the same files again change nothing.

    Example: sellergraph ingest captures/ more.xlsx --case ivory-2018
    """
    from graph.stores import open_store
    from ingest.mapping import load_mapping
    from ingest.pipeline import ingest as run
    from sellergraph.progress import ingest_progress
    from sellergraph.summary import ingest_record, say_ingest

    settings = settings_of(case, store)
    if ocr:
        settings = replace(settings, ocr=check_ocr(ocr))
    columns = load_mapping(mapping) if mapping else None
    with open_store(settings) as opened, ingest_progress() as progress, resumable():
        report = run(settings, opened, paths, workers=workers, columns=columns, progress=progress)
    say_ingest(report, settings)
    if report.new.get("Ad", 0):
        say(f"Next: sellergraph resolve --case {settings.folder}")
    if as_json:
        emit_record(ingest_record(report), Form.JSON)
    if report.rejects:
        raise typer.Exit(1)


@app.command()
def resolve(
    full: Annotated[bool, typer.Option("--full", help="Compare all accounts anew; ids are kept.")] = False,
    retrain: Annotated[
        bool, typer.Option("--retrain", help="Learn the weights of evidence anew from this case.")
    ] = False,
    threshold: Annotated[float, typer.Option(help="Join pairs at least this likely, 0 to 1.")] = 0.9,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Work out which accounts belong to one seller.

    Example: sellergraph resolve --case ivory-2018
    """
    from graph.stores import open_store
    from resolvers import resolve as run
    from sellergraph.progress import waiting
    from sellergraph.summary import record_of, resolve_words

    settings = settings_of(case, store)
    with open_store(settings) as opened, waiting("Resolving accounts to sellers"):
        report = run(opened, folder=settings.resolution, full=full, retrain=retrain, threshold=threshold)
    emit_record(record_of(report) if as_json else resolve_words(report), form_of(as_json, False))


@app.command()
def seller(
    seller_id: Annotated[str, typer.Argument(metavar="ID", help="A seller's id, or an account 'platform|seller_id'.")],
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one seller: accounts, contacts, why they were merged, ads, paths.

    Example: sellergraph seller seller:3f2a90bc11de
    """
    from graph.sellers import seller_profile
    from sellergraph.summary import emit_seller

    settings = settings_of(case, store)
    with reading(case, store) as opened:
        profile = seller_profile(opened, seller_id, settings.timezone)
    emit_seller(profile, form_of(as_json, False), settings.zone)


@app.command()
def accounts(
    case: CaseOption = None, store: StoreOption = None, as_json: JsonOption = False, as_csv: CsvOption = False
) -> None:
    """List every account with its seller: account_id,seller_id.

    Example: sellergraph accounts --csv > accounts.csv
    """
    from graph.accounts import account_sellers

    with reading(case, store) as opened:
        emit(account_sellers(opened), form_of(as_json, as_csv))


@app.command()
def query(
    name: Annotated[str | None, typer.Argument(metavar="NAME")] = None,
    parameters: Annotated[list[str] | None, typer.Argument(metavar="[key=value ...]")] = None,
    list_all: Annotated[bool, typer.Option("--list", help="Name every query and its parameters.")] = False,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Run a named query of the pack.

    Example: sellergraph query contact_users contact=wechat:demo_handle_1
    """
    from graph.queries import run_query
    from sellergraph.summary import query_list

    form = form_of(as_json, as_csv)
    if list_all or name is None:
        emit(query_list(), form)
        return
    with reading(case, store) as opened:
        emit(run_query(opened, name, **pairs_of(parameters or [])), form)


@app.command()
def cypher(
    text: Annotated[str, typer.Argument(metavar="'MATCH ...'", help="One read-only statement; - reads it from stdin.")],
    limit: LimitOption = 1000,
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="Time limit.")] = 10.0,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Run one read-only Cypher statement, with limits on rows and time.

    Give every column a name with AS. Times are UTC; on Neo4j compare them with localdatetime('2018-06-01T00:00').

    Example: sellergraph cypher 'MATCH (a:Ad) RETURN a.platform AS platform, count(*) AS ads' --csv
    """
    from graph.console import run_console
    from sellergraph.watchdog import stopped_after

    statement = sys.stdin.read() if text == "-" else text
    with reading(case, store) as opened, stopped_after(seconds):
        answer = run_console(opened, statement, limit=limit, seconds=seconds)
    emit(answer.table, form_of(as_json, as_csv))
    if answer.truncated:
        say(f"Only the first {limit} rows are shown; ask for more with --limit.")


@app.command()
def extract(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines of {id, text, platform?}; - is stdin.")],
    region: Annotated[list[str] | None, typer.Option(help="Regions of numbers without a prefix.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (default: one a core).")] = None,
) -> None:
    """Read contacts in texts: one mention a line.

    Example: sellergraph extract texts.jsonl > mentions.jsonl
    """
    from graph.values import check_regions
    from sellergraph.texts import extract_lines

    rejects = list[str]()
    emit_lines(extract_lines(file, check_regions(region or ["CN"]), rejects, workers))
    for line in rejects:
        say(line)
    if rejects:
        raise typer.Exit(1)


@app.command()
def export(
    target: Annotated[str, typer.Argument(metavar="targets.csv|targets.xlsx|graph.graphml|hashes[.csv]")],
    limit: Annotated[int | None, typer.Option(min=1, max=1_000_000_000, help="Sellers at most (default: all).")] = None,
    case: CaseOption = None,
    store: StoreOption = None,
) -> None:
    """Write the ranked sellers as a target list, the whole graph, or PDQ hashes of all pictures (hashes.csv).

    Example: sellergraph export targets.xlsx --limit 50
    """
    from graph.export import export_to

    settings = settings_of(case, store)
    with reading(case, store) as opened:
        if Path(target).name in ("hashes", "hashes.csv"):
            picture_commands.export_hashes_to(opened, Path(target).with_suffix(".csv"), settings)
            return
        rows = export_to(opened, Path(target), limit=limit, timezone=settings.timezone)
    say(f"Wrote {target}: {rows}.")


@app.command(name="app")
def app_command(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8501,
    case: CaseOption = None,
    store: StoreOption = None,
) -> None:
    """Open the app for a case on http://localhost:8501.

    Example: sellergraph app --case ivory-2018
    """
    from sellergraph.serve import serve

    raise typer.Exit(serve(settings_of(case, store), port))


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Folder for the made-up case.")] = Path("demo-case"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the app on 127.0.0.1.")] = 8501,
    operators: Annotated[int, typer.Option(min=1, help="Sellers in the made-up market.")] = 60,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Open the app at the end.")] = True,
    store: StoreOption = None,
) -> None:
    """Build a made-up case with pictures, rank its sellers and open the app.

    Example: sellergraph demo
    """
    from sellergraph.demo import build_demo
    from sellergraph.serve import serve as open_app

    settings = build_demo(directory, operators, store or Chosen.store)
    if serve:
        raise typer.Exit(open_app(settings, port))
    say(f"Open it with: sellergraph app --case {settings.folder}")


@app.command()
def doctor(case: CaseOption = None, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Say what is installed, what is missing and how to get it.

    Example: sellergraph doctor
    """
    from sellergraph.doctor import examine

    checks = examine(case or Chosen.case, store or Chosen.store)
    emit(checks.table(), form_of(as_json, False))
    if not checks.good:
        raise typer.Exit(2)


GROUPS = (
    rank_commands, path_commands, disrupt_commands, displacement_commands, terms_commands, figure_commands,
    picture_commands, market_commands, judgement_commands, why_command,
)  # fmt: skip

for group in GROUPS:
    group.register(app)


def main() -> None:
    """Entry point: every end of a command, good or bad, has its one line and its exit code."""
    with ending_well():
        app()
