"""The contacts that two accounts share: whose each was decided to be, why, and where it stands in their ads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from graph.captions import contact_captions
from graph.citations import around, cite
from graph.facts import COUNT, TEXT, TIME, fetch, read_of
from graph.sql import sql_session
from graph.stores import GraphStore
from graph.uses import decisions, undecided
from resolvers.explanation import WHOSE, Cited, SharedContact, Use
from resolvers.shown import CANONICAL as CANONICAL

# Of an account, ads that show one contact.
ADS_CITED = 3

_MENTIONS = read_of(
    """MATCH (a:Account)-[:POSTED]->(ad:Ad) WHERE a.id IN $accounts
    MATCH (ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link) WHERE m.candidate_of IS NULL
    RETURN a.id AS account, c.id AS contact, ad.id AS ad, ad.seen_at AS seen_at, m.place AS place,
           m.span_start AS span_start, m.span_end AS span_end, m.raw AS raw, m.method AS method, m.role AS role,
           m.cue AS cue, m.image_id AS image_id, null AS code""",
    account=TEXT, contact=TEXT, ad=TEXT, seen_at=TIME, place=TEXT, span_start=COUNT, span_end=COUNT, raw=TEXT,
    method=TEXT, role=TEXT, cue=TEXT, image_id=TEXT, code=TEXT,
)  # fmt: skip
# What a code leads to counts as given by who shows the code.
_CODED = read_of(
    """MATCH (a:Account)-[:POSTED]->(ad:Ad) WHERE a.id IN $accounts
    MATCH (ad)-[m:MENTIONS]->(q:QRCode)
    MATCH (q)-[:RESOLVES_TO]->(c:Phone|Handle|Link)
    RETURN a.id AS account, c.id AS contact, ad.id AS ad, ad.seen_at AS seen_at, m.place AS place,
           m.span_start AS span_start, m.span_end AS span_end, m.raw AS raw, m.method AS method, m.role AS role,
           m.cue AS cue, m.image_id AS image_id, q.id AS code""",
    **dict(zip(_MENTIONS.schema.names, _MENTIONS.schema.types, strict=True)),
)
_LOGINS = read_of(
    """MATCH (h:Handle)-[:IDENTIFIES]->(a:Account) WHERE a.id IN $accounts
    RETURN h.id AS contact, a.id AS account""",
    contact=TEXT, account=TEXT,
)  # fmt: skip
_LOGGED_IN = read_of(
    """MATCH (h:Handle)-[:IDENTIFIES]->(a:Account) WHERE h.id IN $contacts
    RETURN h.id AS contact, a.id AS account""",
    contact=TEXT, account=TEXT,
)  # fmt: skip
_IMAGES = read_of(
    "MATCH (i:Image) WHERE i.id IN $images RETURN i.id AS image, i.path AS path, i.text AS text",
    image=TEXT, path=TEXT, text=TEXT,
)  # fmt: skip

Row = dict[str, Any]


def shared_contacts(store: GraphStore, left: str, right: str, supporting: Sequence[str]) -> tuple[SharedContact, ...]:
    """Contacts that both show, or that one shows and the other is logged in with; those that speak for it first.

    Args:
        supporting: ids of the contacts that speak for one seller, as MATCHES keeps them.
    """
    return _Two(store, left, right, supporting).shared()


class _Two:
    """Everything about the contacts of two accounts, under the one id that each is decided on by."""

    def __init__(self, store: GraphStore, left: str, right: str, supporting: Sequence[str]) -> None:
        self.store, self.ends, self.supporting = store, (left, right), set(supporting)
        mentions = [
            row for read in (_MENTIONS, _CODED) for row in fetch(store, read, accounts=[left, right]).to_pylist()
        ]
        logins = fetch(store, _LOGINS, accounts=[left, right]).to_pylist()
        self.one = _canonical([row["contact"] for row in [*mentions, *logins]])
        self.shown = _grouped(mentions, self.one)
        self.logins: dict[str, set[str]] = {}
        self._know(logins)

    def _know(self, logins: Iterable[Row]) -> None:
        for row in logins:
            self.logins.setdefault(self.one[row["contact"]], set()).add(row["account"])

    def shared(self) -> tuple[SharedContact, ...]:
        left, right = (self._of(account) for account in self.ends)
        contacts = sorted((left & right) | self.supporting)
        # What both are merely logged in with, without any ad that shows it, is told by their ids.
        wanted = [c for c in contacts if c in self.supporting or any((end, c) in self.shown for end in self.ends)]
        forms = self._forms(wanted)
        handles = sorted({form for of_one in forms.values() for form in of_one} & set(self.one))
        self._know(fetch(self.store, _LOGGED_IN, contacts=handles).to_pylist() if handles else ())
        about = _About.of(self.store, forms)
        cited = _Citations.of(
            self.store, [row for c in wanted for end in self.ends for row in self._cited(end, c, about)]
        )
        captions = dict(zip(*_captions(self.store, wanted), strict=True))
        found = [self._contact(contact, captions[contact], about, cited) for contact in wanted]
        return tuple(sorted(found, key=lambda c: (not c.supports, c.shown_by, c.contact)))

    def _of(self, account: str) -> set[str]:
        """Contacts that the account shows or is logged in with."""
        shown = {contact for owner, contact in self.shown if owner == account}
        return shown | {contact for contact, accounts in self.logins.items() if account in accounts}

    def _forms(self, wanted: Iterable[str]) -> dict[str, list[str]]:
        """Contact -> the ids under which the graph may hold it."""
        forms = {contact: [contact] for contact in wanted}
        for raw, contact in sorted(self.one.items()):
            if contact in forms and raw != contact:
                forms[contact].append(raw)
        return forms

    def _cited(self, account: str, contact: str, about: _About) -> list[Row]:
        """The mentions to cite, in time: one an ad, those that the decision agrees with and that have a cue first."""
        decided = about.decision(contact, account)
        role = decided["role"] if decided else None
        best: dict[str, Row] = {}
        for row in sorted(
            self.shown.get((account, contact), []),
            key=lambda row: (row["role"] != role, row["cue"] is None, *_time(row)),
        ):
            best.setdefault(row["ad"], row)
        return sorted(list(best.values())[:ADS_CITED], key=_time)

    def _contact(self, contact: str, caption: str, about: _About, cited: _Citations) -> SharedContact:
        left, right = (self._use(end, contact, about, cited) for end in self.ends)
        rows = about.rows(contact)
        owners = {row["account_id"] for row in rows if row["role"] == "own"}
        supports = contact in self.supporting
        words = "it speaks for one seller" if supports else self._conclusion(contact, left, right)
        return SharedContact(
            contact, caption, supports, words, len({row["account_id"] for row in rows}), len(owners), left, right
        )

    def _use(self, account: str, contact: str, about: _About, cited: _Citations) -> Use:
        decided = about.decision(contact, account) or {}
        mentions = self.shown.get((account, contact), [])
        # What speaks for it and stands in no ad of the account is its login, or the page that a link opens.
        login = account in self.logins.get(contact, ()) or (contact in self.supporting and not mentions)
        reason = decided.get("reason") or (None if decided or not mentions else about.left_out(contact))
        return Use(
            account=account,
            role=decided.get("role"),
            own_probability=decided.get("own_probability"),
            turn=decided.get("turn"),
            reason=reason,
            login=login,
            ads=len({row["ad"] for row in mentions}),
            cited=tuple(cited.cited(row) for row in self._cited(account, contact, about)),
        )

    def _conclusion(self, contact: str, left: Use, right: Use) -> str:
        roles = [use.role or ("own" if use.login else None) for use in (left, right)]
        if None in roles:
            return left.reason or right.reason or "nothing was decided about it"
        if roles != ["own", "own"]:
            return (
                f"{WHOSE[str(roles[0])]} for the one, {WHOSE[str(roles[1])]} for the other"
                if roles[0] != roles[1]
                else (f"{WHOSE[str(roles[0])]} for both")
            )
        if left.turn and right.turn and left.turn != right.turn:
            return f"it passed on: turn {left.turn} for the one, turn {right.turn} for the other"
        if others := sorted(self.logins.get(contact, set()) - set(self.ends)):
            return f"both give it as their own; it is the login of {', '.join(others)}, and each is compared with that"
        return "both give it as their own; too many do, or something is against it"


@dataclass(frozen=True, slots=True)
class _About:
    """What was decided about contacts, by the ids of the graph."""

    forms: Mapping[str, Sequence[str]]
    decided: Mapping[str, list[Row]]
    reasons: Mapping[str, str]

    @staticmethod
    def of(store: GraphStore, forms: Mapping[str, Sequence[str]]) -> _About:
        ids = [form for of_one in forms.values() for form in of_one]
        decided: dict[str, list[Row]] = {}
        for row in decisions(store, ids).to_pylist():
            decided.setdefault(row["contact_id"], []).append(row)
        left_out = undecided(store, set(ids) - set(decided)).select(["contact_id", "why"])
        return _About(forms, decided, dict(zip(*left_out.to_pydict().values(), strict=True)))

    def rows(self, contact: str) -> list[Row]:
        """Decisions on every account that shows it."""
        return [row for form in self.forms[contact] for row in self.decided.get(form, ())]

    def decision(self, contact: str, account: str) -> Row | None:
        """The decision on one account; all ids of a contact have the same."""
        return next((row for row in self.rows(contact) if row["account_id"] == account), None)

    def left_out(self, contact: str) -> str | None:
        """Why there is none."""
        return next((self.reasons[form] for form in self.forms[contact] if form in self.reasons), None)


@dataclass(frozen=True, slots=True)
class _Citations:
    """The ads and pictures of mentions."""

    ads: Mapping[str, Row]
    images: Mapping[str, Row]

    @staticmethod
    def of(store: GraphStore, mentions: Sequence[Row]) -> _Citations:
        images = sorted({row["image_id"] for row in mentions if row["image_id"]})
        found = fetch(store, _IMAGES, images=images).to_pylist() if images else []
        return _Citations(cite(store, [row["ad"] for row in mentions]), {row["image"]: row for row in found})

    def cited(self, mention: Row) -> Cited:
        ad, image = self.ads[mention["ad"]], self.images.get(mention["image_id"] or "", {})
        coded = mention["method"] == "qr"
        text = None if coded else image.get("text") if mention["image_id"] else ad.get(mention["place"])
        context = around(text, mention["span_start"], mention["span_end"]) if text else None
        return Cited(
            ad=mention["ad"],
            seen_at=mention["seen_at"],
            place="picture" if mention["image_id"] else mention["place"],
            image=image.get("path"),
            contact=mention["contact"],
            code=mention["code"],
            raw=mention["raw"],
            context=context,
            role=mention["role"],
            cue=mention["cue"],
            file=ad["file"],
            line=ad["line"],
        )


def _time(row: Row) -> tuple[bool, Any, str]:
    return row["seen_at"] is None, row["seen_at"], row["ad"]


def _canonical(ids: Iterable[str]) -> dict[str, str]:
    """The one id by which each contact is decided on: a number is one contact as phone and as WeChat id."""
    with sql_session({"ids": pa.table({"id": pa.array(sorted(set(ids)), TEXT)})}) as db:
        db.execute(CANONICAL)
        return dict(db.execute("SELECT id, one_contact(id) FROM ids").fetchall())


def _grouped(mentions: Iterable[Row], one: Mapping[str, str]) -> dict[tuple[str, str], list[Row]]:
    """(account, contact) -> its mentions."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in mentions:
        grouped.setdefault((row["account"], one[row["contact"]]), []).append(row)
    return grouped


def _captions(store: GraphStore, contacts: Iterable[str]) -> tuple[list[str], list[str]]:
    table = contact_captions(store, contacts)
    return table["contact_id"].to_pylist(), table["caption"].to_pylist()
