"""The posterior vectors that Rust, Python and TypeScript loop over."""

from typing import Any

import pytest
from conftest import vectors

import stoa

VECTORS = vectors("posterior")
TOLERANCE = 1e-9  # METHODS B: relative, and of probabilities absolute
LOSS_FLOOR = 1e-15
# A mean log lift is a small difference of large logarithms: judged on its own scale.
LOG_LIFT = 1e-2


def figure(c: stoa.Comparison, name: str) -> Any:
    """A figure of the vectors by its name."""
    if name in ("absolute_quantiles", "relative_quantiles"):
        effect = c.absolute if name.startswith("absolute") else c.relative
        return [effect.quantile(q) for q in VECTORS["quantiles"]]
    return getattr(c, name)


def close(name: str, found: Any, wanted: Any) -> bool:
    """Whether a figure is what the vector says."""
    if isinstance(wanted, list):
        return all(close(name, f, w) for f, w in zip(found, wanted, strict=True))
    if wanted is None or found is None:
        return found is wanted
    scale = 1.0 if name.startswith("prob") else abs(wanted)
    floor = LOG_LIFT if name == "mean_log_lift" else 0.0
    return abs(found - wanted) <= max(TOLERANCE * max(scale, floor), LOSS_FLOOR)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda c: c["name"])
def test_comparison(case: dict[str, Any]) -> None:
    c = stoa.compare(case["family"], case["control"], case["treatment"], case["prior"])
    for name, wanted in case["out"].items():
        assert close(name, figure(c, name), wanted), (name, figure(c, name), wanted)
