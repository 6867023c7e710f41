//! A contrast as a person reads it.

use super::{Contrast, LevelContrast, NumberContrast};
use crate::{
    profile::behaviour::Gap,
    value::{DAY, Timestamp},
};

/// One sentence: the number, or the level that differs most, or who is missing.
pub(super) fn sentence(label: &str, contrast: &Contrast) -> String {
    let gap = |level: &LevelContrast| level.difference.mean.map_or(0.0, f64::abs);
    let widest = contrast
        .levels
        .iter()
        .max_by(|a, b| gap(a).total_cmp(&gap(b)));
    match (&contrast.numbers, widest, &contrast.missing) {
        (Some(numbers), ..) => number(label, numbers),
        (None, Some(level), _) => share(&format!("{label} is {}", level.level), level),
        (None, None, Some(missing)) => share(&format!("{label} is missing"), missing),
        (None, None, None) => format!("{label}: nothing to compare."),
    }
}

fn number(label: &str, numbers: &NumberContrast) -> String {
    let show =
        |x: Option<f64>| x.map_or_else(|| "nothing".to_owned(), |x| value(x, numbers.instants));
    let unit = if numbers.instants { " days" } else { "" };
    format!(
        "{label}: {} on average here, {} among everyone else{}; medians {} and {}.",
        show(numbers.inside.mean),
        show(numbers.rest.mean),
        difference(&numbers.difference, 1.0, unit),
        show(numbers.inside.median),
        show(numbers.rest.median),
    )
}

fn share(what: &str, level: &LevelContrast) -> String {
    let show = |share: Option<f64>| {
        share.map_or_else(
            || "of nobody".to_owned(),
            |p| format!("{}%", short(100.0 * p)),
        )
    };
    format!(
        "{what}: {} here, {} among everyone else{}.",
        show(level.inside.share),
        show(level.rest.share),
        difference(&level.difference, 100.0, " points"),
    )
}

fn difference(gap: &Gap, factor: f64, unit: &str) -> String {
    let Some((mean, interval)) = gap.mean.zip(gap.interval) else {
        return String::new();
    };
    let signed = |x: f64| {
        let sign = if x < 0.0 { "-" } else { "+" };
        format!("{sign}{}", short((x * factor).abs()))
    };
    format!(
        " ({}{unit}; {}%: {} to {})",
        signed(mean),
        short(100.0 * interval.level),
        signed(interval.low),
        signed(interval.high)
    )
}

fn value(x: f64, instant: bool) -> String {
    if !instant {
        return short(x);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "days that were microseconds in an i64"
    )]
    let micros = (x * DAY as f64) as i64;
    Timestamp { micros }.to_string().chars().take(10).collect()
}

/// Three significant digits, without an exponent while they are few.
fn short(x: f64) -> String {
    if x.abs() >= 1e6 || (x.abs() > 0.0 && x.abs() < 1e-4) {
        return format!("{x:.2e}");
    }
    let places = match x.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        a if a >= 1.0 => 2,
        a if a >= 0.1 => 3,
        _ => 4,
    };
    let text = format!("{x:.places$}");
    if places == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits() {
        let cases = [
            (1234.5, "1234"),
            (12.34, "12.3"),
            (1.0, "1"),
            (0.123_45, "0.123"),
            (0.0, "0"),
            (-2.5e9, "-2.50e9"),
        ];
        for (x, text) in cases {
            assert_eq!(short(x), text);
        }
    }

    #[test]
    fn days_are_dates() {
        assert_eq!(value(20_454.5, true), "2026-01-01");
    }
}
