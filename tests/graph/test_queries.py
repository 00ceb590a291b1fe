"""The pack of queries: its header format, binding, and the same rows from both stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graph.lines import as_text
from graph.queries import Query, load_queries, read_query, run_query
from graph.schema import load_schema
from graph.stores import GraphStore, open_store
from sellergraph.case import Settings, create_case
from sellergraph.errors import QueryError, UsageError

DAY = datetime(2018, 4, 3, 13, 5)


def rows(name: str, columns: str, *values: tuple[Any, ...]) -> dict[str, pa.Table]:
    schema = load_schema().table(name).arrow
    names = columns.split()
    made = as_text(pa.Table.from_pylist([dict(zip(names, value, strict=True)) for value in values]))
    return {name: made.cast(pa.schema([schema.field(column) for column in made.column_names]))}


LITTLE_GRAPH: dict[str, pa.Table] = {
    **rows(
        "Platform",
        "id name kind",
        ("xianyu", "闲鱼", "second_hand"),
        ("wechat", "微信", "messaging"),
        ("tieba", "贴吧", "online_community"),
    ),
    **rows(
        "Account",
        "id platform seller_id name",
        ("xianyu|a", "xianyu", "a", "老王🐘"),
        ("xianyu|b", "xianyu", "b", None),
        ("tieba|c", "tieba", "c", "文玩阿强"),
        ("tieba|d", "tieba", "d", "quiet"),
    ),
    **rows(
        "Ad",
        "id platform account_id title textless seen_at price_cents currency url captured_at claims",
        (
            "xianyu|1",
            "xianyu",
            "xianyu|a",
            "象牙手串",
            False,
            DAY,
            120_000,
            "CNY",
            "https://x.example/1",
            DAY,
            ["wild"],
        ),
        (
            "xianyu|2",
            "xianyu",
            "xianyu|a",
            "🐘🐘",
            True,
            datetime(2018, 5, 1),
            None,
            None,
            None,
            DAY,
            ["recruiting", "wild"],
        ),
        (
            "xianyu|3",
            "xianyu",
            "xianyu|b",
            "加微信",
            False,
            datetime(2018, 4, 30, 23, 59, 59),
            5,
            "CNY",
            None,
            None,
            None,
        ),
        ("tieba|4", "tieba", "tieba|c", None, True, None, None, None, None, None, ["recruiting"]),
        ("tieba|5", "tieba", "tieba|d", "犀角", False, DAY, None, None, None, None, []),
        ("tieba|6", "tieba", None, "玳瑁", False, DAY, None, None, None, None, ["elephant_marks"]),
    ),
    **rows("Phone", "id number", ("tel:+8613800000000", "+8613800000000")),
    **rows(
        "Handle",
        "id service value",
        ("wechat:wang_01", "wechat", "wang_01"),
        ("wechat:wang_0l", "wechat", "wang_0l"),
        ("tieba:d", "tieba", "d"),
    ),
    **rows("Photo", "id weak", ("photo:1", False), ("photo:2", None)),
    **rows("Watermark", "id text", ("watermark:老王", "老王")),
    **rows(
        "QRCode", "id payload kind", ("qr:01", "u", "wechat_friend"), ("qr:02", "x", None), ("qr:03", "y", "alipay")
    ),
    **rows("Link", "id url host", ("link:https://a.example/1", "https://a.example/1", "a.example")),
    **rows("Image", "id path", ("sha256:1", "1.jpg"), ("sha256:2", None)),
    **rows("Taxon", "id name_en name_zh", ("elephant", "elephant", "象"), ("rhino", "rhinoceros", "犀牛")),
    **rows("Commodity", "id taxon_id", ("elephant/ivory", "elephant"), ("rhino/horn", "rhino")),
    **rows("Capture", "id name format", ("sha256:f", "ads.jsonl", "jsonl")),
    **rows("Seller", "id name", ("seller:01", "老王🐘"), ("seller:02", None)),
    **rows("Network", "id sellers reasons", ("network:01", 2, ["1 pair: both show the same photographs"])),
    **rows(
        "Account.POSTED.Ad",
        "src dst",
        ("xianyu|a", "xianyu|1"),
        ("xianyu|a", "xianyu|2"),
        ("xianyu|b", "xianyu|3"),
        ("tieba|c", "tieba|4"),
        ("tieba|d", "tieba|5"),
    ),
    **rows(
        "Ad.MENTIONS.Handle",
        "src dst place span_start raw role cue confidence candidate_of",
        ("xianyu|1", "wechat:wang_01", "text", 3, "wang_01", "own", "微信", 1.0, None),
        ("xianyu|1", "wechat:wang_01", "title", 0, "wang_01", "own", None, 0.5, None),
        ("xianyu|3", "wechat:wang_01", "text", 0, "Wang_01", "own", "加微信", 0.9, None),
        ("tieba|4", "wechat:wang_01", "text", 0, "wang_01", "supplier", None, None, None),
        ("xianyu|3", "tieba:d", "text", 9, "d", "other", None, None, None),
        ("xianyu|2", "wechat:wang_0l", "sha256:1", 0, "wang_0l", "own", None, 0.7, "wechat:wang_01"),
    ),
    **rows(
        "Ad.MENTIONS.Phone",
        "src dst place span_start role",
        ("xianyu|2", "tel:+8613800000000", "sha256:1", 0, None),
        ("tieba|4", "tel:+8613800000000", "text", 0, "courier"),
    ),
    **rows("Ad.MENTIONS.QRCode", "src dst place span_start role", ("xianyu|2", "qr:01", "sha256:1", 0, "own")),
    **rows(
        "Ad.MENTIONS.Link",
        "src dst place span_start",
        ("xianyu|1", "link:https://a.example/1", "text", 20),
        ("tieba|6", "link:https://a.example/1", "text", 20),
    ),
    **rows(
        "Ad.SHOWS.Image",
        "src dst position",
        ("xianyu|1", "sha256:1", 0),
        ("xianyu|2", "sha256:1", 0),
        ("tieba|4", "sha256:1", 0),
        ("tieba|5", "sha256:2", 0),
    ),
    **rows("Image.COPY_OF.Photo", "src dst", ("sha256:1", "photo:1"), ("sha256:2", "photo:2")),
    **rows("Ad.MENTIONS.Watermark", "src dst place span_start", ("xianyu|2", "watermark:老王", "sha256:1", 0)),
    **rows(
        "Ad.OFFERS.Commodity",
        "src dst",
        ("xianyu|1", "elephant/ivory"),
        ("xianyu|2", "elephant/ivory"),
        ("xianyu|3", "rhino/horn"),
        ("tieba|5", "rhino/horn"),
    ),
    **rows("Commodity.OF.Taxon", "src dst", ("elephant/ivory", "elephant"), ("rhino/horn", "rhino")),
    **rows("Handle.IDENTIFIES.Account", "src dst", ("tieba:d", "tieba|d")),
    **rows("Ad.CAPTURED_IN.Capture", "src dst line", ("xianyu|1", "sha256:f", 1), ("xianyu|1", "sha256:f", 9)),
    **rows(
        "Account.RUN_BY.Seller",
        "src dst",
        ("xianyu|a", "seller:01"),
        ("xianyu|b", "seller:01"),
        ("tieba|c", "seller:02"),
    ),
    **rows(
        "Seller.MEMBER_OF.Network",
        "src dst role reason",
        ("seller:01", "network:01", "supplier", "others re-posted 2 of its photographs"),
        ("seller:02", "network:01", "agent", None),
    ),
    **rows(
        "Seller.TIED_TO.Seller",
        "src dst kinds_text weight reasons_text",
        ("seller:01", "seller:02", "agent, photo", 4.25, "both show the photograph photo:1 (2 sellers show it)"),
    ),
    **rows(
        "Account.MATCHES.Account",
        "src dst probability weight joined evidence comparisons weights contacts capped cut",
        ("xianyu|a", "xianyu|b", 0.99, 7.25, True, ["同一微信"], ["handle"], [9.5], ["wechat:wang_01"], [], None),
        ("tieba|c", "xianyu|a", 0.2, None, None, [], None, None, None, None, None),
        ("tieba|c", "xianyu|b", 0.95, 4.25, False, ["a", "b"], ["name", "place"], [6.0, -1.75], [], ["老王"], "x"),
    ),
    **rows(
        "Account.USES.Handle",
        "src dst tenure role own_probability ads first_seen last_seen accounts reason",
        ("xianyu|a", "wechat:wang_01", 1, "own", 0.99, 1, DAY, DAY, 2, "nothing says that it is another's"),
        ("xianyu|b", "wechat:wang_01", 1, "own", 0.75, 1, DAY, datetime(2018, 6, 1), 2, None),
        ("tieba|c", "wechat:wang_01", 2, "own", 0.5, 1, None, None, 1, "the contact passed on: turn 2 of 2"),
        ("xianyu|b", "tieba:d", 1, "other", 0.01, 1, DAY, DAY, 0, None),
    ),
    **rows(
        "Account.USES.Phone",
        "src dst tenure role own_probability",
        ("xianyu|a", "tel:+8613800000000", 1, "courier", 0.001),
        ("tieba|c", "tel:+8613800000000", 1, "courier", 0.002),
    ),
    **rows(
        "Judgement",
        "id left_id right_id verdict author reason made_at retracted_at retracted_by retracted_reason",
        ("judgement:1", "tieba|c", "xianyu|a", "different", "李", "two voices", DAY, None, None, None),
        ("judgement:2", "tieba|c", "xianyu|b", "same", "Wu", "x", DAY, datetime(2018, 5, 1), "Li", "another"),
    ),
    **rows(
        "Ad.LEADS_TO.Platform",
        "src dst carrier carrier_kind",
        ("xianyu|1", "wechat", "wechat:wang_01", "handle"),
        ("xianyu|2", "wechat", "qr:01", "qr"),
        ("xianyu|3", "wechat", "wechat:wang_01", "handle"),
        ("tieba|4", "wechat", "wechat:wang_01", "handle"),
    ),
}
CASES: list[tuple[str, dict[str, str], int]] = [
    ("accounts_sharing_contact", {"account": "xianyu|a"}, 1),
    ("accounts_without_contacts", {}, 1),
    ("ads_by_month", {}, 3),
    ("ads_by_month", {"since": "2018-04-30", "until": "2018-05-01"}, 1),
    ("ads_of_seller", {"seller": "seller:01"}, 3),
    ("ads_of_seller", {"seller": "seller:02"}, 1),
    ("ads_of_seller", {"seller": "seller:01", "most": "2"}, 2),
    ("ads_of_seller", {"seller": "nobody"}, 0),
    ("chelonians_with_status", {}, 0),
    ("contact_decisions", {"contact": "wechat:wang_01"}, 3),
    ("contact_decisions", {"contact": "nobody"}, 0),
    ("contact_users", {"contact": "wechat:wang_01"}, 3),
    ("contact_users", {"contact": "tel:+8613800000000"}, 2),
    ("contacts_of_seller", {"seller": "seller:01"}, 5),
    ("forum_species_by_month", {}, 1),
    ("heaviest_posters", {}, 3),
    ("heaviest_posters", {"kind": "second_hand", "most": "1"}, 1),
    ("hub_contacts", {"more_than": "1"}, 2),
    ("hub_contacts", {}, 0),
    ("judgements", {}, 2),
    ("links_by_host", {}, 1),
    ("mammoth_suspects", {}, 0),
    ("media_by_day", {"kind": "second_hand"}, 1),
    ("mentions_of_ad", {"ad": "xianyu|1"}, 3),
    ("misread_contacts", {}, 1),
    ("named_accounts", {}, 1),
    ("near_pairs", {"seller": "seller:01"}, 2),
    ("near_pairs", {"seller": "seller:02"}, 2),
    ("near_pairs", {"seller": "seller:01", "most": "1"}, 1),
    ("network_members", {"network": "network:01"}, 2),
    ("network_members", {"network": "nobody"}, 0),
    ("new_ads_by_month", {}, 3),
    ("new_ads_by_month", {"kind": "online_community"}, 1),
    ("passed_on", {}, 2),
    ("platform_handovers", {}, 3),
    ("provenance_of_ad", {"ad": "xianyu|1"}, 2),
    ("qr_codes_by_kind", {}, 3),
    ("recruiting_agents", {}, 2),
    ("seller_ties", {"seller": "seller:01"}, 1),
    ("seller_ties", {"seller": "seller:02"}, 1),
    ("seller_timeline", {"seller": "seller:01"}, 2),
    ("sellers_by_species", {"taxon": "elephant"}, 1),
    ("services", {"more_than": "1"}, 1),
    ("services", {}, 0),
    ("shared_images", {}, 1),
    ("shared_photos", {}, 1),
    ("species_by_platform", {}, 3),
    ("species_shares", {}, 2),
    ("species_within_days", {"since": "2018-04-03", "until": "2018-04-10"}, 1),
    ("textless_ads_by_platform", {}, 2),
    ("textless_by_month", {}, 3),
    ("watermark_accounts", {}, 1),
    ("why_merged", {"seller": "seller:01"}, 1),
    ("wild_claims", {}, 1),
]
QUERIES = load_queries()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    with open_store(create_case(tmp_path_factory.mktemp("queries") / "case")) as store:
        store.write(LITTLE_GRAPH)
        yield store


@pytest.mark.parametrize(("name", "given", "expected"), CASES)
def test_rows_there_should_be(embedded: GraphStore, name: str, given: dict[str, str], expected: int) -> None:
    query = QUERIES[name]
    assert embedded.read(query.text("embedded"), **query.bind(given)).num_rows == expected


@pytest.mark.neo4j
def test_both_stores_give_the_same_rows(embedded: GraphStore, neo4j_settings: Settings) -> None:
    with open_store(neo4j_settings) as server:
        differing = {}
        for graph in ({}, LITTLE_GRAPH):
            server.write(graph)
            for name, given, _ in CASES if graph else ():
                query = QUERIES[name]
                ours, theirs = (s.read(query.text(s.dialect), **query.bind(given)) for s in (embedded, server))
                if not ours.equals(theirs):
                    differing[name, *given] = (ours.to_pylist(), theirs.to_pylist(), ours.schema, theirs.schema)
    assert not differing


def test_every_query_has_a_case() -> None:
    assert {name for name, _, _ in CASES} == set(QUERIES)
    assert len(QUERIES) >= 12


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_queries_are_documented_and_ordered(query: Query) -> None:
    assert query.summary.endswith(".")
    for dialect in ("embedded", "neo4j"):
        assert "ORDER BY" in query.text(dialect)


def test_run_query_takes_defaults_and_values(embedded: GraphStore) -> None:
    assert run_query(embedded, "hub_contacts").num_rows == 0
    assert run_query(embedded, "hub_contacts", more_than=1)["hub"].to_pylist() == [
        "wechat:wang_01",
        "tel:+8613800000000",
    ]
    assert run_query(embedded, "hub_contacts", more_than="1").num_rows == 2
    with pytest.raises(UsageError, match="more_than: 'abc' is not a whole number"):
        run_query(embedded, "hub_contacts", more_than="abc")
    for wrong in ({"more": 1}, {"most": 3}):
        with pytest.raises(UsageError, match="more|most|seller"):
            run_query(embedded, "ads_of_seller", **wrong)
    with pytest.raises(UsageError, match="no query 'nothing'"):
        run_query(embedded, "nothing")


BINDINGS: list[tuple[str, dict[str, str], str]] = [
    ("ads_of_seller", {}, "needs the parameter seller"),
    ("ads_of_seller", {"seller": "a", "colour": "b"}, "no parameter colour"),
    ("ads_of_seller", {"seller": "a", "most": "many"}, "most: 'many' is not a whole number"),
    ("ads_by_month", {"since": "last year"}, "since: 'last year' is not a date"),
    ("species_by_platform", {"a": "b"}, "it takes none"),
]


@pytest.mark.parametrize(("name", "given", "words"), BINDINGS)
def test_bad_parameters_are_named(name: str, given: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        QUERIES[name].bind(given)


def test_parameters_are_typed(tmp_path: Path) -> None:
    header = "// param a: string = a\n// param b: int = b\n// param c: float = c\n// param d: date = d\n"
    body = "// param e: string[] = e\nMATCH (p:Ad) WHERE p.id IN $e AND p.views > $b RETURN $a AS x, $c AS y, $d AS z"
    path = tmp_path / "typed.cypher"
    path.write_text(f"// name: typed\n// summary: S.\n{header}{body}", encoding="utf-8")
    bound = read_query(path, load_schema()).bind({"a": "1", "b": "2", "c": "3", "d": "2018-04-03", "e": "x, y"})
    assert bound == {"a": "1", "b": 2, "c": 3.0, "d": datetime(2018, 4, 3), "e": ["x", "y"]}


HEAD = "// name: q\n// summary: S.\n"
BROKEN = [
    ("// name: other\n// summary: S.\nMATCH (a:Ad) RETURN a.id AS id", "the name is other"),
    ("// name: q\nMATCH (a:Ad) RETURN a.id AS id", "no line '// summary"),
    (f"{HEAD}MATCH (a:Add) RETURN a.id AS id", "does not know Add"),
    (f"{HEAD}MATCH (a:Ad)-[:MENTION]->(p:Phone|Fax) RETURN a.id AS id", "does not know Fax, MENTION"),
    (f"{HEAD}MATCH (a:Ad) RETURN a.colour AS id", "does not know colour"),
    (f"{HEAD}MATCH (a:Ad {{ID: 'x'}}) RETURN a.id AS id", "does not know ID"),
    (f"{HEAD}MATCH (a:Ad) WHERE a.id = $x RETURN a.id AS id", "differ in x"),
    (f"{HEAD}// param x: int = n\nMATCH (a:Ad) RETURN a.id AS id", "differ in x"),
    (f"{HEAD}// param x: money = n\nMATCH (a:Ad) RETURN a.id AS id", "parameter line"),
    (f"{HEAD}// param x: int [many] = n\nMATCH (a:Ad) RETURN $x AS id", "'many' is not a whole number"),
    (f"{HEAD}CREATE (a:Ad)", "CREATE"),
    (f"{HEAD}MATCH (a:Ad) SET a.id = '1'", "SET"),
    (f"{HEAD}MATCH (a:Ad) RETURN a.id AS id; MATCH (b:Ad) RETURN b.id AS id", "one statement"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_broken_files_are_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "q.cypher"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QueryError, match=words) as caught:
        read_query(path, load_schema())
    assert str(path) in str(caught.value)
