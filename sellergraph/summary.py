"""Reports of the parts, as rows and lines that a person or a script reads."""

from __future__ import annotations

import sys
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from sellergraph.case import Settings
from sellergraph.output import Form, emit, emit_record, say

if TYPE_CHECKING:
    from graph.sellers import SellerProfile
    from ingest.pipeline import IngestReport
    from resolvers import ResolveReport

# Faults of rows; one that costs a whole file is always shown.
SHOWN_REJECTS = 50
SHOWN_ROWS = 20
# Of a seller's profile, what a terminal has room for.
SELLER_PARTS = {
    "seller": ["seller_id", "name", "ads", "accounts", "platforms", "active_days", "first_ad", "last_ad"],
    "accounts": ["account_id", "name", "kind", "ads", "active_days", "first_ad", "last_ad"],
    "contacts": ["contact_id", "caption", "role", "ads", "accounts", "other_sellers", "methods", "first_ad", "last_ad"],
    "merges": ["left_id", "right_id", "probability", "evidence", "weights"],
    "near": ["account_id", "other_id", "other_seller", "probability", "evidence", "weights", "cut"],
    "species": ["taxon_id", "name_zh", "scientific_name", "cites", "national_level", "status_date", "ads", "parts"],
    "ads": ["ad_id", "seen_at", "title", "text", "species", "file", "line"],
    "paths_out": ["from_platform", "to_platform", "contact", "ads", "accounts", "first_ad", "last_ad", "ad_ids"],
    "paths_in": ["from_platform", "named_account", "contact", "from_name", "ads", "ad_ids"],
}
PART_TITLES = {"near": "Near, but not joined"}


def say_ingest(report: IngestReport, settings: Settings) -> None:
    """The run in words on stderr: each reject a line (of those in rows the first 50), then what is new in the graph."""
    rows = 0
    for reject in report.rejects:
        rows += reject.line is not None
        if reject.line is None or rows <= SHOWN_REJECTS:
            say(str(reject))
    if rows > SHOWN_REJECTS:
        say(f"... and {rows - SHOWN_REJECTS:,} more in rows")
    new = report.new.get("Ad", 0)
    say(
        f"Read {_count(report.ads, 'ad')} and {_count(report.pictures, 'picture')} "
        f"from {_count(report.files, 'file')}; {_count(new, 'ad')} new."
    )
    if report.rejects:
        aside = sum(not reject.kept for reject in report.rejects)
        partly = len(report.rejects) - aside
        parts = [f"{aside:,} put aside"] * bool(aside) + [f"{_count(partly, 'fault')} in ads that were kept"] * bool(
            partly
        )
        say(f"{', '.join(parts)}: see {settings.rejects_file}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + "s" * (number != 1)


def ingest_record(report: IngestReport) -> dict[str, Any]:
    """The run as one JSON object; `new` counts rows by table."""
    return {
        "files": report.files,
        "ads": report.ads,
        "pictures": report.pictures,
        "rejects": len(report.rejects),
        "new": report.new,
        "seconds": {stage: round(seconds, 3) for stage, seconds in report.stages.items()},
    }


def say_next(settings: Settings, pending: int) -> None:
    """What to do when accounts have no seller yet."""
    if pending:
        verb = "has" if pending == 1 else "have"
        say(f"{_count(pending, 'account')} {verb} no seller yet: run sellergraph resolve --case {settings.folder}")


def emit_first(found: pa.Table, limit: int, form: Form, zone: ZoneInfo) -> None:
    """The first rows of a list; people are told that it goes on."""
    emit(found.slice(0, limit), form, zone=zone)
    if form is Form.TABLE and limit < found.num_rows:
        say(f"The first {limit:,} of {found.num_rows:,}; --limit shows more.")


def record_of(report: object) -> dict[str, Any]:
    """The fields of a report (a dataclass), those of nested ones beside them."""
    assert is_dataclass(report)
    flat = dict[str, Any]()
    for name, value in asdict(report).items():  # type: ignore[arg-type]  # an instance, not a class
        flat.update(value if isinstance(value, dict) else {name: value})
    return flat


def resolve_words(report: ResolveReport) -> dict[str, Any]:
    """A resolution in an analyst's words."""
    return {
        "accounts": report.accounts,
        "sellers": report.sellers,
        "accounts that share a seller": report.merged_accounts,
        "pairs joined": report.matches,
        "pairs that may be one seller's, not joined": report.near,
        "pairs not used though likely (judged different, or a weak bridge)": report.cut,
        "judgements honoured": report.judgements,
        "contacts that passed to another owner": report.passed_on,
        "contacts of couriers, hotlines and others in many ads": report.services,
        "the most used of them": list(report.service_contacts),
        "names and other marks too common to compare by": report.capped,
        "unusually large sellers, to be checked": report.alarms,
        "networks of sellers": report.networks,
        "weights of evidence": _weights(report),
        "seconds": report.seconds,
    }


def _weights(report: ResolveReport) -> str:
    if not report.trained:
        return "as learnt before"
    return "learnt from this case" if report.learnt else "expert priors: the case is too small to learn from"


def query_list() -> pa.Table:
    """Name, parameters and summary of every query of the pack."""
    from graph.queries import load_queries

    rows = [
        {
            "name": query.name,
            "parameters": " ".join(_parameter(p.name, p.default) for p in query.parameters),
            "summary": query.summary,
        }
        for query in load_queries().values()
    ]
    return pa.Table.from_pylist(rows)


def _parameter(name: str, default: str | None) -> str:
    return name if default is None else f"[{name}={default}]"


def _titled(part: str) -> str:
    return part.replace("_", " ").capitalize()


def emit_seller(profile: SellerProfile, form: Form, zone: ZoneInfo) -> None:
    """One seller: a JSON object, or a heading and a table a part."""
    parts = {name: value for name, value in vars(profile).items() if isinstance(value, pa.Table)}
    if form is Form.JSON:
        plain = {name: value for name, value in vars(profile).items() if name not in parts}
        emit_record(plain | {name: table.to_pylist() for name, table in parts.items()}, form)
        return
    for name, columns in SELLER_PARTS.items():
        if (table := parts[name]).num_rows:
            emit(table.select(columns).slice(0, SHOWN_ROWS), form, PART_TITLES.get(name, _titled(name)), zone)
            more = table.num_rows - SHOWN_ROWS
            sys.stdout.write(f"... and {more} more: --json shows all\n\n" if more > 0 else "\n")
