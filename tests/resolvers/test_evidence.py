"""Each piece of evidence says what it means, and its SQL says the same on DuckDB and on Spark."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from sqlglot import expressions as exp

from resolvers.evidence import COMPARISONS, Comparison, comparisons
from resolvers.scoring import prepare

MADE = comparisons()
BY_NAME = {comparison.name: comparison for comparison in MADE}
CONTACTS = ("number", "handle", "code", "page")
AGAINST = {"parallel", "warning", "quoted", "handed_on"}
# What DuckDB and Spark answer alike: overlap of lists, one function for names, equality, comparison.
FUNCTIONS = {"arrays_overlap", "name_similarity", "coalesce", "length"}
PARTS = (exp.Boolean,
    exp.And, exp.Or, exp.Not, exp.Paren, exp.Is, exp.Null, exp.EQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Column,
    exp.Identifier, exp.Literal, exp.Func, exp.Interval, exp.Var, exp.Add,
)  # fmt: skip
TYPES = {"first_seen": pa.timestamp("us"), "last_seen": pa.timestamp("us"), "name_accounts": pa.int32(),
         "name_spread": pa.int32(), "stem_accounts": pa.int32()}  # fmt: skip
WORDS = {"platform", "name", "login", "stem"}

each = pytest.mark.parametrize("comparison", MADE, ids=[comparison.name for comparison in MADE])


def called(node: exp.Func) -> str:
    return str(node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def conditions(comparison: Comparison) -> list[str]:
    return [comparison.nothing, *(level.sql for level in comparison.levels)]


@each
def test_its_docstring_is_what_the_analyst_reads(comparison: Comparison) -> None:
    (make,) = [make for make in COMPARISONS if make.__name__ == comparison.name]
    assert comparison.meaning == make.__doc__
    assert comparison.meaning[0].isupper()
    assert comparison.meaning.endswith(".")
    assert "\n" not in comparison.meaning
    assert len(comparison.meaning.split()) >= 5


def test_names_and_levels_are_each_their_own() -> None:
    assert len(BY_NAME) == len(COMPARISONS)
    for comparison in MADE:
        names = [level.name for level in comparison.levels]
        assert len(set(names)) == len(names) > 0


@each
def test_m_and_u_are_parts_of_a_whole(comparison: Comparison) -> None:
    for shares in ([level.m for level in comparison.levels], [level.u for level in comparison.levels]):
        assert all(0 < share < 1 for share in shares)
        assert sum(shares) <= 1
    assert all(0 < share <= 1 for share in comparison.rest)
    assert all(0 < level.trust < 1 for level in comparison.levels if level.trust is not None)


@each
def test_levels_speak_for_or_against(comparison: Comparison) -> None:
    assert all((level.m < level.u) is (comparison.name in AGAINST) for level in comparison.levels)


@each
def test_its_sql_is_what_duckdb_and_spark_answer_alike(comparison: Comparison) -> None:
    for sql in conditions(comparison):
        tree = sqlglot.parse_one(sql, read="duckdb")
        assert [type(node).__name__ for node in tree.walk() if not isinstance(node, PARTS)] == []
        assert {called(node) for node in tree.find_all(exp.Func) if not isinstance(node, exp.Binary)} <= FUNCTIONS
        (spark,) = sqlglot.transpile(sql, read="duckdb", write="spark")
        assert sqlglot.parse_one(spark, read="spark").sql("duckdb") == tree.sql("duckdb")


@each
def test_it_names_the_columns_that_it_looks_at(comparison: Comparison) -> None:
    trees = [sqlglot.parse_one(sql, read="duckdb") for sql in conditions(comparison)]
    named = {column.name for tree in trees for column in tree.find_all(exp.Column)}
    assert {name.removesuffix("_l").removesuffix("_r") for name in named} == set(comparison.columns)
    assert all(name.endswith(("_l", "_r")) for name in named)


def day(month: int, number: int = 1) -> datetime:
    return datetime(2018, month, number)


def lists(kind: str, *names: str, key: str = "k") -> dict[str, Any]:
    """Lists of contacts by rarity: the key in those named, another everywhere."""
    every = ("sure_few", "sure_some", "sure_all", "good", "likely")
    return {f"{kind}_{name}": [key] if name in names else ["other of " + key] for name in every}


def contact_cases(kind: str) -> list[tuple[str, dict[str, Any], dict[str, Any], str]]:
    few = lists(kind, "sure_few", "sure_some", "sure_all", "good", "likely")
    return [
        (kind, few, few, "sure_few"),
        (kind, few, lists(kind, "sure_some", "sure_all", "good", "likely"), "sure_some"),
        (kind, few, lists(kind, "sure_all", "good", "likely"), "sure_all"),
        (kind, few, lists(kind, "good", "likely"), "good"),
        (kind, few, lists(kind, "likely"), "likely"),
        (kind, few, lists(kind, key="x"), "nothing"),
        (kind, few, {}, "unknown"),
        (kind, {}, {}, "unknown"),
    ]


SPELL = {"platform": "xianyu", "first_seen": day(1), "last_seen": day(3)}
AT_ONCE = dict.fromkeys(("first_seen", "last_seen"), day(1).replace(hour=11))
OWN = {"own_contacts": ["tel:1"], "long_keys": ["tel:1#1"]}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    *(case for kind in CONTACTS for case in contact_cases(kind)),
    ("named", {"login_keys": ["a"]}, {"gives_sure": ["a"], "gives": ["a"]}, "sure"),
    ("named", {"login_keys": ["a"]}, {"gives_sure": ["b"], "gives_good": ["a"], "gives": ["a", "b"]}, "good"),
    ("named", {"login_keys": ["a"]}, {"gives_sure": ["b"], "gives_good": ["b"], "gives": ["a", "b"]}, "likely"),
    ("named", {"login_keys": ["a"]}, {"login_keys": ["a"]}, "one_login"),
    ("named", {"login_keys": ["a"]}, {"gives": ["b"]}, "nothing"),
    ("named", {"gives": ["a"]}, {"gives": ["a"]}, "unknown"),
    ("watermark", {"watermarks": ["w"]}, {"watermarks": ["v", "w"]}, "same"),
    ("watermark", {"watermarks": ["w"]}, {"watermarks": ["v"]}, "nothing"),
    ("watermark", {"watermarks": ["w"]}, {}, "unknown"),
    ("photos", {"photos_few": ["p"], "photos_some": ["p"]}, {"photos_few": ["p"], "photos_some": ["p"]}, "few"),
    ("photos", {"photos_some": ["p"]}, {"photos_few": ["q"], "photos_some": ["p", "q"]}, "some"),
    ("photos", {"photos_some": ["p"]}, {"photos_some": ["q"]}, "nothing"),
    ("template", {"templates": ["t"]}, {"templates": ["t"]}, "same"),
    ("template", {"templates": ["t"]}, {"templates": ["s"]}, "nothing"),
    *(
        ("name", dict(zip(("name", "name_accounts", "name_spread"), counts, strict=True)) | {"name": "聚宝斋"},
         {"name": other, "name_accounts": counts[1], "name_spread": counts[2]}, level)
        for counts, other, level in [
            (("", 3, 2), "聚宝斋", "same_rare"),
            (("", 9, 5), "聚宝斋", "same_some"),
            (("", 9, 40), "聚宝斋", "same_common"),
            (("", 900, 1), "聚宝斋", "same_common"),
            (("", 2, 1), "聚寶斋", "near"),
            (("", 9, 40), "聚寶斋", "nothing"),
            (("", 2, 1), "御紫艺品", "nothing"),
            (("", 2, 1), None, "unknown"),
        ]
    ),
    ("place", {"places": ["昆明"], "all_places": ["昆明"]}, {"places": ["昆明"], "all_places": ["昆明"]}, "same"),
    ("place", {"places": ["昆明"], "all_places": ["昆明"]}, {"places": ["西安"], "all_places": ["昆明", "西安"]},
     "once"),
    ("place", {"places": ["昆明"], "all_places": ["昆明"]}, {"places": ["西安"], "all_places": ["西安"]}, "nothing"),
    ("goods", {"goods": ["elephant"]}, {"goods": ["elephant", "rhino"]}, "same"),
    ("goods", {"goods": ["elephant"]}, {"goods": ["pangolin"]}, "nothing"),
    ("login", {"login": "ann2018"}, {"login": "ann2018"}, "same"),
    ("login", {"login": "ann1", "stem": "annshop", "stem_accounts": 2},
     {"login": "ann2", "stem": "annshop", "stem_accounts": 2}, "stem"),
    ("login", {"login": "ann"}, {"login": "ann"}, "nothing"),
    ("login", {"login": "ann1", "stem": "annshop", "stem_accounts": 50},
     {"login": "ann2", "stem": "annshop", "stem_accounts": 50}, "nothing"),
    ("succession", SPELL, SPELL | {"first_seen": day(3, 20), "last_seen": day(8)}, "after"),
    ("succession", SPELL, SPELL | {"first_seen": day(3, 20), "last_seen": day(8), "platform": "weibo"}, "nothing"),
    ("succession", SPELL, SPELL | {"first_seen": day(6), "last_seen": day(8)}, "nothing"),
    # Seen on the same day only: there at once.
    ("succession", SPELL | {"last_seen": day(1)}, SPELL | AT_ONCE, "nothing"),
    ("succession", SPELL, SPELL | {"first_seen": day(2), "last_seen": day(8)}, "nothing"),
    ("succession", SPELL, SPELL | {"first_seen": None}, "unknown"),
    ("parallel", SPELL | {"long_keys": ["a"]}, SPELL | {"long_keys": ["b"]}, "apart"),
    ("parallel", SPELL | {"long_keys": ["a"]}, SPELL | {"long_keys": ["a", "b"]}, "nothing"),
    ("parallel", SPELL | {"long_keys": ["a"]}, SPELL | {"long_keys": ["b"], "platform": "weibo"}, "nothing"),
    ("parallel", SPELL | {"long_keys": ["a"]}, {"platform": "xianyu", "first_seen": day(4), "last_seen": day(9),
                                               "long_keys": ["b"]}, "nothing"),
    ("parallel", SPELL | {"long_keys": ["a"]}, SPELL, "unknown"),
    ("warning", {"warned_of": ["tel:1"]}, OWN, "warns"),
    ("warning", {"warned_of": ["tel:2"]}, OWN, "nothing"),
    ("warning", OWN, OWN, "unknown"),
    ("quoted", {"not_own": ["tel:1"]}, OWN, "quotes"),
    ("quoted", {"not_own": ["tel:2"]}, OWN, "nothing"),
    ("handed_on", OWN, OWN | {"long_keys": ["tel:1#2"]}, "apart"),
    ("handed_on", OWN, OWN, "nothing"),
    ("handed_on", OWN, {"own_contacts": ["tel:2"], "long_keys": ["tel:2#1"]}, "nothing"),
    ("handed_on", OWN, {}, "unknown"),
]  # fmt: skip


def side(comparison: Comparison, values: dict[str, Any], suffix: str) -> dict[str, pa.Array]:
    def kind(column: str) -> pa.DataType:
        return TYPES.get(column, pa.string() if column in WORDS else pa.list_(pa.string()))

    return {column + suffix: pa.array([values.get(column)], kind(column)) for column in comparison.columns}


def level_of(comparison: Comparison, left: dict[str, Any], right: dict[str, Any]) -> str:
    """The first level that holds, as Splink takes them."""
    pair = pa.table(side(comparison, left, "_l") | side(comparison, right, "_r"))
    lines = "".join(f" WHEN {level.sql} THEN '{level.name}'" for level in comparison.levels)
    with duckdb.connect() as db:
        prepare(db)
        db.register("pair", pair)
        query = f"SELECT CASE WHEN {comparison.nothing} THEN 'unknown'{lines} ELSE 'nothing' END FROM pair"
        (row,) = db.sql(query).fetchall()
    return str(row[0])


@pytest.mark.parametrize(("name", "left", "right", "level"), CASES)
def test_which_level_holds(name: str, left: dict[str, Any], right: dict[str, Any], level: str) -> None:
    assert level_of(BY_NAME[name], left, right) == level
    assert level_of(BY_NAME[name], right, left) == level


def test_every_level_has_a_case() -> None:
    shown = {(name, level) for name, _, _, level in CASES}
    assert {(c.name, level.name) for c in MADE for level in c.levels} <= shown
