"""How well new words are found: terms taken out of the lexicon, one at a time, in made-up markets.

Run: python -m benchmarks.new_terms --operators 60 --seeds 4 5 6
A term counts when two accounts or more write it and no shorter term of the lexicon lies in it: 犀牛角 is still read as
犀牛. Of the rows that are listed those are right that are words for goods of the market (simulation/goods.py).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graph.stores import GraphStore, open_store
from ingest.extract.normalise import normalise
from ingest.new_terms import find_new_terms
from ingest.pipeline import ingest
from ingest.sources.simulated import simulate
from ingest.sources.simulation.goods import GOODS
from ingest.vocabulary.known import folded_word, goods_words, known_words
from sellergraph.case import create_case

TOP = 20
_WRITTEN = "MATCH (ad:Ad) RETURN ad.account_id AS account, ad.title AS title, ad.text AS text"


def hidden_words() -> list[str]:
    """Every word and emoji for goods of the market that the lexicon has, and that it does not read by a part of it."""
    words = {folded_word(word) for good in GOODS.values() for word in (*good.terms, *good.veiled, good.emoji)}
    known = goods_words()
    return sorted(w for w in words & known if not any(other != w and other in w for other in known))


def right(term: str) -> bool:
    """Whether a listed term names goods of the market, whole, cut, or with a word beside it."""
    words = [normalise(word).text for good in GOODS.values() for word in (*good.terms, *good.veiled, good.emoji)]
    return any(term in word or (len(word) > 1 and word in term) or term == word for word in words)


def written_by(store: GraphStore) -> dict[str, set[str]]:
    """Accounts that write each hidden word."""
    texts = [(r["account"], normalise(f"{r['title']}\n{r['text']}").text) for r in store.read(_WRITTEN).to_pylist()]
    return {word: {account for account, text in texts if word in text} for word in hidden_words()}


def measure(store: GraphStore) -> Iterator[dict[str, Any]]:
    """One record a hidden word that two accounts or more write."""
    for word, accounts in written_by(store).items():
        if len(accounts) < 2:
            continue
        rows = find_new_terms(store, known=known_words() - {word}).rows.to_pylist()[:TOP]
        sure = [right(row["term"]) for row in rows if row["explained_by"] is None and row["z"] >= 2.5]
        rank = next((row["rank"] for row in rows if row["term"] == word), None)
        listed = [right(row["term"]) for row in rows]
        yield {"word": word, "accounts": len(accounts), "rank": rank, "listed": listed, "sure": sure}


def main() -> None:
    """Print recall and precision of each market and of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operators", type=int, default=60)
    parser.add_argument("--seeds", type=int, nargs="+", default=[4, 5, 6])
    asked = parser.parse_args()
    found = list[dict[str, Any]]()
    for seed in asked.seeds:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "source"
            simulate(source, seed=seed, operators=asked.operators, images=False)
            case = create_case(Path(folder) / "case")
            with open_store(case) as store:
                ingest(case, store, [source / "ads.jsonl"], workers=1)
                found += measure(store)
    print(json.dumps(summary(found), ensure_ascii=False))


def summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares over all hidden words."""
    sure = [hit for record in found for hit in record["sure"]]
    return {
        "hidden": len(found),
        "recall_at_20": round(sum(r["rank"] is not None for r in found) / len(found), 3),
        "median_rank": statistics.median(r["rank"] or TOP + 1 for r in found),
        "precision_at_5": round(statistics.mean(hit for r in found for hit in r["listed"][:5]), 3),
        "precision_at_20": round(statistics.mean(hit for r in found for hit in r["listed"]), 3),
        "precision_of_z_2.5_unexplained": round(statistics.mean(sure), 3) if sure else None,
        "missed": [(r["word"], r["accounts"]) for r in found if r["rank"] is None],
    }


if __name__ == "__main__":
    main()
