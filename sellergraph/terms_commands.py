"""The command for new words of the trade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sellergraph.options import CaseOption, CsvOption, JsonOption, LimitOption, StoreOption, reading
from sellergraph.output import Form, emit, form_of, say

if TYPE_CHECKING:
    from ingest.new_terms import NewTerms

# What a terminal has room for; --json and --csv give all.
_SHOWN = ("rank", "term", "z", "stands_out_in", "explained_by", "sellers", "ads", "unread_ads", "examples")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("terms")(new_terms)


def new_terms(
    sellers: Annotated[
        list[str] | None,
        typer.Option("--sellers", metavar="ID", help="Seller or account whose words are compared with all others'."),
    ] = None,
    min_sellers: Annotated[int, typer.Option(min=1, help="Sellers that write a word, at least.")] = 2,
    least_ads: Annotated[int, typer.Option(min=1, help="Ads that offer known goods, of a known seller.")] = 3,
    limit: LimitOption = 50,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """List words and emoji that sellers of known goods write and the lexicon does not know.

    They stand in ads in which no goods are read, and others do not write them. With --sellers, several times: words
    that these sellers or accounts write more than all others.

    Example: sellergraph terms --limit 20
    """
    from ingest.new_terms import find_new_terms
    from sellergraph.progress import waiting

    form = form_of(as_json, as_csv)
    with reading(case, store) as opened, waiting("Reading the words of all advertisements"):
        found = find_new_terms(opened, sellers=sellers or (), min_sellers=min_sellers, least_ads=least_ads, limit=limit)
    emit(found.rows.select(_SHOWN) if form is Form.TABLE else found.rows, form)
    for line in _remarks(found):
        say(line)


def _remarks(found: NewTerms) -> list[str]:
    if not found.compared:
        return ["No seller offers goods that the lexicon knows in so many ads (--least-ads): name some with --sellers."]
    lines = [f"Compared with all others: {', '.join(found.compared)}."]
    if found.read < found.texts:
        lines.append(
            f"Read {found.read:,} of {found.texts:,} different texts, the first of every seller; counts are of these."
        )
    return lines
