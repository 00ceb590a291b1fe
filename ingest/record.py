"""One advertisement as a source gives it: the AdRecord."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

PLATFORM_KINDS = (
    "website",
    "social_media",
    "online_community",
    "short_video",
    "second_hand",
    "handicraft",
    "live_reptile",
)


@dataclass(frozen=True, slots=True)
class AdRecord:
    """A checked advertisement. Times are UTC without offset; empty strings have become None."""

    platform: str
    ad_id: str | None = None
    url: str | None = None
    platform_kind: str | None = None
    seller_id: str | None = None
    seller_name: str | None = None
    seller_url: str | None = None
    title: str | None = None
    text: str | None = None
    posted_at: datetime | None = None
    captured_at: datetime | None = None
    posted_at_raw: str | None = None
    captured_at_raw: str | None = None
    price_cents: int | None = None
    currency: str | None = None
    location: str | None = None
    views: int | None = None
    comments: int | None = None
    images: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def node_id(self) -> str:
        """'platform|ad_id', or 'platform|url' where the platform gives no id."""
        return f"{self.platform}|{self.ad_id or self.url}"

    @property
    def account_id(self) -> str | None:
        """'platform|seller_id', or None when it is not known who posted."""
        return f"{self.platform}|{self.seller_id}" if self.seller_id else None
