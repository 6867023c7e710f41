"""The experimentation loop of a single store: segment, experiment, analyze, and again.

`import stoa` is light: it pulls in no data frame, array or plotting library by itself.

Example:
    >>> import stoa
    >>> repeat = stoa.Rule.parse("orders_count >= 2 AND country IN ('CA','US')")
    >>> repeat.matches({"orders_count": 3, "country": "CA"})
    True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import catalog
from ._batch import Batch
from ._discovery import Heterogeneity, PolicyValue, ValueDifference, discover
from ._errors import StoaError
from ._forest import CausalForest, GroupEffect, Mean
from ._groups import ArmChance, BestArm, Hierarchy, Moments, best_arm, hierarchical, prior_from
from ._migrate import Migration, from_eppo, from_growthbook
from ._monitor import Finish, Look, Monitor, TreatmentLook, monitor
from ._paired import Cuped, cuped, ratio
from ._plan import (
    PlanOptions,
    assurance,
    duration,
    non_inferiority,
    power,
    reach,
    smallest_effect,
    smallest_margin,
    srm,
)
from ._policy import PolicyRule, PolicyTree
from ._profile import profile, profile_sql, profile_sums
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
    Finding,
    Interval,
    Intervals,
    Pair,
    PlanReach,
    Reason,
    SampleRatio,
    SampleSize,
    SegmentAnalysis,
    Simplified,
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
    Distribution,
    Effect,
    Effects,
    Engine,
    Experiment,
    Explanation,
    FoundSegment,
    Loss,
    Part,
    QuantileComparison,
    Replay,
    Rule,
    Segment,
    Store,
    __version__,
    analyze,
    analyze_segments,
    attributes_json_schema,
    compare,
    doubly_robust,
    experiment_json_schema,
    experiment_stats,
    quantile_comparison,
    registry_json_schema,
    rule_json_schema,
    segment_json_schema,
    summarize,
)

if TYPE_CHECKING:
    from ._profile_results import (
        Against,
        Contrast,
        Gap,
        Level,
        LevelContrast,
        NumberContrast,
        OutcomeProfile,
        Overlap,
        Profile,
        Reach,
        SegmentProfile,
        Share,
        Summary,
    )

__all__ = [
    "Against",
    "Analysis",
    "ArmChance",
    "AttributeSchema",
    "Batch",
    "BestArm",
    "CausalForest",
    "ChangelogRecord",
    "Comparison",
    "Contrast",
    "Cuped",
    "Decision",
    "Decomposition",
    "Density",
    "Discovery",
    "Distribution",
    "Draws",
    "Duration",
    "Effect",
    "Effects",
    "Engine",
    "Experiment",
    "Explanation",
    "Finding",
    "Finish",
    "FoundSegment",
    "Gap",
    "GroupEffect",
    "Healed",
    "Heterogeneity",
    "Hierarchy",
    "Interval",
    "Intervals",
    "Level",
    "LevelContrast",
    "Look",
    "Loss",
    "Mean",
    "Migration",
    "Moments",
    "Monitor",
    "NumberContrast",
    "OpenQuestion",
    "OutcomeProfile",
    "Overlap",
    "Pair",
    "Part",
    "PlanOptions",
    "PlanReach",
    "PolicyRule",
    "PolicyTree",
    "PolicyValue",
    "Profile",
    "QuantileComparison",
    "Reach",
    "Reason",
    "Registry",
    "RegistryDiff",
    "RegistryEntry",
    "Replay",
    "Rule",
    "SampleRatio",
    "SampleSize",
    "Segment",
    "SegmentAnalysis",
    "SegmentProfile",
    "Share",
    "Simplified",
    "Srm",
    "StoaError",
    "Store",
    "Summary",
    "TornLogWarning",
    "TreatmentLook",
    "ValueDifference",
    "VariantCount",
    "Verdict",
    "__version__",
    "analyze",
    "analyze_segments",
    "assurance",
    "attributes_json_schema",
    "best_arm",
    "catalog",
    "compare",
    "cuped",
    "discover",
    "doubly_robust",
    "duration",
    "experiment_json_schema",
    "experiment_stats",
    "from_eppo",
    "from_growthbook",
    "hierarchical",
    "monitor",
    "non_inferiority",
    "power",
    "prior_from",
    "profile",
    "profile_sql",
    "profile_sums",
    "quantile_comparison",
    "ratio",
    "reach",
    "registry_json_schema",
    "rule_json_schema",
    "segment_json_schema",
    "smallest_effect",
    "smallest_margin",
    "srm",
    "summarize",
]


def __getattr__(name: str) -> Any:
    """Records of profiles, which cost an eighth of the import and which only a profile needs."""
    if name in __all__:
        from . import _profile_results

        return getattr(_profile_results, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
