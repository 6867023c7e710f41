//! Comparisons of numbers and instants, 64 rows at a time and without a branch a row.

use super::block::{Block, Words, pack};
use crate::{
    rule::{
        Literal,
        test::{Test, holds_number},
    },
    value::{DAY, Integers, TimeUnit, Values, each_width},
};

/// Which numbers pass; the flag turns the answer round.
#[derive(Debug)]
pub(super) enum Accept<'p> {
    Range(Range, bool),
    OneOf(Vec<f64>, bool),
    Sorted(&'p [f64], bool),
}

impl<'p> Accept<'p> {
    /// `None` for a test that is unknown of every number.
    pub(super) fn new(test: &'p Test<'_>) -> Option<Self> {
        match test {
            Test::Numbers(low, high) => Some(Self::Range(Range::new(*low, *high), false)),
            Test::Sorted(numbers, negated) => Some(Self::Sorted(numbers, *negated)),
            Test::OneOf(items, negated) => {
                let number = |item: &Literal| match item {
                    Literal::Number(x) => Some(*x),
                    _ => None,
                };
                number(items.first()?)?;
                let numbers: Vec<f64> = items.iter().filter_map(number).collect();
                Some(match numbers[..] {
                    [x] => Self::Range(Range::new(x, x), *negated),
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
            Self::Range(range, negated) => match values {
                Values::Integers(xs) => range.fill(xs, *negated, from, n, open, out),
                _ => fill(values, from, n, open, out, |x| {
                    between(x, range.numbers) != *negated
                }),
            },
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

/// Numbers between two, both included.
#[derive(Debug)]
pub(super) struct Range {
    numbers: (f64, f64),
    /// The integers whose nearest f64 lies between the two, as far as each type goes.
    signed: (i64, i64),
    unsigned: (u64, u64),
}

impl Range {
    fn new(low: f64, high: f64) -> Self {
        // Rounding keeps the order, so the integers that pass are the ones from the first that reaches the lower
        // number to the last that does not go past the higher.
        let from = first_that(|x| x as f64 >= low);
        let to = first_that(|x| x as f64 > high) - 1;
        Self {
            numbers: (low, high),
            signed: within(from, to, (i64::MIN, i64::MAX)),
            unsigned: within(from, to, (u64::MIN, u64::MAX)),
        }
    }

    #[expect(
        clippy::cast_lossless,
        clippy::cast_possible_wrap,
        clippy::unnecessary_cast,
        reason = "the same expression for every width; the one that could wrap is compared as it is"
    )]
    fn fill(
        &self,
        xs: &Integers<'_>,
        negated: bool,
        from: usize,
        n: usize,
        open: &Words,
        out: &mut Block,
    ) {
        if let Integers::U64(xs) = xs {
            let passed = |x| between(x, self.unsigned) != negated;
            return scan(xs, from, n, open, out, passed, |_| true);
        }
        each_width!(xs, xs => {
            scan(xs, from, n, open, out, |x| between(x as i64, self.signed) != negated, |_| true);
        });
    }
}

/// The first integer of 64 bits, with sign or without, that passes a test which all greater ones pass too; one past
/// the last when none does.
fn first_that(passes: impl Fn(i128) -> bool) -> i128 {
    let (mut low, mut high) = (i128::from(i64::MIN), i128::from(u64::MAX) + 1);
    while low < high {
        let middle = low + (high - low).div_euclid(2);
        if passes(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// A span of integers as far as a type goes.
fn within<T: Copy + Into<i128> + TryFrom<i128>>(low: i128, high: i128, all: (T, T)) -> (T, T) {
    let (first, last) = (all.0.into(), all.1.into());
    // A span that lies outside what the type can hold is empty, and so is one that ends before it begins.
    if low > high || low > last || high < first {
        return (all.1, all.0);
    }
    (
        T::try_from(low).unwrap_or(all.0),
        T::try_from(high).unwrap_or(all.1),
    )
}

fn between<T: Copy + PartialOrd>(x: T, ends: (T, T)) -> bool {
    ends.0 <= x && x <= ends.1
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
        let known = (i64::MIN, i64::MAX);
        Self {
            passed: within(low, high, known),
            known,
        }
    }
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
    fn a_range_of_integers_is_the_range_of_their_nearest_numbers() {
        const EXACT: i64 = 1 << 53;
        let numbers = [
            f64::NEG_INFINITY,
            -1e300,
            -(2.0_f64.powi(63)),
            -1.5,
            -0.0,
            2.0,
            2.0_f64.next_up(),
            EXACT as f64,
            (EXACT + 2) as f64,
            2.0_f64.powi(63),
            2.0_f64.powi(64).next_down(),
            2.0_f64.powi(64),
            f64::INFINITY,
        ];
        let near = |x: i64| [x.saturating_sub(1), x, x.saturating_add(1)];
        let signed = [i64::MIN, -2, 0, 2, EXACT, EXACT + 2, i64::MAX].map(near);
        for (low, high) in numbers
            .iter()
            .flat_map(|low| numbers.map(|high| (*low, high)))
        {
            let range = Range::new(low, high);
            for x in signed.as_flattened() {
                let passed = between(*x as f64, (low, high));
                assert_eq!(between(*x, range.signed), passed, "{x} {low} {high}");
                let x = x.cast_unsigned();
                let passed = between(x as f64, (low, high));
                assert_eq!(between(x, range.unsigned), passed, "{x} {low} {high}");
            }
        }
    }

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
