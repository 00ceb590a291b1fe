"""Commands that start from a picture or from hashes of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sellergraph.case import Settings
from sellergraph.errors import RejectError, UsageError
from sellergraph.options import CaseOption, CsvOption, JsonOption, StoreOption, reading, settings_of
from sellergraph.output import emit, form_of, say

if TYPE_CHECKING:
    import pyarrow as pa

    from graph.stores import GraphStore

# What a terminal has room for.
_SHOWN = ("how", "distance", "view", "ad_id", "name", "account_id", "seller_id", "seller", "seen_at")


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(find_image)
    app.command()(match_hashes)


def find_image(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A picture.")],
    limit: Annotated[int, typer.Option(min=1, help="Pictures at most, the nearest.")] = 50,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Find the ads, accounts and sellers that show a picture, or the code in it.

    Example: sellergraph find-image suspect.jpg
    """
    from sellergraph.output import Form

    form = form_of(as_json, as_csv)
    with reading(case, store) as opened:
        found = _found(opened, file, limit)
    emit(found.select(_SHOWN) if form is Form.TABLE else found, form)
    if not found.num_rows:
        say(f"No picture of the case shows what {file} shows.")


def _found(store: GraphStore, file: Path, limit: int) -> pa.Table:
    from graph.images import find_image as find
    from ingest.extract.pictures import read_picture
    from ingest.pictures import bytes_of

    try:
        picture = read_picture(bytes_of(file, str(file)))
    except RejectError as error:
        raise UsageError(error.reason if str(file) in error.reason else f"{file} {error.reason}") from error
    if picture.weak:
        say(f"{file} is too plain to be told from others ({picture.weak}): only the same bytes or code are evidence.")
    if picture.problem:
        say(f"{file}: {picture.problem}; only what could be decoded is looked for.")
    codes = [code.node_id for code in picture.codes]
    return find(store, picture.sha256, picture.views, codes, weak=picture.weak is not None, limit=limit)


def match_hashes(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A list of PDQ hashes; - is stdin.")],
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Compare another agency's list of PDQ hashes with the pictures of the case.

    Example: sellergraph match-hashes agency.csv --csv > matches.csv
    """
    from sellergraph.hashlists import match_hashes as match
    from sellergraph.output import Form
    from sellergraph.progress import ingest_progress

    form, settings = form_of(as_json, as_csv), settings_of(case, store)
    with reading(case, store) as opened, ingest_progress() as progress:
        found = match(opened, settings, file, progress=progress)
    emit(found.rows.drop_columns(["hash"]) if form is Form.TABLE else found.rows, form)
    for reject in found.rejects:
        say(reject)
    others = "".join(f", {lines:,} lines of {kind}" for kind, lines in sorted(found.others.items()))
    aside = f"; left aside: {found.weak:,} hashes of low quality{others}" if found.weak or found.others else ""
    say(f"Compared {found.hashes:,} hashes of the list with {found.pictures:,} pictures{aside}.")
    if found.rejects:
        raise typer.Exit(1)


def export_hashes_to(store: GraphStore, target: Path, settings: Settings) -> None:
    """Write the PDQ hash of every picture; what could not be read is named."""
    from sellergraph.hashlists import export_hashes
    from sellergraph.progress import ingest_progress

    with ingest_progress() as progress:
        written = export_hashes(store, settings, target, progress=progress)
    for reject in written.rejects:
        say(reject)
    say(f"Wrote {target}: {written.pictures:,} hashes, {written.weak:,} of them of low quality.")
    if written.rejects:
        raise typer.Exit(1)
