"""New words and emoji of the trade: what sellers of known goods write where they name goods, and no lexicon has.

How the report's new keywords would be found: a word such as 象皮, or its short form XP, is written by sellers of
elephant goods in advertisements in which the lexicon reads nothing, and neither beside words that it reads nor by
sellers of other goods. A word that stands beside known words only finds no advertisement that they do not find.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from graph.facts import COUNT, NUMBER, TEXT, TEXTS
from graph.sql import run_sql
from graph.stores.base import GraphStore
from ingest.lexicon import terms
from ingest.vocabulary.candidates import Candidate, candidates, explained, in_order, texts_of
from ingest.vocabulary.grams import Level, levels_of
from ingest.vocabulary.groups import Group, given_group, groups_of
from ingest.vocabulary.known import Known, folded_word, known_words, place_parts
from ingest.vocabulary.material import Material, read_material
from ingest.vocabulary.reading import CLASSES, Reading, read_corpus
from ingest.vocabulary.symbols import kind_of, place_of

# Different texts that are read; of more this many tell nearly as much, in a minute and within 2 GiB.
MOST_TEXTS = 200_000
EXAMPLES = 3
# Characters shown on each side of a word.
_AROUND = 24
_MOST_COMMODITIES = 3
# Of the words that stand out most this many are looked at for what explains them, however few rows are asked for.
_LOOKED_AT = 200

TERMS = pa.schema(
    [
        ("rank", COUNT), ("term", TEXT), ("kind", TEXT), ("z", NUMBER), ("z_all", NUMBER), ("stands_out_in", TEXT),
        ("explained_by", TEXT),
        ("sellers", COUNT), ("accounts", COUNT), ("ads", COUNT), ("unread_ads", COUNT), ("share_inside", NUMBER),
        ("share_others", NUMBER), ("commodities", TEXTS), ("seller_commodities", TEXTS), ("example_ads", TEXTS),
        ("examples", TEXTS),
    ]
)  # fmt: skip
_USES = """
SELECT u.term, count(DISTINCT t.user_id) AS sellers, count(DISTINCT t.account_id) AS accounts,
       CAST(sum(t.ads) AS BIGINT) AS ads, CAST(sum(t.ads) FILTER (NOT t.read) AS BIGINT) AS unread_ads
FROM uses u JOIN texts t USING (number) GROUP BY u.term
"""
_BESIDE = """
WITH counted AS (
    SELECT term, commodity_id, sum(ads) AS n FROM uses JOIN texts USING (number)
    JOIN (SELECT DISTINCT ad_id, commodity_id FROM goods) USING (ad_id) GROUP BY ALL
)
SELECT term, list(commodity_id ORDER BY n DESC, commodity_id)[1:$most] AS commodities FROM counted GROUP BY term
"""
_SOLD = """
WITH counted AS (
    SELECT term, commodity_id, count(*) AS n
    FROM (SELECT DISTINCT term, user_id FROM uses JOIN texts USING (number))
    JOIN (SELECT DISTINCT user_id, commodity_id FROM goods) USING (user_id) GROUP BY ALL
)
SELECT term, list(commodity_id ORDER BY n DESC, commodity_id)[1:$most] AS commodities FROM counted GROUP BY term
"""
# Of different sellers before a second one of anybody, and where nothing is read before where something is.
_EXAMPLES = """
WITH turns AS (
    SELECT term, number, read, row_number() OVER (PARTITION BY term, user_id ORDER BY read, number) AS turn
    FROM uses JOIN texts USING (number)
)
SELECT term, list(number ORDER BY turn, read, number)[1:$most] AS numbers FROM turns GROUP BY term
"""


@dataclass(frozen=True)
class NewTerms:
    """What was found.

    Attributes:
        rows: see `find_new_terms`.
        texts: different texts of the case. read: those that were read; of more than MOST_TEXTS a part, the same on
            every run, and then all counts are of what was read.
        compared: whose texts were compared with all others, in words.
    """

    rows: pa.Table
    texts: int
    read: int
    compared: list[str]


def find_new_terms(
    store: GraphStore,
    *,
    sellers: Collection[str] = (),
    known: Collection[str] | None = None,
    min_sellers: int = 2,
    least_ads: int = 3,
    limit: int = 50,
    most_texts: int = MOST_TEXTS,
) -> NewTerms:
    """Words and emoji that stand out, most first.

    A known seller (before a resolution: account) offers goods of the lexicon in `least_ads` advertisements or more. The
    texts of known sellers in which the lexicon reads no goods are compared with all other texts of the case: those of
    others where they are a tenth of the case or more, and in any case those of who sells one species with the rest.
    Given `sellers`, all their texts are compared with those of everybody else. What one seller writes a thousand times
    counts little more than once.

    Args:
        sellers: ids of sellers or accounts.
        known: folded words that are known, instead of `ingest.vocabulary.known.known_words()`.
        min_sellers: sellers that write the word, at least.
        limit: rows at most.

    Returns:
        rows with rank, term (folded), kind (chinese, latin, emoji or mixed), z, z_all (by all texts of these sellers),
        stands_out_in ('known sellers', or the taxon whose sellers write it most), explained_by (a word above it that
        stands in half or more of its unread ads, and so tells why nothing is read there; such rows come last),
        sellers, accounts, ads, unread_ads (in which no goods are read), share_inside and share_others (of the sellers
        in that group and of all others who write it), commodities (ids, most often read in the same ads),
        seller_commodities (that most of its sellers offer), example_ads (ids of ads of different sellers), examples
        (the words around it, in the same order).

    Raises:
        UsageError: one of `sellers` is not in the case, or they are all there are.
    """
    words = known_words() if known is None else frozenset(map(folded_word, known))
    goods = [term.term for term in terms() if term.commodity_id is not None and folded_word(term.term) in words]
    material = read_material(store, goods, most=most_texts)
    reading = read_corpus(material, Known.of(words | place_parts(material.places)))
    groups = _groups(reading, sellers, least_ads)
    levels = levels_of(reading.corpus, reading.writer)
    found = candidates(reading.corpus, levels, groups, every_text=bool(sellers), min_users=min_sellers)
    refused = words | {folded_word(name) for name in material.names}
    rows = _table(in_order(found, refused, max(limit, _LOOKED_AT)), groups, reading, levels, limit)
    texts = material.texts["of_all"][0].as_py() if material.texts.num_rows else 0
    return NewTerms(rows, texts, material.texts.num_rows, [group.name for group in groups])


def _groups(reading: Reading, sellers: Collection[str], least_ads: int) -> list[Group]:
    if sellers:
        return given_group(reading.users, reading.material.posters, sellers)
    return groups_of(reading.users, reading.material.goods, least_ads)


def _table(
    found: list[Candidate], groups: list[Group], reading: Reading, levels: Sequence[Level], limit: int
) -> pa.Table:
    texts = texts_of(found, levels, reading.corpus)
    causes = explained(texts, ~reading.material.texts["read"].to_numpy(zero_copy_only=False))
    order = sorted(range(len(found)), key=lambda number: causes[number] is not None)[:limit]
    told = _told({found[number].term: texts[number].tolist() for number in order}, reading.material)
    rows = list[dict[str, Any]]()
    for rank, number in enumerate(order, start=1):
        one, cause = found[number], causes[number]
        row = _row(rank, one, groups[one.group], levels[one.length - 1]) | told[one.term]
        row["explained_by"] = None if cause is None else found[cause].term
        row["example_ads"], row["examples"] = _shown(one, row.pop("numbers"), reading)
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=TERMS)


def _row(rank: int, one: Candidate, group: Group, level: Level) -> dict[str, Any]:
    users = np.unique(level.user[level.gram == one.run] // CLASSES)
    inside, members = int(group.member[users].sum()), int(group.member.sum())
    return {
        "rank": rank,
        "term": one.term,
        "kind": kind_of(one.symbols),
        "z": one.z,
        "z_all": one.z_all,
        "stands_out_in": group.name,
        "share_inside": round(inside / members, 9),
        "share_others": round((len(users) - inside) / max(len(group.member) - members, 1), 9),
    }


def _told(uses: dict[str, list[int]], material: Material) -> dict[str, dict[str, Any]]:
    """By term what its texts tell: counts, goods beside it, texts to show."""
    pairs = [(term, number) for term, numbers in uses.items() for number in numbers]
    texts = material.texts.append_column("number", pa.array(range(material.texts.num_rows), COUNT))
    tables = {
        "uses": pa.table(
            {"term": pa.array([t for t, _ in pairs], TEXT), "number": pa.array([n for _, n in pairs], COUNT)}
        ),
        "texts": texts,
        "goods": material.goods,
    }
    told = {row.pop("term"): row for row in run_sql(_USES, tables).to_pylist()}
    for row in told.values():
        row |= {"unread_ads": row["unread_ads"] or 0, "commodities": [], "seller_commodities": []}
    for name, query in (("commodities", _BESIDE), ("seller_commodities", _SOLD)):
        for row in run_sql(query, tables, {"most": _MOST_COMMODITIES}).to_pylist():
            told[row["term"]][name] = row["commodities"]
    for row in run_sql(_EXAMPLES, tables, {"most": EXAMPLES}).to_pylist():
        told[row["term"]]["numbers"] = row["numbers"]
    return told


def _shown(one: Candidate, numbers: list[int], reading: Reading) -> tuple[list[str], list[str]]:
    """Ids of the texts' ads, and the captured words around the term."""
    pieces, owners = reading.material.pieces, reading.material.pieces["number"].to_numpy()
    ads, shown = list[str](), list[str]()
    for number in numbers:
        for place in range(*np.searchsorted(owners, [number, number + 1]).tolist()):
            if (span := place_of(one.symbols, reading.plain[place])) is not None:
                ads.append(pieces["ad_id"][place].as_py())
                shown.append(_around(pieces["words"][place].as_py(), *span))
                break
    return ads, shown


def _around(words: str, start: int, end: int) -> str:
    before, behind = words[max(start - _AROUND, 0) : start], words[end : end + _AROUND]
    return " ".join(f"{before}【{words[start:end]}】{behind}".split())
