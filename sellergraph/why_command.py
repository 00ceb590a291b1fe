"""`sellergraph why`: the evidence for and against two accounts being one seller's, as an analyst reads it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import pyarrow as pa
import typer

from sellergraph.options import CaseOption, JsonOption, StoreOption, reading, settings_of
from sellergraph.output import Form, emit, emit_record, piped, printable

if TYPE_CHECKING:
    from resolvers.chains import Judgement
    from resolvers.explanation import Cited, Example, Explanation, Party, SharedContact, SharedPhoto, Use

# Of lists that may be long; --json has all.
SHOWN_LINKS, SHOWN_PHOTOS, SHOWN_CONTACTS = 20, 8, 20
_TEXT = 160
_EVIDENCE = "Evidence (each bit doubles the odds, each negative one halves them)"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(why)


def why(
    left: Annotated[str, typer.Argument(metavar="A", help="An account, 'platform|seller_id', or a seller's id.")],
    right: Annotated[str, typer.Argument(metavar="B", help="Another account or seller.")],
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why two accounts are one seller's, or why they are not, with the ads and pictures it rests on.

    Of a seller's accounts those that are linked to the other side are listed, and the strongest pair is explained.

    Example: sellergraph why 'xianyu|u123' 'weibo|987'
    """
    from resolvers.why import explain

    settings = settings_of(case, store)
    with reading(case, store) as opened:
        found = explain(opened, left, right, settings.resolution)
    if as_json:
        emit_record(asdict(found), Form.JSON)
    else:
        _show(found, settings.zone)


@piped()
def _show(found: Explanation, zone: ZoneInfo) -> None:
    _links(found)
    _lines([found.verdict, *found.notes, "", _party(found.left, zone), _party(found.right, zone), ""])
    _chain(found)
    _evidence(found)
    _lines(_against(found))
    _lines(_contacts(found, zone))
    _lines(_photos(found, zone))
    _lines(_templates(found, zone))
    _lines(_judgements(found, zone))


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(printable(line) + "\n")


def _links(found: Explanation) -> None:
    """Of a seller that was asked about: which of its accounts have to do with the other side."""
    if not found.links:
        return
    rows = [
        {
            "account": link.left,
            "other": link.right,
            "joined": "yes" if link.joined else "no",
            "likely": _percent(link.probability),
            "first evidence": link.evidence if link.cut is None else f"{link.evidence} ({link.cut})",
        }
        for link in found.links[:SHOWN_LINKS]
    ]
    emit(pa.Table.from_pylist(rows), Form.TABLE, "Pairs between the two")
    more = len(found.links) - SHOWN_LINKS
    _lines([*([f"... and {more} more: --json shows all"] if more > 0 else []), "", "The strongest of them:"])


def _party(party: Party, zone: ZoneInfo) -> str:
    ads = "1 ad" if party.ads == 1 else f"{party.ads:,} ads"
    when = f" from {_day(party.first_ad, zone)} to {_day(party.last_ad, zone)}" if party.first_ad else ""
    return f"  {party.account}  {party.name or ''}  {ads}{when}  {party.seller or 'no seller yet'}"


def _chain(found: Explanation) -> None:
    if found.status != "through others":
        return
    if not found.chain:
        _lines(["The graph keeps no chain of joined pairs between them.", ""])
        return
    rows = [
        {"account": step.left, "joined with": step.right, "likely": _percent(step.probability), "by": step.evidence}
        for step in found.chain
    ]
    emit(pa.Table.from_pylist(rows), Form.TABLE, "The surest chain between them")
    _lines([""])


def _evidence(found: Explanation) -> None:
    """The pieces with their weights, where they start from and what they come to."""
    if not found.pieces and found.weight is None:
        return
    rows = [(_side(piece.bits), piece.words, _bits(piece.bits), _percent(piece.without)) for piece in found.pieces]
    if found.prior is not None:
        rows.append(("start", _start(found), _bits(found.prior), ""))
    rows.append(("together", "", _bits(found.weight), _percent(found.probability)))
    columns = ("", "evidence", "bits", "likely without it")
    emit(pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows]), Form.TABLE, _EVIDENCE)
    _lines([""])


def _start(found: Explanation) -> str:
    words = "any two accounts of this case, before anything is known of them"
    if found.slight is None or abs(found.slight) < 0.05:
        return words
    return f"{words}; {_bits(found.slight)} of it are pieces that are not worth a line"


def _side(bits: float | None) -> str:
    return "" if bits is None else "for" if bits > 0 else "against"


def _against(found: Explanation) -> Iterator[str]:
    """Of a pair that was not joined: what was not used, and what both show that tells nothing."""
    if found.status == "joined":
        return
    if found.cut:
        yield f"Not used: {found.cut}"
    if found.capped:
        yield "Both show, and too many others do: " + "; ".join(found.capped)
    if found.cut or found.capped:
        yield ""


def _contacts(found: Explanation, zone: ZoneInfo) -> Iterator[str]:
    """What speaks for it with the ads that show it, then what both show that was decided to be somebody else's."""
    rests = [contact for contact in found.contacts if contact.supports]
    others = [contact for contact in found.contacts if not contact.supports]
    if rests:
        yield "Contacts that speak for it"
        for contact in rests:
            yield from _contact(contact, zone)
        yield ""
    if others:
        yield "Contacts that both show and that join nobody"
        for contact in others[:SHOWN_CONTACTS]:
            yield from _contact(contact, zone)
        if len(others) > SHOWN_CONTACTS:
            yield f"  ... and {len(others) - SHOWN_CONTACTS} more: --json shows all"
        yield ""
    if not found.contacts:
        yield "They show no contact in common."
        yield ""


def _contact(contact: SharedContact, zone: ZoneInfo) -> Iterator[str]:
    known = f"in ads of {_accounts(contact.shown_by)}, decided to be the own of {contact.owned_by:,}"
    yield f"  {contact.caption}  {contact.contact}  ({known if contact.shown_by else 'nothing decided'})"
    if not contact.supports:
        yield f"    {contact.conclusion}"
    for use in (contact.left, contact.right):
        yield f"    {use.account}: {_use(use)}"
        # Of what joins nobody one ad will do.
        for cited in use.cited if contact.supports else use.cited[:1]:
            yield f"      {_cited(cited, zone)}"


def _use(use: Use) -> str:
    from resolvers.explanation import WHOSE

    told = ["its own login or page"] if use.login else []
    if use.role is not None:
        told.append(f"{WHOSE.get(use.role, use.role)} ({_percent(use.own_probability)} likely its own)")
    if use.reason:
        told.append(use.reason)
    if not use.ads:
        told.append("in no ad of its own")
    return "; ".join(told)


def _cited(cited: Cited, zone: ZoneInfo) -> str:
    where = f"picture {cited.image}" if cited.place == "picture" else cited.place.replace("_", " ")
    shown = f'"{cited.context}"' if cited.context else f'"{cited.raw}"' if cited.raw else cited.contact
    code = f" (in {cited.code})" if cited.code else ""
    role = f", read as {cited.role}" + (f" by '{cited.cue}'" if cited.cue else "")
    return f"{_day(cited.seen_at, zone)}  {where}: {shown}{code}{role}  {_source(cited.ad, cited.file, cited.line)}"


def _source(ad: str, file: str | None, line: int | None) -> str:
    return f"[{ad}, {file} line {line}]" if file else f"[{ad}]"


def _photos(found: Explanation, zone: ZoneInfo) -> Iterator[str]:
    if not found.photos:
        return
    yield "Photographs that both show"
    for photo in found.photos[:SHOWN_PHOTOS]:
        yield from _photo(photo, found, zone)
    if len(found.photos) > SHOWN_PHOTOS:
        yield f"  ... and {len(found.photos) - SHOWN_PHOTOS} more: --json shows all"
    yield ""


def _photo(photo: SharedPhoto, found: Explanation, zone: ZoneInfo) -> Iterator[str]:
    said = "" if photo.used else ": too plain or too common to tell anything"
    yield f"  {photo.photo}  on {_accounts(photo.accounts)}{said}"
    for party, shown in ((found.left, photo.left), (found.right, photo.right)):
        for ad in shown:
            yield f"    {party.account}: {_day(ad.seen_at, zone)}  {ad.image or 'no file'}  [{ad.ad}]"


def _templates(found: Explanation, zone: ZoneInfo) -> Iterator[str]:
    for template in found.templates:
        yield f"Texts written after one template, which {_accounts(template.accounts)} use"
        for party, example in ((found.left, template.left), (found.right, template.right)):
            yield f"  {party.account}: {_example(example, zone)}"
        yield ""


def _example(example: Example, zone: ZoneInfo) -> str:
    words = " ".join(f"{example.title or ''} {example.text or ''}".split())
    cut = words if len(words) <= _TEXT else f"{words[:_TEXT]}…"
    return f'{_day(example.seen_at, zone)}  "{cut}"  {_source(example.ad, example.file, example.line)}'


def _judgements(found: Explanation, zone: ZoneInfo) -> Iterator[str]:
    if not found.judgements:
        return
    yield "Judgements on the two"
    for judgement in found.judgements:
        yield f"  {_judgement(judgement, zone)}"
    yield ""


def _judgement(judgement: Judgement, zone: ZoneInfo) -> str:
    made = f"{judgement.verdict}, by {judgement.author} on {_day(judgement.made_at, zone)}: {judgement.reason}"
    if judgement.retracted_at is None:
        return f"{made}  ({judgement.id}, stands)"
    back = f"by {judgement.retracted_by} on {_day(judgement.retracted_at, zone)}: {judgement.retracted_reason}"
    return f"{made}  ({judgement.id}, taken back {back})"


def _day(moment: datetime | None, zone: ZoneInfo) -> str:
    """A UTC time as a day of the case's time zone."""
    return moment.replace(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%d") if moment else "no date"


def _bits(bits: float | None) -> str:
    return "" if bits is None else f"{bits:+.2f}"


def _percent(probability: float | None) -> str:
    from resolvers.why import percent

    return "" if probability is None else percent(probability)


def _accounts(number: int) -> str:
    return "1 account" if number == 1 else f"{number:,} accounts"
