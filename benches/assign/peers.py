"""One decision as each peer is used: the same experiment (METHODS, assignment), set up offline by its own document.

Each function takes visitors, as pairs of id and attributes, and gives what decides about one of them: a function, and
the arguments of each visitor, made before the clock starts as far as the peer allows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

Visitor = tuple[str, dict[str, Any]]
Subject = tuple[Callable[..., Any], list[tuple[Any, ...]]]
KEY = "free_shipping"


def eppo(visitors: Sequence[Visitor], *, log: bool = False) -> Subject:
    """Eppo's SDK, Rust behind Python, with a configuration that is never fetched again.

    It hands every assignment to a logger, which is how its experiments learn of exposures; `log` lets it.
    """
    import eppo_client
    from eppo_client.assignment_logger import AssignmentLogger

    conditions = [
        {"attribute": "orders_count", "operator": "GTE", "value": 2},
        {"attribute": "country", "operator": "ONE_OF", "value": ["CA", "US"]},
    ]
    splits = [
        {"variationKey": key, "shards": [{"salt": KEY, "ranges": [{"start": start, "end": start + 5000}]}]}
        for key, start in (("A", 0), ("B", 5000))
    ]
    allocation = {"key": "everyone", "rules": [{"conditions": conditions}], "splits": splits, "doLog": log}
    flag = {
        "key": KEY,
        "enabled": True,
        "variationType": "STRING",
        "variations": {key: {"key": key, "value": key} for key in "AB"},
        "allocations": [allocation],
        "totalShards": 10000,
    }
    document = {
        "createdAt": "2026-01-01T00:00:00Z",
        "format": "SERVER",
        "environment": {"name": "bench"},
        "flags": {KEY: flag},
    }
    config = eppo_client.ClientConfig(
        api_key="offline",
        base_url="http://127.0.0.1:9",
        assignment_logger=AssignmentLogger(),
        poll_interval_seconds=None,
        initial_configuration=eppo_client.Configuration(flags_configuration=json.dumps(document).encode()),
    )
    client = eppo_client.init(config)
    return client.get_string_assignment, [(KEY, unit, attributes, "A") for unit, attributes in visitors]


def growthbook(visitors: Sequence[Visitor]) -> Subject:
    """GrowthBook's SDK, one instance whose attributes are set for each visitor."""
    from growthbook import GrowthBook

    rule = {
        "key": KEY,
        "condition": {"orders_count": {"$gte": 2}, "country": {"$in": ["CA", "US"]}},
        "variations": ["A", "B"],
        "weights": [0.5, 0.5],
        "hashAttribute": "id",
        "hashVersion": 2,
    }
    client = GrowthBook(features={KEY: {"defaultValue": "A", "rules": [rule]}})

    def decide(attributes: dict[str, Any]) -> Any:
        client.set_attributes(attributes)
        return client.get_feature_value(KEY, "A")

    return decide, [({"id": unit, **attributes},) for unit, attributes in visitors]


def flagd(visitors: Sequence[Visitor]) -> Subject:
    """Flagd's evaluator in the process, without its daemon."""
    from openfeature.contrib.tools.flagd.core import FlagdCore
    from openfeature.evaluation_context import EvaluationContext

    eligible = {"and": [{">=": [{"var": "orders_count"}, 2]}, {"in": [{"var": "country"}, ["CA", "US"]]}]}
    flag = {
        "state": "ENABLED",
        "variants": {"A": "A", "B": "B"},
        "defaultVariant": "A",
        "targeting": {"if": [eligible, {"fractional": [["A", 50], ["B", 50]]}, "A"]},
    }
    core = FlagdCore()
    core.set_flags(json.dumps({"flags": {KEY: flag}}))
    contexts = [EvaluationContext(unit, attributes) for unit, attributes in visitors]
    return core.resolve_string_value, [(KEY, "A", context) for context in contexts]


def statsig(visitors: Sequence[Visitor]) -> Subject:
    """Statsig's core, Rust behind Python, fed by a data store."""
    from statsig_python_core import (
        DataStore,
        DataStoreResponse,
        ExperimentEvaluationOptions,
        SpecAdapterConfig,
        Statsig,
        StatsigOptions,
        StatsigUser,
    )

    def condition(kind: str, operator: str, target: Any, field: str | None, **more: Any) -> dict[str, Any]:
        return {
            "type": kind,
            "operator": operator,
            "targetValue": target,
            "field": field,
            "additionalValues": more,
            "isDeviceBased": False,
            "idType": "userID",
        }

    def rule(name: str, bucket: str) -> dict[str, Any]:
        return {
            "name": name,
            "id": name,
            "groupName": name,
            "salt": KEY,
            "passPercentage": 100,
            "conditions": ["orders", "country", bucket],
            "returnValue": {"variant": name},
            "idType": "userID",
            "isExperimentGroup": True,
        }

    spec = {
        "type": "dynamic_config",
        "entity": "experiment",
        "salt": KEY,
        "enabled": True,
        "isActive": True,
        "idType": "userID",
        "defaultValue": {"variant": "A"},
        "explicitParameters": [],
        "rules": [rule("A", "low"), rule("B", "high")],
    }
    conditions = {
        "orders": condition("user_field", "gte", 2, "orders_count"),
        "country": condition("user_field", "any", ["CA", "US"], "country"),
        "low": condition("user_bucket", "lt", 500, None, salt=KEY),
        "high": condition("user_bucket", "gte", 500, None, salt=KEY),
    }
    specs = {
        "has_updates": True,
        "time": 1,
        "company_id": "none",
        "feature_gates": {},
        "layer_configs": {},
        "experiment_to_layer": {},
        "dynamic_configs": {KEY: spec},
        "condition_map": conditions,
    }

    class Store(DataStore):  # type: ignore[misc, valid-type]
        """Holds the one document."""

        def get(self, key: str) -> Any:
            return DataStoreResponse(result=json.dumps(specs), time=1)

    options = StatsigOptions(
        data_store=Store(),
        disable_network=True,
        disable_all_logging=True,
        disable_country_lookup=True,
        output_log_level="none",
        spec_adapter_configs=[SpecAdapterConfig(adapter_type="data_store", init_timeout_ms=1000)],
    )
    client = Statsig("secret-offline", options)
    client.initialize().wait()
    quiet = ExperimentEvaluationOptions(disable_exposure_logging=True)

    def decide(user: Any) -> Any:
        return client.get_experiment(user, KEY, quiet).value["variant"]

    users = [
        StatsigUser(user_id=unit, country=a["country"], custom={"orders_count": a["orders_count"]})
        for unit, a in visitors
    ]
    return decide, [(user,) for user in users]
