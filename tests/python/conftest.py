"""What the Python tests share: where the vectors are, a small experiment, a refusal, a PostgreSQL of their own."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import stoa

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
TRUTH = ROOT.parent / "shared" / "truth"
DIALECTS = ("duckdb", "postgres", "bigquery", "snowflake", "spark")
sys.path.insert(0, str(ROOT / "tests" / "sql"))
import postgres_server  # noqa: E402


def vectors(name: str) -> dict[str, Any]:
    """The vectors that three languages loop over."""
    document: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return document


def truth(name: str) -> dict[str, Any]:
    """A truth table of the folder beside the clone, which only some clones have."""
    path = TRUTH / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no ../shared/truth/{name}.json beside this clone", allow_module_level=True)
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def expanded(text: str | dict[str, Any]) -> str:
    """Text of a vector; a large one is written as {prefix, repeat, times, suffix}."""
    if isinstance(text, str):
        return text
    return text.get("prefix", "") + text["repeat"] * text["times"] + text.get("suffix", "")


def refused(call: Callable[[], Any], code: str) -> stoa.StoaError:
    """The error of that code that a call raises."""
    with pytest.raises(stoa.StoaError) as caught:
        call()
    assert caught.value.code == code, caught.value
    return caught.value


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Server]:
    """A real PostgreSQL for all tests of the session: `postgres.psql(script)`, `postgres.dsn` for a driver."""
    with postgres_server.started() as server:
        yield server


FREE_SHIPPING: dict[str, Any] = {
    "key": "free_shipping",
    "surface": "shipping_offer",
    "status": "running",
    "variants": [{"key": "A"}, {"key": "B", "payload": {"threshold": 50}}],
    "metrics": {
        "revenue": {"metric": "revenue_per_visitor"},
        "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"},
    },
}


@pytest.fixture
def experiment() -> stoa.Experiment:
    """A sound experiment that runs for everyone."""
    return stoa.Experiment.from_dict(FREE_SHIPPING)
