//! Comparisons of numbers and instants, 64 rows at a time and without a branch a row.

use super::block::{Block, Words, pack};
use crate::{
    rule::{
        Literal,
        test::{Test, holds_number},
    },
    value::{DAY, TimeUnit, Values, each_width},
};

/// Which numbers pass; the flag turns the answer round.
#[derive(Debug)]
pub(super) enum Accept<'p> {
    Range(f64, f64, bool),
    OneOf(Vec<f64>, bool),
    Sorted(&'p [f64], bool),
}

impl<'p> Accept<'p> {
    /// `None` for a test that is unknown of every number.
    pub(super) fn new(test: &'p Test<'_>) -> Option<Self> {
        match test {
            Test::Numbers(low, high) => Some(Self::Range(*low, *high, false)),
            Test::Sorted(numbers, negated) => Some(Self::Sorted(numbers, *negated)),
            Test::OneOf(items, negated) => {
                let number = |item: &Literal| match item {
                    Literal::Number(x) => Some(*x),
                    _ => None,
                };
                number(items.first()?)?;
                let numbers: Vec<f64> = items.iter().filter_map(number).collect();
                Some(match numbers[..] {
                    [x] => Self::Range(x, x, *negated),
                    _ => Self::OneOf(numbers, *negated),
                })
            }
            _ => None,
        }
    }

    pub(super) fn fill(
        &self,
        values: &Values<'_>,
        from: usize,
        n: usize,
        open: &Words,
        out: &mut Block,
    ) {
        match self {
            Self::Range(low, high, negated) => {
                let inside = |x: f64| *low <= x && x <= *high;
                fill(values, from, n, open, out, |x| inside(x) != *negated);
            }
            Self::OneOf(numbers, negated) => {
                fill(values, from, n, open, out, |x| {
                    numbers.contains(&x) != *negated
                });
            }
            Self::Sorted(numbers, negated) => {
                fill(values, from, n, open, out, |x| {
                    holds_number(numbers, x) != *negated
                });
            }
        }
    }
}

#[expect(clippy::cast_lossless, reason = "the same expression for every width")]
fn fill(
    values: &Values<'_>,
    from: usize,
    n: usize,
    open: &Words,
    out: &mut Block,
    test: impl Fn(f64) -> bool,
) {
    match values {
        Values::Integers(xs) => {
            each_width!(xs, xs => scan(xs, from, n, open, out, |x| test(x as f64), |_| true));
        }
        Values::Singles(xs) => {
            scan(
                xs,
                from,
                n,
                open,
                out,
                |x| test(f64::from(x)),
                |x| !x.is_nan(),
            );
        }
        Values::Doubles(xs) => scan(xs, from, n, open, out, test, |x| !x.is_nan()),
        _ => out.set(None),
    }
}

/// Decides rows whose `known` values pass or fail a `test`.
#[expect(clippy::inline_always, reason = "the test is compiled into the loop")]
#[inline(always)]
fn scan<T: Copy>(
    values: &[T],
    from: usize,
    n: usize,
    open: &Words,
    out: &mut Block,
    test: impl Fn(T) -> bool,
    known: impl Fn(T) -> bool,
) {
    let rows = values.get(from..from + n).unwrap_or_default();
    for (i, rows) in rows.chunks(64).enumerate() {
        if open[i] == 0 {
            continue;
        }
        let (passed, known) = (pack(rows, &test), pack(rows, &known));
        out.yes[i] = passed & known;
        out.no[i] = !passed & known;
    }
}

/// Which counts of a unit pass, all ends included, and which stand for an instant at all.
#[derive(Debug)]
pub(super) struct Span {
    passed: (i64, i64),
    known: (i64, i64),
}

impl Span {
    /// The counts whose microseconds lie between two.
    fn new(low: i64, high: i64, unit: TimeUnit) -> Self {
        match unit {
            TimeUnit::Nanosecond => {
                let (low, high) = (i128::from(low), i128::from(high));
                Self::within(low * 1_000, high * 1_000 + 999)
            }
            TimeUnit::Microsecond => Self::within(low.into(), high.into()),
            TimeUnit::Millisecond => Self::sized(low, high, 1_000),
            TimeUnit::Second => Self::sized(low, high, 1_000_000),
        }
    }

    /// [`Span::new`] of a unit of so many microseconds; a count whose microseconds 64 bits do not hold is missing.
    fn sized(low: i64, high: i64, size: i64) -> Self {
        let (low, high, wide) = (i128::from(low), i128::from(high), i128::from(size));
        // Rounded inwards: only a whole count can pass.
        let span = Self::within(-(-low).div_euclid(wide), high.div_euclid(wide));
        let known = (i64::MIN / size, i64::MAX / size);
        Self { known, ..span }
    }

    fn within(low: i128, high: i128) -> Self {
        let end = |x: i128| i64::try_from(x.clamp(i64::MIN.into(), i64::MAX.into())).unwrap_or(0);
        // A span that lies outside what a count can be is empty, and so is one that ends before it begins.
        let empty = low > high || low > i64::MAX.into() || high < i64::MIN.into();
        Self {
            passed: if empty { (1, 0) } else { (end(low), end(high)) },
            known: (i64::MIN, i64::MAX),
        }
    }
}

fn between(x: i64, ends: (i64, i64)) -> bool {
    ends.0 <= x && x <= ends.1
}

/// Decides instants between two, in microseconds.
pub(super) fn fill_instants(
    values: &Values<'_>,
    (low, high): (i64, i64),
    from: usize,
    n: usize,
    open: &Words,
    out: &mut Block,
) {
    match values {
        Values::Instants(xs, unit) => {
            let Span { passed, known } = Span::new(low, high, *unit);
            if known == (i64::MIN, i64::MAX) {
                scan(xs, from, n, open, out, |x| between(x, passed), |_| true);
            } else {
                scan(
                    xs,
                    from,
                    n,
                    open,
                    out,
                    |x| between(x, passed),
                    |x| between(x, known),
                );
            }
        }
        Values::Days(xs) => {
            let Span { passed, known } = Span::sized(low, high, DAY);
            let count = i64::from;
            scan(
                xs,
                from,
                n,
                open,
                out,
                |x| between(count(x), passed),
                |x| between(count(x), known),
            );
        }
        _ => out.set(None),
    }
}

/// Decides whether a value that counts is missing all the same: NaN, and an instant that microseconds do not hold.
pub(super) fn fill_missing(
    values: &Values<'_>,
    from: usize,
    n: usize,
    open: &Words,
    out: &mut Block,
) {
    match values {
        Values::Missing(_) => out.set(Some(true)),
        Values::Doubles(xs) => scan(xs, from, n, open, out, f64::is_nan, |_| true),
        Values::Singles(xs) => scan(xs, from, n, open, out, f32::is_nan, |_| true),
        Values::Instants(..) | Values::Days(_) => {
            fill_instants(values, (i64::MIN, i64::MAX), from, n, open, out);
            for (missing, present) in out.yes.iter_mut().zip(&mut out.no) {
                *present = *missing;
                *missing = !*present;
            }
        }
        _ => out.set(Some(false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_of_every_unit_is_the_microseconds_it_stands_for() {
        use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
        let counts = [
            i64::MIN,
            -1_000_001,
            -1_001,
            -1_000,
            -999,
            -1,
            0,
            1,
            999,
            1_000,
            1_500,
            i64::MAX,
        ];
        let ends = [
            i64::MIN,
            i64::MIN + 1,
            -2_000_000,
            -1_000,
            -1,
            0,
            1,
            1_500,
            1_000_000,
            i64::MAX,
        ];
        for unit in [Nanosecond, Microsecond, Millisecond, Second] {
            for (low, high) in ends.iter().flat_map(|low| ends.map(|high| (*low, high))) {
                let span = Span::new(low, high, unit);
                for x in counts {
                    let micros = unit.micros(x);
                    assert_eq!(between(x, span.known), micros.is_some(), "{x} {unit:?}");
                    if let Some(micros) = micros {
                        let passed = low <= micros && micros <= high;
                        assert_eq!(between(x, span.passed), passed, "{x} {unit:?} {low} {high}");
                    }
                }
            }
        }
    }
}
