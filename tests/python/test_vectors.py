"""The vectors that Rust, Python and TypeScript loop over."""

import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from conftest import expanded, vectors

import stoa

ERRORS = vectors("errors")["cases"]
EXPERIMENTS = vectors("experiment")["cases"]
ASSIGNMENT = vectors("assignment")


def table(columns: dict[str, list[Any]]) -> pa.Table:
    """Columns of a vector, where NaN is spelled "NaN"."""
    return pa.table({k: [math.nan if x == "NaN" else x for x in v] for k, v in columns.items()})


def run(case: dict[str, Any], tmp_path: Path) -> None:
    """Makes the call of an error vector."""
    given = case["input"]
    match case["call"]:
        case "rule_from_json":
            stoa.Rule.from_json(expanded(given["text"]))
        case "rule_parse":
            stoa.Rule.parse(expanded(given["text"]))
        case "experiment":
            stoa.Engine([stoa.Experiment.from_dict(given["document"])])
        case "experiment_read":
            path = tmp_path / "experiment.yaml"
            path.write_text(expanded(given["text"]), encoding="utf-8")
            stoa.Engine([stoa.Experiment.from_file(path)])
        case "compare":
            stoa.compare(**given)
        case "analyze":
            stoa.analyze(table(given["columns"]), stoa.Experiment.from_dict(given["experiment"]))
        case "registry_read":
            lines = [vectors("registry")["log"][i] + "\n" for i in given["lines"]]
            text = "".join([*lines, given.get("text", "")]).replace(*given.get("replace", ("", "")))
            log = tmp_path / "registry.jsonl"
            log.write_text(text, encoding="utf-8", newline="")
            stoa.Registry.open(log)
        case other:
            pytest.fail(f"unknown call {other}")


@pytest.mark.parametrize("case", ERRORS, ids=lambda c: c["name"])
def test_error(case: dict[str, Any], tmp_path: Path) -> None:
    if case["call"] == "experiment":
        found = stoa.Experiment.from_dict(case["input"]["document"]).problems()[0]
    else:
        with pytest.raises(stoa.StoaError) as raised:
            run(case, tmp_path)
        error = raised.value
        found = error.problems[0]
        assert (error.code, error.field, error.rule) == (found["code"], found["field"], found["rule"])
        assert (error.value, error.hint) == (found["value"], found.get("hint"))
    wanted = {name: case.get(name) for name in ("code", "field", "rule", "value", "hint")}
    assert {name: found.get(name) for name in wanted} == wanted


def problems(case: dict[str, Any], tmp_path: Path) -> list[dict[str, Any]]:
    """What is wrong with the document of a vector; text that cannot be read is refused at once."""
    if "document" in case:
        return stoa.Experiment.from_dict(case["document"], store=case.get("store")).problems()
    path = tmp_path / "experiment.yaml"
    path.write_text(case["text"], encoding="utf-8")
    try:
        return stoa.Experiment.from_file(path, store=case.get("store")).problems()
    except stoa.StoaError as error:
        return error.problems


@pytest.mark.parametrize("case", EXPERIMENTS, ids=lambda c: c["name"])
def test_experiment(case: dict[str, Any], tmp_path: Path) -> None:
    found = [{name: p[name] for name in ("code", "field", "value")} for p in problems(case, tmp_path)]
    assert found == [{name: p[name] for name in ("code", "field", "value")} for p in case["problems"]]


@pytest.fixture(scope="module")
def engine() -> stoa.Engine:
    """The engine of the decision vectors, read like a storefront reads it."""
    return stoa.Engine.from_json(json.dumps(ASSIGNMENT["bundle"]))


def test_decisions(engine: stoa.Engine) -> None:
    now = ASSIGNMENT["now"]
    for case in ASSIGNMENT["decisions"]:
        d = engine.decide(case["experiment"], case["unit"], case["attributes"], now)
        assert (d.variant, d.reason) == (case["variant"], case["reason"]), case


def test_bundle_survives_its_round_trip(engine: stoa.Engine) -> None:
    assert stoa.Engine.from_json(engine.to_json().encode()).bundle() == engine.bundle()
