"""Running tests of GrowthBook and Eppo as documents of this store, nobody changing variant."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import Any

from . import _stoa
from ._records import Record
from ._stoa import AttributeSchema, Store
from ._types import Document, Now


@dataclass(frozen=True, slots=True)
class Migration(Record):
    """Tests that moved, and everything that did not.

    `experiments` are documents to save (`json.dump`, `yaml.safe_dump`), running and checked; `store` is the store
    document with a layer for each space that the tests share out. `refused` says why a test has no document: dicts with
    code, field (the path in the source), rule, value, message. `notes` are what a document leaves to its reader: dicts
    with field and message; none of them changes a variant.

    Example:
        >>> import stoa
        >>> metrics = {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
        >>> moved = stoa.from_growthbook({"features": {"banner": {"defaultValue": False}}},
        ...                              surface="promo_banner", metrics=metrics)
        >>> moved.experiments, moved.notes[0]["message"]
        ([], 'has no test: a flag without one is not carried')
    """

    experiments: list[dict[str, Any]]
    store: dict[str, Any]
    refused: list[dict[str, Any]]
    notes: list[dict[str, Any]]


def from_growthbook(
    payload: Document | str,
    *,
    surface: str,
    metrics: Document,
    store: Store | str | PathLike[str] | Document | None = None,
    schema: AttributeSchema | None = None,
) -> Migration:
    """The running tests of a GrowthBook SDK payload, each with the seed and buckets it has there.

    Args:
        payload: what the SDK loads, `{"features": {...}}` or the features alone, as objects or JSON text.
        surface: the catalog's place that the tests change; edit a document where it differs.
        metrics: revenue, satisfaction and guardrails, as in an experiment document.
        store: the store that the tests join.
        schema: types of the visitors' attributes; without it they are those of the values compared.

    Raises:
        StoaError: what is wrong with the payload as a whole, surface, metrics or store.

    Example:
        >>> import stoa
        >>> rule = {"key": "free-shipping", "hashVersion": 2, "coverage": 0.4, "variations": ["none", "from 50"]}
        >>> metrics = {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
        >>> moved = stoa.from_growthbook({"features": {"shipping": {"defaultValue": "none", "rules": [rule]}}},
        ...                              surface="shipping_offer", metrics=metrics)
        >>> experiments = [stoa.Experiment.from_dict(e, store=moved.store) for e in moved.experiments]
        >>> engine = stoa.Engine(experiments, store=moved.store)
        >>> engine.decide("free-shipping", "visitor-2").payload
        'from 50'
    """
    return Migration(**_stoa.migrate_growthbook(payload, surface, metrics, store, schema))


def from_eppo(
    config: Document | str,
    *,
    surface: str,
    metrics: Document,
    store: Store | str | PathLike[str] | Document | None = None,
    schema: AttributeSchema | None = None,
    now: Now | None = None,
) -> Migration:
    """The running tests of Eppo's flag configuration, each with the salts and shards it has there.

    Args:
        config: what a server SDK loads, `{"flags": {...}}`, as objects or JSON text.
        surface: the catalog's place that the tests change; edit a document where it differs.
        metrics: revenue, satisfaction and guardrails, as in an experiment document.
        store: the store that the tests join.
        schema: types of the visitors' attributes; without it they are those of the values compared.
        now: the instant of the move, where an allocation starts or ends at one.

    Raises:
        StoaError: what is wrong with the configuration as a whole, surface, metrics or store.

    Example:
        >>> import stoa
        >>> metrics = {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
        >>> flag = {"key": "banner", "enabled": False, "variations": {}, "allocations": [], "totalShards": 10000}
        >>> stoa.from_eppo({"flags": {"banner": flag}}, surface="promo_banner", metrics=metrics).notes
        [{'field': 'flags.banner', 'message': 'is not enabled, and not carried'}]
    """
    return Migration(**_stoa.migrate_eppo(config, surface, metrics, store, schema, now))
