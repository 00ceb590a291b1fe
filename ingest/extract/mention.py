"""What extraction hands on: a contact, where it was read, and whose it seems to be."""

from __future__ import annotations

from typing import NamedTuple

KINDS = ("phone", "handle", "email", "link", "qr")
ROLES = ("own", "platform", "courier", "guarantor", "supplier", "warning", "other")
METHODS = ("regex", "qr", "ocr")


class Mention(NamedTuple):
    """One contact read at one place.

    `start` and `end` point into the captured text, so that text[start:end] == raw; `value` is the
    canonical form (E.164, handle id, normalised address, QR payload); `service` is the slug of the
    handle's service, 'tel' for a phone, '' for e-mails, links and codes.
    """

    kind: str
    service: str
    value: str
    raw: str
    start: int
    end: int
    method: str = "regex"
    role: str = "own"
    cue: str = ""
    confidence: float = 1.0
