"""What others would do with the same graph: components of shared contacts, and plain Splink on names and contacts."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.identity_sets.outcomes import Outcome, outcome
from benchmarks.identity_sets.plain import LEAST, splink_pairs
from graph.sql import run_sql
from graph.stores import GraphStore
from resolvers.evaluation.truth import Truth

# As users cap: a contact on more accounts is a hotline's or the like.
CAP = 10
# The first is what is asked of Splink; the others are there for the best of them.
SPLINK_THRESHOLDS = (0.9, LEAST, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.95, 0.99)
_MENTIONS = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link)
WHERE ad.account_id IS NOT NULL
RETURN DISTINCT ad.account_id AS account, c.id AS contact, m.role = 'own' AS own
"""
_ACCOUNTS = "MATCH (a:Account) RETURN a.id AS account, a.name AS name"
_PLACES = """
MATCH (ad:Ad) WHERE ad.account_id IS NOT NULL AND ad.location IS NOT NULL
RETURN ad.account_id AS account, ad.location AS place, count(*) AS ads
"""
# One row an account, as a user of Splink would make it.
_ROWS = """
SELECT a.account AS unique_id, a.name, p.place, c.contacts FROM accounts a
LEFT JOIN (SELECT account, arg_max(place, (ads, place)) AS place FROM places GROUP BY account) p USING (account)
LEFT JOIN (SELECT account, list(DISTINCT contact ORDER BY contact) AS contacts FROM contacts GROUP BY account) c
    USING (account)
ORDER BY unique_id
"""
Link = tuple[str, str]
Assignment = dict[str, str]


@dataclass(frozen=True, slots=True)
class Graph:
    """What rivals read, as captured.

    Attributes:
        accounts: account, name. places: account, place, ads.
        shown: (account, contact) of any mention; own: of those that were read as the account's own.
    """

    accounts: pa.Table
    places: pa.Table
    shown: set[Link]
    own: set[Link]

    @property
    def ids(self) -> list[str]:
        """All account ids."""
        found: list[str] = self.accounts["account"].to_pylist()
        return found


def read_graph(store: GraphStore) -> Graph:
    """Read the store without anything that resolution concluded."""
    mentions = store.read(_MENTIONS).to_pylist()
    return Graph(
        accounts=store.read(_ACCOUNTS),
        places=store.read(_PLACES),
        shown={(row["account"], row["contact"]) for row in mentions},
        own={(row["account"], row["contact"]) for row in mentions if row["own"]},
    )


def naive_outcomes(graph: Graph, truth: Truth) -> dict[str, Outcome]:
    """Name of a rule that joins whoever shares a contact -> how right it is."""
    rules: dict[str, Callable[[], Iterable[Link]]] = {
        "any shared contact": lambda: graph.shown,
        f"contacts on at most {CAP} accounts": lambda: _rare(graph.shown),
        "contacts read as own": lambda: graph.own,
        f"read as own, on at most {CAP} accounts": lambda: _rare(graph.own),
        "own by the truth, never passed on": lambda: _truly_own(graph, truth),
    }
    return {name: _timed(graph, truth, links) for name, links in rules.items()}


def _timed(graph: Graph, truth: Truth, links: Callable[[], Iterable[Link]]) -> Outcome:
    started = time.perf_counter()
    found = grouped(graph.ids, links())
    return outcome(truth, found, time.perf_counter() - started)


def _rare(links: Iterable[Link]) -> set[Link]:
    accounts = Counter(contact for _, contact in links)
    return {link for link in links if accounts[link[1]] <= CAP}


def _truly_own(graph: Graph, truth: Truth) -> Iterable[Link]:
    """Perfect reading of contacts, named accounts and links, but every contact has one owner for ever."""
    known = set(graph.ids)
    own = ((account, c.id) for c in truth.contacts.values() for account in c.shown.get("own", ()))
    return (link for link in chain(own, truth.group.items()) if link[0] in known)


def grouped(accounts: Sequence[str], links: Iterable[Link]) -> Assignment:
    """Account -> name of its connected component; links lead to other accounts or to contacts."""
    place: defaultdict[str, int] = defaultdict(lambda: len(place))
    every = chain(((account, account) for account in accounts), links)
    ends = np.array([(place[one], place[other]) for one, other in every]).reshape(-1, 2)
    ones = np.ones(len(ends), dtype=np.int8)
    _, labels = connected_components(coo_array((ones, (ends[:, 0], ends[:, 1])), (len(place),) * 2), directed=False)
    return {account: str(labels[place[account]]) for account in accounts}


def splink_outcomes(graph: Graph, truth: Truth) -> dict[str, dict[float, Outcome]]:
    """Which contacts plain Splink was given -> threshold -> how right it is."""
    given = {
        "plain Splink, all contacts": graph.shown,
        f"plain Splink, read as own, on at most {CAP} accounts": _rare(graph.own),
    }
    return {name: _splink(graph, truth, contacts) for name, contacts in given.items()}


def _splink(graph: Graph, truth: Truth, contacts: set[Link]) -> dict[float, Outcome]:
    import duckdb
    from splink import block_on

    started = time.perf_counter()
    shown = pa.table({name: [link[end] for link in contacts] for end, name in enumerate(("account", "contact"))})
    rows = run_sql(_ROWS, {"accounts": graph.accounts, "places": graph.places, "contacts": shown})
    with duckdb.connect() as db:
        db.execute("SET enable_progress_bar = false")
        db.register("accounts", rows)
        pairs = splink_pairs(db, "accounts", [block_on("contacts", arrays_to_explode=["contacts"]), block_on("name")])
    seconds = time.perf_counter() - started
    return {threshold: outcome(truth, _over(graph, pairs, threshold), seconds) for threshold in SPLINK_THRESHOLDS}


def _over(graph: Graph, pairs: pa.Table, threshold: float) -> Assignment:
    over = pairs.filter(pc.greater_equal(pairs["probability"], threshold))
    return grouped(graph.ids, zip(over["one"].to_pylist(), over["other"].to_pylist(), strict=True))
