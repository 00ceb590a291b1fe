"""Scored pairs as rows of the graph: probability, and every piece of evidence in words and bits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log2
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from resolvers.evidence import Comparison, comparisons
from resolvers.model import REST, Model

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A pair less likely than this is not worth an analyst's look; it is found again by `sellergraph why`.
NEAR = 0.05
# Bits that are not worth a line.
SLIGHT = 0.1

_MACROS = """
CREATE OR REPLACE TEMP MACRO in_words(contact) AS CASE
    WHEN contact LIKE 'tel:%' THEN 'phone number ' || substr(contact, 5)
    WHEN contact LIKE 'mailto:%' THEN 'e-mail address ' || substr(contact, 8)
    WHEN contact LIKE 'qr:%' THEN 'personal QR code ' || contact
    WHEN contact LIKE 'link:%' THEN 'page ' || substr(contact, 6)
    WHEN contact LIKE 'watermark:%' THEN 'watermark ' || substr(contact, 11)
    WHEN contact LIKE 'wechat:%' THEN 'WeChat id ' || substr(contact, 8)
    WHEN contact LIKE 'qq:%' THEN 'QQ number ' || substr(contact, 4)
    ELSE replace(regexp_extract(contact, '^[^:]*:'), ':', ' account ') || regexp_replace(contact, '^[^:]*:', '') END;
CREATE OR REPLACE TEMP MACRO one_line(words) AS replace(words, chr(10), ' ');
CREATE OR REPLACE TEMP MACRO in_both(a, b) AS list_sort(list_intersect(coalesce(a, []), coalesce(b, [])));
CREATE OR REPLACE TEMP MACRO of_keys(keys) AS list_sort(list_distinct(list_transform(keys, lambda k: split_part(k,
    '#', 1))));
CREATE OR REPLACE TEMP MACRO listed(contacts) AS array_to_string(list_transform(contacts, lambda c: in_words(c)), ', ');
CREATE OR REPLACE TEMP MACRO first_of(items) AS array_to_string(items[1:3], ', ') || CASE WHEN len(items) > 3 THEN
    ' …' ELSE '' END;
"""
_SIDES = (
    "platform", "name", "names", "places", "all_places", "goods", "login", "own_contacts", "warned_of", "not_own",
    "photos_some", "watermarks", "number_likely", "handle_likely", "code_likely", "page_likely", "name_accounts",
    "login_keys", "gives",
)  # fmt: skip
_SHARED = "'both give the ' || listed(of_keys(in_both({0}_likely_l, {0}_likely_r))) || {{level}}"
_APART = (
    "CASE WHEN len(in_both(of_keys({0}_likely_l), of_keys({0}_likely_r))) > 0 THEN 'both give the ' "
    "|| listed(in_both(of_keys({0}_likely_l), of_keys({0}_likely_r))) || ', at different times, as if it had changed "
    "owners' ELSE {1} END"
)
# For each comparison: words where a level holds, words where nothing of it does. {level} tells the level.
_WORDS = {
    "number": (_SHARED.format("number"), _APART.format("number", "'both give phone numbers, none in common'")),
    "handle": (_SHARED.format("handle"), _APART.format("handle", "'both give account names, none in common'")),
    "code": (_SHARED.format("code"), _APART.format("code", "'both show personal codes, none in common'")),
    "page": (_SHARED.format("page"), _APART.format("page", "'both lead to pages of their own, none in common'")),
    "named": (
        "'one gives the other''s ' || listed(CASE WHEN len(naming) > 0 THEN naming "
        "ELSE of_keys(in_both(login_keys_l, login_keys_r)) END) || {level}",
        "'neither names the other'",
    ),
    "watermark": (
        "'the text ' || replace(first_of(in_both(watermarks_l, watermarks_r)), 'watermark:', '') "
        "|| ' stands in pictures of both'",
        "'texts in their pictures differ'",
    ),
    "photos": (
        "'both show ' || CASE len(in_both(photos_some_l, photos_some_r)) WHEN 1 THEN 'a photograph' "
        "ELSE len(in_both(photos_some_l, photos_some_r)) || ' photographs' END || ' that few others show'",
        "'none of the photographs that they share with few others is the same'",
    ),
    "template": ("'both write after one template that few others use'", "'their templates differ'"),
    "name": (
        "CASE WHEN name_l = name_r THEN 'both go by the name ' || name_l || ' ' "
        "|| CASE WHEN name_accounts_l > 60 THEN '(a common one)' ELSE '(' || name_accounts_l || ' accounts do)' END "
        "ELSE 'names are nearly the same: ' || name_l || ', ' || name_r END",
        "'names differ: ' || name_l || ', ' || name_r",
    ),
    "place": (
        "'both post from ' || first_of(in_both(all_places_l, all_places_r))",
        "'places differ: ' || first_of(all_places_l) || '; ' || first_of(all_places_r)",
    ),
    "goods": (
        "'both offer ' || first_of(in_both(goods_l, goods_r))",
        "'goods differ: ' || first_of(goods_l) || '; ' || first_of(goods_r)",
    ),
    "login": ("'ids are alike: ' || login_l || ', ' || login_r", "'ids differ'"),
    "succession": (
        "'on ' || platform_l || ' one begins within 45 days of the other''s last advertisement'",
        "'neither follows the other on one platform'",
    ),
    "parallel": (
        "'on ' || platform_l || ' at once, each under long-lived contacts of its own'",
        "'not on one platform at once under contacts of their own'",
    ),
    "warning": (
        "'one warns of the other''s ' || listed(list_concat("
        "in_both(warned_of_l, own_contacts_r), in_both(warned_of_r, own_contacts_l)))",
        "'neither warns of the other'",
    ),
    "quoted": (
        "'one gives the other''s ' || listed(list_concat("
        "in_both(not_own_l, own_contacts_r), in_both(not_own_r, own_contacts_l)))"
        " || ' as somebody else''s'",
        "'neither gives the other''s contact as somebody else''s'",
    ),
    "handed_on": (
        "'both gave the ' || listed(in_both(own_contacts_l, own_contacts_r)) "
        "|| ', at different times, as if it had changed owners'",
        "'no contact passed from one to the other'",
    ),
}  # fmt: skip
_LEVELS = {
    "sure_few": " (on at most 5 accounts)",
    "sure_some": " (on at most 30 accounts)",
    "sure_all": " (on more than 30 accounts)",
    "good": " (very likely both accounts' own)",
    "likely": " (whose it is, is less sure)",
}
# What Splink found, without the pairs that are not worth a row. Every level's weight is its own (training._closed), so
# that the weights of a pair tell its evidence; pairs with the same ones are of one pattern.
_MATCHES = """
CREATE OR REPLACE TEMP TABLE matches AS
SELECT unique_id_l AS src, unique_id_r AS dst, match_probability AS probability, match_weight AS weight,
       hash({weights}) AS pattern
FROM scored WHERE match_probability >= $near
"""
_PATTERNS = """
SELECT hash({weights}) AS pattern, {each} FROM scored WHERE match_probability >= $near GROUP BY pattern ORDER BY pattern
"""
_ROWS = """
WITH sides AS (
    SELECT m.src, m.dst, m.probability, m.weight, p.* EXCLUDE (pattern), {sides}
    FROM matches m JOIN patterns p USING (pattern)
    JOIN profiles l ON l.unique_id = m.src JOIN profiles r ON r.unique_id = m.dst
), named AS (
    SELECT *, of_keys(list_concat(in_both(login_keys_l, gives_r), in_both(login_keys_r, gives_l))) AS naming FROM sides
), both_capped AS (
    SELECT m.src, m.dst, in_both(a.capped, b.capped) AS capped
    FROM matches m JOIN capped_lists a ON a.account = m.src JOIN capped_lists b ON b.account = m.dst
)
SELECT src, dst, probability, weight,
       array_to_string(list_select([{words}], pieces), chr(10)) AS evidence_text,
       evidence_kinds, evidence_bits,
       array_to_string(list_sort(list_distinct(list_concat(naming, of_keys(list_concat(
           list_concat(in_both(number_likely_l, number_likely_r), in_both(handle_likely_l, handle_likely_r)),
           list_concat(in_both(code_likely_l, code_likely_r), in_both(page_likely_l, page_likely_r))))))), chr(10))
           AS contact_ids,
       coalesce(array_to_string(list_transform(capped, lambda x: one_line(x)), chr(10)), '') AS capped_text
FROM named LEFT JOIN both_capped USING (src, dst)
"""


def pair_up(db: DuckDBPyConnection, model: Model, least: float = NEAR) -> None:
    """Make matches (src, dst, probability, weight, pattern: pairs at least so likely) and patterns from scored.

    patterns: pattern; pieces, the numbers from 1 of the comparisons worth a line, strongest first; evidence_kinds and
    evidence_bits, their names and bits a line each; and for each comparison its level, 0 when nothing of it holds.
    """
    names = [c.name for c in comparisons()]
    weights = ", ".join(f"mw_{name}" for name in names)
    db.execute(_MATCHES.format(weights=weights), {"near": least})
    each = ", ".join(f"any_value(mw_{name}) AS {name}" for name in names)
    found = db.sql(_PATTERNS.format(weights=weights, each=each), params={"near": least}).to_arrow_table()
    patterns = _patterns(found.to_pylist(), model)
    db.register("patterns_made", pa.Table.from_pylist(patterns, schema=_pattern_schema(names)))
    db.execute("CREATE OR REPLACE TEMP TABLE patterns AS FROM patterns_made")
    db.unregister("patterns_made")
    db.execute("DROP TABLE scored")


def match_rows(db: DuckDBPyConnection) -> pa.Table:
    """Return the pairs with their evidence as the graph keeps it (see MATCHES in graph/schema.yaml), in any order:
    src, dst, probability, weight, evidence_text, evidence_kinds, evidence_bits, contact_ids, capped_text.

    Needs matches, patterns (pair_up), profiles and capped_lists.
    """
    db.execute(_MACROS)
    sides = ", ".join(f"l.{name} AS {name}_l, r.{name} AS {name}_r" for name in _SIDES)
    words = ", ".join(_words(c) for c in comparisons())
    return db.sql(_ROWS.format(sides=sides, words=words)).to_arrow_table()


def _pattern_schema(names: Sequence[str]) -> pa.Schema:
    columns = [("pattern", pa.uint64()), ("pieces", pa.list_(pa.int64()))]
    columns += [("evidence_kinds", pa.string()), ("evidence_bits", pa.string())]
    return pa.schema(columns + [(f"of_{name}", pa.int8()) for name in names])


def _patterns(found: Iterable[dict[str, Any]], model: Model) -> list[dict[str, Any]]:
    made = comparisons()
    bits = {c.name: _bits(c, model) for c in made}
    rows = []
    for row in found:
        worth = [(abs(row[c.name]), c.name, place) for place, c in enumerate(made, 1) if abs(row[c.name]) >= SLIGHT]
        worth.sort(reverse=True)
        levels = {f"of_{c.name}": _level(bits[c.name], row[c.name]) for c in made}
        rows.append(
            {
                "pattern": row["pattern"],
                "pieces": [place for _, _, place in worth],
                "evidence_kinds": "\n".join(name for _, name, _ in worth),
                "evidence_bits": "\n".join(repr(round(row[name], 2)) for _, name, _ in worth),
            }
            | levels
        )
    return rows


def _bits(comparison: Comparison, model: Model) -> list[float]:
    """Bits of 'nothing of it', then of each level."""
    levels = model.weights[comparison.name].levels
    return [log2(m / u) for m, u in (levels[name] for name in (REST, *(level.name for level in comparison.levels)))]


def _level(bits: Sequence[float], weight: float) -> int:
    """The number of the level with this weight; what is unknown has none and is asked for nothing."""
    return min(range(len(bits)), key=lambda place: abs(bits[place] - weight))


def _words(comparison: Comparison) -> str:
    """SQL for the words of a comparison on one line; null where it is not worth a line."""
    holds, nothing = _WORDS[comparison.name]
    level = f"of_{comparison.name}"
    told = "".join(
        f" WHEN {level} = {place} THEN {_quoted(_LEVELS[found.name])}"
        for place, found in enumerate(comparison.levels, 1)
        if found.name in _LEVELS
    )
    holds = holds.replace("{level}", f"CASE{told} ELSE '' END" if told else "''")
    piece = [c.name for c in comparisons()].index(comparison.name) + 1
    words = f"CASE WHEN {level} = 0 THEN {nothing} ELSE {holds} END"
    return f"CASE WHEN list_contains(pieces, {piece}) THEN coalesce(one_line({words}), '{comparison.name}') END"


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
