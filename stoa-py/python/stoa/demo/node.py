"""Asks Node for the decisions of every customer: a script of examples/ that loads the same bundle."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

SECONDS = 120


class Decisions(NamedTuple):
    """Columns in the order of the customers."""

    visitor_id: list[str]
    member: list[bool]
    variant: list[str | None]
    reason: list[str]


class NodeError(RuntimeError):
    """Node could not answer; the message says why."""


def decide_in_node(script: Path, bundle: Path, rule: Path, customers: Path, experiment: str) -> Decisions:
    """Runs `node SCRIPT BUNDLE RULE CUSTOMERS EXPERIMENT` and reads the CSV it prints.

    Raises:
        NodeError: node is missing, the addon is not built, or the script failed.
    """
    node = shutil.which("node")
    if node is None:
        raise NodeError("node is not on the PATH")
    command = [node, str(script), str(bundle), str(rule), str(customers), experiment]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise NodeError(f"node exited with {done.returncode}: {done.stderr.strip()[-400:]}")
    rows = list(csv.reader(done.stdout.splitlines()))
    ids, members, variants, reasons = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Decisions(list(ids), [m == "true" for m in members], list(variants), list(reasons))
