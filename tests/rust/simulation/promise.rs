//! One experiment from its first day to its verdict, many times over: how often does it ship what it should not?

use std::ops::Range;

use serde::{Deserialize, Serialize};
use stoa_core::{
    decide::{Action, ExperimentStats, Watch},
    experiment::{Guarantee, Looks, Plan, StoreDocument},
    posterior::{Prior, compare},
};

use super::{Entry, Part, Running, Sampler, Store};

/// First day on which a plan with a horizon may be looked at.
const FIRST_LOOK: u32 = 7;

/// Who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The library: all gates of the verdict.
    Verdict,
    /// What a dashboard does: ship on the first look with P(better) of at least 95%.
    Naive,
}

/// What a cell promises.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "what", content = "limit", rename_all = "snake_case")]
pub enum Bar {
    /// Ships at no look more often than this, give or take two standard errors.
    FalseShips(f64),
    /// Ships at no look more often than this.
    NeverAbove(f64),
    /// Ships no more often than this.
    ShipsAtMost(f64),
    /// Ships at least this often.
    Ships(f64),
    /// Ends no later than this day, on average.
    MeanDay(f64),
}

/// One store, one truth, one plan: a line of the table.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Stable name, fit for a file.
    pub name: String,
    /// The truth, for a reader.
    pub said: String,
    /// The store.
    pub store: Store,
    /// The plan.
    pub plan: Plan,
    /// Days that it runs if nothing ends it.
    pub days: u32,
    /// Who decides.
    pub rule: Rule,
    /// Experiments to simulate.
    pub runs: u64,
    /// What is promised.
    pub bars: Vec<Bar>,
}

/// How many experiments ended how.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Endings {
    /// Shipped, as the first thing that the verdict asked for.
    pub shipped: u64,
    /// Shipped at some look, also where an earlier verdict to stop or to investigate was ignored.
    pub shipped_ever: u64,
    /// Stopped.
    pub stopped: u64,
    /// To be investigated.
    pub investigated: u64,
    /// Invalid.
    pub invalid: u64,
    /// Still open on the last day.
    pub open: u64,
    /// Sum of the days on which they ended.
    pub days: f64,
    /// Sum of the squares of those days.
    pub days_sq: f64,
}

/// A number and its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measured {
    /// The number.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
}

/// A promise and what was found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Held {
    /// The promise.
    pub bar: Bar,
    /// What was measured.
    pub measured: Measured,
    /// Whether it was kept.
    pub met: bool,
}

impl Part for Cell {
    type Tally = Endings;

    fn name(&self) -> &str {
        &self.name
    }

    fn runs(&self) -> u64 {
        self.runs
    }

    fn count(&self, runs: Range<u64>, tally: &mut Endings) -> Result<(), String> {
        let contract = self.store.contract(&self.plan)?;
        let watch = Watch::new(&contract, &StoreDocument::default());
        let watch = watch.map_err(|e| e.to_string())?;
        for run in runs {
            let end = self.simulate(&mut watch.clone(), run);
            tally.add(
                &end.map_err(|e| format!("{}, run {run}: {e}", self.name))?,
                self.days,
            );
        }
        Ok(())
    }
}

/// How one experiment went.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Course {
    /// The first verdict other than to continue, and its day.
    end: Option<(Action, u32)>,
    shipped: bool,
}

impl Cell {
    /// One experiment. Where nothing may ship it goes on after a stop, to see whether it would ship later.
    fn simulate(&self, watch: &mut Watch, run: u64) -> Result<Course, String> {
        let mut draws = Sampler::new(self.seed(), run);
        let mut running = Running::new(&self.store);
        let mut course = Course::default();
        for day in 1..=self.days {
            running.day(&mut draws);
            if !self.looks_on(day) {
                continue;
            }
            let action = self.decide(watch, &running.stats(day))?;
            if action != Action::Continue && course.end.is_none() {
                course.end = Some((action, day));
            }
            course.shipped |= action == Action::Ship;
            if course.shipped || (course.end.is_some() && !self.is_null()) {
                break;
            }
        }
        Ok(course)
    }

    fn decide(&self, watch: &mut Watch, stats: &ExperimentStats) -> Result<Action, String> {
        if self.rule == Rule::Verdict {
            let actions = watch.action(stats).map_err(|e| e.to_string())?;
            return Ok(actions.overall);
        }
        let key = self.store.revenue.key();
        let arm = |k: usize| stats.variants.get(k).and_then(|v| v.metrics.get(key));
        let (Some(a), Some(b)) = (arm(0), arm(1)) else {
            return Ok(Action::Continue);
        };
        let better = compare(a, b, &Prior::Default).map_err(|e| e.to_string())?;
        Ok(if better.prob_positive() >= 0.95 {
            Action::Ship
        } else {
            Action::Continue
        })
    }

    fn looks_on(&self, day: u32) -> bool {
        match (self.rule, self.plan.guarantee, self.plan.looks) {
            (Rule::Naive, ..) | (_, Guarantee::Anytime, _) => true,
            (_, _, Looks::Daily) => day >= FIRST_LOOK,
            (_, _, Looks::Weekly) => day.is_multiple_of(7),
        }
    }

    fn is_null(&self) -> bool {
        let of_null = |bar: &Bar| matches!(bar, Bar::FalseShips(_) | Bar::NeverAbove(_));
        self.bars.iter().any(of_null)
    }

    /// Another for each name.
    fn seed(&self) -> u64 {
        let step = |h: u64, byte| h.wrapping_mul(131).wrapping_add(u64::from(byte));
        self.name.bytes().fold(0, step)
    }

    /// Each promise against what was counted.
    #[must_use]
    pub fn held(&self, entry: &Entry<Endings>) -> Vec<Held> {
        let ends = &entry.tally;
        let of = |bar: &Bar| {
            let measured = match bar {
                Bar::FalseShips(_) | Bar::NeverAbove(_) => share(ends.shipped_ever, entry.runs),
                Bar::ShipsAtMost(_) | Bar::Ships(_) => share(ends.shipped, entry.runs),
                Bar::MeanDay(_) => ends.mean_day(entry.runs),
            };
            let met = match *bar {
                Bar::FalseShips(limit) => measured.value <= limit + 2.0 * measured.error,
                Bar::NeverAbove(limit) | Bar::ShipsAtMost(limit) | Bar::MeanDay(limit) => {
                    measured.value <= limit
                }
                Bar::Ships(limit) => measured.value >= limit,
            };
            Held {
                bar: *bar,
                measured,
                met,
            }
        };
        self.bars.iter().map(of).collect()
    }
}

impl Endings {
    fn add(&mut self, course: &Course, last: u32) {
        let (action, day) = course.end.unwrap_or((Action::Continue, last));
        let counted = match action {
            Action::Ship => &mut self.shipped,
            Action::Stop => &mut self.stopped,
            Action::Investigate => &mut self.investigated,
            Action::Invalid => &mut self.invalid,
            Action::Continue => &mut self.open,
        };
        *counted += 1;
        self.shipped_ever += u64::from(course.shipped);
        self.days += f64::from(day);
        self.days_sq += f64::from(day).powi(2);
    }

    /// Share that was shipped, as the first thing that the verdict asked for.
    #[must_use]
    pub fn shipped(&self, runs: u64) -> Measured {
        share(self.shipped, runs)
    }

    /// Day of the end, the last one for those still open.
    #[must_use]
    pub fn mean_day(&self, runs: u64) -> Measured {
        let n = (runs as f64).max(1.0);
        let value = self.days / n;
        let variance = (self.days_sq / n - value * value).max(0.0);
        Measured {
            value,
            error: (variance / n).sqrt(),
        }
    }
}

/// A share of runs.
pub(super) fn share(count: u64, runs: u64) -> Measured {
    let n = (runs as f64).max(1.0);
    let value = count as f64 / n;
    Measured {
        value,
        error: (value * (1.0 - value) / n).sqrt(),
    }
}
