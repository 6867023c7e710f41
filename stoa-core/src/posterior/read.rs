//! An arm's statistics from JSON.

use serde_json::Value;

use super::{
    fields::Fields,
    ordinal::Ordinal,
    stats::{Binary, Count, Hurdle, Mean, Positive, Stats, check_family},
};
use crate::error::{Detail, Error, Result};

/// What is known of amounts, beside their number.
const AMOUNTS: [&str; 6] = [
    "mean_log",
    "var_log",
    "sum",
    "sum_sq",
    "winsorized_at",
    "winsorized",
];

impl Stats {
    /// Reads the statistics of `family` from API.md's keys; a `family` key is welcome and must agree.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a family outside [`FAMILIES`](super::FAMILIES), then as [`Stats::check`], and unknown, missing or
    /// mistyped fields.
    pub fn from_value(family: &str, value: &Value) -> Result<Self> {
        let known = known_fields(check_family(family)?);
        let fields = Fields::new(value, &known)?;
        if let Some(said) = fields.get("family").filter(|said| *said != family) {
            let rule = format!("must be {family} here");
            return Err(Error::Conflict(Detail::new("family", rule, said)));
        }
        let stats = match family {
            "binary" => Self::Binary(Binary {
                n: fields.count("n")?,
                successes: fields.count("successes")?,
            }),
            "positive" => Self::Positive(amounts(&fields, "n")?),
            "ordinal" => Self::Ordinal(Ordinal::read(&fields)?),
            "count" => Self::Count(Count {
                n: fields.count("n")?,
                total: fields.required("total")?,
                total_sq: fields.required("total_sq")?,
            }),
            "mean" => Self::Mean(Mean {
                n: fields.count("n")?,
                mean: fields.required("mean")?,
                variance: fields.required("variance")?,
            }),
            _ => {
                let visitors = fields.count("visitors")?;
                Self::Hurdle(Hurdle::new(visitors, &amounts(&fields, "orders")?))
            }
        };
        stats.check()?;
        Ok(stats)
    }
}

fn known_fields(family: &str) -> Vec<&'static str> {
    let (own, shared): (&[&str], &[&str]) = match family {
        "binary" => (&["n", "successes"], &[]),
        "positive" => (&["n"], &AMOUNTS),
        "ordinal" => (&["counts", "scores"], &[]),
        "count" => (&["n", "total", "total_sq"], &[]),
        "mean" => (&["n", "mean", "variance"], &[]),
        _ => (&["visitors", "orders"], &AMOUNTS),
    };
    [&["family"][..], own, shared].concat()
}

/// Amounts whose number is the field `n`. Without an order within revenue per visitor nothing needs to be known of them.
fn amounts(fields: &Fields<'_>, n: &str) -> Result<Positive> {
    let orders = fields.count(n)?;
    let none = orders == 0 && n == "orders";
    let moment = |key| match fields.number(key)? {
        Some(found) => Ok(found),
        None if none => Ok(0.0),
        None => fields.required(key),
    };
    Ok(Positive {
        n: orders,
        mean_log: moment("mean_log")?,
        var_log: moment("var_log")?,
        sum: fields.number("sum")?,
        sum_sq: fields.number("sum_sq")?,
        winsorized_at: fields.number("winsorized_at")?,
        winsorized: fields
            .get("winsorized")
            .map(|_| fields.count("winsorized"))
            .transpose()?,
    })
}
