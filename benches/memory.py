"""Peak memory of a call, for the benches of Python (Linux)."""

import collections.abc
import pathlib


def peak_above(call: collections.abc.Callable[[], object]) -> int:
    """Bytes of resident memory at the peak of a call, above what was there before."""

    def status(field: str) -> int:
        lines = pathlib.Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))

    pathlib.Path("/proc/self/clear_refs").write_text("5")
    before = status("VmRSS:")
    call()
    return status("VmHWM:") - before
