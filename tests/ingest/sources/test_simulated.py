"""The made-up market: the same twice, shaped by the report's figures, and true about itself."""

from __future__ import annotations

import csv
import filecmp
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from graph.values import Handle, Phone, QRPayload
from ingest.checks import check_record
from ingest.record import PLATFORM_KINDS, AdRecord
from ingest.sources.simulated import market, simulate
from ingest.sources.simulation.captures import written_time
from ingest.sources.simulation.dice import Dice, share_out
from ingest.sources.simulation.figures import CHELONIANS, VOLUME
from ingest.sources.simulation.goods import GOODS
from ingest.sources.simulation.ids import contact_id
from ingest.sources.simulation.market import Market, make_market
from ingest.sources.simulation.places import PLACES
from ingest.sources.simulation.truth import connected, truth_of
from sellergraph.errors import UsageError

ZONE = ZoneInfo("Asia/Shanghai")
OPERATORS = 60
MONTHS = [f"{2017 + n // 12}-{n % 12 + 1:02d}" for n in range(24)]


class Read:
    """A market without pictures, read to the end."""

    def __init__(self, seed: int) -> None:
        self.market: Market = make_market(seed, OPERATORS)
        self.ads: list[AdRecord] = [check_record(row, ZONE, []) for row in self.market.rows()]
        self.truth: dict[str, Any] = truth_of(self.market)
        self.operator_of: dict[str, str] = {a.id: a.operator.id for a in self.market.world.accounts}


@pytest.fixture(scope="module", params=[1, 2, 3])
def read(request: pytest.FixtureRequest) -> Read:
    return Read(request.param)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("market")
    simulate(out, seed=4, operators=12)
    return out


def test_the_same_arguments_give_the_same_bytes(drawn: Path, tmp_path: Path) -> None:
    simulate(tmp_path, seed=4, operators=12)
    names = sorted(str(path.relative_to(drawn)) for path in drawn.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert filecmp.cmpfiles(drawn, tmp_path, names, shallow=False) == (names, [], [])


def test_another_seed_gives_another_market() -> None:
    assert list(market(1, 3)) != list(market(2, 3))


def test_pictures_change_no_word(drawn: Path) -> None:
    with_pictures = [json.loads(line) for line in (drawn / "ads.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in with_pictures:
        row.pop("images", None)
    assert with_pictures == list(market(4, 12))


def test_ads_come_in_order_of_time(read: Read) -> None:
    seconds = [slot.second for slot in read.market.slots]
    assert seconds == sorted(seconds)


def test_websites_follow_the_reports_months(read: Read) -> None:
    ads = [ad for ad in read.ads if ad.platform_kind == "website" and ad.posted_at]
    months = Counter(f"{ad.posted_at:%Y-%m}" for ad in ads if ad.posted_at)
    expected = share_out(len(ads), [float(n) for n in VOLUME["website"]])
    assert sum(VOLUME["website"]) == 9737
    for month, count in zip(MONTHS, expected, strict=True):
        assert months[month] == pytest.approx(count, abs=max(4, 0.1 * count)), month
    assert max(MONTHS, key=lambda m: months[m]) == "2018-04"
    assert min(MONTHS, key=lambda m: months[m]) == "2018-10"
    assert min(MONTHS[:12], key=lambda m: months[m]) == "2017-10"


def test_ten_sellers_post_two_thirds_on_social_media(read: Read) -> None:
    ads = Counter(read.operator_of[ad.account_id or ""] for ad in read.ads if ad.platform_kind == "social_media")
    share = sum(count for _, count in ads.most_common(10)) / ads.total()
    assert share == pytest.approx(0.657, abs=0.02)


def test_species_are_mixed_as_reported(read: Read) -> None:
    website = read.truth["species"]["website"]
    assert website["elephant"] / sum(website.values()) == pytest.approx(0.524, abs=0.01)
    assert sorted(website, key=lambda s: -website[s])[:2] == ["elephant", "rhino"]
    reptiles = read.truth["species"]["live_reptile"]
    total = sum(reptiles.values())
    for species, reported in CHELONIANS.items():
        assert reptiles.get(species, 0) / total == pytest.approx(reported / sum(CHELONIANS.values()), abs=0.01)


def test_species_stand_in_the_words_of_websites(read: Read) -> None:
    texts = [f"{ad.title} {ad.text}" for ad in read.ads if ad.platform_kind == "website"]
    elephants = sum(any(term in text for term in GOODS["elephant"].terms) for text in texts)
    assert elephants / len(texts) == pytest.approx(0.524, abs=0.02)


def test_rhino_passes_ivory_on_websites_in_2018(read: Read) -> None:
    counts: dict[bool, Counter[str]] = defaultdict(Counter)
    for slot in read.market.slots:
        if slot.account.place.kind == "website":
            counts[slot.day >= 365][slot.species] += 1
    assert counts[False]["rhino"] < counts[False]["elephant"]
    assert counts[True]["rhino"] > counts[True]["elephant"]


def test_all_seven_kinds_have_several_platforms(read: Read) -> None:
    assert {ad.platform_kind for ad in read.ads} == set(PLATFORM_KINDS)
    for kind in PLATFORM_KINDS:
        assert len([p for p in PLACES if p.kind == kind]) > 1
    assert sum(ad.platform_kind == "social_media" for ad in read.ads) > 0.25 * len(read.ads)


def test_many_social_media_ads_have_no_words(read: Read) -> None:
    ads = [ad for ad in read.ads if ad.platform_kind in ("social_media", "online_community")]
    words = [(ad.title or "") + (ad.text or "") for ad in ads]
    textless = [text for text in words if not any(char.isalnum() for char in text)]
    assert len(textless) / len(ads) == pytest.approx(0.23, abs=0.04)
    assert any(textless)
    assert not all(textless)
    assert all(ad.text for ad in read.ads if ad.platform_kind == "website")


def test_captures_vary_as_real_ones_do(read: Read) -> None:
    raw = [ad.posted_at_raw for ad in read.ads]
    assert any(r and r.endswith("+08:00") for r in raw)
    assert any(r and r.endswith("Z") for r in raw)
    assert any(r and "/" in r for r in raw)
    assert any(r and len(r) == 10 for r in raw)
    assert None in raw
    assert any(ad.ad_id is None for ad in read.ads)
    assert any(ad.seller_id is None for ad in read.ads)
    assert len({ad.node_id for ad in read.ads}) == len(read.ads)


def test_contacts_are_valid_and_in_the_graphs_form(read: Read) -> None:
    for _, contact, _ in read.market.shown:
        if contact.kind == "phone":
            phone = Phone.clean(contact.value)
            assert phone is not None
            assert phone.node_id == contact_id(contact)
        if contact.kind == "handle":
            handle = Handle.clean(contact.service, contact.value)
            assert handle is not None
            assert handle.node_id == contact_id(contact)


def test_contacts_are_written_in_many_ways() -> None:
    text = "\n".join(str(row.get("text")) for row in market(1, OPERATORS))
    for words in ("加薇", "威信", "vx", "同号", "①", "１", "扣扣", "招代理", "骗子", "客服", "担保", "快递"):
        assert words in text, words


def test_everything_that_misleads_is_there_and_named(read: Read) -> None:
    truth = read.truth
    roles = {role for contact in truth["contacts"] for role in contact["shown"]}
    assert roles == {"own", "platform", "courier", "guarantor", "supplier", "warning"}
    used = {c["id"]: {a for by in c["shown"].values() for a in by} for c in truth["contacts"]}
    assert max(map(len, used.values())) > 25
    assert truth["recycled"]
    assert truth["near_handles"]
    assert truth["popular_names"]
    assert truth["agents"]
    assert {o["also"] for o in truth["operators"]} == {None, "courier", "guarantor", "platform"}
    assert any(o["recruits_agents"] for o in truth["operators"])
    assert any(o["quiet"] for o in truth["operators"])
    assert any(len(o["cities"]) > 1 for o in truth["operators"])
    assert any(a["successor_of"] for a in truth["accounts"].values())
    assert any(a["names"] for a in truth["accounts"].values())
    sizes = [len(o["accounts"]) for o in truth["operators"]]
    assert min(sizes) == 1
    assert max(sizes) >= 6


def test_recycled_numbers_rest_between_their_owners(read: Read) -> None:
    for entry in read.truth["recycled"]:
        (giver, _, last), (taker, first, _) = entry["owners"]
        assert giver == entry["from"] != entry["to"] == taker
        assert 20 <= first - last <= 300


def test_successors_follow_a_ban(read: Read) -> None:
    for account in read.market.world.accounts:
        if account.successor_of is not None:
            assert account.operator is account.successor_of.operator
            assert account.place is account.successor_of.place
            assert account.window[0] > account.successor_of.window[1] or account.window[0] > account.window[1]


def test_truth_knows_every_account(drawn: Path) -> None:
    with (drawn / "truth.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    posted = {
        f"{row['platform']}|{row['seller_id']}"
        for row in map(json.loads, (drawn / "ads.jsonl").read_text(encoding="utf-8").splitlines())
        if "seller_id" in row
    }
    accounts = {row["account_id"]: row["operator_id"] for row in rows}
    assert posted <= set(accounts)
    truth = json.loads((drawn / "truth.json").read_text(encoding="utf-8"))
    assert {key: value["operator"] for key, value in truth["accounts"].items()} == accounts
    assert {a: o["id"] for o in truth["operators"] for a in o["accounts"]} == accounts


def test_connected_groups_lie_within_one_operator(read: Read) -> None:
    groups = connected(read.market)
    assert groups
    assert all(len({read.operator_of[account] for account in group}) == 1 for group in groups)


def test_pictures_are_as_the_truth_says(drawn: Path) -> None:
    truth = json.loads((drawn / "truth.json").read_text(encoding="utf-8"))
    files = {path.relative_to(drawn).as_posix() for path in (drawn / "images").iterdir()}
    assert files == {picture["file"] for picture in truth["pictures"]}
    for name in files:
        with Image.open(drawn / name) as image:
            image.load()
            assert max(image.size) <= 680
    shown = {
        name
        for line in (drawn / "ads.jsonl").read_text(encoding="utf-8").splitlines()
        for name in json.loads(line).get("images", [])
    }
    assert shown <= files
    assert {"own", "stock", "code", "copy"} <= {picture["kind"] for picture in truth["pictures"]}


def test_every_code_can_be_scanned(drawn: Path) -> None:
    import zxingcpp

    truth = json.loads((drawn / "truth.json").read_text(encoding="utf-8"))
    contacts = {contact["id"]: contact for contact in truth["contacts"]}
    codes = [picture for picture in truth["pictures"] if picture["kind"] in ("code", "corner_code")]
    assert codes
    for picture in codes:
        with Image.open(drawn / picture["file"]) as image:
            (found,) = zxingcpp.read_barcodes(image)
        payload = QRPayload.clean(found.text)
        assert payload is not None
        assert payload.node_id == picture["contact"]
        if picture["contact"] in contacts and contacts[picture["contact"]]["service"] != "shop":
            assert payload.kind == contacts[picture["contact"]]["service"]


def test_social_media_leads_to_the_auction_app_by_code() -> None:
    made = make_market(2, OPERATORS, images=True)
    rows = list(made.rows())
    codes = {contact for _, contact, _ in made.shown if contact.kind == "qr" and contact.service == "shop"}
    assert codes
    assert all(contact.value.startswith("https://weipaitang.com/") for contact in codes)
    pictured = {shot.file for shot in made.album.all if shot.contact in codes} if made.album else set()
    leading = [row for row in rows if pictured & set(row.get("images", ()))]  # type: ignore[call-overload]
    assert leading
    assert {row["platform_kind"] for row in leading} <= {"social_media", "online_community"}


def test_textless_ads_have_a_picture(drawn: Path) -> None:
    for line in (drawn / "ads.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert row.get("title") or row["text"] or row["images"]


@pytest.mark.parametrize("operators", [1, 2, 3, 7])
def test_small_markets_work(operators: int, tmp_path: Path) -> None:
    report = simulate(tmp_path, seed=operators, operators=operators, images=False)
    assert report.ads == pytest.approx(50 * operators, rel=0.1)
    assert report.images == 0
    assert not (tmp_path / "images").exists()


def test_size_grows_with_operators() -> None:
    made = make_market(9, 200)
    assert len(made.slots) == pytest.approx(200 * 50, rel=0.02)
    assert 2.2 < len(made.world.accounts) / 200 < 4


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    simulate(tmp_path, seed=1, operators=1, progress=lambda *step: told.append(step))
    assert told[-1][1] == told[-1][2]
    assert {what for what, _, _ in told} == {"advertisements", "pictures"}


def test_no_operators_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least one operator"):
        simulate(tmp_path, seed=1, operators=0)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.write_text("x")
    with pytest.raises(UsageError, match="cannot write the market to"):
        simulate(target, seed=1, operators=1)


@pytest.mark.parametrize(
    ("clock", "second", "written"),
    [
        ("offset", 0, "2017-01-01T00:00:00+08:00"),
        ("utc", 8 * 3600 + 61, "2017-01-01T00:01:01Z"),
        ("local", 86_400 + 3_660, "2017-01-02 01:01"),
        ("slash", 364 * 86_400 + 9 * 3600, "2017/12/31 9:00"),
        ("day", 729 * 86_400, "2018-12-31"),
    ],
)
def test_times_are_written_as_captured(clock: str, second: int, written: str) -> None:
    assert written_time(clock, second) == written


def test_share_out_keeps_the_sum() -> None:
    assert share_out(10, [1, 1, 1]) == [4, 3, 3]
    assert share_out(7, [0.0, 2.0, 5.0]) == [0, 2, 5]
    assert share_out(5, [1.0] * 3, least=1) == [2, 2, 1]


def test_dice_depend_on_their_name_only() -> None:
    one, same, other = Dice(1, "a"), Dice(1, "a"), Dice(1, "b")
    draws = [one.below(1000) for _ in range(20)]
    assert draws == [same.below(1000) for _ in range(20)]
    assert draws != [other.below(1000) for _ in range(20)]
