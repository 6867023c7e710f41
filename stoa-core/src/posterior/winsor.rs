//! Amounts cut off at a cap, so that a few whales do not decide: what was cut, and that all arms are cut alike.

use super::{fields::within, note::Note, stats::Positive, summarize::LARGEST_AMOUNT};
use crate::error::{Detail, Error, Result};

/// What a warehouse's rounding may do to a mean of logs.
const ROUNDING: f64 = 1e-9;

/// The amount that a share `quantile` of the amounts does not exceed: one of them, without interpolation; `None` of
/// none.
pub(crate) fn cap(amounts: impl IntoIterator<Item = f64>, quantile: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = amounts.into_iter().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 < quantile < 1 of a length"
    )]
    let rank = (quantile * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// Refuses a cap that the sums cannot have been cut at.
pub(super) fn check(stats: &Positive) -> Result<()> {
    let Some(cap) = stats.winsorized_at else {
        let rule = "is required with winsorized";
        let missing = |n| Error::MissingField(Detail::new("winsorized_at", rule, n));
        return stats.winsorized.map_or(Ok(()), |n| Err(missing(n)));
    };
    within("winsorized_at", cap, f64::MIN_POSITIVE, LARGEST_AMOUNT)?;
    if stats.winsorized.is_some_and(|cut| cut > stats.n) {
        let rule = format!("must be at most the number of amounts, {}", stats.n);
        let cut = stats.winsorized.unwrap_or(0);
        return Err(Error::OutOfRange(Detail::new("winsorized", rule, cut)));
    }
    let most = cap.ln();
    if stats.n > 0 && stats.mean_log > most + ROUNDING {
        let rule = format!("must be at most {most}, the log of winsorized_at");
        return Err(Error::OutOfRange(Detail::new(
            "mean_log",
            rule,
            stats.mean_log,
        )));
    }
    Ok(())
}

/// Refuses to put together what was cut at different amounts.
pub(super) fn check_same(a: &Positive, b: &Positive) -> Result<()> {
    let bits = |stats: &Positive| stats.winsorized_at.map(f64::to_bits);
    if bits(a) == bits(b) {
        return Ok(());
    }
    let words = |cap: Option<f64>| cap.map_or("nothing".to_owned(), |cap| cap.to_string());
    let rule = match a.winsorized_at {
        Some(cap) => format!("must be {cap}, as of what it is put together with"),
        None => "must be left out, as of what it is put together with".to_owned(),
    };
    let detail = Detail::new("winsorized_at", rule, words(b.winsorized_at));
    Err(Error::Conflict(detail))
}

/// What was cut, in words; the arms' caps are the same.
pub(crate) fn cut_words(arms: &[(&str, Positive)]) -> Option<String> {
    let cap = arms.first()?.1.winsorized_at?;
    let cut = arms.iter().map(|(name, stats)| match stats.winsorized {
        Some(cut) => format!("{cut} of {} in {name}", stats.n),
        None => format!("nobody counted how many in {name}"),
    });
    let cut: Vec<String> = cut.collect();
    let cut = cut.join(", ");
    Some(format!("amounts above {cap} were taken as {cap}: {cut}"))
}

pub(super) fn note(arms: &[(&str, Positive)]) -> Option<Note> {
    cut_words(arms).map(|text| Note::new("winsorized", text))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_cap_is_an_amount_by_hand() {
        // Of 1 … 20 a share of 0.95 does not exceed 19, of 0.951 the 20th is needed.
        let amounts = || (1..=20).rev().map(f64::from);
        assert!((cap(amounts(), 0.95).unwrap() - 19.0).abs() < 1e-15);
        assert!((cap(amounts(), 0.951).unwrap() - 20.0).abs() < 1e-15);
        assert_eq!(cap([], 0.99), None);
    }

    #[test]
    fn sums_that_were_not_cut_there_are_refused() {
        let stats = Positive {
            n: 3,
            mean_log: 4.0,
            winsorized_at: Some(50.0),
            winsorized: Some(1),
            ..Positive::default()
        };
        let field = |stats: &Positive| check(stats).unwrap_err().detail().unwrap().field.clone();
        // ln 50 = 3.912.
        assert_eq!(field(&stats), "mean_log");
        let cut = Positive {
            mean_log: 3.9,
            ..stats
        };
        assert!(check(&cut).is_ok());
        let more = Positive {
            winsorized: Some(4),
            ..cut
        };
        assert_eq!(field(&more), "winsorized");
        let lone = Positive {
            winsorized_at: None,
            ..cut
        };
        assert_eq!(field(&lone), "winsorized_at");
        assert_eq!(check_same(&cut, &lone).unwrap_err().code(), "conflict");
    }
}
