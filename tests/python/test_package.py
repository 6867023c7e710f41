"""The package as a whole: what importing it costs and what it brings along."""

import subprocess
import sys


def test_import_is_light() -> None:
    heavy = "numpy pandas polars pyarrow duckdb altair matplotlib plotly".split()
    code = f"import sys, stoa; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
