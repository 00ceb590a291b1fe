"""Missed merges by cause: what would have connected accounts of one operator that are different sellers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from resolvers.evaluation.truth import ContactTruth, Truth

NOTHING = "nothing shared"
OVER_OTHERS = "over other accounts only"
ALSO_OTHERS = "also others' courier or hotline"
# Of several contacts that two accounts share the first cause counts.
_KINDS = {kind: kind for kind in ("phone", "wechat", "qq", "email", "qr", "link")}
OTHER_KIND = "other account name"
_ORDER = (*_KINDS, OTHER_KIND)


def missed_merges(truth: Truth, found: Mapping[str, str]) -> Counter[str]:
    """Count pairs of one operator in different sellers by what ties them: a kind of contact, a name, or nothing.

    A contact that passed from one operator to another is 'recycled cut', one that others give as a courier's,
    guarantor's or hotline 'also others' courier or hotline'.
    """
    own = _own_contacts(truth)
    named = {a: {tail for c in contacts for tail in _tails(truth.contacts[c])} for a, contacts in own.items()}
    causes = Counter[str]()
    for one, other in _missed_pairs(truth, found):
        if truth.group.get(one, one) != truth.group.get(other, other):
            causes[NOTHING] += 1
            continue
        shared = [truth.contacts[key] for key in own.get(one, set()) & own.get(other, set())]
        names = _login(other) in named.get(one, ()) or _login(one) in named.get(other, ())
        causes[_cause(shared, names)] += 1
    return causes


def _cause(shared: Sequence[ContactTruth], names: bool) -> str:
    """The plainest of what ties two accounts: a contact that is theirs alone before one that is not."""
    plain = [c for c in shared if c.owners == 1 and not c.of_service]
    if plain:
        return min((_KINDS.get(_kind(c), OTHER_KIND) for c in plain), key=_ORDER.index)
    if names:
        return "named account"
    if any(c.owners > 1 for c in shared):
        return "recycled cut"
    return ALSO_OTHERS if shared else OVER_OTHERS


def _kind(contact: ContactTruth) -> str:
    return contact.service if contact.kind == "handle" else contact.kind


def _tails(contact: ContactTruth) -> Iterator[str]:
    """What of a contact may be an account's login: a handle's value, or the end of a page's address."""
    yield contact.value
    yield re.split(r"[/=]", contact.value.rstrip("/"))[-1]


def _login(account: str) -> str:
    return account.partition("|")[2]


def _missed_pairs(truth: Truth, found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    accounts: defaultdict[str, list[str]] = defaultdict(list)
    for account, operator in truth.operators.items():
        if account in found:
            accounts[operator].append(account)
    for group in accounts.values():
        yield from ((one, other) for one, other in combinations(group, 2) if found[one] != found[other])


def _own_contacts(truth: Truth) -> dict[str, set[str]]:
    own: defaultdict[str, set[str]] = defaultdict(set)
    for contact in truth.contacts.values():
        for account in contact.shown.get("own", ()):
            own[account].add(contact.id)
    return own
