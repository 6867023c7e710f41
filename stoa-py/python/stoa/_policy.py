"""Policy trees: whom to treat, as at most two questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from . import _stoa
from ._forest import Estimator

if TYPE_CHECKING:
    from numpy import int8
    from numpy.typing import ArrayLike, NDArray

    from ._stoa import FittedPolicy, Rule
    from ._types import Features


class PolicyRule(NamedTuple):
    """Who ends in one leaf, and what to do there: 1 treat, 0 leave alone.

    Example:
        >>> import stoa
        >>> stoa.PolicyRule(stoa.Rule.parse("orders >= 2"), action=1).action
        1
    """

    rule: Rule
    action: int


class PolicyTree(Estimator):
    """The rule of at most `depth` questions with the highest mean score: exact, no other such rule earns more.

    In-sample: judge it on data that did not choose it.

    Args:
        depth: questions on the way to a leaf, 1 or 2.
        min_leaf_size: fewest rows of a leaf.

    Example:
        >>> import stoa
        >>> t = stoa.PolicyTree(depth=1).fit([[0], [1], [2], [3]], scores=[-1.0, -1.0, 2.0, 2.0])
        >>> [(r.rule.to_sql(), r.action) for r in t.rules()], t.reward
        ([('"x0" < 2', 0), ('"x0" >= 2', 1)], 1.0)
    """

    def __init__(self, depth: int = 2, min_leaf_size: int = 1) -> None:
        """Keeps the parameters; `fit` checks them."""
        self.depth, self.min_leaf_size = depth, min_leaf_size
        self._fitted: FittedPolicy | None = None

    def fit(self, X: Features, scores: ArrayLike) -> PolicyTree:
        """Finds the tree and returns the object.

        Args:
            X: an array of two dimensions, whose columns are named x0, x1, …, or a data frame of numbers, booleans and
                texts of at most fifty values; missing sorts below every value.
            scores: the score of treating each row, leaving alone earning 0; or two columns, leaving alone and treating.

        Raises:
            StoaError: for lengths that differ, numbers that are not finite, a depth other than 1 or 2.

        Example:
            >>> import pandas as pd, stoa
            >>> df = pd.DataFrame({"country": ["CA", "US", "DE", "CA"]})
            >>> t = stoa.PolicyTree(depth=1).fit(df, [3.0, -1.0, -1.0, 3.0])
            >>> next(r.rule for r in t.rules() if r.action == 1) == stoa.Rule.parse("country = 'CA'")
            True
        """
        self._fitted = _stoa.fit_policy(X, scores, self.get_params())
        return self

    def predict(self, X: Features) -> NDArray[int8]:
        """What to do with each row: 1 treat, 0 leave alone.

        Example:
            >>> import stoa
            >>> t = stoa.PolicyTree(depth=1).fit([[0], [1], [2], [3]], [-1.0, -1.0, 2.0, 2.0])
            >>> t.predict([[7], [1]])
            array([1, 0], dtype=int8)
        """
        treated: NDArray[int8] = self._fit().treats(X).view("int8")
        return treated

    @property
    def reward(self) -> float:
        """Mean score of the chosen actions over the rows of the fit."""
        reward: float = self._fit().reward
        return reward

    def rules(self) -> list[PolicyRule]:
        """A rule for each leaf, with its action; they agree with `predict` on every row.

        Example:
            >>> import stoa
            >>> t = stoa.PolicyTree(depth=1).fit([[0], [1], [2], [3]], [-1.0, -1.0, 2.0, 2.0])
            >>> [r.rule.matches({"x0": 2.5}) for r in t.rules()]
            [False, True]
        """
        return [PolicyRule(rule, action) for rule, action in self._fit().leaves()]

    def to_dict(self) -> dict[str, Any]:
        """Tree, names of the features and reward, with the keys that Rust writes.

        Example:
            >>> import stoa
            >>> stoa.PolicyTree(depth=1).fit([[0], [1], [2], [3]], [-1.0, -1.0, 2.0, 2.0]).to_dict()["root"]
            {'split': {'feature': 0, 'left': {'leaf': {'action': 0}}, 'right': {'leaf': {'action': 1}}, 'value': 2.0}}
        """
        document: dict[str, Any] = self._fit().to_dict()
        return document
