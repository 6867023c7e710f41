//! Two averages: counts per unit, and numbers of either sign.

use std::sync::Arc;

use super::{
    arm::Arm,
    average_prior::{CountPrior, MeanPrior},
    build::{Built, Two, infinite_mean, log_ratio},
    effect::{Effect, Law},
    gamma::{Counts, over_dispersed},
    limits::check_product,
    note::Note,
    pair::Pair,
    stats::{Count, Mean},
    student::{MIN_ROWS, Student},
};
use crate::{error::Result, num::curve::difference};

/// Above this chance that the control is not positive, nothing is said relative to it.
const NEGLIGIBLE: f64 = 1e-6;

pub(super) fn count(stats: Two<&Count>, priors: Two<&CountPrior>) -> Result<Built> {
    let models = Counts::of(&stats, &priors);
    let doubted = stats.iter().any(|s| over_dispersed(s));
    let few = stats.iter().any(|s| s.n < MIN_ROWS);
    let step = models
        .iter()
        .map(Counts::step)
        .fold(f64::INFINITY, f64::min);
    let [a, b] = [models[0], models[1]].map(|model| model.arm(step).map(Arc::new));
    let pair = Pair::new(a?, b?, None);
    let mut notes = Vec::new();
    if doubted {
        notes.push(over_dispersed_counts());
    }
    let withheld = doubted && few;
    if withheld {
        notes.push(few_rows());
    }
    let means = pair.control.moments.mean.zip(pair.treatment.moments.mean);
    let relative = log_ratio(&pair);
    if relative.mean().is_none() {
        notes.push(infinite_mean());
    }
    Ok(Built {
        model: models[0].model(),
        absolute: match means.filter(|_| !withheld) {
            Some((a, b)) => Effect::new(Law::Difference(pair.clone()), Some(b - a)),
            None => Effect::withheld(),
        },
        mean_log_lift: pair.treatment.moments.mean_log - pair.control.moments.mean_log,
        relative: if withheld {
            Effect::withheld()
        } else {
            relative
        },
        variance_beyond_bound: None,
        decomposition: None,
        pair,
        notes,
    })
}

pub(super) fn mean(stats: Two<&Mean>, priors: Two<Option<&MeanPrior>>) -> Result<Built> {
    let both = [0, 1].map(|i| Student::posterior(stats[i], priors[i]));
    let [Some(a), Some(b)] = both else {
        let nothing = Arc::new(Arm::unknown());
        let pair = Pair::new(nothing.clone(), nothing, None);
        return Ok(means(
            pair,
            Effect::withheld(),
            Effect::withheld(),
            vec![few_rows()],
        ));
    };
    let step = a.step().min(b.step());
    check_product("", a.nodes(step), b.nodes(step)).map_err(|e| e.at("treatment"))?;
    let arm = |student: Student, name: &str| {
        let arm = student.arm(step);
        arm.map(Arc::new).map_err(|e| e.at(name))
    };
    let pair = Pair::new(arm(a, "control")?, arm(b, "treatment")?, None);
    let law = Law::Shift(difference(&pair.control.curve, &pair.treatment.curve));
    let absolute = Effect::new(law, Some(b.mean() - a.mean()));
    let (relative, notes) = if pair.control.curve.at(0.0).lower <= NEGLIGIBLE {
        // Student's density is not 0 at 0, so E[B/A] does not exist.
        (Effect::new(Law::Quotient(pair.clone()), None), Vec::new())
    } else {
        (Effect::withheld(), vec![no_relative()])
    };
    Ok(means(pair, absolute, relative, notes))
}

fn means(pair: Pair, absolute: Effect, relative: Effect, notes: Vec<Note>) -> Built {
    Built {
        model: "student_t",
        absolute,
        relative,
        mean_log_lift: f64::NAN,
        variance_beyond_bound: None,
        decomposition: None,
        pair,
        notes,
    }
}

pub(super) fn over_dispersed_counts() -> Note {
    let text = "the counts spread more than Poisson counts do; the comparison uses their mean and variance";
    Note::new("over_dispersed", text)
}

pub(super) fn few_rows() -> Note {
    let text = format!(
        "an arm has fewer than {MIN_ROWS} rows, or rows that do not differ; its mean has no posterior"
    );
    Note::new("few_rows", text)
}

fn no_relative() -> Note {
    let text = "the control's mean may be 0 or below, so nothing is said relative to it";
    Note::new("no_relative", text)
}
