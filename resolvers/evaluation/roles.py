"""Whose contacts were taken to be, against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from graph.sql import run_sql
from resolvers.evaluation.scores import ratio
from resolvers.evaluation.truth import Truth

# A contact that an account uses in several turns, or under two ids, is its own when one of them says so.
_COUNTS = """
WITH decided AS (
    SELECT account, contact, bool_or(role = 'own') AS own FROM (
        SELECT u.account, coalesce(a.contact, u.contact) AS contact, u.role
        FROM uses u LEFT JOIN aliases a ON a.alias = u.contact
    ) GROUP BY ALL
), compared AS (
    SELECT t.role, d.own FROM shown t JOIN known k ON k.account = t.account
    LEFT JOIN decided d ON d.account = t.account AND d.contact = t.contact
)
SELECT role, count(*) FILTER (own) AS own, count(*) FILTER (NOT own) AS not_own, count(*) FILTER (own IS NULL) AS unread
FROM compared GROUP BY role
"""
ROLES = ("own", "platform", "courier", "guarantor", "supplier", "warning")


@dataclass(frozen=True, slots=True)
class RoleCount:
    """Of accounts that truly show contacts in one role: how many were taken for their own, not so, or not read."""

    role: str
    read_own: int
    read_not_own: int
    unread: int


def count_roles(truth: Truth, known: pa.Table, uses: pa.Table) -> tuple[RoleCount, ...]:
    """One row a true role, over pairs of account and contact; none when nothing was decided.

    Args:
        known: account, operator, seller. uses: account, contact, role.
    """
    if not uses.num_rows:
        return ()
    tables = {"shown": _shown(truth), "known": known, "uses": uses, "aliases": _aliases(truth)}
    found = {row["role"]: row for row in run_sql(_COUNTS, tables).to_pylist()}
    order = [role for role in ROLES if role in found] + sorted(found.keys() - set(ROLES))
    return tuple(RoleCount(role, found[role]["own"], found[role]["not_own"], found[role]["unread"]) for role in order)


def own_precision(counts: Sequence[RoleCount]) -> float:
    """Of what was taken for an account's own, the part that is."""
    return ratio(_own(counts).read_own, sum(count.read_own for count in counts))


def own_recall(counts: Sequence[RoleCount]) -> float:
    """Of the accounts' own contacts that were read at all, the part that was taken for their own."""
    own = _own(counts)
    return ratio(own.read_own, own.read_own + own.read_not_own)


def _own(counts: Sequence[RoleCount]) -> RoleCount:
    return next((count for count in counts if count.role == "own"), RoleCount("own", 0, 0, 0))


def pooled_roles(cases: Sequence[Sequence[RoleCount]]) -> tuple[RoleCount, ...]:
    """Sums by role."""
    sums: dict[str, RoleCount] = {}
    for count in (count for case in cases for count in case):
        old = sums.get(count.role, RoleCount(count.role, 0, 0, 0))
        parts = (old.read_own + count.read_own, old.read_not_own + count.read_not_own, old.unread + count.unread)
        sums[count.role] = RoleCount(count.role, *parts)
    return tuple(sums.values())


def _shown(truth: Truth) -> pa.Table:
    """account, contact, role: one row a pair, with the role that counts."""
    accounts, contacts, roles = [], [], []
    for contact in truth.contacts.values():
        for account in dict.fromkeys(account for by in contact.shown.values() for account in by):
            accounts.append(account)
            contacts.append(contact.id)
            roles.append(contact.role(account))
    text = pa.string()
    return pa.table(
        {"account": pa.array(accounts, text), "contact": pa.array(contacts, text), "role": pa.array(roles, text)}
    )


def _aliases(truth: Truth) -> pa.Table:
    alias, contact = list(truth.aliases), list(truth.aliases.values())
    return pa.table({"alias": pa.array(alias, pa.string()), "contact": pa.array(contact, pa.string())})
