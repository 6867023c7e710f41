"""The package as a whole: what importing it costs, and that every public item is documented by an example that runs."""

import doctest
import inspect
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import stoa

IMPORT_SECONDS = 0.1


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_brings_no_other_library_along() -> None:
    heavy = ["numpy", "pandas", "polars", "pyarrow", "duckdb", "altair", "vl_convert", "matplotlib", "plotly", "rich"]
    assert python(f"import sys, stoa; print([m for m in {heavy} if m in sys.modules])") == "[]"


def test_import_is_fast() -> None:
    # Processor time, the best of five: what the package costs, not what else the machine is busy with.
    measure = "import time; t = time.process_time(); import stoa; print(time.process_time() - t)"
    assert min(float(python(measure)) for _ in range(5)) < IMPORT_SECONDS


def public() -> Iterator[tuple[str, object]]:
    """Every public class, function and method of the package."""
    for module in (stoa, stoa.catalog):
        for name in module.__all__:
            item = getattr(module, name)
            if isinstance(item, (str, types.ModuleType)):
                continue
            yield name, item
            if inspect.isclass(item):
                for member in vars(item):
                    found = getattr(item, member)
                    if not member.startswith("_") and not isinstance(found, types.MemberDescriptorType):
                        yield f"{name}.{member}", found


ITEMS = dict(public())
# Fields of records and named tuples are described in their class.
DATA = (property, types.GetSetDescriptorType)
NAMED_TUPLE_FIELD = type(stoa.Interval.low)
EXAMPLES = sorted(n for n, i in ITEMS.items() if not isinstance(i, (*DATA, NAMED_TUPLE_FIELD)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_runs(name: str) -> None:
    doc = inspect.getdoc(ITEMS[name])
    assert doc and ">>>" in doc, f"{name} has no running example"
    example = doctest.DocTestParser().get_doctest(doc, {}, name, None, None)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    report: list[str] = []
    runner.run(example, out=report.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)


@pytest.mark.parametrize("name", sorted(n for n, i in ITEMS.items() if isinstance(i, DATA)))
def test_property_is_described(name: str) -> None:
    assert inspect.getdoc(ITEMS[name])


def test_module_example_runs() -> None:
    assert doctest.testmod(stoa).failed == 0


@pytest.mark.parametrize("module", ["stoa._stoa"])
def test_stubs_fit_the_compiled_module(module: str) -> None:
    pytest.importorskip("mypy")
    folder = Path(stoa.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", module], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_wheel_is_for_every_python_from_3_11() -> None:
    assert Path(stoa._stoa.__file__ or "").name.startswith("_stoa.abi3")


def test_a_long_call_gives_way_to_other_threads() -> None:
    """While one thread is inside one call of the core, another gets its turns: the lock is released."""
    arm = {"visitors": 100_000, "orders": 3_000, "mean_log": 4.0, "var_log": 0.8}
    comparison = stoa.compare("hurdle", control=arm, treatment=arm)
    done = threading.Event()

    def work() -> None:
        comparison.sample(3_000_000)
        done.set()

    thread = threading.Thread(target=work)
    turns = 0
    thread.start()
    while not done.is_set():
        turns += 1
        time.sleep(0.001)
    thread.join()
    assert turns > 20
