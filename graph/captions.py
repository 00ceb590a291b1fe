"""Readable names for contacts: what an analyst calls `tel:+86…`, `wechat:…`, `qr:…`."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from graph.facts import TEXT, fetch, read_of
from graph.stores.base import GraphStore

CAPTIONS = pa.schema([("contact_id", TEXT), ("kind", TEXT), ("caption", TEXT)])
# Services whose spelling is not their slug with a capital letter.
SERVICES = {
    "wechat": "WeChat",
    "qq": "QQ",
    "whatsapp": "WhatsApp",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "qq_group": "QQ group",
    "line": "LINE",
    "kakaotalk": "KakaoTalk",
}
CODES = {
    "wechat_friend": "WeChat friend code",
    "wechat_group": "WeChat group code",
    "wechat_pay": "WeChat payment code",
    "alipay": "Alipay payment code",
    "qq": "QQ code",
    "mini_program": "Mini-program code",
    "auction": "Auction lot code",
    "shop": "Shop code",
    "profile": "Profile code",
    "vcard": "Business card code",
    "phone": "Phone number code",
    "link": "Link code",
}
_SHOWN = 80

_CODES = read_of(
    "MATCH (q:QRCode) WHERE q.id IN $ids RETURN q.id AS contact_id, q.kind AS kind, q.payload AS payload",
    contact_id=TEXT, kind=TEXT, payload=TEXT,
)  # fmt: skip
_LINKS = read_of("MATCH (l:Link) WHERE l.id IN $ids RETURN l.id AS contact_id, l.url AS url", contact_id=TEXT, url=TEXT)


def contact_captions(store: GraphStore, ids: Iterable[str | None]) -> pa.Table:
    """One row a contact: contact_id, kind (phone, handle, email, link or qr) and caption, sorted by id."""
    wanted = sorted({contact for contact in ids if contact})
    named = _code_captions(store, [c for c in wanted if kind_of(c) == "qr"])
    named |= _link_captions(store, [c for c in wanted if kind_of(c) == "link"])
    rows = [{"contact_id": c, "kind": kind_of(c), "caption": named.get(c) or caption_of(c)} for c in wanted]
    return pa.Table.from_pylist(rows, schema=CAPTIONS)


def kind_of(contact_id: str) -> str:
    """Kind of contact, which the start of its id tells."""
    start = contact_id.partition(":")[0]
    return {"tel": "phone", "mailto": "email", "link": "link", "qr": "qr"}.get(start, "handle")


def caption_of(contact_id: str) -> str:
    """What the id alone tells: a number with spaces, a service with its handle, an address."""
    start, _, value = contact_id.partition(":")
    match kind_of(contact_id):
        case "phone":
            return _spaced(value)
        case "handle":
            return f"{service_name(start)} {value}"
        case "qr":
            return f"QR code {value}"
        case _:
            return _cut(value)


def service_name(slug: str) -> str:
    """A service as people write it."""
    return SERVICES.get(slug, slug.replace("_", " ").capitalize())


def _spaced(number: str) -> str:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _code_captions(store: GraphStore, ids: list[str]) -> dict[str, str]:
    if not ids:
        return {}
    rows = fetch(store, _CODES, ids=ids).to_pylist()
    return {
        row["contact_id"]: f"{CODES.get(row['kind'], 'QR code')} {_cut(row['payload'] or '')}".strip() for row in rows
    }


def _link_captions(store: GraphStore, ids: list[str]) -> dict[str, str]:
    if not ids:
        return {}
    return {row["contact_id"]: _cut(row["url"] or "") for row in fetch(store, _LINKS, ids=ids).to_pylist()}


def _cut(text: str) -> str:
    short = text.removeprefix("https://").removeprefix("http://")
    return short if len(short) <= _SHOWN else f"{short[: _SHOWN - 1]}…"
