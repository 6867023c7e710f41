//! One metric of one treatment at a look, and the claims that its data can make. What is dear (a boundary, a posterior) is
//! found when a claim comes near.

use std::cell::OnceCell;

use super::{CREDIBLE, anytime::Planned, arms::Arms, evidence::Evidence, track::Track};
use crate::{
    catalog::Denominator,
    error::Result,
    experiment::{Margin, MetricRole},
    num::special::normal_upper,
    posterior::{Comparison, Prior, Stats, compare},
};

/// Units in each arm below which "not worse" is never shown, whatever they say.
pub(super) const FEWEST: f64 = 30.0;
/// Ratios of respondents less likely than this say that the answers are not a fair sample.
pub(super) const RESPONDENTS_ALPHA: f64 = 0.001;

/// What may be claimed of a treatment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// It is better than control.
    Better,
    /// It is worse.
    Worse,
    /// It is not worse by more than the margin.
    NotWorse,
    /// It is worse by more than the margin.
    Harmed,
}

/// Where revenue goes, beyond doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trend {
    Better,
    Worse,
    Unclear,
}

/// What a metric that must not get worse did: `Better` and `NotWorse` hold its margin, `Harmed` is worse by more than
/// it beyond doubt, `Worse` is worse beyond doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Better,
    NotWorse,
    Unclear,
    Worse,
    Harmed,
}

/// A statistic and what it is held against: z and its boundary, ln E and ln 1/α, or a limit and 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    pub(super) kind: BarKind,
    pub(super) value: f64,
    pub(super) needed: Option<f64>,
}

fn fewest(arms: &Arms) -> f64 {
    let [control, treatment] = arms.units();
    control.min(treatment) as f64
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BarKind {
    Boundary,
    Evidence,
    Limit,
}

/// Which guarantee a gauge is read under.
#[derive(Debug, Clone, Copy)]
pub(super) enum Test {
    /// The track whose boundary counts.
    Track(usize),
    /// Evidence at any time.
    Anytime(Planned),
}

/// A comparison that is there, or will be when it is asked for.
#[derive(Debug)]
pub(super) enum Posterior<'a> {
    Found(Option<&'a Comparison>),
    Pending(&'a Prior, Box<OnceCell<Option<Comparison>>>),
}

/// One metric of one treatment against control.
#[derive(Debug)]
pub(super) struct Gauge<'a> {
    pub(super) role: &'a MetricRole,
    /// Of control and treatment.
    pub(super) stats: [Option<&'a Stats>; 2],
    pub(super) arms: Option<Arms>,
    pub(super) test: Test,
    /// Level of each claim.
    pub(super) alpha: f64,
    /// p of the ratio of those who answered, where answers are what is counted.
    pub(super) respondents: Option<f64>,
    pub(super) posterior: Posterior<'a>,
}

impl Gauge<'_> {
    /// The posterior, when both arms have one.
    pub(super) fn evidence(&self) -> Result<Option<Evidence<'_>>> {
        let comparison = match &self.posterior {
            Posterior::Found(found) => *found,
            Posterior::Pending(prior, found) => {
                if found.get().is_none() {
                    let compared = match self.stats {
                        [Some(a), Some(b)] if self.arms.is_some() => Some(compare(a, b, prior)?),
                        _ => None,
                    };
                    // Nobody else can have set it.
                    found.set(compared).ok();
                }
                found.get().and_then(Option::as_ref)
            }
        };
        Ok(comparison.map(|comparison| Evidence {
            metric: &self.role.metric,
            comparison,
        }))
    }

    /// The claim's statistic and what it has to reach; `None` where an arm has nothing.
    pub(super) fn bar(&self, claim: Claim, tracks: &mut [Track]) -> Result<Option<Bar>> {
        let Some(arms) = &self.arms else {
            return Ok(None);
        };
        let (kind, value, needed) = match self.test {
            Test::Track(k) => {
                let needed = tracks.get_mut(k).and_then(Track::boundary);
                (BarKind::Boundary, self.z(arms, claim)?, needed)
            }
            Test::Anytime(planned) => {
                if let Some(ln_e) = ln_e(arms, claim, &planned)? {
                    (BarKind::Evidence, ln_e, Some(-self.alpha.ln()))
                } else {
                    let value = self.limit(arms, claim, &planned)?;
                    (BarKind::Limit, value, Some(0.0))
                }
            }
        };
        Ok(Some(Bar {
            kind,
            value,
            needed,
        }))
    }

    /// Whether the claim's statistic reaches what it has to; the same answer as [`Gauge::bar`], sooner.
    pub(super) fn reaches(&self, claim: Claim, tracks: &mut [Track]) -> Result<bool> {
        let Some(arms) = &self.arms else {
            return Ok(false);
        };
        if let Test::Track(k) = self.test {
            let z = self.z(arms, claim)?;
            return Ok(tracks.get_mut(k).is_some_and(|track| track.reached(z)));
        }
        let up = matches!(claim, Claim::Better | Claim::NotWorse);
        let plain = matches!(claim, Claim::Better | Claim::Worse);
        if plain && !arms.may_have(-self.alpha.ln(), up) {
            return Ok(false);
        }
        let bar = self.bar(claim, tracks)?;
        Ok(bar.is_some_and(|bar| bar.needed.is_some_and(|needed| bar.value >= needed)))
    }

    /// Whether the posterior is as sure as the boundary asks.
    pub(super) fn credible(&self, claim: Claim, tracks: &mut [Track]) -> Result<bool> {
        let Some(allowed) = self.doubt_allowed(claim, tracks) else {
            return Ok(false);
        };
        let doubt = match (claim, self.evidence()?) {
            (Claim::Better, Some(evidence)) => Some(evidence.worse()),
            (Claim::NotWorse, Some(evidence)) => evidence.not_worse(self.margin()).map(|p| 1.0 - p),
            _ => None,
        };
        Ok(doubt.is_some_and(|doubt| doubt <= allowed))
    }

    /// Largest posterior chance that the claim is wrong; `None` where no boundary says.
    pub(super) fn doubt_allowed(&self, claim: Claim, tracks: &mut [Track]) -> Option<f64> {
        let allowed = match self.test {
            Test::Track(k) => normal_upper(tracks.get_mut(k)?.boundary()?),
            Test::Anytime(_) => self.alpha,
        };
        Some(match claim {
            Claim::Better => allowed.min(1.0 - CREDIBLE),
            _ => allowed,
        })
    }

    /// Whether the margin is held: enough units, a fair sample of them, the test and the posterior.
    fn held(&self, tracks: &mut [Track]) -> Result<bool> {
        Ok(self.enough()
            && self.fair()
            && self.reaches(Claim::NotWorse, tracks)?
            && self.credible(Claim::NotWorse, tracks)?)
    }

    /// How a metric that must not get worse stands.
    pub(super) fn standing(&self, tracks: &mut [Track]) -> Result<Standing> {
        Ok(if self.held(tracks)? {
            if self.reaches(Claim::Better, tracks)? {
                Standing::Better
            } else {
                Standing::NotWorse
            }
        } else if self.reaches(Claim::Harmed, tracks)? {
            Standing::Harmed
        } else if self.reaches(Claim::Worse, tracks)? {
            Standing::Worse
        } else {
            Standing::Unclear
        })
    }

    /// Where the revenue metric goes.
    pub(super) fn trend(&self, tracks: &mut [Track]) -> Result<Trend> {
        Ok(
            if self.reaches(Claim::Better, tracks)? && self.credible(Claim::Better, tracks)? {
                Trend::Better
            } else if self.reaches(Claim::Worse, tracks)? {
                Trend::Worse
            } else {
                Trend::Unclear
            },
        )
    }

    /// Whether each arm has as many units as a margin takes.
    pub(super) fn enough(&self) -> bool {
        self.arms
            .is_some_and(|arms| fewest(&arms) >= self.least_units(&arms))
    }

    /// Units of the smaller arm, and those without which a margin is not shown, where answers are what is counted.
    pub(super) fn answers(&self) -> Option<(f64, f64)> {
        let arms = self.arms.filter(|_| self.counts_answers())?;
        Some((fewest(&arms), self.least_units(&arms)))
    }

    /// Few answers say little however they turn out: as many as no difference at all would take.
    fn least_units(&self, arms: &Arms) -> f64 {
        let least = if self.counts_answers() {
            arms.answers_least(self.margin(), self.alpha)
        } else {
            0.0
        };
        FEWEST.max(least).ceil()
    }

    fn counts_answers(&self) -> bool {
        self.role.metric.denominator == Denominator::Respondent
    }

    /// Whether those who answered are a fair sample.
    pub(super) fn fair(&self) -> bool {
        self.respondents.is_none_or(|p| p >= RESPONDENTS_ALPHA)
    }

    /// The margin; of a metric that has none, none at all.
    pub(super) fn margin(&self) -> Margin {
        self.role.margin.unwrap_or(Margin {
            value: 0.0,
            relative: false,
        })
    }

    fn z(&self, arms: &Arms, claim: Claim) -> Result<f64> {
        Ok(match claim {
            Claim::Better => arms.better_z()?,
            Claim::Worse => -arms.better_z()?,
            Claim::NotWorse => arms.not_worse_z(self.margin()),
            Claim::Harmed => -arms.not_worse_z(self.margin()),
        })
    }

    fn limit(&self, arms: &Arms, claim: Claim, planned: &Planned) -> Result<f64> {
        let nothing = Margin {
            value: 0.0,
            relative: false,
        };
        let (margin, up) = match claim {
            Claim::Better => (nothing, true),
            Claim::Worse => (nothing, false),
            Claim::NotWorse => (self.margin(), true),
            Claim::Harmed => (self.margin(), false),
        };
        arms.sequence(margin, self.alpha, planned, up)
    }
}

/// Evidence at any time, for the claims that have it.
fn ln_e(arms: &Arms, claim: Claim, planned: &Planned) -> Result<Option<f64>> {
    match claim {
        Claim::Better => arms.ln_e(planned, true),
        Claim::Worse => arms.ln_e(planned, false),
        Claim::NotWorse | Claim::Harmed => Ok(None),
    }
}
