//! The worst error of each output of a table, as a share of what is allowed.

use std::collections::BTreeMap;

use serde_json::Value;
use stoa_core::posterior::Effect;

/// METHODS, Posteriors: probabilities absolute; quantiles, means and losses relative to max(|x|, posterior sd).
pub const TOLERANCE: f64 = 1e-9;
/// Losses below this are nothing.
const LOSS_FLOOR: f64 = 1e-15;

/// Worst error per output, as a share of its tolerance.
#[derive(Debug, Default)]
pub struct Worst(BTreeMap<String, (f64, String)>);

impl Worst {
    /// Holds `got` against `want`.
    pub fn see(&mut self, output: &str, case: &str, got: f64, want: f64, tolerance: f64) {
        let share = (got - want).abs() / tolerance;
        let share = if share.is_nan() { f64::INFINITY } else { share };
        let entry = self.0.entry(output.to_owned()).or_default();
        if share >= entry.0 {
            *entry = (share, format!("{case}: got {got:e}, want {want:e}"));
        }
    }

    /// Holds a probability against the table's.
    pub fn prob(&mut self, output: &str, case: &str, got: f64, want: &Value) {
        self.see(output, case, got, number(want), TOLERANCE);
    }

    /// Holds a quantity against the table's, to a share of itself or of `scale`, whichever is larger.
    pub fn scaled(&mut self, output: &str, case: &str, got: f64, want: &Value, scale: f64) {
        let want = number(want);
        self.see(output, case, got, want, TOLERANCE * want.abs().max(scale));
    }

    /// Holds a loss against the table's. Stricter than the target, which scales by the posterior sd: relative to the
    /// loss itself.
    pub fn loss(&mut self, output: &str, case: &str, got: f64, want: &Value) {
        let want = number(want);
        let tolerance = (TOLERANCE * want.abs()).max(LOSS_FLOOR);
        self.see(output, case, got, want, tolerance);
    }

    /// Prints the worst of each output.
    ///
    /// # Errors
    /// The outputs beyond their tolerance; or that nothing was seen.
    #[expect(clippy::print_stdout, reason = "shown with --nocapture")]
    pub fn finish(&self, title: &str) -> Result<(), String> {
        println!("{title}: worst error as a share of its tolerance");
        for (output, (share, case)) in &self.0 {
            println!("  {output:<28} {share:>10.3e}  {case}");
        }
        let bad: Vec<_> = self.0.iter().filter(|(_, worst)| worst.0 > 1.0).collect();
        if self.0.is_empty() || !bad.is_empty() {
            return Err(format!("{title}: {bad:#?}"));
        }
        Ok(())
    }
}

/// Half the width of the middle 68%: the posterior sd of a lift, also where its variance is infinite; NaN when withheld.
#[must_use]
pub fn spread(effect: &Effect) -> f64 {
    let at = |q| effect.quantile(q).ok().flatten().unwrap_or(f64::NAN);
    0.5 * (at(0.84) - at(0.16))
}

/// What is no number differs from everything.
fn number(want: &Value) -> f64 {
    want.as_f64().unwrap_or(f64::NAN)
}
