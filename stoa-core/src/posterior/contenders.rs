//! From statistics of any number of arms to their curves: one strategy per family.
//!
//! The models are those of `build`; here every arm has a lattice of its own, for no two arms are convolved.

use super::{
    amount::{Amount, Typical},
    amount_prior::AmountPrior,
    arm::Arm,
    average,
    average_prior::{CountPrior, MeanPrior},
    beta::{Beta, DROP},
    build,
    gamma::{Counts, over_dispersed},
    hurdle,
    limits::{check_nodes, check_product},
    note::Note,
    prior::{BetaPrior, Prior},
    severity,
    stats::{Binary, Count, Hurdle, Mean, Positive, Stats},
    student::{MIN_ROWS, Student},
    winsor,
};
use crate::error::{Detail, Error, Result};

/// Arms of one family; none where one of them has no posterior.
pub(super) struct Contenders {
    pub(super) model: &'static str,
    pub(super) arms: Vec<Arm>,
    /// Whether figures in the metric's unit are given.
    pub(super) in_units: bool,
    pub(super) notes: Vec<Note>,
}

/// The curves of checked statistics of one family.
pub(super) fn contenders(stats: &[Stats], prior: &Prior) -> Result<Contenders> {
    match &stats[0] {
        Stats::Binary(_) => binary(&each(stats, binary_of), &prior.for_binary()?),
        Stats::Positive(_) => positive(&each(stats, positive_of), &prior.for_positive()?),
        Stats::Hurdle(_) => {
            let prior = prior.for_hurdle()?;
            hurdles(&each(stats, hurdle_of), &prior.conversion, &prior.severity)
        }
        Stats::Ordinal(_) => {
            let rule = "must be another: ratings are compared two by two";
            Err(Error::Unsupported(Detail::new("family", rule, "ordinal")))
        }
        Stats::Count(_) => count(&each(stats, count_of), &prior.for_count()?),
        Stats::Mean(_) => mean(&each(stats, mean_of), prior.for_mean()?.as_ref()),
    }
}

/// The statistics of every arm, whose families were checked to be one.
fn each<'a, T>(stats: &'a [Stats], of: fn(&'a Stats) -> Option<&'a T>) -> Vec<&'a T> {
    stats.iter().filter_map(of).collect()
}

fn binary_of(stats: &Stats) -> Option<&Binary> {
    match stats {
        Stats::Binary(stats) => Some(stats),
        _ => None,
    }
}

fn positive_of(stats: &Stats) -> Option<&Positive> {
    match stats {
        Stats::Positive(stats) => Some(stats),
        _ => None,
    }
}

fn hurdle_of(stats: &Stats) -> Option<&Hurdle> {
    match stats {
        Stats::Hurdle(stats) => Some(stats),
        _ => None,
    }
}

fn count_of(stats: &Stats) -> Option<&Count> {
    match stats {
        Stats::Count(stats) => Some(stats),
        _ => None,
    }
}

fn mean_of(stats: &Stats) -> Option<&Mean> {
    match stats {
        Stats::Mean(stats) => Some(stats),
        _ => None,
    }
}

/// Names the arm that something was refused for.
fn at(i: usize) -> impl Fn(Error) -> Error {
    move |e| e.at(&format!("arms[{i}]"))
}

fn rate(rate: Beta, step: f64) -> Result<Arm> {
    check_nodes("", rate.nodes(step, DROP))?;
    Ok(rate.arm(step, DROP))
}

fn binary(stats: &[&Binary], prior: &BetaPrior) -> Result<Contenders> {
    let arm = |(i, stats): (usize, &&Binary)| {
        let beta = Beta::posterior(stats, prior);
        rate(beta, beta.step()).map_err(at(i))
    };
    let arms: Result<Vec<Arm>> = stats.iter().enumerate().map(arm).collect();
    Ok(Contenders {
        model: "beta_binomial",
        arms: arms?,
        in_units: true,
        notes: Vec::new(),
    })
}

/// What the order values of all arms give, with what must be said about them.
struct Severities {
    amounts: Vec<Amount>,
    in_dollars: bool,
    notes: Vec<Note>,
}

impl Severities {
    fn new(stats: &[&Positive], prior: &AmountPrior) -> Result<Self> {
        let typical = Typical::of(stats);
        let mut notes = Vec::new();
        if prior.is_empirical() {
            notes.push(severity::empirical_mean(prior, typical));
        }
        let mut amounts = Vec::with_capacity(stats.len());
        for (i, arm) in stats.iter().enumerate() {
            winsor::check_same(stats[0], arm).map_err(at(i))?;
            let amount = Amount::posterior(arm, prior, typical).map_err(at(i))?;
            let beyond = amount.prob_beyond_bound();
            notes.extend(beyond.and_then(|p| severity::wild_orders(&format!("arm {i}"), p)));
            amounts.push(amount);
        }
        notes.extend(severity::few_orders(stats));
        notes.extend(severity::wide_bound(&[prior]));
        Ok(Self {
            in_dollars: stats.iter().all(|s| Amount::in_dollars(s, prior)),
            amounts,
            notes,
        })
    }

    fn arm(&self, i: usize) -> Result<(Arm, f64)> {
        let step = self.amounts[i].step();
        Ok((self.amounts[i].arm(step).map_err(at(i))?, step))
    }
}

fn positive(stats: &[&Positive], prior: &AmountPrior) -> Result<Contenders> {
    let severities = Severities::new(stats, prior)?;
    let arms: Result<Vec<Arm>> = (0..stats.len())
        .map(|i| severities.arm(i).map(|(arm, _)| arm))
        .collect();
    Ok(Contenders {
        model: prior.model(),
        arms: arms?,
        in_units: severities.in_dollars,
        notes: severities.notes,
    })
}

fn hurdles(
    stats: &[&Hurdle],
    conversion: &BetaPrior,
    severity: &AmountPrior,
) -> Result<Contenders> {
    let orders: Vec<Positive> = stats.iter().map(|s| s.order_values()).collect();
    let severities = Severities::new(&orders.iter().collect::<Vec<_>>(), severity)?;
    let arm = |(i, stats): (usize, &&Hurdle)| {
        let (amount, step) = severities.arm(i)?;
        let beta = Beta::posterior(&stats.conversion(), conversion);
        // As for two arms: the rate's own detail, or twice the amount's.
        let frequency = rate(beta, beta.step().min(2.0 * step)).map_err(at(i))?;
        let (p, m) = (frequency.curve.len() as f64, amount.curve.len() as f64);
        check_product("", p, m).map_err(at(i))?;
        Ok(hurdle::arm(&frequency, &amount, hurdle::step(beta, step)))
    };
    let arms: Result<Vec<Arm>> = stats.iter().enumerate().map(arm).collect();
    Ok(Contenders {
        model: build::hurdle_model(severity.model()),
        arms: arms?,
        in_units: severities.in_dollars,
        notes: severities.notes,
    })
}

fn count(stats: &[&Count], prior: &CountPrior) -> Result<Contenders> {
    let models = Counts::of(stats, &vec![prior; stats.len()]);
    let doubted = stats.iter().any(|s| over_dispersed(s));
    let mut notes = Vec::new();
    if doubted {
        notes.push(average::over_dispersed_counts());
    }
    if doubted && stats.iter().any(|s| s.n < MIN_ROWS) {
        notes.push(average::few_rows());
        return Ok(Contenders::unknown(models[0].model(), notes));
    }
    let arm = |(i, model): (usize, &Counts)| model.arm(model.step()).map_err(at(i));
    let arms: Result<Vec<Arm>> = models.iter().enumerate().map(arm).collect();
    Ok(Contenders {
        model: models[0].model(),
        arms: arms?,
        in_units: true,
        notes,
    })
}

fn mean(stats: &[&Mean], prior: Option<&MeanPrior>) -> Result<Contenders> {
    let model = "student_t";
    let of = |s: &&Mean| Student::posterior(s, prior);
    let students: Option<Vec<Student>> = stats.iter().map(of).collect();
    let Some(students) = students else {
        return Ok(Contenders::unknown(model, vec![average::few_rows()]));
    };
    let arm = |(i, student): (usize, &Student)| student.arm(student.step()).map_err(at(i));
    let arms: Result<Vec<Arm>> = students.iter().enumerate().map(arm).collect();
    Ok(Contenders {
        model,
        arms: arms?,
        in_units: true,
        notes: Vec::new(),
    })
}

impl Contenders {
    /// An arm has no posterior: nothing can be said of any.
    fn unknown(model: &'static str, notes: Vec<Note>) -> Self {
        Self {
            model,
            arms: Vec::new(),
            in_units: false,
            notes,
        }
    }
}
