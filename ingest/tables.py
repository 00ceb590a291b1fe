"""Advertisements and what was read in them, as the Arrow tables of graph/schema.yaml."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa

from graph.provenance import words_digest
from graph.schema import load_schema
from graph.values import Email, Handle, Link, Phone, QRPayload
from ingest.extract import extract
from ingest.extract.codes import Box
from ingest.extract.commodities import Offer
from ingest.extract.mention import Mention
from ingest.lexicon import commodities, platform_of_host, platform_of_service, platforms, taxa
from ingest.pictures import Picture
from ingest.record import AdRecord
from ingest.videos import Video

Value = Phone | Handle | Email | Link | QRPayload
# Whose contact leads buyers on: a hotline's, a courier's or a warned-of handle does not.
_LEADING_ROLES = frozenset(("own", "supplier"))
# What was read in a picture may lack a character at its edge although the engine is sure of it: faint watermarks lost
# some at scores of .97 to 1 (../shared/PICTURES.md).
OCR_CONFIDENCE = 0.8
# Neo4j's index keys end at 8,160 bytes; an id is kept far below.
_MAX_ID = 1_000


class TableBuilder:
    """Collects rows, one call an advertisement; `tables()` gives them as Arrow."""

    def __init__(self) -> None:
        self._columns = {table.name: table.arrow for table in load_schema().in_order()}
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._seen: set[tuple[str, str]] = set()
        self._accounts: dict[str, tuple[str | None, str | None]] = {}
        self._offered: set[tuple[str, str]] = set()

    def add(self, table: str, *row: Any) -> None:
        """Append one row, its values in the order of the schema's columns."""
        self._rows.setdefault(table, []).append(row)

    def add_once(self, table: str, key: str, *row: Any) -> None:
        """Append a node unless this builder has it already."""
        if (table, key) not in self._seen:
            self._seen.add((table, key))
            self.add(table, key, *row)

    def tables(self) -> dict[str, pa.Table]:
        """All rows as Arrow tables by name, in the schema's order and types."""
        return {
            name: pa.Table.from_arrays(
                [
                    pa.array(column, type=field.type)
                    for column, field in zip(zip(*rows, strict=True), schema, strict=True)
                ],
                schema=schema,
            )
            for name, schema in self._columns.items()
            if (rows := self._rows.get(name))
        }

    def add_ad(self, ad: AdRecord, capture: str, line: int, templates: list[str] | None = None) -> str:
        """Add the advertisement, its account and platform; return the advertisement's id.

        Args:
            templates: bands of its words' sketch; None leaves those of an earlier capture, whose words stand too.
        """
        ad_id, account = short_id(ad.node_id), ad.account_id and short_id(ad.account_id)
        self._add_platform(ad.platform, ad.platform_kind)
        textless = not any(map(str.isalnum, (ad.title or "") + (ad.text or "")))
        self.add(
            "Ad", ad_id, ad.platform, account, ad.ad_id, ad.url, ad.seller_name, ad.title, ad.text, textless,
            ad.posted_at, ad.captured_at, ad.posted_at or ad.captured_at, ad.price_cents, ad.currency,
            ad.location, ad.views, ad.comments, None, templates,
        )  # fmt: skip
        words = words_digest(ad.title, ad.text)
        self.add("Ad.CAPTURED_IN.Capture", ad_id, capture, line, ad.posted_at_raw, ad.captured_at_raw, words)
        if account:
            self._add_account(account, ad)
            self.add("Account.POSTED.Ad", account, ad_id)
        return ad_id

    def claim(self, claims: Iterable[str]) -> None:
        """Add what the words of the advertisement added last claim."""
        rows, place = self._rows["Ad"], self._columns["Ad"].get_field_index("claims")
        row = rows[-1]
        rows[-1] = (*row[:place], sorted({*(row[place] or ()), *claims}) or None, *row[place + 1 :])

    def _add_account(self, account: str, ad: AdRecord) -> None:
        """A row unless it says what the account's last row here said: the store keeps the last."""
        said = (ad.seller_name, ad.seller_url)
        if self._accounts.get(account) != said:
            if account not in self._accounts:
                self.add("Account.ON_PLATFORM.Platform", account, ad.platform)
            self._accounts[account] = said
            self.add("Account", account, ad.platform, ad.seller_id, *said)

    def _add_platform(self, slug: str, kind: str | None) -> None:
        known = platforms().get(slug)
        key = ("Platform", f"{slug} {kind}")
        if key not in self._seen:
            self._seen.add(key)
            self.add("Platform", slug, platform_name(slug), kind or (known.kind if known else None))

    def add_mentions(self, ad: AdRecord, ad_id: str, place: str, mentions: Sequence[Mention]) -> None:
        """Add contacts read in the text at `place`, and where they lead."""
        for mention in mentions:
            value = value_of(mention.kind, mention.service, mention.value)
            if value is not None:
                self._mention(ad, ad_id, place, mention, value)

    def add_picture(self, ad: AdRecord, ad_id: str, position: int, name: str, picture: Picture) -> str:
        """Add an image, the codes in it, and what those name; return the image's id."""
        r = picture.reading
        image = f"sha256:{r.sha256}"
        self.add_once(
            "Image", image, picture.place, r.mime, r.width, r.height, r.n_bytes, r.phash64, r.phash256, r.quality,
            r.problem, [str(view) for view in r.views], r.weak, picture.text, picture.boxes, picture.reader,
        )  # fmt: skip
        self.add("Ad.SHOWS.Image", ad_id, image, position, name)
        for number, (code, box) in enumerate(zip(r.codes, r.code_boxes, strict=True)):
            mention = Mention("qr", "", code.payload, code.payload[:200], number, number, method="qr")
            self._mention(ad, ad_id, image, mention, code, image, box)
        return image

    def add_video(self, ad_id: str, position: int, name: str, video: Video) -> str:
        """Add a video; its frames are pictures. Return the video's id."""
        node = f"sha256:{video.sha256}"
        self.add_once(
            "Video", node, video.place, video.mime, video.width, video.height, video.seconds, video.n_bytes,
            len(video.frames), video.problem,
        )  # fmt: skip
        self.add("Ad.SHOWS.Video", ad_id, node, position, name)
        return node

    def add_read_text(
        self, ad: AdRecord, ad_id: str, image: str, picture: Picture, mentions: Sequence[Mention]
    ) -> None:
        """Add contacts read in the text of a picture, each with the line that it stands in."""
        for mention in mentions:
            line = picture.lines_of(mention.start, mention.end)
            sure = round(mention.confidence * line.score * OCR_CONFIDENCE, 3)
            value = value_of(mention.kind, mention.service, mention.value)
            if value is not None:
                read = mention._replace(method="ocr", confidence=sure)
                self._mention(ad, ad_id, image, read, value, image, line.box, line.score)

    def _mention(
        self,
        ad: AdRecord,
        ad_id: str,
        place: str,
        m: Mention,
        value: Value,
        image: str | None = None,
        box: Box | None = None,
        score: float | None = None,
    ) -> None:
        label = self._add_value(value)
        self.add(
            f"Ad.MENTIONS.{label}", ad_id, value.node_id, place, m.start, m.end, m.raw, m.method, m.role, m.cue or None,
            image, m.confidence, ",".join(map(str, box)) if box else None, score, None,
        )  # fmt: skip
        target = destination(value)
        if target and target not in (ad.platform, _app_of(ad.platform)) and m.role in _LEADING_ROLES:
            # Without a kind: what an advertisement on that platform says of it stands.
            self.add_once("Platform", target, platform_name(target), None)
            self.add("Ad.LEADS_TO.Platform", ad_id, target, value.node_id, m.kind)

    def _add_value(self, value: Value) -> str:
        """Add the contact's node; return its label."""
        key = value.node_id
        match value:
            case Phone():
                self.add_once("Phone", key, value.number, value.region, value.kind)
            case Handle():
                self.add_once("Handle", key, value.service, value.value)
            case Email():
                self.add_once("Email", key, value.address)
            case Link():
                self.add_once("Link", key, value.url, value.host)
            case QRPayload():
                self._add_code(value)
        return "QRCode" if isinstance(value, QRPayload) else type(value).__name__

    def _add_code(self, code: QRPayload) -> None:
        self.add_once("QRCode", code.node_id, code.payload, code.kind)
        for inner in code.inside() or _named_in(code):
            label = self._add_value(inner)
            self.add(f"QRCode.RESOLVES_TO.{label}", code.node_id, inner.node_id)

    def add_offers(self, ad_id: str, place: str, offers: Iterable[Offer]) -> None:
        """Add the commodities that the text at `place` names: title, text, or the id of an image."""
        in_picture = place not in ("text", "title")
        for offer in offers:
            key = (ad_id, offer.commodity_id)
            # The store keeps the last row of a key: what the words of the ad say is not to be replaced.
            if in_picture and key in self._offered:
                continue
            self._offered.add(key)
            sure = round(offer.confidence * OCR_CONFIDENCE, 3) if in_picture else offer.confidence
            self.add("Ad.OFFERS.Commodity", *key, offer.term, place, offer.start, offer.end, sure)

    def add_lexicon(self) -> None:
        """Add every taxon and commodity of the lexicon."""
        for t in taxa():
            self.add(
                "Taxon",
                t.id,
                t.scientific_name,
                t.name_en,
                t.name_zh,
                t.cites,
                t.red_list,
                t.national_level,
                t.status_date,
            )
        for c in commodities():
            self.add("Commodity", c.id, c.taxon_id, c.part, c.name_en, c.name_zh)
            self.add("Commodity.OF.Taxon", c.id, c.taxon_id)


def platform_name(slug: str) -> str:
    """Name in the register, else the slug itself."""
    known = platforms().get(slug)
    return known.name if known else slug


def _app_of(platform: str) -> str | None:
    """The app that a platform is a page of: WeChat for its Moments."""
    known = platforms().get(platform)
    return known.within if known else None


def short_id(identifier: str) -> str:
    """The id itself, or its readable start and a hash when it is longer than an index key may be."""
    if len(identifier) <= _MAX_ID:
        return identifier
    return f"{identifier[:100]}…{hashlib.sha256(identifier.encode('utf-8', 'replace')).hexdigest()}"


@lru_cache(maxsize=50_000)
def value_of(kind: str, service: str, value: str) -> Value | None:
    """The value type of a mention; None when its own rules refuse it. A seller's contacts recur."""
    match kind:
        case "phone":
            return Phone.clean(value)
        case "handle":
            return Handle.clean(service, value)
        case "email":
            return Email.clean(value)
        case "link":
            return Link.clean(value)
        case _:
            return QRPayload.clean(value)


def _named_in(code: QRPayload) -> Iterator[Value]:
    """Contacts that a code without a known form gives in words ('微信号 …')."""
    if code.kind != "unknown":
        return
    for m in extract(code.payload):
        value = value_of(m.kind, m.service, m.value) if m.role == "own" else None
        if isinstance(value, Handle | Phone | Link):
            yield value


def destination(value: Value) -> str | None:
    """Slug of the platform that a contact leads to; None for phones, e-mails and unknown hosts."""
    match value:
        case Handle():
            return platform_of_service(value.service)
        case Link():
            return platform_of_host(value.host)
        case QRPayload():
            found = (destination(inner) for inner in value.inside())
            return next((slug for slug in found if slug), None)
        case _:
            return None
