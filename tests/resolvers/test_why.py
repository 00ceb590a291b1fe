"""What is said about two accounts, from a small graph as a resolution leaves it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graph.lines import as_text
from graph.schema import load_schema
from graph.stores.base import GraphStore
from resolvers.explanation import SharedContact
from resolvers.model import prior_model
from resolvers.why import explain, percent, weighed
from sellergraph.errors import UsageError

ANN, BO, CARL, DAN, EVE, LATE = "xianyu|ann", "weibo|bo", "tieba|carl", "xianyu|dan", "weibo|eve", "tieba|late"
DAY = datetime(2018, 4, 3, 13)
HANDLE, COURIER, HOTLINE, SOLD = "wechat:ann_01", "wechat:car_99", "tel:+864001234567", "tel:+8613800138000"
# The same number as a WeChat id is the same contact.
SOLD_ID = "wechat:13800138000"
OWN, OTHERS = "nothing says that it is another's", "9 accounts call it a courier's"


def table(name: str, columns: str, *values: tuple[Any, ...]) -> dict[str, pa.Table]:
    schema, names = load_schema().table(name).arrow, columns.split()
    rows = [dict(zip(names, value, strict=True)) for value in values]
    made = as_text(pa.Table.from_pylist(rows))
    return {name: made.cast(pa.schema([schema.field(column) for column in made.column_names]))}


def mention(ad: str, contact: str, text: str, role: str = "own", cue: str | None = None) -> tuple[Any, ...]:
    value = contact.partition(":")[2].removeprefix("+86")
    start = text.index(value)
    return (ad, contact, "text", start, start + len(value), value, "regex", role, cue)


TEXTS = {
    "xianyu|1": "老料象牙手串出一批喜欢的朋友抓紧时间，加微信 ann_01 看货，发货找小张 car_99",
    "xianyu|2": "电话 13800138000 或 4001234567",
    "weibo|1": "手串 加 ann_01，跑腿 car_99",
    "weibo|2": "微信 13800138000，4001234567",
    "tieba|1": "犀角杯",
    "xianyu|3": "货运 car_99",
    "weibo|3": "联系 car_99",
}
OWNERS = {
    "xianyu|1": ANN,
    "xianyu|2": ANN,
    "weibo|1": BO,
    "weibo|2": DAN,
    "tieba|1": CARL,
    "xianyu|3": DAN,
    "weibo|3": EVE,
}
GRAPH: dict[str, pa.Table] = {
    **table("Account", "id", *((account,) for account in (ANN, BO, CARL, DAN, EVE, LATE))),
    **table("Ad", "id account_id seen_at text templates", *((ad, OWNERS[ad], DAY, TEXTS[ad], ["t1"]) for ad in TEXTS)),
    **table("Account.POSTED.Ad", "src dst", *((account, ad) for ad, account in OWNERS.items())),
    **table("Capture", "id name", ("sha256:f", "april.jsonl")),
    **table("Ad.CAPTURED_IN.Capture", "src dst line", ("xianyu|1", "sha256:f", 7)),
    **table("Handle", "id service", *((handle, "wechat") for handle in (HANDLE, COURIER, SOLD_ID))),
    **table("Phone", "id number kind", (HOTLINE, HOTLINE[4:], "hotline"), (SOLD, SOLD[4:], "mobile")),
    **table(
        "Ad.MENTIONS.Handle",
        "src dst place span_start span_end raw method role cue",
        mention("xianyu|1", HANDLE, TEXTS["xianyu|1"], cue="加微信"),
        mention("weibo|1", HANDLE, TEXTS["weibo|1"]),
        *(mention(ad, COURIER, TEXTS[ad], "courier", "跑腿") for ad in ("xianyu|1", "weibo|1", "xianyu|3", "weibo|3")),
        mention("weibo|2", SOLD_ID, TEXTS["weibo|2"]),
    ),
    **table(
        "Ad.MENTIONS.Phone",
        "src dst place span_start span_end raw method role cue",
        mention("xianyu|2", SOLD, TEXTS["xianyu|2"]),
        *(mention(ad, HOTLINE, TEXTS[ad]) for ad in ("xianyu|2", "weibo|2")),
    ),
    **table("Image", "id path", ("sha256:1", "1.jpg"), ("sha256:2", "2.jpg")),
    **table("Photo", "id weak", ("photo:1", False)),
    **table("Ad.SHOWS.Image", "src dst position", ("xianyu|1", "sha256:1", 0), ("weibo|1", "sha256:2", 0)),
    **table("Image.COPY_OF.Photo", "src dst", ("sha256:1", "photo:1"), ("sha256:2", "photo:1")),
    **table("Seller", "id name", ("seller:01", "Ann"), ("seller:02", "Dan"), ("seller:03", "Eve")),
    **table(
        "Account.RUN_BY.Seller",
        "src dst",
        *((a, "seller:01") for a in (ANN, BO, CARL)), (DAN, "seller:02"), (EVE, "seller:03"),
    ),
    **table(
        "Account.USES.Handle",
        "src dst tenure role own_probability ads reason accounts",
        (ANN, HANDLE, 1, "own", 0.99, 1, OWN, 2),
        (BO, HANDLE, 1, "own", 0.98, 1, OWN, 2),
        *((a, COURIER, 1, "courier", 0.01, 1, OTHERS, 0) for a in (ANN, BO, DAN)),
        (EVE, COURIER, 1, "own", 0.97, 1, OWN, 1),
        (DAN, SOLD_ID, 2, "own", 0.9, 1, "the contact passed on: turn 2 of 2", 1),
    ),
    **table("Account.USES.Phone", "src dst tenure role own_probability", (ANN, SOLD, 1, "own", 0.9)),
    **table(
        "Account.MATCHES.Account",
        "src dst probability weight joined evidence comparisons weights contacts capped cut",
        (BO, ANN, 0.99, 7.0, True, ["both give ann_01", "x"], ["handle", "template"], [9.0, 1.5], [HANDLE], [], None),
        (CARL, BO, 0.95, 4.25, True, ["both go by Ann"], ["name"], [8.0], [], [], None),
        (CARL, ANN, 0.4, -0.5, False, ["names", "places differ"], ["name", "place"], [5.0, -1.5], [], [], None),
        (ANN, DAN, 0.96, 5.0, False, ["names"], ["name"], [6.0], [], ["name 老王: on 90"], "weak bridge: goods"),
    ),
    **table(
        "Judgement",
        "id left_id right_id verdict author reason made_at retracted_at retracted_by retracted_reason",
        ("judgement:1", BO, ANN, "same", "Li", "one voice", DAY, DAY, "Wu", "two"),
        ("judgement:2", BO, ANN, "different", "Wu", "two voices", DAY, None, None, None),
        ("judgement:3", ANN, CARL, "unsure", "Li", "who knows", DAY, None, None, None),
    ),
}  # fmt: skip


@pytest.fixture
def graph(store: GraphStore) -> GraphStore:
    store.write(GRAPH)
    return store


def contact(found: tuple[SharedContact, ...], name: str) -> SharedContact:
    return next(shared for shared in found if shared.contact == name)


def test_a_joined_pair_shows_its_evidence_and_what_it_would_be_without_each_piece(graph: GraphStore) -> None:
    found = explain(graph, ANN, BO)
    assert (found.status, found.left.account, found.right.account) == ("joined", ANN, BO)
    assert found.verdict == "Joined: one seller (seller:01 Ann); by what the two show themselves it is 99.0 % likely."
    assert [(p.comparison, p.bits) for p in found.pieces] == [("handle", 9.0), ("template", 1.5)]
    assert found.pieces[0].without == pytest.approx(weighed(-2.0)) == pytest.approx(0.2)
    assert found.pieces[0].meaning.startswith("Both give the same WeChat")
    assert found.prior == pytest.approx(7.0 - 10.5)
    assert (found.left.ads, found.left.first_ad) == (2, DAY)
    assert found.links == ()


def test_it_rests_on_ads_with_their_place_and_line(graph: GraphStore) -> None:
    found = explain(graph, BO, ANN)
    rests = found.contacts[0]
    assert (rests.contact, rests.supports, rests.shown_by, rests.owned_by) == (HANDLE, True, 2, 2)
    assert (rests.left.account, rests.right.account) == (BO, ANN)
    (cited,) = rests.right.cited
    assert (cited.ad, cited.place, cited.raw, cited.role, cited.cue) == ("xianyu|1", "text", "ann_01", "own", "加微信")
    assert (cited.file, cited.line) == ("april.jsonl", 7)
    assert cited.context == "…一批喜欢的朋友抓紧时间，加微信 ann_01 看货，发货找小张 car_99"
    assert (rests.right.role, rests.right.reason, rests.right.own_probability) == ("own", OWN, 0.99)


def test_photographs_and_templates_are_shown(graph: GraphStore) -> None:
    found = explain(graph, ANN, BO)
    (photo,) = found.photos
    assert (photo.photo, photo.accounts, photo.used) == ("photo:1", 2, True)
    assert ([s.image for s in photo.left], [s.image for s in photo.right]) == (["1.jpg"], ["2.jpg"])
    (template,) = found.templates
    assert (template.accounts, template.left.text, template.right.ad) == (5, TEXTS["xianyu|1"], "weibo|1")
    assert explain(graph, CARL, BO).templates == ()


def test_contacts_of_others_do_not_join(graph: GraphStore) -> None:
    courier = contact(explain(graph, ANN, BO).contacts, COURIER)
    assert (courier.supports, courier.conclusion) == (False, "a courier's for both")
    assert (courier.shown_by, courier.owned_by, courier.left.reason) == (4, 1, OTHERS)
    assert courier.left.cited[0].role == "courier"


def test_judgements_are_listed_and_those_that_wait_are_named(graph: GraphStore) -> None:
    found = explain(graph, ANN, BO)
    assert [(j.verdict, j.retracted_by) for j in found.judgements] == [("same", "Wu"), ("different", None)]
    assert found.notes == ("judgement:2 (different) is not applied yet: run sellergraph resolve",)


def test_one_seller_through_others_shows_the_chain(graph: GraphStore) -> None:
    found = explain(graph, ANN, CARL)
    assert found.status == "through others"
    assert "but only through others: by what the two show themselves it is 40.0 % likely" in found.verdict
    assert [(s.left, s.right, s.probability, s.evidence) for s in found.chain] == [
        (ANN, BO, 0.99, "both give ann_01"),
        (BO, CARL, 0.95, "both go by Ann"),
    ]
    assert [p.words for p in found.pieces if (p.bits or 0) < 0] == ["places differ"]


def test_a_judgement_is_a_step_of_the_chain(graph: GraphStore) -> None:
    same = ("judgement:4", ANN, CARL, "same", "Li", "his brother said so", DAY)
    graph.write(table("Judgement", "id left_id right_id verdict author reason made_at", same))
    found = explain(graph, CARL, ANN)
    assert "by an analyst's judgement" in found.verdict
    assert [s.evidence for s in found.chain] == ["judged the same by Li: his brother said so"]


def test_an_unmerged_pair_says_what_spoke_against_it(graph: GraphStore) -> None:
    found = explain(graph, DAN, ANN)
    assert found.status == "not joined"
    assert found.verdict.endswith("although by what the two show themselves it is 96.0 % likely: weak bridge: goods.")
    assert (found.cut, found.capped) == ("weak bridge: goods", ("name 老王: on 90",))
    # The number is one contact, as a phone with the one and as a WeChat id with the other, and passed on.
    sold = contact(found.contacts, SOLD)
    assert sold.conclusion == "it passed on: turn 2 for the one, turn 1 for the other"
    assert (sold.left.cited[0].contact, sold.right.cited[0].contact) == (SOLD_ID, SOLD)
    hotline = contact(found.contacts, HOTLINE)
    assert hotline.conclusion == "a 400 or 800 line is a firm's or a platform's and joins nobody"
    assert (hotline.shown_by, hotline.left.role) == (0, None)


def test_a_pair_that_was_never_compared_says_why(graph: GraphStore) -> None:
    found = explain(graph, ANN, EVE)
    assert (found.status, found.probability, found.pieces, found.prior) == ("not joined", None, (), None)
    assert "nothing rare is common to the two" in found.verdict
    (hub,) = found.contacts
    assert hub.conclusion == "a courier's for the one, its own for the other"


def test_an_account_of_after_the_run_is_told(graph: GraphStore) -> None:
    found = explain(graph, ANN, LATE)
    assert (found.status, found.verdict) == (
        "not resolved",
        "Not known yet: tieba|late came after the last resolution; run sellergraph resolve.",
    )


def test_a_seller_is_explained_by_its_strongest_pair(graph: GraphStore) -> None:
    found = explain(graph, "seller:01", DAN)
    assert (found.left.account, found.right.account) == (ANN, DAN)
    assert [(link.left, link.right, link.joined, link.cut) for link in found.links] == [
        (ANN, DAN, False, "weak bridge: goods")
    ]
    inside = explain(graph, CARL, "seller:01")
    assert [(link.right, link.joined) for link in inside.links] == [(BO, True), (ANN, False)]
    assert (inside.left.account, inside.right.account) == (CARL, BO)


def test_of_sellers_without_a_pair_those_with_most_in_common_are_explained(graph: GraphStore) -> None:
    found = explain(graph, EVE, "seller:01")
    assert (found.left.account, found.right.account, found.links) == (EVE, BO, ())


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        (ANN, "weibo|b", r"no account 'weibo\|b': did you mean weibo\|bo or weibo\|eve\?"),
        (ANN, "nobody", "no seller or account 'nobody'"),
        (ANN, f" {ANN} ", r"xianyu\|ann is one account: name two"),
        ("seller:01", "01", "seller:01 and 01 are one seller: name two"),
    ],
)
def test_what_cannot_be_explained_is_refused(graph: GraphStore, left: str, right: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        explain(graph, left, right)


def test_before_the_first_resolution_it_says_what_to_do(store: GraphStore) -> None:
    store.write({"Account": GRAPH["Account"]})
    with pytest.raises(UsageError, match="no sellers yet: run sellergraph resolve"):
        explain(store, ANN, BO)


def test_the_model_tells_the_prior_from_slight_pieces(graph: GraphStore, tmp_path: Path) -> None:
    assert explain(graph, ANN, BO, tmp_path).slight is None
    prior_model().save(tmp_path / "model.json")
    slight = explain(graph, ANN, BO, tmp_path).slight
    # Of odds of 1 in 10,000, which are 13.29 bits against.
    assert slight == pytest.approx(-3.5 + 13.29, abs=0.01)
    (tmp_path / "model.json").write_text("{}", encoding="utf-8")
    assert any("another version" in note for note in explain(graph, ANN, BO, tmp_path).notes)


def test_graphs_of_before_weights_were_kept_are_explained(store: GraphStore) -> None:
    old = ("evidence_text", "contact_ids", "probability", "weight", "src", "dst")
    store.write(GRAPH | {"Account.MATCHES.Account": GRAPH["Account.MATCHES.Account"].select(old)})
    found = explain(store, ANN, BO)
    assert [(p.words, p.bits, p.without) for p in found.pieces][0] == ("both give ann_01", None, None)
    assert (found.status, found.prior) == ("joined", None)


def test_the_explanation_becomes_one_record(graph: GraphStore) -> None:
    record = asdict(explain(graph, ANN, BO))
    assert record["contacts"][0]["left"]["cited"][0]["ad"] == "xianyu|1"


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.99997, "over 99.99 %"), (0.9985, "99.85 %"), (0.5, "50.0 %"), (1e-9, "under 0.1 %")],
)
def test_nothing_is_wholly_sure(probability: float, words: str) -> None:
    assert percent(probability) == words


def test_bits_are_odds() -> None:
    assert weighed(0) == 0.5
    assert weighed(3) == pytest.approx(8 / 9)
    assert weighed(-5000) == 0.0
    assert weighed(5000) == 1.0


def test_a_likely_pair_under_the_threshold_is_told_so(graph: GraphStore) -> None:
    near = ("probability weight joined evidence comparisons weights", 0.75, 1.58, False, ["names"], ["name"], [4.0])
    graph.write(table("Account.MATCHES.Account", f"src dst {near[0]}", (BO, DAN, *near[1:])))
    found = explain(graph, BO, DAN)
    assert found.verdict.endswith("by what the two show themselves it is 75.0 % likely, which was under the threshold.")
    assert found.prior == pytest.approx(1.58 - 4.0)
