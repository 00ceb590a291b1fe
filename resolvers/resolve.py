"""One resolution run: read, decide whose contacts are, compare, cluster, name, write everything at once."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graph.stores import GraphStore
from resolvers.derived import OVER, PROFILES, Found, concluded, derive
from resolvers.guarded import THRESHOLD, group
from resolvers.ids import assign_ids
from resolvers.incremental import refresh, rescore
from resolvers.judgements import check, read_history, standing
from resolvers.matches import NEAR, match_rows, pair_up
from resolvers.model import Model
from resolvers.models import MODEL_FILE, kept_model
from resolvers.networks import network_tables, networks_of, read_networks, read_recruiters
from resolvers.observe import fingerprints, observe, read_accounts
from resolvers.regroup import reach, regroup
from resolvers.scoring import score
from resolvers.sellers import read_earlier
from resolvers.state import STATE_FILE, Mark, accept, attached, digest, keep, kept_mark, last_run, stamp, unusable
from resolvers.training import learnt, outgrown, with_prior
from resolvers.work import beside, decide, import_early, learn, let_go_of_kept, uncollected, work_session
from sellergraph.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HUBS_NAMED = 20
# Columns that say when a row was written: one that says what it said before keeps its stamp.
STAMPS = ("run_id",)
# Networks are found anew in every run of a case of so many accounts, in larger ones in full runs only: they hang
# together
# over the whole case.
NETWORKS_ANEW = 50_000

ACCOUNT_COUNT = "MATCH (a:Account) RETURN count(*) AS accounts"
NETWORK_COUNT = "MATCH (n:Network) RETURN count(*) AS networks"
ALARM_COUNT = "MATCH (s:Seller) WHERE s.alarm IS NOT NULL RETURN count(*) AS alarms"
TOTALS = """
WITH sizes AS (SELECT seller, count(*) AS n FROM clustered_now GROUP BY seller),
pairs AS (
    SELECT probability >= $threshold AS over, a.seller = b.seller AS together
    FROM matches_now m JOIN clustered_now a ON a.account = m.src JOIN clustered_now b ON b.account = m.dst
)
SELECT (SELECT coalesce(sum(n), 0)::BIGINT FROM sizes) AS accounts, (SELECT count(*) FROM sizes) AS sellers,
       (SELECT coalesce(sum(n), 0)::BIGINT FROM sizes WHERE n > 1) AS merged_accounts,
       (SELECT count(*) FROM pairs WHERE over AND together) AS matches,
       (SELECT count(*) FROM pairs WHERE NOT (over AND together)) AS near,
       (SELECT count(*) FROM pairs WHERE over AND NOT together) AS cut,
       (SELECT count(*) FROM (SELECT contact FROM tenures_now GROUP BY contact HAVING max(tenure) > 1)) AS passed_on,
       (SELECT count(*) FROM kinds_now WHERE personal_bits < 0 AND ownish + as_service + quoted > 2) AS services,
       (SELECT count(*) FROM capped) AS capped
"""
SERVICES = """
SELECT contact, ownish + as_service + quoted AS accounts FROM kinds_now
WHERE personal_bits < 0 AND ownish + as_service + quoted > 2 ORDER BY accounts DESC, contact LIMIT $most
"""


@dataclass(frozen=True, slots=True)
class ResolveReport:
    """What a run found.

    Attributes:
        merged_accounts: accounts whose seller has two or more.
        matches: pairs of accounts that were joined. near: compared pairs that may be one seller's and were not.
        cut: pairs over the threshold that were not used: judged different, or a contradicted bridge.
        judgements: standing ones that were honoured.
        passed_on: contacts that changed owners.
        services: contacts that stand in ads as couriers', hotlines', guarantors' and the like; `service_contacts` names
            the most used of them (at most 20), 'tel:+86… (34 accounts)'.
        capped: keys that too many accounts share to compare by.
        alarms: sellers of unusually many accounts. networks: of two sellers or more.
        compared: accounts that were compared anew; all, or those that changed and their neighbourhood.
        trained: the model was trained in this run. learnt: and not of expert priors alone, as in a case of few
            accounts.
    """

    run_id: str
    accounts: int
    sellers: int
    merged_accounts: int
    matches: int
    near: int
    cut: int
    judgements: int
    passed_on: int
    services: int
    service_contacts: tuple[str, ...]
    capped: int
    alarms: int
    networks: int
    compared: int
    trained: bool
    learnt: bool
    seconds: float


def resolve(
    store: GraphStore,
    *,
    folder: Path | None = None,
    full: bool = False,
    retrain: bool = False,
    threshold: float = THRESHOLD,
    now: datetime | None = None,
) -> ResolveReport:
    """Work out the sellers and write them; the old ones stand until the new are complete.

    Args:
        folder: keeps the model (model.json) and what the next run need not do again; None keeps nothing.
        full: compare all accounts anew, not only those that changed.
        retrain: train the model anew.
        threshold: pairs at least this likely are joined, 0 to 1.
        now: time of the run, for its id; the clock's when None.

    Raises:
        UsageError: a threshold that is no probability, judgements that contradict each other, a model file that cannot
            be used. Nothing was written.
    """
    if not 0 < threshold < 1:
        raise UsageError(f"the threshold is a probability between 0 and 1, not {threshold}")
    started = time.monotonic()
    import_early()
    with uncollected():
        run = _Run(store, folder, threshold, now or datetime.now(UTC))
        model = None if retrain else run.kept_model()
        report = run.further(model) if model is not None and not full else None
        report = report or run.anew(model)
    return replace(report, seconds=round(time.monotonic() - started, 3))


class _Run:
    """One run: what it reads once, and its two ways of going on."""

    def __init__(self, store: GraphStore, folder: Path | None, threshold: float, now: datetime) -> None:
        self._store, self._folder, self._threshold = store, folder, threshold
        self._now = now.astimezone(UTC)
        self.run_id = f"resolve:{self._now:%Y-%m-%dT%H:%M:%S.%fZ}"
        self._history = read_history(store)
        self._judged = standing(self._history)
        check(self._judged)
        self._count = int(store.read(ACCOUNT_COUNT)["accounts"][0].as_py() or 0)

    def kept_model(self) -> Model | None:
        """The case's model; None when there is none, or the case has outgrown it."""
        model = kept_model(self._folder)
        return None if model is None or outgrown(model, self._count) else model

    def anew(self, kept: Model | None) -> ResolveReport:
        """Compare all accounts, with the model that was kept or one that is trained now."""
        tables, model, totals = self._compared(kept)
        # Before the graph: a model without its sellers does no harm, sellers without their model do.
        self._save(model if kept is None else None)
        self._store.replace(_handed_over(tables), stamps=STAMPS, also=self._event())
        if self._folder is not None:
            accept(self._folder / STATE_FILE)
        return self._report(totals, compared=self._count, trained=kept is None, learnt=kept is None and learnt(model))

    def _compared(self, kept: Model | None) -> tuple[dict[str, pa.Table], Model, dict[str, Any]]:
        """What a run over all accounts writes, its model and its figures; the state is kept beside its place."""
        accounts, earlier = read_accounts(self._store), read_earlier(self._store)
        prints = fingerprints(self._store, accounts)
        with work_session(observe(self._store, known=accounts).tables()) as db:
            shares = decide(db, kept)
            model = kept or learn(db, self._count, shares)
            fitting = with_prior(model, self._count)
            score(db, fitting, least=NEAR)
            pair_up(db, fitting)
            given = self._given(db)
            # Words are DuckDB's work and clusters Python's: neither needs both cores.
            with beside(db, match_rows) as words:
                clustering = group(*given, self._judged, self._threshold)
                assignment = assign_ids(clustering.members(), earlier.assignment, earlier.remembered())
                matches = words.result()
            photos = db.sql("FROM pictured").to_arrow_table()
            db.register("prints", prints)
            db.register("clustered", _clustered(assignment))
            if self._folder is not None:
                keep(db, self._folder / STATE_FILE, self._mark(model, fitting))
            totals = self._totals(db, "")
            let_go_of_kept(db)
            found = concluded(db, matches, clustering, self._threshold)
        tables = derive(found, assignment, earlier, self.run_id)
        return tables | self._networks(tables, found, photos), model, totals

    def further(self, model: Model) -> ResolveReport | None:
        """Go on from the last run, or None when that is not possible or not worth it."""
        import duckdb

        if self._folder is None:
            return None
        path, fitting = self._folder / STATE_FILE, with_prior(model, self._count)
        last = last_run(self._store)
        if last is None or kept_mark(path) != replace(self._mark(model, fitting), run_id=last):
            return None
        try:
            report = self._further(path, model, fitting)
        except duckdb.Error as error:
            if not unusable(error):
                raise
            # It is never the truth: everything is compared anew, and what this run wrote is written again.
            return None
        if report is not None and self._count <= NETWORKS_ANEW:
            self._store.replace(networks_of(self._store, self.run_id), stamps=STAMPS)
        return report

    def _further(self, path: Path, model: Model, fitting: Model) -> ResolveReport | None:
        with work_session({}) as db, attached(db, path):
            compared = rescore(db, self._store, fitting)
            if compared is None:
                return None
            accounts = reach(db, self._history.select(["left", "right"]), self._threshold)
            tables, gone, assignment = regroup(db, self._store, self._judged, accounts, self._threshold, self.run_id)
            # The state is brought up to date while the graph is written, and stands when that is done.
            with beside(db, partial(self._refreshed, assignment, self._mark(model, fitting))) as figures:
                self._store.amend(tables, gone, stamps=STAMPS, also=self._event())
                totals = figures.result()
            db.execute("COMMIT")
        return self._report(totals, compared=compared, trained=False, learnt=False)

    def _refreshed(self, assignment: dict[str, str], mark: Mark, db: DuckDBPyConnection) -> dict[str, Any]:
        """Bring the attached state up to date, in a transaction that is left open; return the figures of the case."""
        db.execute("BEGIN")
        refresh(db)
        db.register("regrouped_now", _clustered(assignment))
        db.execute("DELETE FROM kept.clustered WHERE account IN (SELECT account FROM reached)")
        db.execute("INSERT INTO kept.clustered BY NAME FROM regrouped_now")
        stamp(db, mark)
        return self._totals(db, "kept.")

    def _given(self, db: DuckDBPyConnection) -> tuple[pa.Array, pa.Table, pa.Table]:
        """What clusters are made of: accounts, pairs over the threshold, profiles."""
        over = db.sql(OVER, params={"threshold": self._threshold}).to_arrow_table()
        accounts = db.sql("SELECT account FROM accounts").to_arrow_table()["account"].combine_chunks()
        return accounts, over, db.sql(PROFILES).to_arrow_table()

    def _networks(self, tables: dict[str, pa.Table], found: Found, photos: pa.Table) -> dict[str, pa.Table]:
        """The tables of networks, over the sellers and uses of this run."""
        members = tables["Account.RUN_BY.Seller"].select(["src", "dst"]).rename_columns(["account", "seller"])
        recruiters, earlier = read_recruiters(self._store), read_networks(self._store)
        return network_tables(members, found.all_uses(), photos, recruiters, earlier, self.run_id)

    def _totals(self, db: DuckDBPyConnection, schema: str) -> dict[str, Any]:
        """Figures of the whole case, named as in the report, from the session's tables or ('kept.') the state's."""
        for name in ("clustered", "kinds", "matches", "tenures"):
            db.execute(f"CREATE OR REPLACE TEMP VIEW {name}_now AS FROM {schema}{name}")
        row = db.sql(TOTALS, params={"threshold": self._threshold}).to_arrow_table()
        names = db.execute(SERVICES, {"most": HUBS_NAMED}).fetchall()
        figures: dict[str, Any] = row.to_pylist()[0]
        return figures | {"service_contacts": tuple(f"{name} ({count} accounts)" for name, count in names)}

    def _report(self, totals: dict[str, Any], *, compared: int, trained: bool, learnt: bool) -> ResolveReport:
        networks = int(self._store.read(NETWORK_COUNT)["networks"][0].as_py() or 0)
        alarms = int(self._store.read(ALARM_COUNT)["alarms"][0].as_py() or 0)
        return ResolveReport(
            run_id=self.run_id, judgements=self._judged.num_rows, networks=networks, alarms=alarms,
            compared=compared, trained=trained, learnt=learnt, seconds=0.0, **totals,
        )  # fmt: skip

    def _mark(self, model: Model, fitting: Model) -> Mark:
        return Mark(self.run_id, digest(model), fitting.prior, self._threshold)

    def _save(self, trained: Model | None) -> None:
        if trained is not None and self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                trained.save(self._folder / MODEL_FILE)
            except OSError as error:
                path = self._folder / MODEL_FILE
                raise UsageError(f"{path} cannot be written, the sellers stand as they were: {error}") from error

    def _event(self) -> dict[str, pa.Table]:
        """The mark of the run, which is written with what it found: see state.last_run."""
        event = {"id": f"audit:{self.run_id}", "actor": "sellergraph", "action": "resolved", "subject": self.run_id,
                 "at": self._now.replace(tzinfo=None)}  # fmt: skip
        return {"AuditEvent": pa.Table.from_pylist([event])}


def _handed_over(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The same tables, which the caller has no longer: the store lets go of each when it is written."""
    given = dict(tables)
    tables.clear()
    return given


def _clustered(assignment: dict[str, str]) -> pa.Table:
    """account, seller."""
    columns = {"account": assignment.keys(), "seller": assignment.values()}
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
