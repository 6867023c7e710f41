"""Several processes append to one registry at once: nothing is lost, and the chain holds (bar of the registry).

`python tests/registry_writers.py 2000` prints what two processes with 2,000 events each come to and writes
target/bench/registry.json; `tests/python/test_registry.py` runs the same with fewer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import stoa

WRITERS = 2


def write(path: Path, name: str, n: int) -> None:
    """One writer: n proposals under keys of its own, with a line on standard output for each that was confirmed."""
    reg = stoa.Registry.open(path)
    for i in range(n):
        reg.propose(stoa.Rule.parse(f"orders_count >= {i}"), key=f"{name}_{i}", by=name)
        print(i, flush=True)


def together(path: Path, n: int) -> dict[str, Any]:
    """Starts the writers at once, waits for them, and counts what is in the log."""
    stoa.Registry.open(path)
    begun = time.perf_counter()
    command = [sys.executable, __file__, "--write", str(path)]
    writers = [
        subprocess.Popen([*command, f"writer{w}", str(n)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for w in range(WRITERS)
    ]
    failed = [(w.communicate()[1], w.returncode) for w in writers]
    assert all(code == 0 for _, code in failed), failed
    seconds = time.perf_counter() - begun
    reg = stoa.Registry.open(path, read_only=True)
    there = {event["key"] for event in reg.events()}
    expected = {f"writer{w}_{i}" for w in range(WRITERS) for i in range(n)}
    begun = time.perf_counter()
    valid = reg.verify() == len(expected)
    return {
        "writers": WRITERS,
        "events": len(expected),
        "seconds": seconds,
        "seconds_per_event": seconds / len(expected),
        "lost": len(expected - there),
        "chain_valid": valid,
        "verify_seconds": time.perf_counter() - begun,
        "bytes": path.stat().st_size,
    }


def main() -> int:
    """The bench."""
    n = int(sys.argv[1])
    # On this machine's disk, not in a folder that may be memory.
    out = Path(__file__).resolve().parents[1] / "target" / "bench"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as folder:
        result = together(Path(folder) / "registry.jsonl", n)
    (out / "registry.json").write_text(json.dumps(result, indent=1) + "\n")
    for name, value in result.items():
        print(f"{name:18} {value:.6f}" if isinstance(value, float) else f"{name:18} {value}")
    return 0 if result["lost"] == 0 and result["chain_valid"] else 1


if __name__ == "__main__":
    if sys.argv[1] == "--write":
        write(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        sys.exit(main())
