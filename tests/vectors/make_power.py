"""Writes power.json: group-sequential power by the forward recursion of the walk's density, without stoa.

The sub-density of z that has crossed nothing is carried from look to look on composite Gauss-Legendre nodes (Armitage,
McPherson & Rowe 1969), in plain Python. stoa runs the recursion backwards, on Chebyshev polynomials. Run by hand:
python3 tests/vectors/make_power.py
"""

import json
import math
import pathlib

NODES = [
    (0.09501250983763744, 0.1894506104550685), (0.2816035507792589, 0.18260341504492358),
    (0.45801677765722737, 0.16915651939500254), (0.6178762444026438, 0.14959598881657674),
    (0.755404408355003, 0.12462897125553387), (0.8656312023878318, 0.09515851168249279),
    (0.9445750230732326, 0.06225352393864789), (0.9894009349916499, 0.027152459411754096),
]  # fmt: skip


def nodes(low, high, width=0.4):
    panels = max(1, math.ceil((high - low) / width))
    half = (high - low) / panels / 2
    for k in range(panels):
        centre = low + half * (2 * k + 1)
        for x, w in NODES:
            yield centre - half * x, half * w
            yield centre + half * x, half * w


def upper(z):
    return 0.5 * math.erfc(z / math.sqrt(2))


def density(z):
    return math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def bisect(falling, low, high):
    """Where a falling function changes its sign."""
    for _ in range(100):
        middle = 0.5 * (low + high)
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


class Walk:
    def __init__(self, drift):
        self.drift, self.t, self.alive = drift, 0.0, None

    def above(self, t):
        """P(no crossing before, z > c now) as a function of c."""
        if self.alive is None:
            return lambda c: upper(c - self.drift * math.sqrt(t))
        old, new, d = math.sqrt(self.t), math.sqrt(t), math.sqrt(t - self.t)
        return lambda c: sum(w * upper((c * new - u * old - self.drift * d * d) / d) for u, w in self.alive)

    def step(self, t, c):
        low = -8.5 + min(0.0, self.drift * math.sqrt(t))
        grid = list(nodes(low, min(c, 9 + abs(self.drift))))
        if self.alive is None:
            carried = [(z, w * density(z - self.drift * math.sqrt(t))) for z, w in grid]
        else:
            old, new, d = math.sqrt(self.t), math.sqrt(t), math.sqrt(t - self.t)
            carried = []
            for z, w in grid:
                f = sum(v * density((z * new - u * old - self.drift * d * d) / d) for u, v in self.alive)
                carried.append((z, w * f * new / d))
        self.t, self.alive = t, carried


def spent(spending, alpha, t):
    if spending == "pocock":
        return alpha * math.log1p((math.e - 1) * t)
    z = bisect(lambda z: upper(z) - alpha / 2, 0.0, 10.0)
    return 2 * upper(z / math.sqrt(t))


def ln_e(z, g):
    s = z * math.sqrt(g / (1 + g))
    return math.log(2) - 0.5 * math.log1p(g) + 0.5 * s * s + math.log(upper(-s))


def boundaries(case, looks):
    alpha = case.get("alpha", 0.05) / case.get("treatments", 1)
    share = case.get("treatment_share", 0.5)
    if case.get("guarantee") == "anytime":
        coin = 2 * math.sqrt(share * (1 - share))
        return [bisect(lambda z, g=2.25 * t: -math.log(alpha) - ln_e(z, g), 0.0, 60.0) / coin for t in looks]
    walk, edges, before = Walk(0.0), [], 0.0
    for k, t in enumerate(looks):
        now = alpha if k + 1 == len(looks) else spent(case.get("spending", "obrien_fleming"), alpha, t)
        above, left = walk.above(t), now - before
        edges.append(bisect(lambda c, above=above, left=left: above(c) - left, -5.0, 30.0))
        before = now
        walk.step(t, edges[-1])
    return edges


def shift(case):
    """Drift of z at the end, and its standard deviation."""
    b, share, e = case["baseline"], case.get("treatment_share", 0.5), case["effect"]
    small = min(share, 1 - share)
    n = [case["n_per_arm"] * (1 - share) / small, case["n_per_arm"] * share / small]
    if "rate" in b:
        mean, v = [b["rate"], b["rate"] * (1 + e)], [p * (1 - p) for p in (b["rate"], b["rate"] * (1 + e))]
    else:
        p = [b["conversion_rate"], b["conversion_rate"] * (1 + e)]
        mean = [x * b["mean_order_value"] for x in p]
        v = [x * (b["sd_order_value"] ** 2 + (1 - x) * b["mean_order_value"] ** 2) for x in p]
    if case.get("guarantee") == "anytime":
        total = sum(n)
        square = [v[i] + mean[i] ** 2 for i in (0, 1)]
        d = mean[1] - mean[0]
        sd0 = math.sqrt(share * (1 - share) * total * ((1 - share) * square[0] + share * square[1]))
        t_mean = total * share * (1 - share) * d
        t_sq = share * (1 - share) ** 2 * square[1] + (1 - share) * share**2 * square[0]
        return t_mean / sd0, math.sqrt(total * (t_sq - (share * (1 - share) * d) ** 2)) / sd0
    se = math.sqrt(v[0] / n[0] + v[1] / n[1])
    if "rate" in b:
        q = (mean[0] * n[0] + mean[1] * n[1]) / sum(n)
        pooled = math.sqrt(q * (1 - q) * (1 / n[0] + 1 / n[1]))
        return (mean[1] - mean[0]) / pooled, se / pooled
    return (mean[1] - mean[0]) / se, 1.0


def looks_of(case):
    looks, days = case["looks"], case.get("horizon_days", 28)
    if looks == "daily":
        return [d / days for d in range(7, days + 1)]
    if looks == "weekly":
        return [d / days for d in range(7, days + 1, 7)]
    return [(k + 1) / looks for k in range(looks)]


def solve(case):
    looks = looks_of(case)
    edges = boundaries(case, looks)
    drift, sd = shift(case)
    # A fall is looked for on the other side.
    drift = abs(drift)
    walk, passed, first = Walk(drift / sd), 0.0, []
    for t, c in zip(looks, edges, strict=True):
        first.append(walk.above(t)(c / sd))
        passed += first[-1]
        walk.step(t, c / sd)
    share = sum(p * t for p, t in zip(first, looks, strict=True)) + 1 - passed
    return {"boundaries": edges, "passed": [sum(first[: k + 1]) for k in range(len(first))], "expected_share": share}


RATE = {"family": "binary", "rate": 0.03}
MONEY = {"family": "hurdle", "conversion_rate": 0.03, "mean_order_value": 60.0, "sd_order_value": 78.64}
CASES = [
    {"name": "daily", "looks": "daily"},
    {"name": "weekly", "looks": "weekly"},
    {"name": "weekly, Pocock", "looks": "weekly", "spending": "pocock"},
    {"name": "three treatments, unequal", "looks": 5, "treatments": 3, "treatment_share": 0.3},
    {"name": "revenue, weekly for eight weeks", "looks": "weekly", "horizon_days": 56, "baseline": MONEY},
    {"name": "any time, weekly", "looks": "weekly", "guarantee": "anytime"},
    {"name": "any time, a tenth treated", "looks": "weekly", "guarantee": "anytime", "treatment_share": 0.1,
     "effect": 0.3},
    {"name": "a fall", "looks": "weekly", "effect": -0.1, "alpha": 0.025},
    {"name": "common", "looks": 3, "baseline": {"family": "binary", "rate": 0.4}, "n_per_arm": 900, "effect": 0.25},
]  # fmt: skip


def main():
    rows = []
    for case in CASES:
        case = {"baseline": RATE, "effect": 0.1, "n_per_arm": 56000} | case
        found = solve(case)
        rows.append(case | {"out": found})
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    note = "make_power.py: the walk's density carried forward on Gauss-Legendre nodes, in plain Python"
    text = f'{{"spec_version": 1, "source": "{note}",\n "cases": [\n{lines}\n ]}}\n'
    (pathlib.Path(__file__).parent / "power.json").write_text(text)


if __name__ == "__main__":
    main()
