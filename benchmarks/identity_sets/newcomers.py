"""New advertisements written into a large market: of known and new accounts, under known and new numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from graph.stores import GraphStore

_USES = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Phone) WHERE m.role = 'own'
RETURN ad.account_id AS account, c.id AS phone
"""
_ACCOUNTS = "MATCH (a:Account) WHERE a.id IN $ids RETURN a.id AS account, a.platform AS platform, a.name AS name"
# Of ten advertisements so many are of known accounts under their own numbers; then one of a known account under a new
# number, two of new accounts under known numbers, one of a new account under a new number.
_KNOWN, _NEW_NUMBER, _NEW_ACCOUNT = 6, 7, 9
# The day after the last one of the market.
_START = datetime(2019, 1, 1)
Row = dict[str, object]


def add_ads(store: GraphStore, count: int) -> int:
    """Write `count` advertisements; the same store gives the same ones."""
    uses = store.read(_USES)
    chosen = uses.take(np.random.default_rng(1).choice(uses.num_rows, count, replace=False))
    known = {row["account"]: row for row in store.read(_ACCOUNTS, ids=chosen["account"].to_pylist()).to_pylist()}
    rows = [_ad(n, known[use["account"]], use["phone"]) for n, use in enumerate(chosen.to_pylist())]
    platforms = sorted({str(row["platform"]) for row in rows})
    store.write(
        {
            "Account": _table(rows, id="account_id", platform="platform", seller_id="login", name="seller_name"),
            "Phone": _table(rows, id="phone", number="number"),
            "Platform": pa.table({"id": platforms}),
            "Ad": _table(
                rows, id="id", platform="platform", account_id="account_id", seen_at="seen", posted_at="seen",
                seller_name="seller_name",
            ),
            "Account.POSTED.Ad": _table(rows, src="account_id", dst="id"),
            "Ad.MENTIONS.Phone": _table(
                rows, src="id", dst="phone", place="place", span_start="start", role="role", method="method",
                confidence="confidence",
            ),
        }
    )  # fmt: skip
    return count


def _ad(number: int, account: Row, phone: str) -> Row:
    """One advertisement with its account and number."""
    kind = number % 10
    platform, login = str(account["platform"]), str(account["account"]).partition("|")[2]
    if kind >= _NEW_NUMBER:
        login = f"new{number}"
    if kind == _KNOWN or kind >= _NEW_ACCOUNT:
        phone = f"tel:+8617{number:09}"
    seen = _START + timedelta(minutes=number)
    ids = {"id": f"{platform}|new{number}", "account_id": f"{platform}|{login}", "login": login, "platform": platform}
    said = {"place": "text", "start": 1, "role": "own", "method": "regex", "confidence": 1.0}
    return ids | said | {"phone": phone, "number": phone[4:], "seen": seen, "seller_name": account["name"]}


def _table(rows: list[Row], **columns: str) -> pa.Table:
    return pa.table({name: [row[column] for row in rows] for name, column in columns.items()})
