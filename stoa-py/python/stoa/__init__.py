"""The experimentation loop of a single store: segment, experiment, analyze, and again.

`import stoa` is light: it pulls in no data frame, array or plotting library by itself.
"""

from __future__ import annotations

from . import catalog
from ._errors import StoaError
from ._stoa import (
    AttributeSchema,
    Experiment,
    Rule,
    Segment,
    Store,
    __version__,
    experiment_json_schema,
)

__all__ = [
    "AttributeSchema",
    "Experiment",
    "Rule",
    "Segment",
    "StoaError",
    "Store",
    "__version__",
    "catalog",
    "experiment_json_schema",
]
