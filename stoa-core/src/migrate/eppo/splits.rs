//! Splits of an allocation as one salt that draws the variant, one that lets take part, and a layer.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::gather::{Part, unsupported};
use crate::{
    error::{Error, Result},
    experiment::{BucketRange, Buckets},
    hash::HashScheme,
};

/// Shards of every configuration that Eppo writes, and of a layer here.
const TOTAL_SHARDS: u32 = 10_000;

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(deny_unknown_fields, extend("required" = ["variationKey", "shards"]))]
pub(super) struct Split {
    pub(super) variation_key: String,
    shards: Vec<Shard>,
    extra_logging: Map<String, Value>,
}

impl Split {
    pub(super) fn logs_more(&self) -> bool {
        !self.extra_logging.is_empty()
    }
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["salt", "ranges"]))]
struct Shard {
    salt: String,
    ranges: Vec<Run>,
}

/// Shards from `start` to below `end`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["start", "end"]))]
pub(super) struct Run {
    start: u32,
    end: u32,
}

/// An allocation's draw.
pub(super) struct Drawn {
    salt: Option<String>,
    pub(super) traffic: Option<Traffic>,
    pub(super) layer: Option<Part>,
    /// Control first.
    pub(super) variants: Vec<Owned>,
    total: u32,
}

/// Who takes part: the shards of a salt below a share of them all.
pub(super) struct Traffic {
    salt: String,
    pub(super) share: f64,
}

pub(super) struct Owned {
    pub(super) key: String,
    runs: Vec<Run>,
}

impl Owned {
    fn width(&self) -> u32 {
        self.runs.iter().map(|r| r.end - r.start).sum()
    }

    fn is_control(&self) -> bool {
        self.key.eq_ignore_ascii_case("control")
    }
}

/// # Errors
/// [`Error::Unsupported`] for shards that are not of that form.
pub(super) fn read(splits: &[Split], total: u32) -> Result<Drawn> {
    let salts = salts(splits)?;
    let runs_of = |split: &Split, salt: &str| {
        let shard = split.shards.iter().find(|s| s.salt == salt);
        shard.map(|s| tidy(&s.ranges, total)).unwrap_or_default()
    };
    let (mut common, mut drawing) = (Vec::new(), Vec::new());
    for salt in salts {
        let each: Vec<_> = splits.iter().map(|split| runs_of(split, salt)).collect();
        if splits.len() > 1 && each.windows(2).any(|w| w[0] != w[1]) {
            drawing.push((salt, each));
        } else {
            common.push((salt, each.into_iter().next().unwrap_or_default()));
        }
    }
    if drawing.len() > 1 {
        let found: Vec<_> = drawing.iter().map(|(salt, _)| *salt).collect();
        let rule = "must differ by the ranges of one salt";
        return Err(unsupported("splits", rule, found.join(", ")));
    }
    let everything = vec![Run {
        start: 0,
        end: total,
    }];
    let (salt, each) = match drawing.pop() {
        Some((salt, each)) => (Some(salt.to_owned()), each),
        None => (None, vec![everything; splits.len().min(1)]),
    };
    let (traffic, layer) = gates(&common, total)?;
    let mut variants: Vec<Owned> = Vec::new();
    for (split, runs) in splits.iter().zip(each) {
        match variants.iter_mut().find(|v| v.key == split.variation_key) {
            Some(variant) => variant.runs.extend(runs),
            None => variants.push(Owned {
                key: split.variation_key.clone(),
                runs,
            }),
        }
    }
    if let Some(control) = variants.iter().position(Owned::is_control) {
        variants[..=control].rotate_right(1);
    }
    Ok(Drawn {
        salt,
        traffic,
        layer,
        variants,
        total,
    })
}

/// The salts, each of which stands once in every split.
fn salts(splits: &[Split]) -> Result<Vec<&str>> {
    let of = |split: &'_ Split| split.shards.len();
    let first = splits.first().map(|s| &s.shards[..]).unwrap_or_default();
    let salts: Vec<_> = first.iter().map(|s| s.salt.as_str()).collect();
    for (i, split) in splits.iter().enumerate() {
        let once = |salt: &&str| split.shards.iter().filter(|s| s.salt == **salt).count() == 1;
        if of(split) != salts.len() || !salts.iter().all(once) {
            let found: Vec<_> = split.shards.iter().map(|s| s.salt.as_str()).collect();
            let rule = "must have the salts of the first split, each once";
            return Err(unsupported(
                &format!("splits[{i}].shards"),
                rule,
                found.join(", "),
            ));
        }
    }
    Ok(salts)
}

/// What lets a subject in: of the salts that every split shares, one that takes a share from 0 on is the traffic, and
/// one more is a layer.
fn gates(common: &[(&str, Vec<Run>)], total: u32) -> Result<(Option<Traffic>, Option<Part>)> {
    let from_zero = |runs: &[Run]| matches!(runs, [run] if run.start == 0);
    let full = |runs: &[Run]| matches!(runs, [run] if run.start == 0 && run.end == total);
    let named = |(salt, _): &&(&str, Vec<Run>)| salt.contains("traffic");
    let mut rest: Vec<_> = common.iter().collect();
    let candidates: Vec<_> = common.iter().filter(|(_, runs)| from_zero(runs)).collect();
    let partial: Vec<_> = candidates
        .iter()
        .copied()
        .filter(|(_, runs)| !full(runs))
        .collect();
    let traffic = partial.iter().copied().find(named);
    let traffic = traffic.or(partial.first().copied());
    let traffic = traffic
        .or(candidates.iter().copied().find(named))
        .or(candidates.first().copied());
    if let Some(traffic) = traffic {
        rest.retain(|gate| gate.0 != traffic.0);
    }
    rest.retain(|(_, runs)| !full(runs));
    let layer = match rest[..] {
        [] => None,
        [(salt, runs)] if total == TOTAL_SHARDS => Some(part(salt, runs)?),
        _ => {
            let found: Vec<_> = rest.iter().map(|(salt, _)| *salt).collect();
            let rule = "must let in by one salt from shard 0 on, and by one layer of 10,000 shards";
            return Err(unsupported("splits[0].shards", rule, found.join(", ")));
        }
    };
    let traffic = traffic.map(|(salt, runs)| Traffic {
        salt: (*salt).to_owned(),
        share: runs.first().map_or(0.0, |run| share(run.end, total)),
    });
    Ok((traffic, layer))
}

fn part(salt: &str, runs: &[Run]) -> Result<Part> {
    let [run] = runs else {
        let rule = "must be one range of a layer";
        return Err(unsupported(
            "splits[0].shards",
            rule,
            format!("{} of {salt}", runs.len()),
        ));
    };
    Ok(Part {
        name: salt.to_owned(),
        salt: salt.to_owned(),
        hash: HashScheme::Eppo,
        from: share(run.start, TOTAL_SHARDS),
        to: share(run.end, TOTAL_SHARDS),
    })
}

/// The share that a shard begins at: comparing shards and comparing shares is the same.
fn share(shard: u32, total: u32) -> f64 {
    f64::from(shard) / f64::from(total)
}

/// Runs in order, within the shards, those that touch joined.
fn tidy(runs: &[Run], total: u32) -> Vec<Run> {
    let cut = |run: &Run| Run {
        start: run.start,
        end: run.end.min(total),
    };
    let mut sorted: Vec<Run> = runs.iter().map(cut).filter(|r| r.start < r.end).collect();
    sorted.sort_unstable();
    let mut tidy: Vec<Run> = Vec::new();
    for run in sorted {
        match tidy.last_mut() {
            Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
            _ => tidy.push(run),
        }
    }
    tidy
}

impl Drawn {
    pub(super) fn has_named_control(&self) -> bool {
        self.variants.first().is_some_and(Owned::is_control)
    }

    /// Shards of each variant.
    pub(super) fn weights(&self) -> Vec<f64> {
        self.variants.iter().map(|v| f64::from(v.width())).collect()
    }

    /// Whether every subject gets a variation.
    pub(super) fn whole(&self) -> bool {
        let everyone = self.traffic.as_ref().is_none_or(|t| t.share >= 1.0);
        let all: Vec<Run> = self.variants.iter().flat_map(|v| v.runs.clone()).collect();
        let covered =
            matches!(tidy(&all, self.total)[..], [run] if run.start == 0 && run.end == self.total);
        everyone && self.layer.is_none() && covered
    }

    /// The salt of the draw, and what a document says beside salt, weights and allocation.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when nothing draws.
    pub(super) fn said(&self, total: u32) -> Result<(String, Option<Buckets>)> {
        let salt = self.salt.clone().ok_or_else(|| -> Error {
            unsupported("splits", "must have a salt whose ranges differ", "none")
        })?;
        let range = |run: &Run| BucketRange {
            from: share(run.start, total),
            to: share(run.end, total),
        };
        let lists = self
            .variants
            .iter()
            .map(|v| v.runs.iter().map(range).collect());
        let buckets = Buckets {
            traffic_salt: self
                .traffic
                .as_ref()
                .map(|t| t.salt.clone())
                .unwrap_or_default(),
            total_shards: (total != TOTAL_SHARDS).then_some(total),
            ranges: if self.in_turn() {
                Vec::new()
            } else {
                lists.collect()
            },
        };
        Ok((salt, (buckets != Buckets::default()).then_some(buckets)))
    }

    /// Whether the variants own all shards one after the other, which their weights say already.
    fn in_turn(&self) -> bool {
        let mut at = 0;
        let each = self.variants.iter().flat_map(|v| &v.runs);
        let touching = each.into_iter().all(|run| {
            let touches = run.start == at;
            at = run.end;
            touches
        });
        touching && at == self.total
    }
}
