"""Raw fields become an AdRecord, or the field at fault is named."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.checks import FIELDS, check_record
from sellergraph.errors import RejectError

ZONE = ZoneInfo("Asia/Shanghai")
BASE = {"platform": "forum-a", "ad_id": "1"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2018-04-03", datetime(2018, 4, 2, 16)),
        ("2018/4/3 21:05", datetime(2018, 4, 3, 13, 5)),
        ("2018-04-03T21:05:00+08:00", datetime(2018, 4, 3, 13, 5)),
        ("2018-04-03T21:05:00Z", datetime(2018, 4, 3, 21, 5)),
        ("2018-04-03 21:05:09.5", datetime(2018, 4, 3, 13, 5, 9, 500000)),
        ("2018年4月3日 21:05", datetime(2018, 4, 3, 13, 5)),
        ("2018年4月3日", datetime(2018, 4, 2, 16)),
        ("2018.4.3", datetime(2018, 4, 2, 16)),
        ("2018/4/3 21:05:00 +09:00", datetime(2018, 4, 3, 12, 5)),
        (datetime(2018, 4, 3, 21, 5), datetime(2018, 4, 3, 13, 5)),
        (date(2018, 4, 3), datetime(2018, 4, 2, 16)),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_times_are_utc(value: object, expected: datetime | None) -> None:
    assert check_record(BASE | {"posted_at": value}, ZONE, []).posted_at == expected


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"platform": None}, "platform"),
        ({"platform": " "}, "platform"),
        ({"platform": "a|b"}, "platform"),
        ({"platform": ["x"]}, "platform"),
        ({"ad_id": None}, "ad_id"),
        ({"ad_id": True}, "ad_id"),
        ({"posted_at": "soon"}, "posted_at"),
        ({"posted_at": "2018-02-30"}, "posted_at"),
        ({"posted_at": "0001-01-01"}, "posted_at"),
        ({"posted_at": "9999-12-31T23:59:59-12:00"}, "posted_at"),
        ({"posted_at": 1522761600}, "posted_at"),
        ({"captured_at": "2018-13-01"}, "captured_at"),
        ({"platform_kind": "shop"}, "platform_kind"),
        ({"images": 7}, "images"),
        ({"images": {"a": "b"}}, "images"),
        ({"title": "a\x00b"}, "title"),
        ({"text": {"deep": 1}}, "text"),
    ],
)
def test_a_fault_names_its_field(fields: dict[str, object], field: str) -> None:
    with pytest.raises(RejectError) as fault:
        check_record(BASE | fields, ZONE, [])
    assert fault.value.field == field
    assert fault.value.reason


@pytest.mark.parametrize(
    ("value", "cents"),
    [("1,200", 120000), ("¥380.50", 38050), ("1.2万", 1200000), (99, 9900), (0.1, 10), ("面议", None), ("-5", None)],
)
def test_prices_are_cents(value: object, cents: int | None) -> None:
    assert check_record(BASE | {"price": value}, ZONE, []).price_cents == cents


@pytest.mark.parametrize(
    ("value", "views"), [("3,135", 3135), ("1.2万", 12000), (7.0, 7), ("many", None), (10**30, None)]
)
def test_views(value: object, views: int | None) -> None:
    assert check_record(BASE | {"views": value}, ZONE, []).views == views


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"views": 10**30}, "views"),
        ({"views": float("inf")}, "views"),
        ({"comments": -3.5}, "comments"),
        ({"price": "-1"}, "price"),
        ({"title": "\ud800 象牙"}, "title"),
    ],
)
def test_what_is_left_out_or_mended_is_noted(fields: dict[str, object], field: str) -> None:
    notes = list[RejectError]()
    record = check_record(BASE | fields, ZONE, notes)
    assert [note.field for note in notes] == [field]
    assert (record.title or "").encode() is not None


@pytest.mark.parametrize("field", ["platform", "ad_id", "url", "seller_id"])
def test_half_a_character_in_an_id_is_refused(field: str) -> None:
    with pytest.raises(RejectError, match="half of a character"):
        check_record(BASE | {field: "a\udc00b"}, ZONE, [])


def test_ids_from_sheets_lose_their_decimal_point() -> None:
    record = check_record({"platform": "Xianyu ", "ad_id": 12345.0, "seller_id": 77}, ZONE, [])
    assert (record.node_id, record.account_id) == ("xianyu|12345", "xianyu|77")


def test_images_in_a_cell_are_parted_by_semicolons() -> None:
    assert check_record(BASE | {"images": "a.jpg; b.png;"}, ZONE, []).images == ("a.jpg", "b.png")


def test_unknown_fields_are_kept_aside() -> None:
    assert check_record(BASE | {"colour": "white"}, ZONE, []).extra == {"colour": "white"}


_json = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.text(max_size=3), max_size=2),
)


@given(st.dictionaries(st.sampled_from(FIELDS), _json, max_size=8))
def test_any_json_is_taken_or_rejected_by_field(raw: dict[str, object]) -> None:
    try:
        record = check_record(raw, ZONE, [])
    except RejectError as error:
        fault: RejectError | None = error
    else:
        fault = None
    assert fault is None or fault.field in FIELDS
    assert fault is not None or record.node_id.startswith(record.platform + "|")


def test_ids_that_a_sheet_has_rounded_are_refused() -> None:
    with pytest.raises(RejectError, match="has lost digits"):
        check_record(BASE | {"seller_id": 1234567890123456789.0}, ZONE, [])
    assert check_record(BASE | {"seller_id": 123456789012345.0}, ZONE, []).seller_id == "123456789012345"


def test_what_is_no_file_name_costs_no_ad() -> None:
    notes = list[RejectError]()
    record = check_record({"platform": "x", "ad_id": "1", "images": ["a.jpg", None, 5]}, ZoneInfo("UTC"), notes)
    assert record.images == ("a.jpg",)
    assert [note.field for note in notes] == ["images", "images"]


NOW = datetime(2019, 3, 1, 12)


@pytest.mark.parametrize(
    ("posted", "captured", "kept", "faults"),
    [
        ("2018-04-03", "2018-04-05", (True, True), []),
        ("2018-04-03T23:00", "2018-04-03", (True, True), []),
        ("2018-04-04T00:00:00Z", "2018-04-03T00:00:00Z", (True, True), []),
        ("2018-04-04T00:00:01Z", "2018-04-03T00:00:00Z", (False, True), ["posted_at"]),
        ("2028-04-03", "2018-04-05", (False, True), ["posted_at"]),
        ("2019-03-02T12:00:00Z", None, (True, False), []),
        ("2019-03-02T12:00:01Z", None, (False, False), ["posted_at"]),
        ("2018-04-03", None, (True, False), []),
        (None, "2019-03-02T11:00:00Z", (False, True), []),
        ("2018-04-03", "2099-01-01", (True, False), ["captured_at"]),
        ("2098-04-03", "2099-01-01", (False, False), ["captured_at", "posted_at"]),
    ],
)
def test_times_that_cannot_be_are_put_aside_and_the_ad_is_kept(
    posted: str | None, captured: str | None, kept: tuple[bool, bool], faults: list[str]
) -> None:
    notes = list[RejectError]()
    record = check_record(BASE | {"posted_at": posted, "captured_at": captured}, ZONE, notes, now=NOW)
    assert (record.posted_at is not None, record.captured_at is not None) == kept
    assert [note.field for note in notes] == faults
    assert (record.posted_at_raw, record.captured_at_raw) == (posted, captured)


def test_without_a_given_time_the_clock_of_the_machine_holds() -> None:
    notes = list[RejectError]()
    assert check_record(BASE | {"posted_at": "2100-01-01"}, ZONE, notes).posted_at is None
    assert [(note.field, note.reason) for note in notes] == [("posted_at", "'2100-01-01' is in the future")]
