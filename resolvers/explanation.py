"""What `sellergraph why` knows of two accounts, as plain values that print and become JSON. Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from resolvers.chains import Judgement

Status = Literal["joined", "through others", "not joined", "not resolved"]

# Whose a contact is for an account.
WHOSE = {
    "own": "its own",
    "platform": "a platform's hotline",
    "courier": "a courier's",
    "guarantor": "a guarantor's",
    "supplier": "a supplier's",
    "warning": "somebody's it warns of",
    "other": "somebody else's",
}


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two accounts; the seller is None before a resolution has seen it."""

    account: str
    name: str | None
    seller: str | None
    seller_name: str | None
    ads: int
    first_ad: datetime | None
    last_ad: datetime | None


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of evidence.

    Attributes:
        comparison: its name. meaning: what the comparison asks, for the analyst. words: what it found.
        bits: its match weight, negative when it speaks against; None in graphs of before weights were kept.
        without: probability that the pair would have without it.
    """

    comparison: str
    meaning: str
    words: str
    bits: float | None
    without: float | None


@dataclass(frozen=True, slots=True)
class Cited:
    """A place where a contact was read.

    Attributes:
        place: title, text, seller_name, url or picture; `image` is then its path in the evidence store.
        contact: the id as read; `code` the code that it was read from, if any.
        raw: as captured. context: the words around it. role: as read beside it. cue: the words that told it.
        file, line: where the advertisement was captured.
    """

    ad: str
    seen_at: datetime | None
    place: str
    image: str | None
    contact: str
    code: str | None
    raw: str | None
    context: str | None
    role: str | None
    cue: str | None
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Use:
    """What one account does with a contact, and what was decided about it.

    Attributes:
        role: as decided; None when nothing was decided. own_probability: that it is the account's own.
        turn: of the contact's owners, from 1. login: it is the account's own login or page.
        ads: number of the account's ads that show it. cited: at most three of them.
    """

    account: str
    role: str | None
    own_probability: float | None
    turn: int | None
    reason: str | None
    login: bool
    ads: int
    cited: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class SharedContact:
    """A contact that both show, or that one shows and the other is logged in with.

    Attributes:
        supports: it speaks for one seller. conclusion: what it comes to, in words.
        shown_by, owned_by: numbers of accounts that show it, and that were decided to own it, in any turn.
    """

    contact: str
    caption: str
    supports: bool
    conclusion: str
    shown_by: int
    owned_by: int
    left: Use
    right: Use


@dataclass(frozen=True, slots=True)
class Shown:
    """An advertisement that shows a picture: `image` is the picture's path in the evidence store."""

    ad: str
    seen_at: datetime | None
    image: str | None


@dataclass(frozen=True, slots=True)
class SharedPhoto:
    """A photograph that both show; `used` unless it is too plain or on too many accounts."""

    photo: str
    accounts: int
    used: bool
    left: tuple[Shown, ...]
    right: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """An advertisement's words."""

    ad: str
    seen_at: datetime | None
    title: str | None
    text: str | None
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class SharedTemplate:
    """Two advertisements written after one template, which so many accounts of the case use."""

    accounts: int
    left: Example
    right: Example


@dataclass(frozen=True, slots=True)
class Step:
    """One pair of a chain of joined pairs: its surest evidence, or the judgement that joins it."""

    left: str
    right: str
    probability: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Link:
    """A compared pair between two sides, of which one is a seller."""

    left: str
    right: str
    probability: float | None
    joined: bool
    evidence: str
    cut: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two accounts are one seller's, or are not.

    Attributes:
        status: joined; through others (one seller, but the pair itself was not joined); not joined; not resolved.
        verdict: the same in a sentence.
        probability, weight (bits): None when the graph keeps no pair.
        prior: bits that two accounts of the case start from; with `slight`, pieces that were not worth a line
            (None when the case has no model to tell), and the pieces it makes the weight.
        chain: from left to right, when they are one seller through others.
        contacts: that both show. photos, templates: that both use. capped: what both show that too many do.
        cut: why the pair was not used though likely.
        judgements: on the two accounts, those taken back too.
        links: compared pairs between the two sides, strongest first, when a seller was asked about.
        notes: what else must be known.
    """

    status: Status
    verdict: str
    left: Party
    right: Party
    probability: float | None
    weight: float | None
    prior: float | None
    slight: float | None
    pieces: tuple[Piece, ...]
    chain: tuple[Step, ...]
    contacts: tuple[SharedContact, ...]
    photos: tuple[SharedPhoto, ...]
    templates: tuple[SharedTemplate, ...]
    capped: tuple[str, ...]
    cut: str | None
    judgements: tuple[Judgement, ...]
    links: tuple[Link, ...]
    notes: tuple[str, ...]
