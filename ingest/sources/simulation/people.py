"""Who is in the market: operators, their accounts and contacts, and the others whose contacts stand in ads."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.sources.simulation.figures import DAYS
from ingest.sources.simulation.places import Place


@dataclass(slots=True, eq=False)
class Contact:
    """A number, handle, address or code.

    Attributes:
        kind: phone, handle, email, link or qr.
        service: 'tel', slug of a handle's service, kind of a code, '' for e-mail.
        value: canonical form: E.164, handle id, address, payload.
        role: whose it truly is: own, platform, courier, guarantor.
        owners: (operator id or '', first day, last day) in time; a recycled number has two or three.
        called: what sellers who name it as another's call it: hotline, service, group, courier, guarantor, or ''.
        cue: how often they say so in words, 0 to 1.
        same_number: the phone is the owner's WeChat id as well (微信同号).
    """

    kind: str
    service: str
    value: str
    role: str = "own"
    owners: list[tuple[str, int, int]] = field(default_factory=list)
    same_number: bool = False
    called: str = ""
    cue: float = 1.0

    def turn(self, operator: Operator) -> tuple[int, int]:
        """First and last day on which the contact is the operator's; every day when nobody's turn is known."""
        return next(((first, last) for owner, first, last in self.owners if owner == operator.id), (0, DAYS - 1))

    @property
    def node_id(self) -> str:
        """The id that the graph gives it (a code's is made of its payload; see truth.py)."""
        prefix = {"phone": "tel:", "email": "mailto:", "qr": "qr:", "link": "link:"}.get(self.kind, f"{self.service}:")
        return prefix + self.value


@dataclass(slots=True, eq=False)
class Operator:
    """One seller. Days count from 2017-01-01.

    Attributes:
        rank: place by size, from 0.
        goods: species that it mostly sells.
        moves: (first day, city) in order.
        quiet: first and last day of a rest within the window, or None.
        copies_text: an agent who re-posts whole texts of the supplier, contact included.
        also: 'courier', 'guarantor' or 'platform' when others name its first contact as one.
    """

    id: str
    rank: int
    name: str
    city: str
    goods: tuple[str, ...]
    turtles: bool
    hour: int
    style: int
    moves: list[tuple[int, str]] = field(default_factory=list)
    window: tuple[int, int] = (0, DAYS - 1)
    quiet: tuple[int, int] | None = None
    contacts: list[Contact] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    supplier: Operator | None = None
    recruits: bool = False
    copies_text: bool = False
    rival: Contact | None = None
    also: str = ""


@dataclass(slots=True, eq=False)
class Account:
    """One login.

    Attributes:
        window: first and last day on which it posts.
        contacts: own contacts that it shows, the usual one first.
        names: another account of the operator that it sends buyers to by name.
        name_contact: the contact that stands in its display name.
        auction: code or link that opens the operator's shop in the auction app.
        after_rest: opened when the operator came back from a season's rest.
    """

    place: Place
    seller_id: str
    name: str
    operator: Operator
    window: tuple[int, int]
    weight: float = 1.0
    contacts: list[Contact] = field(default_factory=list)
    names: Account | None = None
    name_contact: Contact | None = None
    auction: Contact | None = None
    successor_of: Account | None = None
    after_rest: bool = False
    ads: int = 0

    @property
    def id(self) -> str:
        return f"{self.place.slug}|{self.seller_id}"


@dataclass(slots=True, eq=False)
class World:
    """Everybody in the market, before anything is posted.

    Attributes:
        hotlines: slug of a platform -> contacts of its staff and of group owners there, the best known first.
        recycled: (contact, who gave it up, who got it), once for each time it passed on.
        near_handles: (model, the handle of another that is one character from it).
    """

    seed: int
    operators: list[Operator]
    hotlines: dict[str, list[Contact]] = field(default_factory=dict)
    couriers: list[Contact] = field(default_factory=list)
    guarantors: list[Contact] = field(default_factory=list)
    recycled: list[tuple[Contact, Operator, Operator]] = field(default_factory=list)
    near_handles: list[tuple[Contact, Contact]] = field(default_factory=list)

    @property
    def accounts(self) -> list[Account]:
        return [account for operator in self.operators for account in operator.accounts]
