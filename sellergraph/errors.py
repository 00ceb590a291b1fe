"""Every error that sellergraph raises on purpose, in one tree.

The message is what the user reads: what was wrong, where, and what to do. Adapters raise
`RejectError` to say 'put this one aside and go on'; every other error stops the run.
"""

import traceback
from pathlib import Path


class SellergraphError(Exception):
    """Base of all errors that are reported in one line, without a traceback; exit code 2."""


class UsageError(SellergraphError):
    """The command, a parameter or the case's settings cannot be used as they are."""


class CaseError(UsageError):
    """The folder is not a case, or its case.toml cannot be used."""


class SchemaError(SellergraphError):
    """A table, label or property is not one of graph/schema.yaml."""


class StoreError(SellergraphError):
    """The graph store refused or failed."""


class StoreUnavailable(StoreError):
    """The store cannot be reached: not running, wrong address, file unreadable."""


class StoreAuthError(StoreError):
    """The server refused the user name or password."""


class StoreLocked(StoreError):
    """Another process holds the embedded graph; the message says which."""


class WriteError(StoreError):
    """A batch could not be written; nothing of it was kept."""


class QueryError(StoreError):
    """A query is unknown, lacks a parameter, or failed in the store."""


class QueryRefused(QueryError):
    """The read-only console does not take this statement."""


class QueryTimeout(QueryError):
    """The query ran into its time limit."""


class ExportError(SellergraphError):
    """A target list or graph could not be written."""


class RejectError(SellergraphError):
    """Skip this one record or picture: it cannot be used, the run goes on.

    Args:
        field: name of the field at fault, or '' when the whole record is.
        reason: one clause that says what was wrong.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


class SourceError(SellergraphError):
    """A whole source file or folder cannot be read; it is reported as a reject, the rest goes on."""


def unforeseen(error: BaseException) -> str:
    """One line for an error that nobody expected: what it was and where it arose."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    text = " ".join(str(error).split())[:200]
    return f"unforeseen fault, please report it: {type(error).__name__}{f': {text}' if text else ''}{place}"
