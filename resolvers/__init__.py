"""Which accounts belong to one seller: contacts -> links -> clusters -> persistent sellers.

First cut: accounts that give the same rare contact as their own, and that most others do not show as a
courier's or hotline's, are one seller. The parts are kept
apart so that each can be deepened: contacts.py (what is shown), links.py (which pairs, on what
evidence, how sure), clusters.py (who belongs together), ids.py (names that stay), resolve.py (a run).
"""

from __future__ import annotations

from resolvers.resolve import ResolveReport, resolve

__all__ = ["ResolveReport", "resolve"]
