"""One turn of the loop on one store: segment, experiment, analyze, assign, report."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import stoa
from stoa.report import page
from stoa.report.words import count, listed

from . import simulated
from .analyze import analyze
from .assign import assign
from .console import Console
from .documents import Documents, examples_folder, read_documents
from .experiment import experiment
from .segment import segment
from .store import Store, open_store
from .summary import summary

SCHEMA_VERSION = 1
Loop = dict[str, Any]


def run(
    out: Path = Path("out"),
    *,
    simulate: bool = False,
    examples: Path | None = None,
    rows: int = simulated.ROWS,
    quiet: bool = False,
) -> Loop:
    """Turns the loop once; writes `report.html`, `loop.json` and `bundle.json` into `out`.

    Args:
        out: folder of the results, made when missing.
        simulate: use the simulated store without looking for the real one.
        examples: folder of the documents; found by itself inside a clone.
        rows: size of the simulated store.
        quiet: print nothing.

    Returns:
        What `loop.json` holds (docs/LOOP.md).

    Raises:
        stoa.StoaError: a document is refused.
        stoa.demo.node.NodeError: Node could not answer.
        FileNotFoundError: there is no examples folder.
    """
    console = Console(total=6, quiet=quiet)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="stoa-") as scratch:
        console.step("data: an e-mail campaign on 64,000 customers")
        store = open_store(Path(scratch), simulate, console.say, rows)
        documents = read_documents(examples_folder(examples))
        loop = turn(store, documents, out, Path(scratch), console)
    console.step("report: pictures and every number")
    (out / "loop.json").write_text(json.dumps(loop, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    (out / "report.html").write_text(page(loop), encoding="utf-8")
    console.say(f"{console.seconds:.0f} s in all")
    console.text()
    for line in summary(loop, out):
        console.text(line)
    return loop


def turn(store: Store, documents: Documents, out: Path, scratch: Path, console: Console) -> Loop:
    """The four steps that make numbers."""
    mark = " [simulated]" if store.simulated else ""
    console.step(f"segment: the starter set, each a rule in {documents.folder}/segments{mark}")
    segments = segment(store, documents)
    names = [entry["key"] for entry in segments["segments"] if not entry["targetable"]]
    console.say(
        f"{len(segments['segments'])} segments profiled; not targetable in the storefront: {listed(names) or 'none'}"
    )
    console.step(f"experiment: the contract of the campaign, and the sample ratio{mark}")
    contract = experiment(store, documents)
    console.say(f"{contract['contract']['key']} validates; sample ratio p = {contract['srm']['p_value']:.3f}")
    console.step(f"analyze: both e-mails against none and against each other{mark}")
    analysis = analyze(store, documents)
    console.say(f"{len(analysis['comparisons'])} comparisons of three metrics, all by quadrature")
    console.step(f"assign: the follow-up experiment, decided by Python, Node and DuckDB{mark}")
    assigned = assign(store, documents, out, scratch)
    wrong = sum(sum(found.values()) for found in assigned["differences"].values())
    console.say(f"{count(store.customers)} customers, differences: {wrong}")
    return {
        "schema_version": SCHEMA_VERSION,
        "stoa_version": stoa.__version__,
        "simulated": store.simulated,
        "data": data(store),
        "segment": segments,
        "experiment": contract,
        "analyze": analysis,
        "assign": assigned,
    }


def data(store: Store) -> dict[str, Any]:
    """Where the rows came from."""
    facts: dict[str, Any] = {"source": store.source, "csv_sha256": store.csv_sha256, "customers": store.customers}
    if store.simulated:
        facts |= {"reason": store.reason, "simulated_truth": simulated.truth()}
    return facts
