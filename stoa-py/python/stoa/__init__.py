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
from ._discovery import Heterogeneity, PolicyValue, ValueDifference, discover
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
    Discovery,
    Effect,
    Engine,
    Experiment,
    FoundSegment,
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
    "Discovery",
    "Draws",
    "Duration",
    "Effect",
    "Engine",
    "Experiment",
    "FoundSegment",
    "Heterogeneity",
    "Interval",
    "Loss",
    "OutcomeProfile",
    "Overlap",
    "Pair",
    "Part",
    "PolicyValue",
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
    "ValueDifference",
    "VariantCount",
    "Verdict",
    "__version__",
    "analyze",
    "analyze_segments",
    "catalog",
    "compare",
    "discover",
    "duration",
    "experiment_json_schema",
    "experiment_stats",
    "power",
    "profile",
    "smallest_effect",
    "srm",
    "summarize",
]
