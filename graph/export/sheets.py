"""Target lists as CSV and XLSX that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from graph.export.targets import Targets

# Cells beginning with these are formulas to Excel and LibreOffice (OWASP, 'CSV Injection').
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Excel's limit of characters in a cell.
_MAX_CELL = 32_767


def write_csv(targets: Targets, path: Path) -> None:
    """One row a seller; UTF-8 with BOM, which Excel needs to see Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(targets.sellers.column_names)
        for row in targets.sellers.to_pylist():
            writer.writerow([_csv_cell(value, targets.zone) for value in row.values()])


def _csv_cell(value: object, zone: ZoneInfo) -> object:
    cell = _local(value, zone).isoformat() if isinstance(value, datetime) else _plain(value)
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return "'" + cell
    return cell


def _local(value: datetime, zone: ZoneInfo) -> datetime:
    """A time of the graph (UTC without offset) in the case's time zone, to the second."""
    return value.replace(tzinfo=UTC, microsecond=0).astimezone(zone)


def _plain(value: object) -> str | int | float:
    """A value as one cell: lists joined, control characters out."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    text = "; ".join(str(_plain(item)) for item in value) if isinstance(value, list) else str(value)
    return "".join(c for c in text if c >= " " or c in "\n\t")


def write_xlsx(targets: Targets, path: Path) -> None:
    """Sheets Sellers, Accounts, Contacts; text is written as text, never as a formula or a link."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        _write_book(xlsxwriter.Workbook(str(path), options), targets)
    except xlsxwriter.exceptions.XlsxWriterException as error:
        raise OSError(str(error)) from error


def _write_book(workbook: Any, targets: Targets) -> None:
    with workbook as book:
        formats = {
            "bold": book.add_format({"bold": True, "bottom": 1}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        for name in ("sellers", "accounts", "contacts"):
            _sheet(book, name.capitalize(), getattr(targets, name), targets.zone, formats)


def _sheet(book: Any, name: str, rows: pa.Table, zone: ZoneInfo, formats: Mapping[str, object]) -> None:
    sheet = book.add_worksheet(name)
    for column, field in enumerate(rows.schema):
        # A cell has no place for an offset: the heading says whose time it is.
        told = f" ({zone.key})" if pa.types.is_timestamp(field.type) else ""
        sheet.write_string(0, column, field.name.replace("_", " ") + told, formats["bold"])
        sheet.set_column(column, column, 16 if told else 14)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows.to_pylist(), start=1):
        for column, value in enumerate(row.values()):
            if isinstance(value, datetime):
                sheet.write_datetime(number, column, _local(value, zone).replace(tzinfo=None), formats["time"])
                continue
            cell = _plain(value)
            if isinstance(cell, str):
                sheet.write_string(number, column, cell[:_MAX_CELL])
            else:
                sheet.write_number(number, column, cell)
    if rows.num_rows:
        sheet.autofilter(0, 0, rows.num_rows, rows.num_columns - 1)
