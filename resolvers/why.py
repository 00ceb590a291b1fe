"""Why two accounts are one seller's, or why they are not: gathered from what the last resolution kept in the graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.accounts import near_accounts
from graph.facts import COUNT, FLAG, NUMBER, TEXT, TIME, fetch, read_of
from graph.lines import as_lists
from graph.sellers import find_seller
from graph.stores import GraphStore
from resolvers.chains import Judgement
from resolvers.evidence import comparisons
from resolvers.explanation import Explanation, Link, Party, Piece, Status
from resolvers.judgements import DIFFERENT, SAME, read_history
from resolvers.matches import NEAR
from resolvers.models import kept_model
from resolvers.training import prior_of
from resolvers.why_chain import surest_chain
from resolvers.why_contacts import shared_contacts
from resolvers.why_pictures import shared_photos, shared_templates
from resolvers.why_scored import scored
from sellergraph.errors import UsageError

_PARTIES = read_of(
    """MATCH (a:Account) WHERE a.id IN $accounts
    OPTIONAL MATCH (a)-[:RUN_BY]->(s:Seller)
    RETURN a.id AS account, a.name AS name, s.id AS seller, s.name AS seller_name""",
    account=TEXT, name=TEXT, seller=TEXT, seller_name=TEXT,
)  # fmt: skip
_SPANS = read_of(
    """MATCH (a:Account)-[:POSTED]->(ad:Ad) WHERE a.id IN $accounts
    RETURN a.id AS account, count(*) AS ads, min(ad.seen_at) AS first_ad, max(ad.seen_at) AS last_ad""",
    account=TEXT, ads=COUNT, first_ad=TIME, last_ad=TIME,
)  # fmt: skip
_MEMBERS = read_of("MATCH (a:Account)-[:RUN_BY]->(s:Seller {id: $seller_id}) RETURN a.id AS account", account=TEXT)
_RESOLVED = read_of("MATCH (:Account)-[r:RUN_BY]->(:Seller) RETURN count(r) AS accounts", accounts=COUNT)
_PAIRS = read_of(
    """MATCH (a:Account)-[m:MATCHES]->(b:Account) WHERE a.id IN $accounts AND b.id IN $accounts
    RETURN a.id AS src, b.id AS dst, m.probability AS probability, m.weight AS weight,
           coalesce(m.joined, true) AS joined, m.evidence_text AS evidence, m.evidence_kinds AS comparisons,
           m.evidence_bits AS weights, m.contact_ids AS contacts, m.capped_text AS capped, m.cut AS cut""",
    src=TEXT, dst=TEXT, probability=NUMBER, weight=NUMBER, joined=FLAG, evidence=TEXT, comparisons=TEXT,
    weights=TEXT, contacts=TEXT, capped=TEXT, cut=TEXT,
)  # fmt: skip
_USED = read_of(
    """MATCH (a:Account)-[:USES]->(c:Phone|Handle|QRCode|Email|Link) WHERE a.id IN $accounts
    RETURN a.id AS account, c.id AS contact""",
    account=TEXT, contact=TEXT,
)  # fmt: skip

Row = dict[str, Any]


def explain(store: GraphStore, left: str, right: str, folder: Path | None = None) -> Explanation:
    """Explain the pair of two accounts, or the strongest pair between an account and a seller or two sellers.

    Args:
        left, right: account ids ('platform|seller_id'), or sellers' ids or the start of one.
        folder: of the case's model, which tells the prior from pieces that were not worth a line.

    Raises:
        UsageError: an unknown account or seller, one account or seller twice, or no sellers yet.
    """
    sides = _Sides.of(store, left, right)
    pairs = [row for row in as_lists(fetch(store, _PAIRS, accounts=sides.all())).to_pylist() if sides.across(row)]
    pairs.sort(key=lambda row: (not row["joined"], -(row["weight"] or 0.0), row["src"], row["dst"]))
    ends = sides.oriented(pairs[0]) if pairs else sides.likest(store)
    row, notes = (pairs[0], ()) if pairs else _scored(store, folder, *ends)
    links = tuple(_link(pair, sides) for pair in pairs) if sides.of_seller else ()
    return _explained(store, _parties(store, *ends), row, links, folder, notes)


def weighed(bits: float) -> float:
    """The probability that so many bits (log2 of odds) are."""
    return 1 / (1 + math.pow(2.0, -bits)) if bits > -1000 else 0.0


@dataclass(frozen=True, slots=True)
class _Sides:
    """The accounts that were asked about on either side; one that is asked about alone is not on the seller's side."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    of_seller: bool

    @staticmethod
    def of(store: GraphStore, left: str, right: str) -> _Sides:
        found = [_accounts(store, left), _accounts(store, right)]
        if found[0] == found[1]:
            what = f"{left.strip()} is one account" if len(found[0]) == 1 else f"{left} and {right} are one seller"
            raise UsageError(f"{what}: name two accounts; sellergraph seller lists a seller's")
        alone = {side[0] for side in found if len(side) == 1}
        sides = [side if len(side) == 1 else tuple(a for a in side if a not in alone) for side in found]
        return _Sides(sides[0], sides[1], any(len(side) > 1 for side in found))

    def all(self) -> list[str]:
        return sorted({*self.left, *self.right})

    def across(self, row: Row) -> bool:
        return (row["src"] in self.left) != (row["dst"] in self.left)

    def oriented(self, row: Row) -> tuple[str, str]:
        return (row["src"], row["dst"]) if row["src"] in self.left else (row["dst"], row["src"])

    def likest(self, store: GraphStore) -> tuple[str, str]:
        """The two accounts that show most contacts in common."""
        if len(self.left) == len(self.right) == 1:
            return self.left[0], self.right[0]
        used: dict[str, set[str]] = {account: set() for account in self.all()}
        for row in fetch(store, _USED, accounts=self.all()).to_pylist():
            used[row["account"]].add(row["contact"])
        return min(
            ((a, b) for a in self.left for b in self.right),
            key=lambda ends: (-len(used[ends[0]] & used[ends[1]]), ends),
        )


def _accounts(store: GraphStore, wanted: str) -> tuple[str, ...]:
    """The account of that id, or the accounts of the seller."""
    wanted = wanted.strip()
    if fetch(store, _PARTIES, accounts=[wanted]).num_rows:
        return (wanted,)
    if "|" in wanted:
        raise UsageError(f"no account {wanted!r}: {near_accounts(store, wanted)}")
    seller_id = find_seller(store, wanted)
    members = fetch(store, _MEMBERS, seller_id=seller_id)["account"].to_pylist()
    if not members:
        raise UsageError(f"{seller_id} runs no account any more")
    return tuple(sorted(members))


def _parties(store: GraphStore, left: str, right: str) -> tuple[Party, Party]:
    wanted = [left, right]
    spans = {row["account"]: row for row in fetch(store, _SPANS, accounts=wanted).to_pylist()}
    nothing = {"ads": 0, "first_ad": None, "last_ad": None}
    found = {
        row["account"]: Party(**(row | nothing | spans.get(row["account"], {})))
        for row in fetch(store, _PARTIES, accounts=wanted).to_pylist()
    }
    return found[left], found[right]


def _link(row: Row, sides: _Sides) -> Link:
    left, right = sides.oriented(row)
    first = next(iter(row["evidence"] or []), "no evidence was kept")
    return Link(left, right, row["probability"], row["joined"], first, row["cut"])


def _explained(
    store: GraphStore,
    parties: tuple[Party, Party],
    row: Row | None,
    links: tuple[Link, ...],
    folder: Path | None,
    notes: tuple[str, ...],
) -> Explanation:
    left, right = parties
    accounts = int(fetch(store, _RESOLVED)["accounts"][0].as_py())
    if not accounts:
        raise UsageError("no sellers yet: run sellergraph resolve")
    given = row or {}
    pieces = _pieces(given)
    status = _status(left, right, row)
    one = status == "through others"
    judgements = _judgements(store, left.account, right.account)
    prior = _prior(given, pieces)
    slight, trouble = _slight(prior, folder, accounts)
    return Explanation(
        status=status,
        verdict=_verdict(status, left, right, given, judgements),
        left=left,
        right=right,
        probability=given.get("probability"),
        weight=given.get("weight"),
        prior=prior,
        slight=slight,
        pieces=pieces,
        chain=surest_chain(store, str(left.seller), left.account, right.account) if one else (),
        contacts=shared_contacts(store, left.account, right.account, given.get("contacts") or []),
        photos=shared_photos(store, left.account, right.account),
        templates=shared_templates(store, left.account, right.account) if _written_alike(pieces) else (),
        capped=tuple(given.get("capped") or []),
        cut=given.get("cut"),
        judgements=judgements,
        links=links,
        notes=(*_pending(judgements, left, right), *notes, *trouble),
    )


def _scored(store: GraphStore, folder: Path | None, left: str, right: str) -> tuple[Row | None, tuple[str, ...]]:
    """What the graph does not keep of a pair: under 5 % likely, or never compared."""
    found = scored(store, folder, left, right)
    if found is None:
        return None, ()
    note = "What follows was worked out now from the profiles of the last resolution"
    if not found.compared:
        return found.row, (f"{note}, which did not compare the two: they share nothing that few others have.",)
    return found.row, (f"{note}, which keeps pairs from {percent(NEAR)} on only.",)


def _pieces(row: Row) -> tuple[Piece, ...]:
    meanings = {comparison.name: comparison.meaning for comparison in comparisons()}
    words = row.get("evidence") or []
    names, bits = row.get("comparisons") or [""] * len(words), row.get("weights") or [None] * len(words)
    weight = row.get("weight")
    return tuple(
        Piece(name, meanings.get(name, ""), said, bit, None if bit is None or weight is None else weighed(weight - bit))
        for name, said, bit in zip(names, words, bits, strict=True)
    )


def _written_alike(pieces: Sequence[Piece]) -> bool:
    """A rare template speaks for it; to count who uses a common one, all ads would have to be read."""
    return any(piece.comparison == "template" and (piece.bits or 0) > 0 for piece in pieces)


def _prior(row: Row, pieces: Sequence[Piece]) -> float | None:
    """What the weight is without its pieces: none when the graph does not keep their bits."""
    known = [piece.bits for piece in pieces if piece.bits is not None]
    if row.get("weight") is None or len(known) < len(pieces):
        return None
    return float(row["weight"]) - math.fsum(known)


def _slight(prior: float | None, folder: Path | None, accounts: int) -> tuple[float | None, tuple[str, ...]]:
    """How much of the prior is pieces that were not worth a line, and why that is not known."""
    try:
        model = kept_model(folder)
    except UsageError as error:
        return None, (str(error),)
    if prior is None or model is None:
        return None, ()
    chance = prior_of(model, accounts)
    return prior - math.log2(chance / (1 - chance)), ()


def _status(left: Party, right: Party, row: Row | None) -> Status:
    if left.seller is None or right.seller is None:
        return "not resolved"
    if left.seller != right.seller:
        return "not joined"
    return "joined" if row and row["joined"] else "through others"


def _verdict(status: Status, left: Party, right: Party, row: Row, judgements: Sequence[Judgement]) -> str:
    if status == "not resolved":
        late = " and ".join(party.account for party in (left, right) if party.seller is None)
        return f"Not known yet: {late} came after the last resolution; run sellergraph resolve."
    likely = _likely(row)
    if status == "joined":
        return f"Joined: one seller ({_named(left)}); {likely}."
    if status == "through others":
        by_hand = any(j.verdict == SAME and not j.retracted_at for j in judgements)
        how = "by an analyst's judgement" if by_hand else "but only through others"
        return f"One seller ({_named(left)}), {how}: {likely}."
    if row.get("cut"):
        return f"Not joined: two sellers ({_named(left)}; {_named(right)}), although {likely}: {row['cut']}."
    under = ", which was under the threshold" if row else ""
    return f"Not joined: two sellers ({_named(left)}; {_named(right)}); {likely}{under}."


def _likely(row: Row) -> str:
    if row.get("probability") is not None:
        return f"by what the two show themselves it is {percent(row['probability'])} likely"
    return "they were not compared, since nothing rare is common to the two, or it is less than 5 % likely"


def _named(party: Party) -> str:
    return f"{party.seller} {party.seller_name or ''}".strip()


def percent(probability: float) -> str:
    """'99.97 %', '88 %', 'under 0.1 %': never wholly sure."""
    share = 100 * probability
    if share > 99.99:
        return "over 99.99 %"
    if share < 0.1:
        return "under 0.1 %"
    return f"{share:.2f} %" if share > 99 else f"{share:.1f} %"


def _judgements(store: GraphStore, left: str, right: str) -> tuple[Judgement, ...]:
    """All judgements on the two, also those that were taken back, as they were made."""
    made = [Judgement(**row) for row in read_history(store).to_pylist()]
    return tuple(judgement for judgement in made if {judgement.left, judgement.right} == {left, right})


def _pending(judgements: Sequence[Judgement], left: Party, right: Party) -> tuple[str, ...]:
    """Judgements that the sellers do not show yet."""
    if left.seller is None or right.seller is None:
        return ()
    wanted = DIFFERENT if left.seller == right.seller else SAME
    waiting = [j for j in judgements if j.verdict == wanted and not j.retracted_at]
    return tuple(f"{j.id} ({j.verdict}) is not applied yet: run sellergraph resolve" for j in waiting)
