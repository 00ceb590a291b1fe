"""The pieces of evidence for and against two accounts being one seller's.

Each comparison is one small function; its docstring is what the analyst reads. Levels are tried in order, the first
that
holds counts; their SQL uses only what DuckDB and Spark answer alike: `arrays_overlap` on lists that profiles.py made,
equality, and `name_similarity` (one rapidfuzz function in both engines). m is the part of true pairs, u the part of
other pairs at the level: expert priors here, learnt where the case tells (model.py). The last level is 'nothing of it'.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# m and u of levels that no case tells often enough: from six simulated markets of 400 operators (seeds 201 to 206),
# rounded towards caution.
FEW_U = 1e-7


@dataclass(frozen=True, slots=True)
class Level:
    """One outcome of a comparison.

    Attributes:
        name: short, for the model file. sql: condition over _l and _r columns. m, u: expert priors.
        trust: the part of such pairs that is right when nothing else is known: of contacts m and u follow from it and
            from how many such pairs there are; of others it is the most that this piece alone can make likely.
        rare: SQL of the values that an account shares at this level; u then follows from how often they occur, never
            from random pairs. fixed: never learnt.
    """

    name: str
    sql: str
    m: float
    u: float
    trust: float | None = None
    rare: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """A piece of evidence: its name, what it means, when it says nothing, its levels and their rest.

    `contacts` are comparisons of contacts: their trust comes from the decisions on owners.

    Attributes:
        columns: columns of the profiles that it looks at.
        nothing: SQL condition under which it has weight 0 (something is unknown).
    """

    name: str
    meaning: str
    columns: tuple[str, ...]
    nothing: str
    levels: tuple[Level, ...]
    contacts: bool = False

    @property
    def rest(self) -> tuple[float, float]:
        """m and u of 'nothing of it'."""
        return max(1 - sum(x.m for x in self.levels), 1e-6), max(1 - sum(x.u for x in self.levels), 1e-6)


def _overlap(column: str, other: str | None = None) -> str:
    return f"arrays_overlap({column}_l, {other or column}_r)"


def _either(given: str, named: str) -> str:
    return f"({_overlap(given, named)} OR {_overlap(named, given)})"


def _unknown(*columns: str) -> str:
    return " OR ".join(f"{column}_l IS NULL OR {column}_r IS NULL" for column in columns)


# Columns of lists by kind of contact; see profiles.KEY_LISTS.
# Whoever quotes another's phone often quotes his WeChat as well: of contacts whose owner is less sure one counts.
def _contact(
    kind: str, meaning: str | None, trusts: tuple[float, float, float, float, float], after: tuple[str, ...] = ()
) -> Comparison:
    names = ("sure_few", "sure_some", "sure_all", "good", "likely")
    levels = tuple(
        Level(name, _overlap(f"{kind}_{name}"), 0.1, FEW_U, trust=trust)
        for name, trust in zip(names, trusts, strict=True)
    )
    columns = (*(f"{kind}_{name}" for name in names), *(f"{other}_likely" for other in after))
    nothing = _unknown(f"{kind}_likely") + _said_before(after, f"arrays_overlap({kind}_sure_all_l, {kind}_sure_all_r)")
    return Comparison(kind, meaning or "", columns, nothing, levels, contacts=True)


def _said_before(kinds: tuple[str, ...], sure: str) -> str:
    """Or another kind of contact is shared, and this one is not surely both's own."""
    shared = " OR ".join(f"coalesce({_overlap(f'{kind}_likely')}, false)" for kind in kinds)
    return f" OR (({shared}) AND NOT coalesce({sure}, false))" if kinds else ""


def number() -> Comparison:
    """Both give the same phone number as their own."""
    return _contact("number", number.__doc__, (0.99, 0.985, 0.97, 0.9, 0.6))


def handle() -> Comparison:
    """Both give the same WeChat, QQ or other account name as their own."""
    return _contact("handle", handle.__doc__, (0.99, 0.985, 0.97, 0.9, 0.6), after=("number",))


def code() -> Comparison:
    """Both show the same payment or friend code."""
    return _contact("code", code.__doc__, (0.99, 0.985, 0.97, 0.9, 0.6), after=("number", "handle"))


def page() -> Comparison:
    """Both lead to the same page or shop."""
    return _contact("page", page.__doc__, (0.97, 0.95, 0.9, 0.85, 0.5), after=("number", "handle", "code"))


_BEFORE_NAMED = ("number", "handle", "code")


def named() -> Comparison:
    """One gives the other's login or page as its own."""
    levels = (
        Level("sure", _either("gives_sure", "login_keys"), 0.1, FEW_U, trust=0.99),
        Level("good", _either("gives_good", "login_keys"), 0.05, FEW_U, trust=0.9),
        Level("likely", _either("gives", "login_keys"), 0.05, FEW_U, trust=0.7),
        Level("one_login", _overlap("login_keys"), 0.02, FEW_U, trust=0.9),
    )
    nothing = "coalesce(login_keys_l, login_keys_r) IS NULL"
    nothing += _said_before(_BEFORE_NAMED, _either("gives_sure", "login_keys"))
    columns = ("gives_sure", "gives_good", "gives", "login_keys", *(f"{kind}_likely" for kind in _BEFORE_NAMED))
    return Comparison("named", named.__doc__ or "", columns, nothing, levels, contacts=True)


def _copied(column: str) -> str:
    """Who copies an advertisement copies its pictures, their marks and its words: only the first of them counts."""
    return f"coalesce({_overlap(column)}, false)"


def watermark() -> Comparison:
    """The same text stands in the pictures of both and of few others."""
    levels = (Level("same", _overlap("watermarks"), 0.3, 2e-5, trust=0.8, rare="unnest(watermarks)"),)
    nothing = f"{_unknown('watermarks')} OR {_copied('photos_some')}"
    return Comparison("watermark", watermark.__doc__ or "", ("watermarks", "photos_some"), nothing, levels)


def photos() -> Comparison:
    """Both show a photograph that few others show; agents re-post their supplier's, so that this is weak."""
    levels = (
        Level("few", _overlap("photos_few"), 0.35, 2e-5, trust=0.5, rare="unnest(photos_few)"),
        Level("some", _overlap("photos_some"), 0.15, 1e-4, trust=0.25, rare="unnest(photos_some)"),
    )
    return Comparison("photos", photos.__doc__ or "", ("photos_few", "photos_some"), _unknown("photos_some"), levels)


def template() -> Comparison:
    """Both write after one template that few others use; agents copy their supplier's, so that this is weak."""
    levels = (Level("same", _overlap("templates"), 0.15, 1e-4, trust=0.05, rare="unnest(templates)"),)
    nothing = f"{_unknown('templates')} OR {_copied('photos_some')} OR {_copied('watermarks')}"
    return Comparison("template", template.__doc__ or "", ("templates", "photos_some", "watermarks"), nothing, levels)


def name() -> Comparison:
    """Both go by the same or nearly the same name; a name that many use says little."""
    # Spread counts places, not accounts: a seller's forty accounts share a name and a place, strangers share the
    # name only.
    rare_names = "CASE WHEN name_spread <= 2 AND name_accounts <= 60 THEN name END"
    some_names = "CASE WHEN name_spread BETWEEN 3 AND 6 AND name_accounts <= 60 THEN name END"
    few = "name_accounts_l <= 60"
    levels = (
        Level("same_rare", f"name_l = name_r AND name_spread_l <= 2 AND {few}", 0.4, 1e-5, trust=0.7, rare=rare_names),
        Level("same_some", f"name_l = name_r AND name_spread_l <= 6 AND {few}", 0.1, 1e-4, trust=0.2, rare=some_names),
        Level("same_common", "name_l = name_r", 0.05, 2e-3),
        Level(
            "near",
            "name_similarity(name_l, name_r) >= 0.9 AND name_spread_l <= 6 AND name_spread_r <= 6",
            0.05,
            1e-4,
            trust=0.15,
        ),
    )
    # A name that anybody may have neither agrees nor differs; see traits.GENERIC_ACCOUNTS.
    nothing = f"{_unknown('name')} OR name_accounts_l >= 100000 OR name_accounts_r >= 100000"
    return Comparison("name", name.__doc__ or "", ("name", "name_accounts", "name_spread"), nothing, levels)


def place() -> Comparison:
    """Both post from the same place, or from different ones."""
    levels = (
        Level("same", _overlap("places"), 0.8, 0.05),
        Level("once", _overlap("all_places"), 0.1, 0.03),
    )
    return Comparison("place", place.__doc__ or "", ("places", "all_places"), _unknown("all_places"), levels)


def goods() -> Comparison:
    """Both offer the same species, or nothing in common."""
    levels = (Level("same", _overlap("goods"), 0.85, 0.5),)
    return Comparison("goods", goods.__doc__ or "", ("goods",), _unknown("goods"), levels)


def login() -> Comparison:
    """Their ids on the platforms are the same, or differ in digits and signs only."""
    logins, stems = "CASE WHEN length(login) >= 6 THEN login END", "CASE WHEN stem_accounts <= 6 THEN stem END"
    levels = (
        Level("same", "login_l = login_r AND length(login_l) >= 6", 0.05, 1e-6, trust=0.8, rare=logins),
        Level("stem", "stem_l = stem_r AND stem_accounts_l <= 6", 0.12, 1e-5, trust=0.5, rare=stems),
    )
    return Comparison("login", login.__doc__ or "", ("login", "stem", "stem_accounts"), _unknown("login"), levels)


def succession() -> Comparison:
    """On one platform, one account begins soon after the other's last advertisement, as after a ban."""
    # Not within hours: two accounts that were seen on one day only were there at once.
    after = "{0}_l + INTERVAL 12 HOUR <= {1}_r AND {1}_r <= {0}_l + INTERVAL 45 DAY"
    mirrored = "{0}_r + INTERVAL 12 HOUR <= {1}_l AND {1}_l <= {0}_r + INTERVAL 45 DAY"
    either = f"({after} OR {mirrored})".format("last_seen", "first_seen")
    levels = (Level("after", f"platform_l = platform_r AND {either}", 0.04, 0.004),)
    columns = ("platform", "first_seen", "last_seen")
    return Comparison("succession", succession.__doc__ or "", columns, _unknown("first_seen"), levels)


def parallel() -> Comparison:
    """On one platform at once, each under long-lived contacts of its own: they speak against each other."""
    apart = f"NOT {_overlap('long_keys')}"
    at_once = "first_seen_l <= last_seen_r AND first_seen_r <= last_seen_l"
    levels = (Level("apart", f"platform_l = platform_r AND {at_once} AND {apart}", 0.02, 0.06, fixed=True),)
    columns = ("platform", "first_seen", "last_seen", "long_keys")
    return Comparison("parallel", parallel.__doc__ or "", columns, _unknown("long_keys", "first_seen"), levels)


def warning() -> Comparison:
    """One warns of a contact that is the other's own."""
    levels = (Level("warns", _either("warned_of", "own_contacts"), 0.002, 0.02, fixed=True),)
    nothing = "coalesce(warned_of_l, warned_of_r) IS NULL"
    return Comparison("warning", warning.__doc__ or "", ("warned_of", "own_contacts"), nothing, levels)


def quoted() -> Comparison:
    """One gives the other's own contact as somebody else's: an agent his supplier's, a customer his courier's."""
    levels = (Level("quotes", _either("not_own", "own_contacts"), 0.005, 0.05, fixed=True),)
    nothing = "coalesce(not_own_l, not_own_r) IS NULL"
    return Comparison("quoted", quoted.__doc__ or "", ("not_own", "own_contacts"), nothing, levels)


def handed_on() -> Comparison:
    """Both gave one contact as their own, but at different times: it changed owners in between."""
    levels = (Level("apart", f"{_overlap('own_contacts')} AND NOT {_overlap('long_keys')}", 0.001, 0.02, fixed=True),)
    columns = ("own_contacts", "long_keys")
    return Comparison("handed_on", handed_on.__doc__ or "", columns, _unknown("own_contacts"), levels)


COMPARISONS: tuple[Callable[[], Comparison], ...] = (
    number, handle, code, page, named, photos, watermark, template, name, place, goods, login, succession, parallel,
    warning, quoted, handed_on,
)  # fmt: skip


def comparisons() -> tuple[Comparison, ...]:
    """All comparisons, in the order in which they are shown."""
    return tuple(make() for make in COMPARISONS)
