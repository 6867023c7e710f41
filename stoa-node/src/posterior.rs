//! Posteriors: comparisons stay in native memory and answer one question at a time.

use napi::bindgen_prelude::{AsyncTask, Float64Array};
use napi::{Env, Task};
use napi_derive::napi;
use stoa_core::{
    error::{Detail, Error, Result},
    posterior::{Comparison, Draws, Effect, compare_values},
};

use crate::convert::{OrThrow, guarded, json, to_text};

/// The posterior of a treatment against its control.
#[napi(js_name = "Comparison")]
#[derive(Debug)]
pub struct NativeComparison {
    comparison: Comparison,
    /// Every figure, where they are written already.
    text: Option<String>,
}

impl NativeComparison {
    /// A comparison whose figures are written when they are asked for.
    pub(crate) fn of(comparison: Comparison) -> Self {
        let text = None;
        Self { comparison, text }
    }
}

/// Compares two arms; statistics and prior are JSON text.
#[napi(catch_unwind)]
pub fn compare(
    family: String,
    control: String,
    treatment: String,
    prior: String,
) -> napi::Result<NativeComparison> {
    let asked = Compare {
        family,
        control,
        treatment,
        prior,
    };
    asked.run().or_throw()
}

/// As `compare`, off the main thread.
#[napi(catch_unwind, ts_return_type = "Promise<Comparison>")]
pub fn compare_async(
    family: String,
    control: String,
    treatment: String,
    prior: String,
) -> AsyncTask<Compare> {
    AsyncTask::new(Compare {
        family,
        control,
        treatment,
        prior,
    })
}

/// A comparison on its way.
#[derive(Debug)]
pub struct Compare {
    family: String,
    control: String,
    treatment: String,
    prior: String,
}

impl Compare {
    fn run(&self) -> Result<NativeComparison> {
        let control = json("control", &self.control)?;
        let treatment = json("treatment", &self.treatment)?;
        let prior = json("prior", &self.prior)?;
        let comparison = compare_values(&self.family, &control, &treatment, &prior)?;
        let text = Some(to_text(&comparison)?);
        Ok(NativeComparison { comparison, text })
    }
}

impl Task for Compare {
    type Output = NativeComparison;
    type JsValue = NativeComparison;

    fn compute(&mut self) -> napi::Result<NativeComparison> {
        guarded(|| self.run())
    }

    fn resolve(&mut self, _: Env, comparison: NativeComparison) -> napi::Result<NativeComparison> {
        Ok(comparison)
    }
}

#[napi]
impl NativeComparison {
    /// Every figure, as JSON text.
    #[napi(catch_unwind, js_name = "toJSON")]
    pub fn to_json(&self) -> napi::Result<String> {
        let write = || to_text(&self.comparison).or_throw();
        self.text.clone().map_or_else(write, Ok)
    }

    /// P(lift > t); null where it is withheld.
    #[napi(catch_unwind)]
    pub fn prob_above(&self, t: f64, relative: bool) -> napi::Result<Option<f64>> {
        self.comparison.prob_above(t, relative).or_throw()
    }

    /// P(lift < t); null where it is withheld.
    #[napi(catch_unwind)]
    pub fn prob_below(&self, t: f64, relative: bool) -> napi::Result<Option<f64>> {
        self.comparison.prob_below(t, relative).or_throw()
    }

    /// A quantile of the lift of that name.
    #[napi(catch_unwind)]
    pub fn quantile(&self, effect: String, q: f64) -> napi::Result<Option<f64>> {
        self.effect(&effect)?.quantile(q).or_throw()
    }

    /// A credible interval of the lift of that name, as JSON text.
    #[napi(catch_unwind)]
    pub fn interval(&self, effect: String, level: f64) -> napi::Result<String> {
        let interval = self.effect(&effect)?.interval(level).or_throw()?;
        to_text(&interval).or_throw()
    }

    /// Positions, then densities of the lift of that name; empty where it is withheld.
    #[napi(catch_unwind)]
    pub fn density(&self, effect: String, points: u32) -> napi::Result<Vec<Float64Array>> {
        let curve = self.effect(&effect)?.density(points as usize).or_throw()?;
        Ok(vec![curve.x.into(), curve.density.into()])
    }

    /// A quantile of the loss of shipping.
    #[napi(catch_unwind)]
    pub fn loss_quantile(&self, q: f64) -> napi::Result<Option<f64>> {
        self.comparison.loss().quantile(q).or_throw()
    }

    /// Expected loss of shipping over so many visitors.
    #[napi(catch_unwind)]
    pub fn risk(&self, visitors: f64) -> napi::Result<Option<f64>> {
        Ok(self
            .comparison
            .risk(whole("visitors", visitors).or_throw()?))
    }

    /// Draws of control and treatment, off the main thread.
    #[napi(catch_unwind, ts_return_type = "Promise<Array<Float64Array>>")]
    pub fn sample(&self, n: f64, seed: f64) -> napi::Result<AsyncTask<Sample>> {
        let n = whole("n", n).or_throw()?;
        Ok(AsyncTask::new(Sample {
            comparison: self.comparison.clone(),
            n: usize::try_from(n).unwrap_or(usize::MAX),
            seed: whole("seed", seed).or_throw()?,
        }))
    }

    fn effect(&self, name: &str) -> napi::Result<&Effect> {
        let parts = self.comparison.decomposition();
        let effect = match name {
            "absolute" => Some(self.comparison.absolute()),
            "relative" => Some(self.comparison.relative()),
            "frequency" => parts.map(|parts| parts.frequency.relative()),
            "severity" => parts.map(|parts| parts.severity.relative()),
            _ => None,
        };
        let refuse = || Error::UnknownName(Detail::new("effect", "must be a lift it has", name));
        effect.ok_or_else(refuse).or_throw()
    }
}

/// Draws on their way.
#[derive(Debug)]
pub struct Sample {
    comparison: Comparison,
    n: usize,
    seed: u64,
}

impl Task for Sample {
    type Output = Draws;
    type JsValue = Vec<Float64Array>;

    fn compute(&mut self) -> napi::Result<Draws> {
        guarded(|| self.comparison.sample(self.n, self.seed))
    }

    fn resolve(&mut self, _: Env, draws: Draws) -> napi::Result<Self::JsValue> {
        Ok(vec![draws.control.into(), draws.treatment.into()])
    }
}

/// A JavaScript number that counts something.
fn whole(field: &str, number: f64) -> Result<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() != 0.0 || !(0.0..=EXACT).contains(&number) {
        let rule = "must be a whole number from 0 to 2^53";
        return Err(Error::OutOfRange(Detail::new(field, rule, number)));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within 2^53"
    )]
    let count = number as u64;
    Ok(count)
}
