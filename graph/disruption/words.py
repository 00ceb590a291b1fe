"""What was chosen and how good it is, in words."""

from __future__ import annotations

import math
from typing import Any

from graph.disruption.numbering import By

MANY = {"seller": "sellers", "account": "accounts", "contact": "contacts"}


def guarantee_words(by: By, what: str, modular: bool, most: int, certificate: float | None) -> str:
    """How near the choice is to the best one, and by whose proof."""
    if what == "network":
        return (
            "No guarantee: no fast way is known that surely comes near the best; this is the best of the ways "
            f"tried, one of which tries every one of the {MANY[by]} in the largest group at each step. A group is "
            "whoever ties and shared contacts connect, over any number of others; the networks of `rank networks` "
            "are closer."
        )
    if certificate is None:
        return "There is nothing to take away."
    if modular:
        owner = "shows one contact at most" if by == "contact" else f"has one {by}"
        return f"The best there is: each ad {owner}, so that no other {most} {MANY[by]} take more away."
    return (
        f"At least 63 % (1 - 1/e) of what any {most} contacts could take away (Nemhauser, Wolsey and Fisher 1978); "
        f"here at least {_floored(certificate)} % (bound from the gains left, Leskovec and others 2007)."
    )


def _floored(share: float) -> str:
    """Per cent, never rounded up; sums of a few doubles may miss a whole by a last digit."""
    return f"{math.floor(share * 1000 + 1e-9) / 10:.1f}".removesuffix(".0")


def why_words(step: dict[str, Any], counted: str) -> str:
    """What goes with this one that had not gone before it.

    Args:
        step: ads, ads_cut_off, routes, network_before, network_after: whole numbers; protection: share, 0 to 1.
    """
    parts = [_ads(step["ads"], step["ads_cut_off"])]
    if step["protection"]:
        parts.append(f"{step['protection']:.1%} of the protection weight".replace("%", " %"))
    if step["routes"]:
        parts.append(f"{step['routes']:,} {'route' if step['routes'] == 1 else 'routes'} to other platforms")
    if step["network_after"] < step["network_before"]:
        parts.append(
            f"the largest group that hangs together falls from {step['network_before']:,} "
            f"to {step['network_after']:,} {counted}"
        )
    return "; ".join(parts)


def _ads(hit: int, cut_off: int) -> str:
    more = f"{hit:,} more {'ad' if hit == 1 else 'ads'}"
    if hit == cut_off:
        return more
    return f"{more}, {cut_off:,} left without a contact" if cut_off else f"{more}, each with another contact left"
