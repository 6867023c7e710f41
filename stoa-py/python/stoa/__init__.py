"""The experimentation loop of a single store: segment, experiment, analyze, and again.

`import stoa` is light: it pulls in no data frame, array or plotting library by itself.

Example:
    >>> import stoa
    >>> repeat = stoa.Rule.parse("orders_count >= 2 AND country IN ('CA','US')")
    >>> repeat.matches({"orders_count": 3, "country": "CA"})
    True
"""

from __future__ import annotations

from . import catalog
from ._batch import Batch
from ._errors import StoaError
from ._plan import duration, power, profile, smallest_effect, srm
from ._results import (
    Density,
    Draws,
    Duration,
    Interval,
    OutcomeProfile,
    Overlap,
    Pair,
    Profile,
    Reason,
    SampleRatio,
    SampleSize,
    SegmentAnalysis,
    SegmentProfile,
    Srm,
    VariantCount,
    Verdict,
)
from ._stoa import (
    Analysis,
    AttributeSchema,
    Comparison,
    Decision,
    Decomposition,
    Effect,
    Engine,
    Experiment,
    Loss,
    Part,
    Rule,
    Segment,
    Store,
    __version__,
    analyze,
    analyze_segments,
    compare,
    experiment_json_schema,
    experiment_stats,
    summarize,
)

__all__ = [
    "Analysis",
    "AttributeSchema",
    "Batch",
    "Comparison",
    "Decision",
    "Decomposition",
    "Density",
    "Draws",
    "Duration",
    "Effect",
    "Engine",
    "Experiment",
    "Interval",
    "Loss",
    "OutcomeProfile",
    "Overlap",
    "Pair",
    "Part",
    "Profile",
    "Reason",
    "Rule",
    "SampleRatio",
    "SampleSize",
    "Segment",
    "SegmentAnalysis",
    "SegmentProfile",
    "Srm",
    "StoaError",
    "Store",
    "VariantCount",
    "Verdict",
    "__version__",
    "analyze",
    "analyze_segments",
    "catalog",
    "compare",
    "duration",
    "experiment_json_schema",
    "experiment_stats",
    "power",
    "profile",
    "smallest_effect",
    "srm",
    "summarize",
]
