"""What the signs between the digits of a run say: groups of one number, a list, a card, a code, a fraction."""

from __future__ import annotations

from ingest.extract.digits import Run

# Between the digits of one number, mixed; and what stands between numbers.
_BLANKS = " -–—_()[]【】「」《》\n"
_LISTING = frozenset(("、", ",", ", ", "/", " / ", ":", ";", "; ", "x", "*", "×", "~", "、 ", "+", " + "))
# Behind a dot or times sign, so many digits at most are a fraction or a count.
_FRACTION_DIGITS = 3


def sizes_in(run: Run, first: int, last: int) -> tuple[int, ...]:
    """Sizes of the groups into which signs break the digits."""
    if not run.gaps:
        return (last - first,)
    cuts = [first, *[place for place in range(first + 1, last) if place in run.gaps], last]
    return tuple(b - a for a, b in zip(cuts, cuts[1:], strict=False))


def gaps_in(run: Run, first: int, last: int) -> set[str]:
    """The signs between the digits of a number."""
    return {run.gaps[place] for place in range(first + 1, last) if place in run.gaps}


def gap_before(run: Run, index: int) -> int:
    """Index of the digit behind the last gap before `index`, or so far back that it is no number's."""
    return next((place for place in range(index - 1, max(0, index - 15), -1) if place in run.gaps), 0)


def is_decimal(run: Run, index: int) -> bool:
    """What follows '0.' is a fraction."""
    return index == 1 and run.digits[0] == "0" and run.gaps.get(1) == "."


def is_code(run: Run, index: int) -> bool:
    """Behind digits and a dot a number goes on: '1.2.13800001234'; one digit may count contacts."""
    counts = index == 1 or run.gaps.get(index - 1, "").isspace()
    if index and run.gaps.get(index) == "-":
        before = gap_before(run, index)
        return run.digits[before:index] not in ("86", "0086")
    return not counts and index > 0 and run.gaps.get(index) == "."


def is_fraction(run: Run, index: int) -> bool:
    """The last one to three digits, behind a dot or times sign: '13800001234.5', '13800001234×2'."""
    return run.gaps[index].strip() in (".", "×", "x", "*") and len(run.digits) - index <= _FRACTION_DIGITS


def is_break(gaps: set[str]) -> bool:
    """Blanks, dashes and brackets, or one and the same sign, that is none of a list, a fraction or a time."""
    return not any([gap.strip(_BLANKS) for gap in gaps]) or len(gaps) == 1 and not gaps & _LISTING


def is_card(run: Run, index: int, sizes: tuple[int, ...]) -> bool:
    """Four digits, a break, four digits, the same break: the middle of a card's number."""
    gap = run.gaps.get(index)
    before = gap_before(run, index)
    return sizes[0] == 4 and index - before == 4 and gap is not None and gap in {run.gaps.get(index + 4)}
