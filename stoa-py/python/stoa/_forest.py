"""Causal forests: the effect of a treatment for every row."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _stoa
from ._errors import not_fitted, refusal
from ._records import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy import float64
    from numpy.typing import ArrayLike, NDArray

    from ._stoa import Effects, FittedForest
    from ._types import Features


class Mean(NamedTuple):
    """An average with its standard error; None where one row has none.

    Example:
        >>> import stoa
        >>> stoa.Mean(estimate=0.02, standard_error=0.005).estimate
        0.02
    """

    estimate: float
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class GroupEffect(Record):
    """The average effect in one group.

    Example:
        >>> import stoa
        >>> stoa.GroupEffect(group="CA", n=900, effect=stoa.Mean(0.02, 0.005)).effect.estimate
        0.02
    """

    group: Any
    n: int
    effect: Mean

    def to_dict(self) -> dict[str, Any]:
        """The fields as a dict, with the keys that Rust writes.

        Example:
            >>> import stoa
            >>> stoa.GroupEffect("CA", 900, stoa.Mean(0.02, 0.005)).to_dict()
            {'group': 'CA', 'n': 900, 'effect': {'estimate': 0.02, 'standard_error': 0.005}}
        """
        return {"group": self.group, "n": self.n, "effect": self.effect._asdict()}


class Estimator:
    """What forests and trees share: parameters that can be read and set by name, and a fit to wait for."""

    _fitted: Any = None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name; `deep` is there for scikit-learn.

        Example:
            >>> import stoa
            >>> stoa.PolicyTree(depth=1).get_params()
            {'depth': 1, 'min_leaf_size': 1}
        """
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params: Any) -> Any:
        """Sets parameters by name, for the next fit, and returns the object.

        Example:
            >>> import stoa
            >>> stoa.PolicyTree().set_params(depth=1).depth
            1
        """
        for name, value in params.items():
            if name not in self._names():
                raise refusal("unknown_name", name, f"must be one of {', '.join(self._names())}", value)
            setattr(self, name, value)
        return self

    def _names(self) -> list[str]:
        return [name for name in inspect.signature(type(self)).parameters if name != "self"]

    def _fit(self) -> Any:
        if self._fitted is None:
            raise not_fitted(type(self).__name__)
        return self._fitted

    def __repr__(self) -> str:
        """The call that makes it."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({given})"


class CausalForest(Estimator):
    """An honest causal forest: how much a randomised treatment does for every row.

    Use it to rank visitors by their response and to make scores for groups and policies; not to promise a single
    visitor an effect. The same seed gives the same bits on any number of threads; fitting lets other threads run.

    Args:
        n_trees: trees of the effect forest.
        seed: the same seed gives the same bits.
        shrink: move effects towards their average by what held-out data support (see `Effects.shrinkage`).
        min_node_size: a split leaves at least this many treated and this many control rows on either side.
        honesty_fraction: share of a tree's rows that choose its splits; the rest fill its leaves.
        alpha: a child keeps at least this share of its parent's treatment variance.
        mtry: mean number of features tried at a node; min(⌈√p⌉ + 20, p) when left out.
        n_outcome_trees: trees of the outcome model, where no expected outcome is given; a quarter of `n_trees`, at
            least 50, when left out.

    Example:
        >>> import numpy as np, stoa
        >>> X = np.arange(400).reshape(400, 1) % 20
        >>> w = np.arange(400) // 20 % 2
        >>> f = stoa.CausalForest(n_trees=100).fit(X, w * (X[:, 0] >= 10), treatment=w, propensity=0.5)
        >>> round(f.ate().estimate, 1), [round(g.effect.estimate, 1) for g in f.gate(X[:, 0] >= 10)]
        (0.5, [0.0, 1.0])
    """

    def __init__(
        self,
        n_trees: int = 2000,
        seed: int = 1,
        shrink: bool = True,
        *,
        min_node_size: int = 5,
        honesty_fraction: float = 0.5,
        alpha: float = 0.05,
        mtry: int | None = None,
        n_outcome_trees: int | None = None,
    ) -> None:
        """Keeps the parameters; `fit` checks them."""
        self.n_trees, self.seed, self.shrink = n_trees, seed, shrink
        self.min_node_size, self.honesty_fraction, self.alpha = min_node_size, honesty_fraction, alpha
        self.mtry, self.n_outcome_trees = mtry, n_outcome_trees
        self._fitted: FittedForest | None = None

    def fit(
        self,
        X: Features,
        y: ArrayLike,
        *,
        treatment: ArrayLike,
        propensity: float = 0.5,
        expected_outcome: ArrayLike | None = None,
    ) -> CausalForest:
        """Fits the forest and returns it.

        Args:
            X: an array of two dimensions, whose columns are named x0, x1, …, or a data frame of numbers, booleans and
                texts of at most fifty values; missing values are welcome.
            y: the outcome of each row.
            treatment: 1 or True where treated, else 0.
            propensity: the chance of treatment, one number.
            expected_outcome: E[Y | X] of each row, from a model that did not see the row; estimated when left out.

        Raises:
            StoaError: for lengths that differ, numbers that are not finite, options out of range, an arm without rows.

        Example:
            >>> import pandas as pd, stoa
            >>> df = pd.DataFrame({"orders": [i % 20 for i in range(400)], "member": [i % 3 == 0 for i in range(400)]})
            >>> w = [i // 20 % 2 for i in range(400)]
            >>> f = stoa.CausalForest(n_trees=100).fit(df, w, treatment=w)
            >>> round(f.ate().estimate)
            1
        """
        self._fitted = _stoa.fit_forest(X, y, treatment, propensity, expected_outcome, self.get_params())
        return self

    def oob_effects(self) -> Effects:
        """The effect of each row of the fit, by trees that did not see the row.

        Example:
            >>> import numpy as np, stoa
            >>> X, w = np.arange(400).reshape(400, 1) % 20, np.arange(400) // 20 % 2
            >>> f = stoa.CausalForest(n_trees=100).fit(X, w * (X[:, 0] >= 10), treatment=w)
            >>> len(f.oob_effects())
            400
        """
        effects: Effects = self._fit().effects
        return effects

    def ate(self) -> Mean:
        """The average effect by AIPW, with its standard error; the same with and without shrinking.

        Example:
            >>> import numpy as np, stoa
            >>> X, w = np.arange(400).reshape(400, 1) % 20, np.arange(400) // 20 % 2
            >>> f = stoa.CausalForest(n_trees=100).fit(X, w * (X[:, 0] >= 10), treatment=w)
            >>> round(f.ate().estimate, 1)
            0.5
        """
        return Mean(**self._fit().ate())

    def gate(self, groups: ArrayLike | Sequence[Any]) -> list[GroupEffect]:
        """The average effect within each group, groups sorted by their label.

        Args:
            groups: a label for each row: numbers, booleans or texts, such as the mask of a rule.

        Example:
            >>> import numpy as np, stoa
            >>> X, w = np.arange(400).reshape(400, 1) % 20, np.arange(400) // 20 % 2
            >>> f = stoa.CausalForest(n_trees=100).fit(X, w * (X[:, 0] >= 10), treatment=w)
            >>> [(g.group, g.n) for g in f.gate(X[:, 0] >= 10)]
            [(False, 200), (True, 200)]
        """
        fitted = self._fit()
        import numpy as np

        try:
            labels, index = np.unique(np.asarray(groups), return_inverse=True)
        except TypeError:
            raise refusal("wrong_type", "groups", "must be labels of one type, none missing", groups) from None
        found = fitted.gate(index.ravel().tolist())
        names = labels.tolist()
        return [GroupEffect(names[row["group"]], row["n"], Mean(**row["effect"])) for row in found]

    def scores(self) -> NDArray[float64]:
        """The doubly robust score of each row, a numpy array: what averages, groups and policies are made of.

        Example:
            >>> import numpy as np, stoa
            >>> X, w = np.arange(400).reshape(400, 1) % 20, np.arange(400) // 20 % 2
            >>> f = stoa.CausalForest(n_trees=100).fit(X, w * (X[:, 0] >= 10), treatment=w)
            >>> bool(np.isclose(f.scores().mean(), f.ate().estimate))
            True
        """
        scores: NDArray[float64] = self._fit().scores
        return scores

    @property
    def expected_outcome(self) -> NDArray[float64]:
        """E[Y | X] of each row without regard to treatment: as given, or out of bag."""
        expected: NDArray[float64] = self._fit().expected_outcome
        return expected

    def to_dict(self) -> dict[str, Any]:
        """Effects, scores, expected outcome and number of trees, with the keys that Rust writes.

        Example:
            >>> import numpy as np, stoa
            >>> X, w = np.arange(400).reshape(400, 1) % 20, np.arange(400) // 20 % 2
            >>> sorted(stoa.CausalForest(n_trees=100).fit(X, w * (X[:, 0] >= 10), treatment=w).to_dict())
            ['effects', 'expected_outcome', 'n_trees', 'scores']
        """
        document: dict[str, Any] = self._fit().to_dict()
        return document
