"""The command for accounts that stopped and came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sellergraph.options import CaseOption, CsvOption, JsonOption, LimitOption, StoreOption, reading, settings_of
from sellergraph.output import Form, emit, form_of, say

if TYPE_CHECKING:
    import pyarrow as pa

# What a terminal has room for; --json and --csv give all.
_SHOWN = ("account_id", "last_ad", "new_account_id", "first_ad", "days", "via", "captions", "same_seller", "step")
_SURVIVAL_SHOWN = (
    "platform", "accounts", "stopped", "median_days", "survival_30", "survival_90", "survival_180", "survival_365",
    "returned", "returned_share", "median_days_until_return",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(displacement)


def displacement(
    quiet: Annotated[int, typer.Option(min=1, max=10_000, help="Days of silence that make an end.")] = 30,
    within: Annotated[int, typer.Option(min=1, max=10_000, help="Days within which it may come back.")] = 365,
    survival: Annotated[bool, typer.Option("--survival", help="How long accounts of each platform last.")] = False,
    limit: LimitOption = 50,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """List accounts that stopped and came back as others through the same contact, QR code or photographs.

    A ban is seen as silence. With --survival: the share of each platform's accounts that last 30 to 365 days.

    Example: sellergraph displacement --quiet 60 --within 180
    """
    from graph.displacement import read_displacement, returned, survival_of

    form, settings = form_of(as_json, as_csv), settings_of(case, store)
    with reading(case, store) as opened:
        found = read_displacement(opened, quiet=quiet, within=within, timezone=settings.timezone)
        rows = survival_of(found) if survival else returned(opened, found, limit=limit)
    if survival:
        emit(rows.select(_SURVIVAL_SHOWN) if form is Form.TABLE else rows, form, zone=settings.zone)
        say("The row without a platform is all together. A share is of accounts that last longer than so many days.")
        return
    emit(rows.select(_SHOWN) if form is Form.TABLE else rows, form, zone=settings.zone)
    if form is Form.TABLE and limit < found.returns.num_rows:
        say(f"The first {limit:,} of {found.returns.num_rows:,}; --limit shows more.")
    if found.hubs.num_rows:
        say(_left_aside(found.hubs))


def _left_aside(hubs: pa.Table) -> str:
    from graph.carriers import PHOTO

    photos = hubs["via"].to_pylist().count(PHOTO)
    return (
        f"Left aside, on too many sellers to tell who came back: {hubs.num_rows - photos:,} contacts and codes, "
        f"{photos:,} photographs."
    )
