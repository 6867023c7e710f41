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
from ._forest import CausalForest, GroupEffect, Mean
from ._plan import duration, power, profile, smallest_effect, srm
from ._policy import PolicyRule, PolicyTree
from ._registry import Registry
from ._registry_records import (
    ChangelogRecord,
    Healed,
    OpenQuestion,
    RegistryDiff,
    RegistryEntry,
    TornLogWarning,
)
from ._results import (
    Density,
    Draws,
    Duration,
    Interval,
    Intervals,
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
    Effects,
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
    doubly_robust,
    experiment_json_schema,
    experiment_stats,
    registry_json_schema,
    summarize,
)

__all__ = [
    "Analysis",
    "AttributeSchema",
    "Batch",
    "CausalForest",
    "ChangelogRecord",
    "Comparison",
    "Decision",
    "Decomposition",
    "Density",
    "Discovery",
    "Draws",
    "Duration",
    "Effect",
    "Effects",
    "Engine",
    "Experiment",
    "FoundSegment",
    "GroupEffect",
    "Healed",
    "Heterogeneity",
    "Interval",
    "Intervals",
    "Loss",
    "Mean",
    "OpenQuestion",
    "OutcomeProfile",
    "Overlap",
    "Pair",
    "Part",
    "PolicyRule",
    "PolicyTree",
    "PolicyValue",
    "Profile",
    "Reason",
    "Registry",
    "RegistryDiff",
    "RegistryEntry",
    "Rule",
    "SampleRatio",
    "SampleSize",
    "Segment",
    "SegmentAnalysis",
    "SegmentProfile",
    "Srm",
    "StoaError",
    "Store",
    "TornLogWarning",
    "ValueDifference",
    "VariantCount",
    "Verdict",
    "__version__",
    "analyze",
    "analyze_segments",
    "catalog",
    "compare",
    "discover",
    "doubly_robust",
    "duration",
    "experiment_json_schema",
    "experiment_stats",
    "power",
    "profile",
    "registry_json_schema",
    "smallest_effect",
    "srm",
    "summarize",
]
