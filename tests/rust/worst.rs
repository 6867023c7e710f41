//! The worst error of each output of a table, as a share of what is allowed.

use std::collections::BTreeMap;

/// METHODS, Posteriors: probabilities absolute; quantiles, means and losses relative to max(|x|, posterior sd).
pub const TOLERANCE: f64 = 1e-9;

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
