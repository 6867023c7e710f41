"""Writes quantile.json: the Bayesian bootstrap of a quantile in exact fractions, over all pairs of rows, without stoa.

P(quantile = k-th smallest of n) = P(Beta(k, n-k) >= q > Beta(k-1, n-k+1)) = C(n-1, k-1) q^(k-1) (1-q)^(n-k).
Run by hand: python3 tests/vectors/make_quantile.py
"""

import json
import pathlib
from fractions import Fraction
from math import comb

CASES = [
    ("median", [12, 15, 18, 22, 31, 40, 90], [14, 19, 24, 30, 33, 55, 70], 0.5),
    ("ties", [0, 0, 0, 10, 10, 25], [0, 0, 10, 10, 10, 25, 25, 40], 0.75),
    ("outer", [1, 2, 3, 5, 8, 13, 21, 34], [2, 3, 5, 7, 11, 13, 17, 19, 23], 0.9375),
    ("negative", [-5, -2, 0, 1, 4], [-4, -3, 2, 2, 6, 7], 0.25),
    ("one row", [3], [5], 0.5),
]


def masses(rows, q):
    n = len(rows)
    return [(x, comb(n - 1, k) * q**k * (1 - q) ** (n - 1 - k)) for k, x in enumerate(sorted(rows))]


def solve(control, treatment, q):
    pairs = [(y - x, p * r) for x, p in masses(control, q) for y, r in masses(treatment, q)]

    def quantile(p):
        below = Fraction(0)
        for d, mass in sorted(pairs):
            below += mass
            if below >= p:
                return d
        raise AssertionError

    return {
        "prob_positive": float(sum(p for d, p in pairs if d > 0)),
        "prob_harm": float(sum(p for d, p in pairs if d < 0)),
        "mean": float(sum(d * p for d, p in pairs)),
        "expected_loss_ship": float(sum(max(-d, 0) * p for d, p in pairs)),
        "expected_loss_keep": float(sum(max(d, 0) * p for d, p in pairs)),
        "quantiles": [quantile(Fraction(p)) for p in (0.025, 0.5, 0.975)],
    }


def main():
    rows = [
        {"name": name, "control": a, "treatment": b, "q": q, "out": solve(a, b, Fraction(q))} for name, a, b, q in CASES
    ]
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    source = "make_quantile.py: exact fractions over all pairs of rows"
    text = f'{{"spec_version": 1, "source": "{source}",\n "cases": [\n{lines}\n ]}}\n'
    (pathlib.Path(__file__).parent / "quantile.json").write_text(text)


if __name__ == "__main__":
    main()
