//! Exact integer histograms of one node and one feature, and the scan that finds its best cut.
//!
//! Sums of the fixed-point outcome are i64, so they do not depend on the order of rows or threads.

/// Count and fixed-point outcome sum of one arm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) n: i64,
    pub(super) y: i64,
}

impl Sum {
    pub(super) fn add(&mut self, other: Self) {
        self.n += other.n;
        self.y += other.y;
    }

    fn minus(self, other: Self) -> Self {
        Self {
            n: self.n - other.n,
            y: self.y - other.y,
        }
    }
}

/// Sums per arm: two of a causal node (control, treated), one of a regression node.
pub(super) type Sums<const ARMS: usize> = [Sum; ARMS];

/// What a tree maximises and which cuts it refuses; one per kind of forest.
pub(super) trait Criterion<const ARMS: usize>: Copy + Sync {
    /// Facts of a node that every cut of it uses; `None` when the node must not be split.
    type Node: Copy;

    /// Prepares a node.
    fn node(&self, total: &Sums<ARMS>) -> Option<Self::Node>;

    /// The gain of a cut with `left` on one side, `None` when it is refused.
    fn gain(&self, node: &Self::Node, left: &Sums<ARMS>, right: &Sums<ARMS>) -> Option<f64>;
}

/// A cut: codes up to `code` go left, and missing (code 0) goes left when `missing_left`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    pub(super) feature: usize,
    pub(super) code: u8,
    pub(super) missing_left: bool,
    pub(super) gain: f64,
}

/// The histogram of one feature; only occupied bins are visited and cleared.
#[derive(Debug, Clone)]
pub(super) struct Histogram<const ARMS: usize> {
    bins: Box<[Sums<ARMS>; 256]>,
    occupied: [u64; 4],
}

impl<const ARMS: usize> Histogram<ARMS> {
    pub(super) fn new() -> Self {
        Self {
            bins: Box::new([[Sum::default(); ARMS]; 256]),
            occupied: [0; 4],
        }
    }

    /// Adds the rows of one arm.
    pub(super) fn fill(&mut self, arm: usize, codes: &[u8], rows: &[u32], y: &[i64]) {
        for (&row, &y) in rows.iter().zip(y) {
            let code = codes[row as usize];
            self.occupied[usize::from(code >> 6)] |= 1 << (code & 63);
            self.bins[usize::from(code)][arm].add(Sum { n: 1, y });
        }
    }

    /// The best cut of this feature, and an empty histogram again.
    pub(super) fn take_best<C: Criterion<ARMS>>(
        &mut self,
        feature: usize,
        criterion: &C,
        node: &C::Node,
        total: &Sums<ARMS>,
    ) -> Option<Cut> {
        let missing = self.bins[0];
        let any_missing = self.occupied[0] & 1 == 1;
        let mut best = None;
        let mut left = [Sum::default(); ARMS];
        for word in 0..4 {
            let mut bits = self.occupied[word];
            while bits != 0 {
                let code = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let bin = std::mem::replace(&mut self.bins[code], [Sum::default(); ARMS]);
                if code > 0 {
                    accumulate(&mut left, &bin);
                    consider(
                        &mut best, feature, code, false, criterion, node, &left, total,
                    );
                }
                if any_missing {
                    let mut with_missing = left;
                    accumulate(&mut with_missing, &missing);
                    consider(
                        &mut best,
                        feature,
                        code,
                        true,
                        criterion,
                        node,
                        &with_missing,
                        total,
                    );
                }
            }
            self.occupied[word] = 0;
        }
        best
    }
}

fn accumulate<const ARMS: usize>(sums: &mut Sums<ARMS>, other: &Sums<ARMS>) {
    for (sum, other) in sums.iter_mut().zip(other) {
        sum.add(*other);
    }
}

#[expect(clippy::too_many_arguments, reason = "one step of a scan, inlined")]
#[inline]
fn consider<const ARMS: usize, C: Criterion<ARMS>>(
    best: &mut Option<Cut>,
    feature: usize,
    code: usize,
    missing_left: bool,
    criterion: &C,
    node: &C::Node,
    left: &Sums<ARMS>,
    total: &Sums<ARMS>,
) {
    let mut right = *total;
    for (sum, left) in right.iter_mut().zip(left) {
        *sum = sum.minus(*left);
    }
    let Some(gain) = criterion.gain(node, left, &right) else {
        return;
    };
    if gain > best.map_or(0.0, |cut: Cut| cut.gain) {
        *best = Some(Cut {
            feature,
            code: u8::try_from(code).unwrap_or(u8::MAX),
            missing_left,
            gain,
        });
    }
}

/// Splits on the difference of effects (Athey, Tibshirani & Wager 2019, §2.3 with the relabelling of §6).
///
/// With q the node's treated share and ȳ the arm means, the relabelled outcomes sum over a child to
/// `S = (1−q)(y₁ − n₁ȳ₁) − q(y₀ − n₀ȳ₀)`, which is zero over the node, so the gain is ∝ `S²/(n_L·n_R)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct EffectCriterion {
    pub(super) min_node_size: i64,
    pub(super) alpha: f64,
}

/// Treated share, arm means, least treatment variance of a child, rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct EffectNode {
    q: f64,
    mean: [f64; 2],
    least: f64,
}

impl Criterion<2> for EffectCriterion {
    type Node = EffectNode;

    fn node(&self, total: &Sums<2>) -> Option<EffectNode> {
        let [n0, n1] = [total[0].n as f64, total[1].n as f64];
        if total[0].n < 2 * self.min_node_size || total[1].n < 2 * self.min_node_size {
            return None;
        }
        Some(EffectNode {
            q: n1 / (n0 + n1),
            mean: [total[0].y as f64 / n0, total[1].y as f64 / n1],
            least: self.alpha * variance_of_treatment(total),
        })
    }

    #[inline]
    fn gain(&self, node: &EffectNode, left: &Sums<2>, right: &Sums<2>) -> Option<f64> {
        let fewest = left[0].n.min(left[1].n).min(right[0].n).min(right[1].n);
        if fewest < self.min_node_size
            || variance_of_treatment(left) < node.least
            || variance_of_treatment(right) < node.least
        {
            return None;
        }
        let part = |arm: usize| left[arm].y as f64 - left[arm].n as f64 * node.mean[arm];
        let s = (1.0 - node.q) * part(1) - node.q * part(0);
        let n_left = (left[0].n + left[1].n) as f64;
        let n_right = (right[0].n + right[1].n) as f64;
        Some(s * s / (n_left * n_right))
    }
}

/// Sum of squares of the centred treatment, `n·q·(1−q)`.
#[inline]
fn variance_of_treatment(sums: &Sums<2>) -> f64 {
    let [n0, n1] = [sums[0].n as f64, sums[1].n as f64];
    n0 * n1 / (n0 + n1)
}

/// Splits on the difference of means: an honest regression tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct MeanCriterion {
    pub(super) min_node_size: i64,
    pub(super) alpha: f64,
}

/// Mean of the node and the fewest rows a child may keep.
#[derive(Debug, Clone, Copy)]
pub(super) struct MeanNode {
    mean: f64,
    least: f64,
}

impl Criterion<1> for MeanCriterion {
    type Node = MeanNode;

    fn node(&self, total: &Sums<1>) -> Option<MeanNode> {
        (total[0].n > self.min_node_size).then(|| MeanNode {
            mean: total[0].y as f64 / total[0].n as f64,
            least: (total[0].n as f64 * self.alpha).ceil().max(1.0),
        })
    }

    #[inline]
    fn gain(&self, node: &MeanNode, left: &Sums<1>, right: &Sums<1>) -> Option<f64> {
        let [n_left, n_right] = [left[0].n as f64, right[0].n as f64];
        if n_left < node.least || n_right < node.least {
            return None;
        }
        let s = left[0].y as f64 - n_left * node.mean;
        Some(s * s / (n_left * n_right))
    }
}
