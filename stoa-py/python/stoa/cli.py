"""The command line: `stoa demo | check | assign | analyze | discover | registry`. It reads files and prints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import StoaError, __version__, _cli_registry

REFUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code is 0, or 2 when something was refused."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except StoaError as error:
        refuse(error.problems)
    except (OSError, RuntimeError, ModuleNotFoundError, ValueError) as error:
        # ValueError: attributes that are no JSON, a bundle that is no text.
        print(f"stoa: {error}", file=sys.stderr)
    return REFUSED


def refuse(problems: list[dict[str, Any]], where: str = "stoa") -> None:
    """Every problem on a line of its own, with its code."""
    for problem in problems:
        print(f"{where}: {problem['message']} [{problem['code']}]", file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="stoa", description="The experimentation loop of a single store.")
    top.add_argument("--version", action="version", version=f"stoa {__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="turn the loop once on a real experiment of 64,000 customers")
    demo.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="where the results go (out)")
    demo.add_argument("--simulate", action="store_true", help="use a simulated store; needs no network")
    demo.add_argument("--examples", type=Path, metavar="DIR", help="the documents of the demo (examples)")
    demo.add_argument(
        "--approval",
        choices=("simulated", "ask", "none"),
        default="simulated",
        help="who deploys a found segment: a simulated operator (said everywhere), you at this terminal, or no one",
    )
    demo.set_defaults(run=run_demo)

    check = commands.add_parser("check", help="validate experiments; prints every problem")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="experiments, .json or .yaml")
    check.add_argument("--store", type=Path, metavar="FILE", help="the store document with layers, holdouts, metrics")
    check.set_defaults(run=run_check)

    assign = commands.add_parser("assign", help="what one visitor gets from a bundle, and why")
    assign.add_argument("bundle", type=Path, metavar="BUNDLE", help="bundle.json")
    assign.add_argument("visitor_id", metavar="VISITOR_ID")
    assign.add_argument("--attributes", default="{}", metavar="JSON", help='such as \'{"channel": "Web"}\'')
    assign.set_defaults(run=run_assign)

    analyze = commands.add_parser("analyze", help="read out an experiment from rows in CSV or Parquet")
    analyze.add_argument("rows", type=Path, metavar="ROWS", help="visitor_id, variant, one column per metric")
    analyze.add_argument("experiment", type=Path, metavar="EXPERIMENT", help="the contract, .json or .yaml")
    analyze.add_argument("--store", type=Path, metavar="FILE", help="the store document with custom metrics")
    analyze.set_defaults(run=run_analyze)
    add_discover(commands)
    _cli_registry.add(commands)
    return top


def add_discover(commands: Any) -> None:
    """`stoa discover` and its options."""
    discover = commands.add_parser("discover", help="search an experiment for segments that respond differently")
    discover.add_argument("rows", type=Path, metavar="ROWS", help="as for analyze, and the attributes as columns")
    discover.add_argument("experiment", type=Path, metavar="EXPERIMENT", help="the contract, .json or .yaml")
    discover.add_argument("--features", required=True, metavar="A,B,C", help="columns known before the experiment")
    discover.add_argument("--metric", metavar="KEY", help="whose effect may differ (the contract's revenue metric)")
    discover.add_argument("--treatment", metavar="KEY", help="the variant treated (the first after control)")
    discover.add_argument("--control", metavar="KEY", help="the variant it is held against (the control)")
    discover.add_argument("--store", type=Path, metavar="FILE", help="the store document with custom metrics")
    discover.add_argument("--trees", type=int, default=2000, metavar="N", help="trees of the search (2000)")
    discover.add_argument("--pairs", type=int, default=50, metavar="N", help="pairs of half-samples (50)")
    discover.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed, the same answer (1)")
    discover.set_defaults(run=run_discover)


def run_demo(options: argparse.Namespace) -> int:
    """`stoa demo`."""
    from .demo import run

    run(options.out, simulate=options.simulate, examples=options.examples, approval=options.approval)
    return 0


def run_check(options: argparse.Namespace) -> int:
    """`stoa check`."""
    from . import Experiment

    refused = False
    for path in options.files:
        try:
            experiment = Experiment.from_file(path, store=options.store)
            problems = experiment.problems()
        except StoaError as error:
            problems = error.problems
        if problems:
            refuse(problems, str(path))
            refused = True
        else:
            print(f"{path}: {experiment.key} is valid")
    return REFUSED if refused else 0


def run_assign(options: argparse.Namespace) -> int:
    """`stoa assign`."""
    import json

    from . import Engine

    engine = Engine.from_json(options.bundle.read_text(encoding="utf-8"))
    for decision in engine.assign(options.visitor_id, json.loads(options.attributes)):
        print(json.dumps(decision.to_dict()))
    return 0


def run_analyze(options: argparse.Namespace) -> int:
    """`stoa analyze`."""
    import json

    from . import Experiment, analyze

    experiment = Experiment.from_file(options.experiment, store=options.store)
    with table(options.rows) as rows:
        print(json.dumps(analyze(rows, experiment).to_dict(), indent=1))
    return 0


def run_discover(options: argparse.Namespace) -> int:
    """`stoa discover`."""
    import json

    from . import Experiment, discover

    experiment = Experiment.from_file(options.experiment, store=options.store)
    with table(options.rows) as rows:
        found = discover(
            rows,
            experiment,
            features=[name.strip() for name in options.features.split(",") if name.strip()],
            metric=options.metric,
            treatment=options.treatment,
            control=options.control,
            n_trees=options.trees,
            stability_pairs=options.pairs,
            seed=options.seed,
        )
    print(json.dumps(found.to_dict(), indent=1))
    return 0


@contextmanager
def table(path: Path) -> Iterator[Any]:
    """The rows of a CSV or Parquet file."""
    import duckdb

    # A connection of its own: the process-wide one may be in use by whoever calls this from Python.
    with duckdb.connect() as connection:
        reader = connection.read_parquet if path.suffix == ".parquet" else connection.read_csv
        try:
            rows = reader(str(path))
        except duckdb.Error as error:
            raise RuntimeError(error) from error
        yield rows
