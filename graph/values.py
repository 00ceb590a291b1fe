"""The contact values: telephone numbers, handles, e-mails, links and code payloads.

Each type owns the same five duties: `clean` (None rejects), `compare` (0 to 1), `specificity` (how much a
shared value says, 0 to 1), `node_id` and `caption`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from graph.addresses import host_of, normal_address, owner_of_address
from graph.codes import kind_of_payload, names_in, normal_payload
from graph.services import E164, rule_of
from sellergraph.errors import UsageError

# An id longer than this is replaced by its hash: Neo4j's index keys end at 8,160 bytes.
MAX_ID = 2_000
# RFC 5321: 64 octets before the @, 254 in all.
_EMAIL = re.compile(
    r"(?=.{3,254}$)[a-z0-9][a-z0-9._%+\-]{0,63}@(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9\-]{1,62}"
)
_MAINLAND = re.compile(r"(?:\+86)?(1[3-9]\d{9})")


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number that is valid in its region.

    Attributes:
        number: E.164, e.g. +8613800138000.
        region: ISO 3166 code, '001' for numbers of no country.
        kind: mobile, fixed_line, hotline or other.
    """

    number: str
    region: str
    kind: str

    @classmethod
    def clean(cls, value: str, region: str = "CN") -> Phone | None:
        """Read a number as written in `region`; None when `phonenumbers` finds it invalid."""
        if region == "CN" and (found := _MAINLAND.fullmatch(value)):
            digits = found[1]
            return cls.mainland(digits) if is_mobile_prefix(digits[:5]) else None
        return _phone(value, region)

    @classmethod
    def mainland(cls, digits: str) -> Phone:
        """The mobile of mainland China of eleven digits, of which `is_mobile_prefix` knows the first five."""
        return cls(f"+86{digits}", "CN", "mobile")

    def compare(self, other: Phone) -> float:
        """1 for the same number, else 0: two numbers one digit apart are two lines."""
        return float(self.number == other.number)

    @property
    def specificity(self) -> float:
        """A mobile has one user; a fixed line a household or firm; a hotline the whole platform."""
        return {"mobile": 1.0, "fixed_line": 0.7, "hotline": 0.05}.get(self.kind, 0.5)

    @property
    def node_id(self) -> str:
        return f"tel:{self.number}"

    @property
    def caption(self) -> str:
        """The number with the spaces of its country."""
        import phonenumbers

        parsed = phonenumbers.parse(self.number)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def check_regions(regions: Iterable[str]) -> tuple[str, ...]:
    """ISO 3166 codes in capitals.

    Raises:
        UsageError: `phonenumbers` knows no numbers of one.
    """
    import phonenumbers

    codes = tuple(region.upper() for region in regions)
    if unknown := [code for code in codes if code not in phonenumbers.SUPPORTED_REGIONS]:
        raise UsageError(f"region {', '.join(unknown)} is not a country's code such as CN, HK or VN")
    return codes


@lru_cache(maxsize=10_000)
def is_mobile_prefix(prefix: str) -> bool:
    """Whether mainland mobiles begin with these five digits: all that the metadata of `phonenumbers` looks at."""
    return _phone(f"+86{prefix}000000", "CN") is not None


@lru_cache(maxsize=100_000)
def _phone(value: str, region: str) -> Phone | None:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    where = phonenumbers.region_code_for_number(parsed) or region
    return Phone(number, where, _kind(phonenumbers.number_type(parsed), number))


def _kind(number_type: int, number: str) -> str:
    from phonenumbers import PhoneNumberType as Type

    # China's 400 and 800 lines are firms' hotlines whatever the plan calls them.
    shared = (Type.TOLL_FREE, Type.SHARED_COST, Type.UAN, Type.PREMIUM_RATE)
    if number_type in shared or number.startswith(("+86400", "+86800")):
        return "hotline"
    if number_type in (Type.MOBILE, Type.FIXED_LINE_OR_MOBILE):
        return "mobile"
    return "fixed_line" if number_type == Type.FIXED_LINE else "other"


@dataclass(frozen=True, slots=True)
class Handle:
    """An id on a service, in the form the service compares by."""

    service: str
    value: str

    @classmethod
    def clean(cls, service: str, value: str) -> Handle | None:
        """Fold an id as its service does; None when the service gives out no such ids."""
        rule = rule_of(service)
        folded = (value if value.isascii() else unicodedata.normalize("NFKC", value)).strip()
        if rule.at:
            folded = folded.removeprefix("@")
        if rule.fold:
            folded = folded.lower()
        if rule.phone and (number := _as_phone(folded)):
            return cls(service, number)
        if not rule.pattern.fullmatch(folded):
            return None
        if service == "wechat" and folded[0] == "1" and Phone.clean(folded) is None:
            return None
        return cls(service, folded)

    def compare(self, other: Handle) -> float:
        """1 for the same id, .5 for ids of one service a single edit apart (a misread picture), else 0."""
        if self == other:
            return 1.0
        if self.service != other.service or min(len(self.value), len(other.value)) < 6:
            return 0.0
        from rapidfuzz.distance import Levenshtein

        return 0.5 if Levenshtein.distance(self.value, other.value, score_cutoff=1) <= 1 else 0.0

    @property
    def specificity(self) -> float:
        """Ids are unique on their service; display names of Chinese characters and very short ones are not."""
        if not self.value.isascii():
            return 0.4
        return 1.0 if len(self.value) >= 5 else 0.6

    @property
    def node_id(self) -> str:
        return _bounded(f"{self.service}:", self.value)

    @property
    def caption(self) -> str:
        return f"{self.service} {self.value}"


def _as_phone(value: str) -> str | None:
    if value[:1] not in "+1":
        return None
    digits = "+" + re.sub(r"[^\d]", "", value) if value.startswith("+") else ""
    if E164.fullmatch(digits):
        found = Phone.clean(digits)
    else:
        found = Phone.clean(value) if _MAINLAND.fullmatch(value) else None
    return found.number if found else None


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address in lower case."""

    address: str

    @classmethod
    def clean(cls, value: str) -> Email | None:
        """Fold an address; None when it is no address."""
        folded = unicodedata.normalize("NFKC", value).strip().removeprefix("mailto:").lower()
        local = folded.partition("@")[0]
        if not _EMAIL.fullmatch(folded) or ".." in folded or local.endswith("."):
            return None
        return cls(folded)

    def compare(self, other: Email) -> float:
        """1 for the same address, else 0."""
        return float(self.address == other.address)

    @property
    def specificity(self) -> float:
        """Role addresses are read by many."""
        return 0.3 if self.address.partition("@")[0] in _ROLE_ADDRESSES else 1.0

    @property
    def node_id(self) -> str:
        return _bounded("mailto:", self.address)

    @property
    def caption(self) -> str:
        return self.address


# RFC 2142's mailbox names for common services, and what shops use in their place.
_ROLE_ADDRESSES = frozenset(
    ("info", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster", "hostmaster", "webmaster")
    + ("service", "kefu", "admin", "contact", "noreply", "no-reply")
)


@dataclass(frozen=True, slots=True)
class Link:
    """A web address in normal form."""

    url: str
    host: str

    @classmethod
    def clean(cls, value: str) -> Link | None:
        """Normalise an address; None when it has no host of a public form. See `graph.addresses`."""
        url = normal_address(value)
        return cls(url, host_of(url)) if url else None

    def owner(self) -> Handle | None:
        """The handle that a profile, shop or short link names, if the address itself tells it."""
        named = owner_of_address(self.url)
        return Handle.clean(*named) if named else None

    def compare(self, other: Link) -> float:
        """1 for the same address, .1 for the same host, else 0."""
        return 1.0 if self.url == other.url else 0.1 if self.host == other.host else 0.0

    @property
    def specificity(self) -> float:
        """A profile says whose it is, a page says little, a bare host next to nothing."""
        if owner_of_address(self.url):
            return 1.0
        return 0.1 if self.url.partition("://")[2].strip("/") == self.host else 0.5

    @property
    def node_id(self) -> str:
        return _bounded("link:", self.url)

    @property
    def caption(self) -> str:
        return self.url if len(self.url) <= 80 else self.url[:79] + "…"


# Codes that more than one person may show, by kind.
_SHARED_CODES = {
    "wechat_group": 0.5,
    "mini_program": 0.5,
    "shop": 0.8,
    "auction": 0.3,
    "link": 0.3,
    "unknown": 0.3,
}


@dataclass(frozen=True, slots=True)
class QRPayload:
    """The content of a machine-readable code; `kind` as in graph/schema.yaml."""

    payload: str
    kind: str

    @classmethod
    def clean(cls, value: str) -> QRPayload | None:
        """Normalise a payload, so that one code printed twice is one node; None when it is blank."""
        payload = normal_payload(value)
        return cls(payload, kind_of_payload(payload)) if payload else None

    def inside(self) -> tuple[Handle | Phone | Link, ...]:
        """What the content names: each handle, phone and link once."""
        found = dict[Handle | Phone | Link, None]()
        for kind, service, value in names_in(self.payload, self.kind):
            cleaned = _inner(kind, service, value)
            if cleaned is None:
                continue
            found[cleaned] = None
            if isinstance(cleaned, Link) and (owner := cleaned.owner()):
                found[owner] = None
        return tuple(found)

    def compare(self, other: QRPayload) -> float:
        """1 for the same content, else 0."""
        return float(self.payload == other.payload)

    @property
    def specificity(self) -> float:
        """Friend and payment codes have one owner; a group has many members, a lot one sale."""
        return _SHARED_CODES.get(self.kind, 1.0)

    @property
    def node_id(self) -> str:
        return f"qr:{_digest(self.payload)[:16]}"

    @property
    def caption(self) -> str:
        shown = self.payload if len(self.payload) <= 40 else self.payload[:39] + "…"
        return f"{self.kind.replace('_', ' ')} code {shown}"


def _inner(kind: str, service: str, value: str) -> Handle | Phone | Link | None:
    if kind == "phone":
        return Phone.clean(value)
    return Handle.clean(service, value) if kind == "handle" else Link.clean(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _bounded(prefix: str, value: str) -> str:
    return prefix + (value if len(prefix) + len(value) <= MAX_ID else f"sha256:{_digest(value)}")
