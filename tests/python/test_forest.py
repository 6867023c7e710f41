"""Forests and policy trees through the public names: against grf and policytree, and what they refuse."""

from __future__ import annotations

import csv
import gzip
import math
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import TRUTH
from numpy.typing import NDArray

import stoa

FOLDER = TRUTH / "forest"
TAGS = ("nwA_2000", "wa28_2000")
FEATURES = [f"X{j}" for j in range(1, 21)]

# The reference files hold ten to twelve digits.
TOLERANCE = 1e-8
# Root mean square distance of two of grf's own forests with far-apart seeds (the folder's README).
NOISE_FLOOR = {"nwA_2000": 0.0254, "wa28_2000": 0.0278}
# METHODS D: another implementation's draws differ as two seeds do; half as much again is allowed for binning.
OF_THE_FLOOR = 1.5

needs_truth = pytest.mark.skipif(not FOLDER.exists(), reason="no ../shared/truth/forest beside this clone")


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, gzipped or not."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(text.decode().splitlines()))


def table(name: str, tag: str) -> dict[str, NDArray[np.float64]]:
    """A table of the reference, by column."""
    found = rows(FOLDER / f"{name}_{tag}.csv.gz")
    return {column: np.array([float(row[column]) for row in found]) for column in found[0]}


def summary(tag: str, stat: str) -> tuple[float, float]:
    """An estimate of the reference and its standard error."""
    (row,) = (r for r in rows(FOLDER / "summary.csv") if r["tag"] == tag and r["stat"] == stat)
    return float(row["estimate"]), float(row["se"])


def rms(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return math.sqrt(float(np.mean((a - b) ** 2)))


@needs_truth
@pytest.mark.parametrize("tag", TAGS)
def test_doubly_robust_scores_equal_grfs(tag: str) -> None:
    data, oob = table("data", tag), table("oob", tag)
    scores = stoa.doubly_robust(oob["tau.hat"], data["Y"], data["W"], 0.5, oob["Y.hat"])
    assert np.abs(scores - oob["aipw"]).max() < TOLERANCE


@needs_truth
@pytest.mark.parametrize("tag", TAGS)
def test_effects_and_their_average_are_grfs(tag: str) -> None:
    data, oob = table("data", tag), table("oob", tag)
    X = np.column_stack([data[name] for name in FEATURES])
    forest = stoa.CausalForest(shrink=False).fit(X, data["Y"], treatment=data["W"], expected_outcome=oob["Y.hat"])
    effects = forest.oob_effects()
    assert effects.shrinkage is None and np.array_equal(forest.expected_outcome, oob["Y.hat"])
    assert rms(effects.mean, oob["tau.hat"]) < OF_THE_FLOOR * NOISE_FLOOR[tag]
    ate, error = summary(tag, "ATE.all")
    # Both are averages of scores that differ by the forests' noise only.
    assert abs(forest.ate().estimate - ate) < 0.1 * error
    again = stoa.doubly_robust(effects.mean, data["Y"], data["W"], 0.5, forest.expected_outcome)
    assert np.array_equal(again, forest.scores())


@needs_truth
@pytest.mark.parametrize("tag", TAGS)
def test_average_effect_of_grfs_own_effects(tag: str) -> None:
    data, oob = table("data", tag), table("oob", tag)
    scores = stoa.doubly_robust(oob["tau.hat"], data["Y"], data["W"], 0.5, oob["Y.hat"])
    ate, error = summary(tag, "ATE.all")
    assert abs(scores.mean() - ate) < TOLERANCE
    assert abs(scores.std(ddof=1) / math.sqrt(len(scores)) - error) < TOLERANCE


@needs_truth
@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("depth", [1, 2])
def test_policy_trees_earn_what_policytrees_do(tag: str, depth: int) -> None:
    data, scores = table("data", tag), table("policy_scores", tag)
    (wanted,) = (r for r in rows(FOLDER / "policytree.csv") if r["tag"] == tag and r["depth"] == str(depth))
    both = np.column_stack([scores["control"], scores["treated"] - float(wanted["cost"])])[:1000]
    X = pa.table({name: data[name][:1000] for name in FEATURES[:8]})
    tree = stoa.PolicyTree(depth=depth).fit(X, both)
    assert abs(tree.reward - float(wanted["reward"])) < TOLERANCE
    chosen = tree.predict(X)
    assert abs(both[np.arange(1000), chosen].mean() - tree.reward) < TOLERANCE
    for rule, action in tree.rules():
        assert (chosen[rule.mask(X)] == action).all()
    assert sum(int(rule.mask(X).sum()) for rule, _ in tree.rules()) == 1000


# Data of our own ------------------------------------------------------------------------------------------------------


def store(n: int = 600) -> tuple[pd.DataFrame, NDArray[np.float64], NDArray[np.int64]]:
    """Buyers of at least five orders respond by 1, the others not at all."""
    draws = np.random.default_rng(3)
    df = pd.DataFrame({"orders": draws.integers(0, 10, n), "member": draws.random(n) < 0.5, "age": draws.random(n)})
    w = draws.integers(0, 2, n)
    return df, w * (df["orders"] >= 5) + draws.normal(0, 0.5, n), w


def small(**options: Any) -> stoa.CausalForest:
    return stoa.CausalForest(**{"n_trees": 100, "n_outcome_trees": 50, **options})


def test_a_seed_gives_the_same_bits_and_another_seed_other_ones() -> None:
    df, y, w = store()
    first, same, other = (small(seed=seed).fit(df, y, treatment=w) for seed in (1, 1, 2))
    assert first.to_dict() == same.to_dict() != other.to_dict()


def test_arrays_and_every_frame_library_give_the_same_bits() -> None:
    df, y, w = store()
    numbers = df.astype(float)
    first = small().fit(numbers.to_numpy(), y, treatment=w).to_dict()
    column_major = np.asfortranarray(numbers.to_numpy())
    arrow = pa.Table.from_pandas(df)
    for X in (column_major, numbers, df, pl.from_pandas(df), arrow, df.to_dict("list")):
        assert small().fit(X, list(y), treatment=pl.Series(w == 1)).to_dict() == first


def test_groups_differ_where_the_effect_does() -> None:
    df, y, w = store()
    forest = small().fit(df, y, treatment=w)
    few, many = forest.gate(stoa.Rule.parse("orders >= 5").mask(df))
    assert (few.group, many.group, few.n + many.n) == (False, True, 600)
    for group, truth in ((few, 0), (many, 1)):
        assert group.effect.standard_error is not None
        assert abs(group.effect.estimate - truth) < 4 * group.effect.standard_error
    assert [g.group for g in forest.gate(["a", "b"] * 300)] == ["a", "b"]


def test_shrinking_moves_effects_towards_their_average_and_nothing_else() -> None:
    df, y, w = store()
    raw, shrunk = (small(shrink=shrink).fit(df, y, treatment=w) for shrink in (False, True))
    b = shrunk.oob_effects().shrinkage
    assert b is not None and 0.5 < b <= 1
    assert np.array_equal(raw.scores(), shrunk.scores()) and raw.ate() == shrunk.ate()
    mean = raw.oob_effects().mean
    moved = raw.ate().estimate + b * (mean - mean.mean())
    assert np.abs(moved - shrunk.oob_effects().mean).max() < 1e-12
    # Where nobody differs, hardly anything of the spread is left.
    noise = np.random.default_rng(4).normal(size=600) + w
    assert (small().fit(df, noise, treatment=w).oob_effects().shrinkage or 0) < 0.3


def test_missing_values_and_categories_are_welcome_and_end_on_one_side() -> None:
    df, y, w = store()
    df["country"] = np.where(df["orders"] >= 5, "CA", "US")
    df["spend"] = np.where(df["orders"] >= 5, np.nan, 10.0)
    assert len(small().fit(df, y, treatment=w).oob_effects()) == 600
    scores = np.where(df["orders"] >= 5, 1.0, -1.0)
    for column, rule in (("country", "country = 'CA'"), ("spend", "spend IS NULL OR spend < 10")):
        tree = stoa.PolicyTree(depth=1).fit(df[[column]], scores)
        assert [r.rule for r in tree.rules() if r.action == 1] == [stoa.Rule.parse(rule)]
        assert tree.reward == 0.5 or np.isclose(tree.reward, (df["orders"] >= 5).mean())
        assert (tree.predict(df) == (df["orders"] >= 5)).all()
    assert (stoa.PolicyTree(depth=1).fit(df[["country"]], scores).predict({"country": ["FR", "CA"]}) == [0, 1]).all()


def test_one_score_is_the_score_of_treating() -> None:
    df, _, _ = store()
    scores = np.where(df["orders"] >= 5, 1.0, -1.0)
    one = stoa.PolicyTree(depth=1).fit(df, scores)
    assert one.to_dict() == stoa.PolicyTree(depth=1).fit(df, np.column_stack([0 * scores, scores])).to_dict()
    assert one.to_dict()["features"] == ["orders", "member", "age"]
    member = stoa.PolicyTree(depth=1).fit(df[["member"]], np.where(df["member"], 1.0, -1.0))
    assert [(r.rule.to_sql(), r.action) for r in member.rules()] == [('"member" = FALSE', 0), ('"member" = TRUE', 1)]


def test_intervals_widen_with_the_level() -> None:
    df, y, w = store()
    effects = small().fit(df, y, treatment=w).oob_effects()
    narrow, wide = effects.interval(0.5), effects.interval(0.95)
    assert (wide.low < narrow.low).all() and (narrow.high < wide.high).all()
    half = 1.959963984540054 * np.sqrt(effects.variance)
    assert np.abs(wide.high - effects.mean - half).max() < 1e-9
    assert effects.to_dict()["mean"] == effects.mean.tolist()


def test_parameters_can_be_read_and_set() -> None:
    forest = stoa.CausalForest(500, mtry=3)
    assert stoa.CausalForest(**forest.get_params()).get_params() == forest.set_params(seed=1).get_params()
    assert repr(stoa.PolicyTree(depth=1)) == "PolicyTree(depth=1, min_leaf_size=1)"


def test_fitting_gives_way_to_other_threads() -> None:
    df, y, w = store()
    done = threading.Event()

    def work() -> None:
        small(n_trees=1000).fit(df, y, treatment=w)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    turns = 0
    while not done.is_set():
        turns += 1
        time.sleep(0.001)
    thread.join()
    assert turns > 20


# What is refused ------------------------------------------------------------------------------------------------------


def holed(y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.arange(len(y)) == 7, np.nan, y)


df, y, w = store()
REFUSED: list[tuple[str, str, Any]] = [
    ("not_finite", "y[7]", lambda: small().fit(df, holed(y), treatment=w)),
    ("not_finite", "age[7]", lambda: small().fit(df.assign(age=[0.0] * 7 + [math.inf] * 593), y, treatment=w)),
    ("not_finite", "expected_outcome[7]", lambda: small().fit(df, y, treatment=w, expected_outcome=holed(y))),
    ("out_of_range", "treatment[0]", lambda: small().fit(df, y, treatment=w + 2)),
    ("out_of_range", "propensity", lambda: small().fit(df, y, treatment=w, propensity=0.0)),
    ("unsupported", "propensity", lambda: small().fit(df, y, treatment=w, propensity=np.full(600, 0.5))),
    ("wrong_type", "propensity", lambda: small().fit(df, y, treatment=w, propensity="half")),
    ("conflict", "y", lambda: small().fit(df, y[:-1], treatment=w)),
    ("conflict", "treatment", lambda: small().fit(df, y, treatment=w[:-1])),
    ("empty_arm", "control", lambda: small().fit(df, y, treatment=0 * w + 1)),
    ("empty_arm", "treated", lambda: small().fit(df, y, treatment=0 * w)),
    ("out_of_range", "features", lambda: small().fit(df[[]], y, treatment=w)),
    ("out_of_range", "features", lambda: small().fit(df[:0], [], treatment=[])),
    ("out_of_range", "features", lambda: small().fit(np.empty((0, 3)), [], treatment=[])),
    ("wrong_type", "X", lambda: small().fit(y, y, treatment=w)),
    ("wrong_type", "X", lambda: small().fit(y.to_numpy(), y, treatment=w)),
    ("wrong_type", "X", lambda: small().fit([["a"]] * 600, y, treatment=w)),
    ("wrong_type", "y", lambda: small().fit(df, ["0.5"] * 600, treatment=w)),
    ("wrong_type", "y", lambda: small().fit(df, df, treatment=w)),
    ("unsupported", "seen", lambda: small().fit(df.assign(seen=pd.Timestamp("2026-01-01")), y, treatment=w)),
    ("unsupported", "id", lambda: small().fit(df.assign(id=[f"u{i}" for i in range(600)]), y, treatment=w)),
    ("out_of_range", "n_trees", lambda: small(n_trees=1).fit(df, y, treatment=w)),
    ("out_of_range", "n_trees", lambda: small(n_trees=2).fit(df, y, treatment=w)),
    ("out_of_range", "alpha", lambda: small(alpha=0.5).fit(df, y, treatment=w)),
    ("invalid_document", "options", lambda: small(n_trees=-5).fit(df, y, treatment=w)),
    ("unknown_name", "trees", lambda: small().set_params(trees=5)),
    ("missing_field", "CausalForest.fit", lambda: small().oob_effects()),
    ("missing_field", "CausalForest.fit", lambda: small().expected_outcome),
    ("missing_field", "PolicyTree.fit", lambda: stoa.PolicyTree().rules()),
    ("conflict", "groups", lambda: small().fit(df, y, treatment=w).gate([1, 2])),
    ("wrong_type", "groups", lambda: small().fit(df, y, treatment=w).gate(["a", None] * 300)),
    ("out_of_range", "level", lambda: small().fit(df, y, treatment=w).oob_effects().interval(1.0)),
    ("not_finite", "tau[7]", lambda: stoa.doubly_robust(holed(y), y, w, 0.5, y)),
    ("conflict", "tau", lambda: stoa.doubly_robust(y[:-1], y, w, 0.5, y)),
    ("unsupported", "propensity", lambda: stoa.doubly_robust(y, y, w, [0.5] * 600, y)),
    ("out_of_range", "depth", lambda: stoa.PolicyTree(depth=3).fit(df, y)),
    ("not_finite", "scores[7]", lambda: stoa.PolicyTree().fit(df, holed(y))),
    ("conflict", "orders", lambda: stoa.PolicyTree().fit(df, y[:-1])),
    ("wrong_type", "scores", lambda: stoa.PolicyTree().fit(df, np.ones((600, 3)))),
    ("missing_column", "orders", lambda: stoa.PolicyTree().fit(df, y).predict(df[["age"]])),
    ("wrong_type", "member", lambda: stoa.PolicyTree().fit(df, y).predict(df.astype(float))),
]


@pytest.mark.parametrize(("code", "field", "call"), REFUSED)
def test_bad_input_is_refused_by_name(code: str, field: str, call: Any) -> None:
    with pytest.raises(stoa.StoaError) as caught:
        call()
    assert (caught.value.code, caught.value.field) == (code, field), caught.value
