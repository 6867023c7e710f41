//! What is to be expected of a running experiment, and what would change its verdict.

use serde::Serialize;

use super::{
    FUTILE,
    arms::Arms,
    calendar::{Moment, Timing, next_look, planned_days, spent_by},
    gates::missing_answers,
    gauge::{BarKind, Claim, Gauge, Standing, Test},
    look::Look,
    rule::Case,
    sentence::{figures, name},
    stats::ExperimentStats,
    track::Track,
    verdict::Action,
    watch::Watch,
};
use crate::{
    error::Result, experiment::Margin, num::special::normal_upper, posterior::Stats,
    sequential::crossing,
};

/// When an experiment is expected to be decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finish {
    /// Day of the experiment; `None` where no end is in sight within the plan.
    pub day: Option<f64>,
    /// The same in words, with the reason.
    pub sentence: String,
}

impl Finish {
    fn new(day: Option<f64>, sentence: impl Into<String>) -> Self {
        Self {
            day,
            sentence: sentence.into(),
        }
    }
}

/// The leading treatment as it stands.
struct Outlook<'a> {
    case: &'a Case<'a>,
    revenue: &'a Gauge<'a>,
    arms: Arms,
    tracks: Vec<Track>,
    alpha: f64,
}

/// The outlook of an experiment after its last look.
pub(super) fn of(watch: &Watch, stats: &ExperimentStats, last: &Look) -> Result<(Finish, String)> {
    let setting = &watch.setting;
    let leads = |key: &str| last.verdict.variant.as_deref().is_none_or(|v| v == key);
    let mut both = setting.treatments.iter().zip(&watch.seats);
    let Some((treatment, seat)) = both.find(|(treatment, _)| leads(&treatment.key)) else {
        let none = "There is no treatment to judge.";
        return Ok((Finish::new(None, none), none.to_owned()));
    };
    if last.verdict.action == Action::Invalid {
        let finish = Finish::new(None, "No end is in sight while the sample ratio is broken.");
        return Ok((
            finish,
            "Visitors in the shares that were promised.".to_owned(),
        ));
    }
    let ended = last.last || last.information.is_some_and(|share| share >= 1.0);
    let timing = Timing::new(&setting.experiment.plan, stats.day, ended, false);
    let case = setting.case(treatment, stats, timing, None)?;
    let Some((revenue, arms)) = case.revenue().and_then(|r| Some((r, r.arms?))) else {
        let finish = Finish::new(None, "There are no visitors in both arms yet.");
        return Ok((finish, "Visitors in both arms.".to_owned()));
    };
    let mut outlook = Outlook {
        case: &case,
        revenue,
        arms,
        tracks: seat.tracks.clone(),
        alpha: setting.alpha,
    };
    let change = outlook.change(last.verdict.action)?;
    let finish = match (last.verdict.action, stats.day) {
        (Action::Continue, Some(day)) => outlook.finish(day)?,
        (Action::Continue, None) => Finish::new(None, "The day of this look is not known."),
        (_, day) => Finish::new(day, "It is decided at this look."),
    };
    Ok((finish, change))
}

impl Outlook<'_> {
    /// The first day on which it is expected to be decided, at this pace and with this estimate.
    fn finish(&mut self, day: f64) -> Result<Finish> {
        let shown = self.revenue.reaches(Claim::Better, &mut self.tracks)?;
        let better = if shown {
            self.answers_day(day)?
        } else if matches!(self.revenue.test, Test::Anytime(_)) {
            self.evidence_day(day)?
        } else {
            self.crossing_day(day)?
        };
        let end = self.case.plan.horizon_days as f64;
        let at = "At this pace and with this estimate it";
        let before = |found: Option<f64>| found.filter(|day| *day <= end);
        Ok(match (before(better), before(self.futile_day(day))) {
            (Some(better), futile) if futile.is_none_or(|futile| better <= futile) => {
                let what = if shown { "satisfaction" } else { "revenue" };
                let text = format!("{at} is expected to show {what} on day {better}.");
                Finish::new(Some(better), text)
            }
            (_, Some(futile)) => {
                let text = format!("{at} is expected to be futile on day {futile}.");
                Finish::new(Some(futile), text)
            }
            _ => Finish::new(None, format!("{at} stays open until day {end}, the last.")),
        })
    }

    /// The day by which revenue crosses its boundary in half of all continuations.
    fn crossing_day(&self, day: f64) -> Result<Option<f64>> {
        let Test::Track(k) = self.revenue.test else {
            return Ok(None);
        };
        let Some(mut track) = self.tracks.get(k).cloned() else {
            return Ok(None);
        };
        let plan = self.case.plan;
        let (z, now) = (self.arms.better_z()?, self.arms.information());
        let days: Vec<f64> = planned_days(plan, day, f64::INFINITY).collect();
        let (mut new, mut edges) = (Vec::new(), Vec::new());
        for later in &days {
            let information = now * later / day;
            track.arrive(information, spent_by(plan, self.alpha, *later)?);
            let edge = track.boundary().unwrap_or(f64::INFINITY);
            // What has to come from here on.
            let gain = information - now;
            edges.push((edge * information.sqrt() - z * now.sqrt()) / gain.sqrt());
            new.push(gain);
        }
        let mut so_far = 0.0;
        let first = crossing(&new, &edges, z / now.sqrt())?;
        Ok(days.iter().zip(first).find_map(|(later, chance)| {
            so_far += chance;
            (so_far >= 0.5).then_some(*later)
        }))
    }

    /// The day on which the evidence that holds at any time is expected to be enough.
    fn evidence_day(&self, day: f64) -> Result<Option<f64>> {
        let mut later = day.floor() + 1.0;
        while later <= self.case.plan.horizon_days as f64 {
            if self.enough(&self.arms.scaled(later / day))? {
                return Ok(Some(later));
            }
            later += 1.0;
        }
        Ok(None)
    }

    /// The first planned look on which the minimum effect is expected to be out of reach.
    fn futile_day(&self, day: f64) -> Option<f64> {
        let minimum = self.revenue.role.minimum_effect.unwrap_or(0.0);
        let z = self.arms.reach_z(minimum);
        let mut days = planned_days(self.case.plan, day, f64::INFINITY);
        days.find(|later| normal_upper(-z * (later / day).sqrt()) < FUTILE)
    }

    /// The day on which the slowest guarded metric is expected to have answers enough.
    fn answers_day(&mut self, day: f64) -> Result<Option<f64>> {
        let mut slowest: Option<f64> = None;
        for guard in self.case.guards() {
            if held(guard, &mut self.tracks)? {
                continue;
            }
            let units = guard.arms.map(|arms| arms.units());
            let there = units.map_or(0.0, |[a, b]| a as f64 + b as f64);
            let Some(missing) = missing_answers(guard).filter(|missing| *missing > 0.0) else {
                return Ok(None);
            };
            let enough = (day * (1.0 + missing / there)).ceil();
            slowest = Some(slowest.map_or(enough, |day| day.max(enough)));
        }
        Ok(slowest)
    }

    /// What would change the verdict.
    fn change(&mut self, action: Action) -> Result<String> {
        match self.case.timing.moment {
            Moment::Undated => return Ok("The day on which these numbers were taken.".to_owned()),
            Moment::Between => {
                let next = next_look(self.case.plan, self.case.timing.day.unwrap_or(0.0));
                let day = next.map_or_else(String::new, |day| format!(", on day {day}"));
                return Ok(format!("The next planned look{day}."));
            }
            _ => {}
        }
        let treatment = self.case.treatment;
        if !self.enough(&self.arms)? {
            return Ok(match self.orders(true)? {
                Some(orders) => format!("{orders} more in {treatment}{}.", self.mean_words()),
                None => self.distance()?,
            });
        }
        if action == Action::Ship {
            return Ok(match self.orders(false)? {
                Some(orders) => format!("{orders} fewer in {treatment}{}.", self.mean_words()),
                None => self.distance()?,
            });
        }
        for guard in self.case.guards() {
            if !held(guard, &mut self.tracks)? {
                let label = name(&guard.role.metric);
                let missing = missing_answers(guard).filter(|missing| *missing > 0.0);
                return Ok(match missing {
                    Some(missing) => format!("About {missing} more answers on {label}."),
                    None => format!("A better {label} in {treatment}."),
                });
            }
        }
        Ok("A smaller risk of shipping a loser, or more orders.".to_owned())
    }

    /// "12 orders": how many more (or fewer) in the treatment take its revenue over (or under) what it has to reach.
    fn orders(&self, more: bool) -> Result<Option<String>> {
        let (now, word) = match self.revenue.stats[1] {
            Some(Stats::Binary(s)) => (s.successes, "conversion"),
            Some(Stats::Hurdle(s)) => (s.orders, "order"),
            _ => return Ok(None),
        };
        let changed = |k: u64| -> Result<Option<bool>> {
            let then = if more {
                now.checked_add(k)
            } else {
                now.checked_sub(k)
            };
            let arms = then.and_then(|then| self.arms.with_orders(now, then));
            arms.map(|arms| Ok(self.enough(&arms)? == more)).transpose()
        };
        let mut high = 1_u64;
        while changed(high)? == Some(false) {
            high = high.saturating_mul(2);
        }
        let mut low = high / 2;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match changed(middle)? {
                Some(false) => low = middle,
                _ => high = middle,
            }
        }
        let found = changed(high)? == Some(true);
        let plural = if high == 1 { "" } else { "s" };
        Ok(found.then(|| format!("{high} {word}{plural}")))
    }

    fn mean_words(&self) -> &'static str {
        match self.revenue.stats[1] {
            Some(Stats::Hurdle(_)) => " at the present mean",
            _ => "",
        }
    }

    /// How far revenue is from what it has to reach.
    fn distance(&mut self) -> Result<String> {
        if self.case.timing.is_final() {
            return Ok("Nothing any more: this was the last look.".to_owned());
        }
        let label = name(&self.revenue.role.metric);
        let bar = self.revenue.bar(Claim::Better, &mut self.tracks)?;
        let found = bar.and_then(|bar| Some((bar.kind, bar.value, bar.needed?)));
        Ok(match found {
            Some((BarKind::Boundary, z, edge)) => {
                let (z, edge) = (figures(z), figures(edge));
                format!("z of {label}, which is {z}, on the other side of {edge}.")
            }
            Some((BarKind::Limit, limit, edge)) => {
                let (limit, edge) = (figures(limit), figures(edge));
                format!(
                    "The limit of {label} that holds at any time, which is {limit}, on the other side of {edge}."
                )
            }
            _ => format!("A clearly different {label}."),
        })
    }

    /// Whether revenue with these arms reaches what it has to at this look.
    fn enough(&self, arms: &Arms) -> Result<bool> {
        let nothing = Margin {
            value: 0.0,
            relative: false,
        };
        match self.revenue.test {
            Test::Track(k) => {
                let z = arms.better_z()?;
                Ok(self
                    .tracks
                    .get(k)
                    .cloned()
                    .is_some_and(|mut track| track.reached(z)))
            }
            Test::Anytime(planned) => match arms.ln_e(&planned, true)? {
                Some(ln_e) => Ok(ln_e >= -self.alpha.ln()),
                None => Ok(arms.sequence(nothing, self.alpha, &planned, true)? >= 0.0),
            },
        }
    }
}

/// Whether a guarded metric holds its margin.
fn held(guard: &Gauge<'_>, tracks: &mut [Track]) -> Result<bool> {
    let standing = guard.standing(tracks)?;
    Ok(matches!(standing, Standing::Better | Standing::NotWorse))
}
