"""New words found in a small market of known goods, on both stores, and lexicon words found again in simulated ones."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from graph.stores import open_store
from graph.stores.base import GraphStore
from ingest.new_terms import TERMS, find_new_terms
from ingest.vocabulary.known import folded_word, goods_words, known_words
from sellergraph.case import Settings, create_case
from sellergraph.errors import UsageError

GOODS = {"elephant": ("象牙", "ivory"), "tiger": ("虎骨", "bone"), "saiga": ("羚羊角", "horn")}
TALK = ("现货不多。", "欢迎来问。", "可以细聊。", "拍照清楚。", "当天寄走。", "手感很润。", "放心拿货。", "先到先得。")
EVERYONE = ("好料子多多。", "莆田仙游自提。", "懂的都进。")
OPENINGS = ("出", "新", "", "一批")
PLACES = ("福建莆田", "云南瑞丽", "广西凭祥")
HOSTILE = ("</script><script>alert(1)</script>", "%s{0}' OR 1=1 --", "\x1b[31m\u202e\0", "墨" * 9_000, "🐘" * 5_000)


class Market:
    """Sellers of three kinds of goods, ten each; what they write beside that is given."""

    def __init__(self) -> None:
        self.ads, self.mentions, self.offers = (list[dict[str, Any]]() for _ in range(3))
        self.images, self.shows = list[dict[str, Any]](), list[dict[str, Any]]()
        for taxon, (term, _) in GOODS.items():
            for number in range(10):
                for day in range(6):
                    words = f"出{term}手串，{TALK[(number + day) % 8]}{EVERYONE[(3 * number + day) % 3]}"
                    self.post(f"{taxon}{number}", words, taxon, location=PLACES[number % 3])

    def post(self, seller: str, text: str, taxon: str | None = None, contact: str = "", **more: Any) -> str:
        """One ad; `contact` stands behind the text and is known as one."""
        ad = f"xianyu|{len(self.ads):05}"
        self.ads.append(
            {"id": ad, "platform": "xianyu", "account_id": f"xianyu|{seller}", "text": text + contact, **more}
        )
        if taxon:
            term, part = GOODS[taxon]
            self.offers.append({"src": ad, "dst": f"{taxon}/{part}", "term": term, "confidence": 0.9})
        if contact:
            span = {"span_start": len(text), "span_end": len(text) + len(contact)}
            self.mentions.append({"src": ad, "dst": "wechat:demo_1", "place": "text", "method": "regex", **span})
        return ad

    def picture(self, ad: str, text: str) -> None:
        """Text that was read in a picture of the ad."""
        self.images.append({"id": f"sha256:{len(self.images)}", "text": text})
        self.shows.append({"src": ad, "dst": self.images[-1]["id"], "position": 0})

    def write(self, store: GraphStore) -> None:
        accounts = sorted({ad["account_id"] for ad in self.ads})
        goods = [(taxon, part) for taxon, (_, part) in GOODS.items()]
        tables = {
            "Account": [{"id": account, "name": "莆田老店"} for account in accounts],
            "Ad": self.ads,
            "Handle": [{"id": "wechat:demo_1", "service": "wechat"}],
            "Image": self.images,
            "Commodity": [{"id": f"{taxon}/{part}", "taxon_id": taxon} for taxon, part in goods],
            "Ad.MENTIONS.Handle": self.mentions,
            "Ad.OFFERS.Commodity": self.offers,
            "Ad.SHOWS.Image": self.shows,
        }
        store.write({name: _rows(rows) for name, rows in tables.items() if rows})


def _rows(values: list[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for value in values for name in value)
    return pa.Table.from_pylist([{name: value.get(name) for name in names} for value in values])


@pytest.fixture
def market() -> Market:
    """Six sellers of elephant goods write 墨筋 and 🪵🦷 for them; what else is written is no word for goods."""
    made = Market()
    for number in range(6):
        for day in range(4):
            made.post(
                f"elephant{number}", f"{OPENINGS[day]}墨筋手串，{TALK[(number + day) % 8]}", contact="微信 newword_q"
            )
            made.post(f"elephant{number}", f"🪵🦷 {TALK[day]}")
    for number in range(10):
        for taxon in GOODS:
            for said, talk in zip(EVERYONE, TALK[number % 5 :], strict=False):
                made.post(f"{taxon}{number}", f"{said}{talk}")
            # Nothing else stands there: what it names nobody can tell.
            made.post(f"{taxon}{number}", "只等有缘人")
    for day in range(300):
        made.post("tiger0", f"独家秘藏货{'，' * (day % 7)}第{day}件", contact="V demo_1")
    for number, text in enumerate(HOSTILE):
        made.post(f"tiger{number}", text, title=text)
    return made


def test_a_new_word_and_a_new_emoji_come_first(store: GraphStore, market: Market) -> None:
    market.write(store)
    found = find_new_terms(store)
    assert found.rows.schema == TERMS
    first, second, *others = found.rows.to_pylist()
    assert [first["term"], second["term"]] == ["墨筋", "🪵🦷"]
    assert (first["kind"], first["stands_out_in"], first["explained_by"]) == ("chinese", "elephant", None)
    assert (first["sellers"], first["accounts"], first["ads"], first["unread_ads"]) == (6, 6, 24, 24)
    assert (first["share_inside"], first["share_others"]) == (0.6, 0.0)
    assert first["seller_commodities"] == ["elephant/ivory"]
    assert first["z"] > 3 > max((row["z"] for row in others), default=0.0)
    assert len({ad.partition("|")[2] for ad in first["example_ads"]}) == 3
    assert all("【墨筋】" in example for example in first["examples"])
    assert second["kind"] == "emoji"
    assert found.compared == ["elephant", "saiga", "tiger"]
    assert (found.read, found.texts) == (found.texts, found.read)


def test_what_is_known_or_said_by_all_or_by_one_is_not_listed(store: GraphStore, market: Market) -> None:
    market.write(store)
    rows = find_new_terms(store, limit=1_000).rows.to_pylist()
    terms = {row["term"] for row in rows}
    assert not terms & known_words()
    for word in (
        "好料子",
        "料子多多",
        "莆田",
        "仙游",
        "newword",
        "newword_q",
        "懂的都进",
        "有缘",
        "独家秘藏",
        "秘藏货",
        "莆田老店",
    ):
        assert not [term for term in terms if word in term], word
    assert all("<" not in term and "\x1b" not in term and "\0" not in term for term in terms)
    alone = {row["term"] for row in find_new_terms(store, min_sellers=1, limit=1_000).rows.to_pylist()}
    assert [term for term in alone if "独家秘藏" in term]


def test_what_was_read_in_pictures_counts(store: GraphStore, market: Market) -> None:
    for number in range(5):
        market.picture(market.post(f"saiga{number}", ""), f"雪筒切片\n{TALK[number]}")
    market.write(store)
    row = next(row for row in find_new_terms(store).rows.to_pylist() if row["term"] == "雪筒")
    assert (row["sellers"], row["stands_out_in"]) == (5, "saiga")
    assert "【雪筒】" in row["examples"][0]


def test_known_sellers_stand_against_all_who_sell_other_things(store: GraphStore) -> None:
    market = Market()
    for number in range(8):
        for taxon in GOODS:
            market.post(f"{taxon}{number}", f"暗行货，{TALK[number]}")
    for number in range(30):
        for day in range(3):
            market.post(f"toys{number}", f"积木玩具，{TALK[(number + day) % 8]}")
    market.write(store)
    found = find_new_terms(store)
    assert found.compared == ["known sellers", "elephant", "saiga", "tiger"]
    best = found.rows.to_pylist()[0]
    assert (best["term"], best["stands_out_in"]) == ("暗行货", "known sellers")
    assert "积木玩具" not in found.rows["term"].to_pylist()


def test_given_sellers_stand_against_all_others(store: GraphStore) -> None:
    market = Market()
    for number in (1, 2):
        for day in range(5):
            market.post(f"tiger{number}", f"虎骨暗号货，{TALK[day]}", "tiger")
    market.write(store)
    found = find_new_terms(store, sellers=["xianyu|tiger1", "xianyu|tiger2"])
    assert (found.rows["term"][0].as_py(), found.compared) == ("暗号货", ["the given sellers"])
    with pytest.raises(UsageError, match=r"no seller or account with advertisements is called xianyu\|nobody"):
        find_new_terms(store, sellers=["xianyu|nobody"])
    with pytest.raises(UsageError, match="no other sellers to compare these with"):
        find_new_terms(store, sellers=[f"xianyu|{taxon}{number}" for taxon in GOODS for number in range(10)])


def test_of_many_texts_the_first_of_everybody_are_read(store: GraphStore, market: Market) -> None:
    market.write(store)
    found = find_new_terms(store, most_texts=200)
    assert found.read == 200 < found.texts
    assert set(found.rows["term"].to_pylist()[:2]) == {"墨筋", "🪵🦷"}
    assert find_new_terms(store, most_texts=200).rows.equals(found.rows)


def test_an_empty_case_has_no_words(store: GraphStore) -> None:
    found = find_new_terms(store)
    assert (found.rows.num_rows, found.texts, found.compared) == (0, 0, [])
    assert found.rows.schema == TERMS


HIDDEN = ("象皮", "血牙", "犀角", "虎牙", "十三鳞", "羚羊角", "黄缘", "xp", "大猫", "白料", "🐘")


@pytest.mark.parametrize("seed", [31, 32])
def test_words_taken_out_of_the_lexicon_are_found_again(settings: Settings, seed: int) -> None:
    from ingest.pipeline import ingest
    from ingest.sources.simulated import simulate

    folder = settings.folder.parent / f"market{seed}"
    simulate(folder, seed=seed, operators=40, images=False)
    case = create_case(folder / "case")
    with open_store(case) as store:
        ingest(case, store, [folder / "ads.jsonl"], workers=1)
        ranks = {word: _rank_without(store, word) for word in HIDDEN}
    # Of a few of them a market of 40 sellers may have one user or none.
    assert sum(rank is not None and rank <= 20 for rank in ranks.values()) >= 0.8 * len(HIDDEN), ranks
    assert sum(rank is not None and rank <= 3 for rank in ranks.values()) >= 0.5 * len(HIDDEN), ranks


def _rank_without(store: GraphStore, word: str) -> int | None:
    rows = find_new_terms(store, known=known_words() - {folded_word(word)}).rows.to_pylist()
    assert not {row["term"] for row in rows} & (goods_words() - {folded_word(word)})
    return next((row["rank"] for row in rows if row["term"] == word), None)
