"""Analysts' judgements on pairs of accounts: appended, taken back, never overwritten; read as at any date.

A judgement stands from when it was made until it is taken back. None silently gives way to a later one: what would
contradict those that stand, directly or through a chain of 'same', is refused until one of them is taken back.
'unsure' contradicts nothing and takes nothing back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from graph.accounts import near_accounts
from graph.facts import TEXT, TIME, fetch, read_of
from graph.stores import GraphStore
from resolvers.chains import Judgement, contradictions, in_words
from sellergraph.errors import UsageError

SAME, DIFFERENT, UNSURE = "same", "different", "unsure"
VERDICTS = (SAME, DIFFERENT, UNSURE)
# Columns of standing judgements.
COLUMNS = ("id", "left", "right", "verdict", "author", "reason", "made_at")

_JUDGEMENTS = read_of(
    """MATCH (j:Judgement)
    RETURN j.id AS id, j.left_id AS left_id, j.right_id AS right_id, j.verdict AS verdict, j.author AS author,
           j.reason AS reason, j.made_at AS made_at, j.retracted_at AS retracted_at, j.retracted_by AS retracted_by,
           j.retracted_reason AS retracted_reason""",
    id=TEXT, left_id=TEXT, right_id=TEXT, verdict=TEXT, author=TEXT, reason=TEXT, made_at=TIME, retracted_at=TIME,
    retracted_by=TEXT, retracted_reason=TEXT,
)  # fmt: skip
_KNOWN = read_of("MATCH (a:Account) WHERE a.id IN $ids RETURN a.id AS account", account=TEXT)


def read_judgements(store: GraphStore, at: datetime | None = None) -> pa.Table:
    """Judgements that stand, or stood at an instant: COLUMNS, sorted by id.

    Args:
        at: an instant, UTC when it has no offset; None for those that nobody has taken back.
    """
    return standing(read_history(store, at))


def standing(history: pa.Table) -> pa.Table:
    """Of `read_history` those that nobody has taken back: COLUMNS."""
    return history.filter(pc.is_null(history["retracted_at"])).select(COLUMNS)


def read_history(store: GraphStore, at: datetime | None = None) -> pa.Table:
    """All judgements made so far, or until an instant, with what was known of their retraction then; sorted by id.

    Columns are COLUMNS, retracted_at, retracted_by and retracted_reason.
    """
    # LEFT and RIGHT are words of Cypher's own.
    found = fetch(store, _JUDGEMENTS).rename_columns({"left_id": "left", "right_id": "right"}).sort_by("id")
    if at is None:
        return found
    moment = pa.scalar(_utc(at), pa.timestamp("us"))
    found = found.filter(pc.less_equal(found["made_at"], moment))
    gone = pc.fill_null(pc.less_equal(found["retracted_at"], moment), False)
    for name in ("retracted_at", "retracted_by", "retracted_reason"):
        place = found.schema.get_field_index(name)
        found = found.set_column(place, found.schema.field(name), pc.if_else(gone, found[name], None))
    return found


def check(judged: pa.Table) -> None:
    """Refuse judgements that contradict each other: another tool, or two machines at once, may have written them.

    Args:
        judged: see `read_judgements`.

    Raises:
        UsageError: they do, or one has an unknown verdict; the message names them.
    """
    judgements = _judgements(judged)
    for judgement in judgements:
        if judgement.verdict not in VERDICTS:
            raise UsageError(f"{judgement.id} has the verdict {judgement.verdict!r}, which is none of {_LISTED}")
        if not (judgement.left and judgement.right):
            raise UsageError(f"{judgement.id} does not name two accounts")
    if found := list(contradictions(judgements)):
        more = f" ({len(found) - 1} more contradict each other)" if len(found) > 1 else ""
        raise UsageError(f"judgements contradict each other{more}: {in_words(found[0])}")


def judge(store: GraphStore, left: str, right: str, verdict: str, author: str, reason: str, now: datetime) -> Judgement:
    """Record a judgement on two accounts.

    Args:
        left, right: account ids ('platform|seller_id'), in either order. verdict: one of VERDICTS.
        now: when it is made.

    Raises:
        UsageError: an unknown account or verdict, one account twice, no author or reason, or a contradiction to
            judgements that stand; nothing was written.
    """
    return judge_all(store, [(left, right, verdict)], author, reason, now)[0]


def judge_all(
    store: GraphStore, verdicts: Sequence[tuple[str, str, str]], author: str, reason: str, now: datetime
) -> list[Judgement]:
    """Record judgements (left, right, verdict) of one author for one reason, all or none; see `judge`."""
    made = [_made(*verdict, author, reason, now) for verdict in verdicts]
    if not made:
        return []
    _need_accounts(store, {end for judgement in made for end in (judgement.left, judgement.right)})
    earlier = _judgements(read_judgements(store))
    new = {judgement.id for judgement in made}
    for chain in contradictions([*earlier, *made]):
        if new & {judgement.id for judgement in chain}:
            refused = " and ".join(f"{j.left} {j.verdict} {j.right}" for j in chain if j.id in new)
            others = [judgement for judgement in chain if judgement.id not in new]
            raise UsageError(f"not recorded: {refused} contradicts what stands: {in_words(others)}")
    _write(store, made)
    return made


def retract(store: GraphStore, judgement_id: str, author: str, reason: str, now: datetime) -> Judgement:
    """Take a judgement back; it stays recorded, with who took it back and why.

    Raises:
        UsageError: there is no such judgement, it was taken back already, or author or reason is missing.
    """
    wanted = judgement_id.strip()
    found = next((judgement for judgement in _judgements(read_history(store)) if judgement.id == wanted), None)
    if found is None:
        raise UsageError(f"no judgement {wanted!r}: sellergraph judgements lists those that stand, --all all")
    if found.retracted_at:
        raise UsageError(
            f"{wanted} was taken back already, by {found.retracted_by} on {found.retracted_at:%Y-%m-%d %H:%M} UTC: "
            f"{found.retracted_reason}"
        )
    by = {"retracted_by": _said("--by", author), "retracted_reason": _said("--reason", reason)}
    row = {"id": wanted, "retracted_at": _utc(now), **by}
    store.write({"Judgement": pa.Table.from_pylist([row])})
    return Judgement(**(asdict(found) | row))


def beside(store: GraphStore, judgement: Judgement) -> list[Judgement]:
    """Other judgements on the same two accounts that stand."""
    pair = {judgement.left, judgement.right}
    earlier = _judgements(read_judgements(store))
    return [other for other in earlier if {other.left, other.right} == pair and other.id != judgement.id]


_LISTED = "same, different, unsure"


def _made(left: str, right: str, verdict: str, author: str, reason: str, now: datetime) -> Judgement:
    """A new judgement, with a new id, not yet written."""
    low, high = sorted((left.strip(), right.strip()))
    if verdict not in VERDICTS:
        raise UsageError(f"the verdict {verdict!r} is none of {_LISTED}")
    if low == high:
        raise UsageError(f"{low} is one account: a judgement is on two")
    moment = _utc(now)
    # The time makes the ids sort as they were made; the random part keeps those of two machines apart.
    name = f"judgement:{moment:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}"
    return Judgement(name, low, high, verdict, _said("--by", author), _said("--reason", reason), moment)


def _said(option: str, text: str) -> str:
    if not text.strip():
        raise UsageError(f"{option} is empty: a judgement names who made it and why")
    return text.strip()


def _write(store: GraphStore, made: Iterable[Judgement]) -> None:
    rows = [asdict(judgement) for judgement in made]
    table = pa.Table.from_pylist([{name: row[name] for name in COLUMNS} for row in rows])
    store.write({"Judgement": table.rename_columns({"left": "left_id", "right": "right_id"})})


def _judgements(table: pa.Table) -> list[Judgement]:
    return [Judgement(**row) for row in table.to_pylist()]


def _need_accounts(store: GraphStore, wanted: set[str]) -> None:
    known = set(fetch(store, _KNOWN, ids=sorted(wanted))["account"].to_pylist())
    if unknown := sorted(wanted - known):
        raise UsageError(f"no account {unknown[0]!r}: {near_accounts(store, unknown[0])}")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
