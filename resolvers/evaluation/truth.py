"""The truth about a case: who runs each account and, of a made-up market, whose each contact is."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sellergraph.errors import UsageError

OPERATOR_COLUMNS = ("operator_id", "seller_id")


@dataclass(frozen=True, slots=True)
class ContactTruth:
    """One contact of a made-up market.

    Attributes:
        shown: role -> account -> number of ads that show it so.
        owners: number of operators who had it, one after the other.
    """

    id: str
    kind: str
    service: str
    value: str
    shown: Mapping[str, Mapping[str, int]]
    owners: int

    def role(self, account: str) -> str | None:
        """In which role the account shows it: 'own' before the role of most ads; None where it does not."""
        roles = {role: by[account] for role, by in self.shown.items() if account in by}
        return "own" if "own" in roles else max(sorted(roles), key=lambda role: roles[role]) if roles else None

    @property
    def of_service(self) -> bool:
        """Whether anybody shows it as a courier's, guarantor's or platform's."""
        return any(self.shown.get(role) for role in ("courier", "guarantor", "platform"))


@dataclass(frozen=True, slots=True)
class Truth:
    """What a truth file says; all but `operators` is empty when it is not the simulator's truth.json.

    Attributes:
        operators: account -> operator.
        group: account -> number of the group of accounts that own contacts connect at all.
        contacts: id -> contact. aliases: other ids under which the graph may know a contact -> id.
        traders: operator -> his supplier, or himself where he is one.
        near: ids of contacts that are one character from another operator's.
    """

    operators: dict[str, str]
    detailed: bool = False
    group: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, ContactTruth] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    traders: dict[str, str] = field(default_factory=dict)
    near: frozenset[str] = frozenset()

    def contact(self, key: str) -> ContactTruth | None:
        """The contact with the id, also where the graph calls a number that logs in somewhere by that service."""
        return self.contacts.get(key) or self.contacts.get(self.aliases.get(key, ""))


def read_truth_file(path: Path) -> Truth:
    """Read a CSV (account_id, operator_id or seller_id) or a truth.json, the simulator's with all that it tells.

    Raises:
        UsageError: naming file, line and what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text") from error
    truth = _from_json(path, text) if path.suffix.lower() == ".json" else Truth(_from_csv(path, text))
    if not truth.operators:
        raise UsageError(f"{path}: names no account")
    return truth


def _from_csv(path: Path, text: str) -> dict[str, str]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    names = reader.fieldnames or ()
    column = next((name for name in OPERATOR_COLUMNS if name in names), None)
    if column is None or "account_id" not in names:
        raise UsageError(f"{path}: needs the columns account_id and operator_id; found {', '.join(names) or 'none'}")
    truth: dict[str, str] = {}
    try:
        for row in reader:
            _add(truth, row["account_id"], row[column], f"{path}:{reader.line_num}")
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: is not CSV: {error}") from error
    return truth


def _from_json(path: Path, text: str) -> Truth:
    """Either account -> operator, or the simulator's truth.json with 'accounts': {id: {'operator': …}}."""
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: is not JSON: {error}") from error
    accounts = value.get("accounts", value) if isinstance(value, dict) else None
    if not isinstance(accounts, dict):
        raise UsageError(f"{path}: is not an object of accounts")
    operators: dict[str, str] = {}
    for account, entry in accounts.items():
        _add(operators, account, entry.get("operator") if isinstance(entry, dict) else entry, f"{path}: {account}")
    if accounts is value or not {"connected", "contacts"} <= value.keys():
        return Truth(operators)
    return _detailed(path, operators, value)


def _add(truth: dict[str, str], account: object, operator: object, where: str) -> None:
    if not (isinstance(account, str) and account.strip() and isinstance(operator, str) and operator.strip()):
        raise UsageError(f"{where}: lacks an account or its operator")
    if truth.setdefault(account.strip(), operator.strip()) != operator.strip():
        raise UsageError(f"{where}: {account.strip()} has two operators")


def _detailed(path: Path, operators: dict[str, str], value: dict[str, Any]) -> Truth:
    contacts = {c.id: c for c in _each(path, "contacts", value["contacts"], _contact)}
    near = _each(path, "near_handles", value.get("near_handles", []), lambda pair: [str(key) for key in pair])
    pairs = _each(path, "agents", value.get("agents", []), lambda entry: (str(entry["agent"]), str(entry["supplier"])))
    return Truth(
        operators,
        detailed=True,
        group=_groups(path, operators, value["connected"]),
        contacts=contacts,
        aliases={_login(c): c.id for c in contacts.values() if c.kind == "phone"},
        traders={supplier: supplier for _, supplier in pairs} | dict(pairs),
        near=frozenset(key for pair in near for key in pair),
    )


def _each(path: Path, key: str, items: Any, read: Any) -> list[Any]:
    """Every item of a list as `read` makes it; what it cannot read is named by its place."""
    if not isinstance(items, list):
        raise UsageError(f"{path}: {key} is not a list")
    found = []
    for number, item in enumerate(items, start=1):
        try:
            found.append(read(item))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UsageError(f"{path}: {key}, entry {number}, is not as 'sellergraph simulate' writes it") from error
    return found


def _contact(entry: dict[str, Any]) -> ContactTruth:
    shown = {str(role): {str(account): int(ads) for account, ads in by.items()} for role, by in entry["shown"].items()}
    texts = [str(entry[name]) for name in ("id", "kind", "service", "value")]
    return ContactTruth(texts[0], texts[1], texts[2], texts[3], shown, len(entry["owners"]))


def _groups(path: Path, operators: Mapping[str, str], connected: Any) -> dict[str, str]:
    groups = _each(path, "connected", connected, lambda group: [str(account) for account in group])
    found: dict[str, str] = {}
    for number, group in enumerate(groups, start=1):
        runners = {operators.get(account, "") for account in group}
        if len(runners) != 1 or "" in runners:
            raise UsageError(f"{path}: connected, entry {number}, joins accounts that are not one operator's")
        found |= {account: f"{number}" for account in group}
    return found


def _login(contact: ContactTruth) -> str:
    """A mainland mobile number is a WeChat id as well, and written so by some."""
    return "wechat:" + re.sub(r"^\+86", "", contact.value)
