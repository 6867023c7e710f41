//! One comparison over one column: what each stretch of memory needs to be decided quickly.

use std::borrow::Cow;

use super::{
    block::{Block, Words, from as rows_from, pack},
    numbers::{Accept, fill_instants, fill_missing},
    text::{Search, decide},
};
use crate::{
    rule::test::Test,
    value::{Bits, Chunk, Column, Integers, Timestamp, ValueRef, Values, each_width},
};

/// What a row of a column that is no memory of Arrow's costs, in about nanoseconds.
const BY_VALUE: u32 = 10;

/// A comparison over all chunks of its column.
pub(super) struct Leaf<'p> {
    test: &'p Test<'static>,
    now: Option<Timestamp>,
    stretches: Vec<Stretch<'p>>,
}

/// Rows of one column that lie together.
struct Stretch<'p> {
    start: usize,
    memory: Memory<'p>,
    job: Job<'p>,
}

enum Memory<'p> {
    Chunk(Cow<'p, Chunk<'p>>),
    /// Rust's own values.
    Column(&'p Column<'p>),
}

/// How rows are decided.
enum Job<'p> {
    /// Unknown, all of them.
    Unknown,
    /// Value by value, as a single visitor's.
    ByValue,
    Missing,
    /// The answers for true and for false.
    Flags(Option<bool>, Option<bool>),
    Numbers(Accept<'p>),
    Instants(i64, i64),
    Texts(Search<'p>),
    /// The answer for each word of a dictionary.
    Coded(Vec<u8>),
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;

impl<'p> Leaf<'p> {
    pub(super) fn new(
        column: &'p Column<'p>,
        test: &'p Test<'static>,
        now: Option<Timestamp>,
    ) -> Self {
        let chunk = |start: usize, chunk: Cow<'p, Chunk<'p>>| Stretch {
            start,
            job: Job::new(chunk.values(), test, now),
            memory: Memory::Chunk(chunk),
        };
        let stretches = match column {
            Column::Chunks(chunks) => {
                let placed = chunks.placed().iter();
                placed
                    .map(|(start, part)| chunk(*start, Cow::Borrowed(part)))
                    .collect()
            }
            Column::Number(numbers) => vec![chunk(0, Cow::Owned(Chunk::of_numbers(numbers)))],
            other => vec![Stretch {
                start: 0,
                memory: Memory::Column(other),
                job: Job::ByValue,
            }],
        };
        Self {
            test,
            now,
            stretches,
        }
    }

    /// What a row costs, in about nanoseconds.
    pub(super) fn cost(&self) -> u32 {
        self.stretches
            .first()
            .map_or(0, |stretch| match &stretch.job {
                Job::Unknown | Job::Missing | Job::Flags(..) => 0,
                Job::Numbers(_) | Job::Instants(..) => 1,
                Job::Coded(_) => 2,
                Job::Texts(search) => search.cost(),
                Job::ByValue => BY_VALUE,
            })
    }

    /// Decides the `n` rows from `from` on, stretch by stretch.
    pub(super) fn fill(&self, from: usize, n: usize, open: &Words, out: &mut Block) {
        let after = self
            .stretches
            .partition_point(|stretch| stretch.start <= from);
        let stretches = &self.stretches[after.saturating_sub(1)..];
        let mut done = 0;
        for stretch in stretches {
            let skip = from + done - stretch.start;
            let take = (n - done).min(stretch.memory.len().saturating_sub(skip));
            if take == n {
                self.decide(stretch, skip, n, open, out);
                return;
            }
            if done == 0 {
                out.set(None);
            }
            if take > 0 {
                let mut part = Block::UNKNOWN;
                self.decide(stretch, skip, take, &rows_from(open, done), &mut part);
                out.paste(done, &part, take);
            }
            done += take;
            if done == n {
                return;
            }
        }
    }

    /// Decides `n` rows that lie in one stretch.
    fn decide(&self, stretch: &Stretch<'p>, from: usize, n: usize, open: &Words, out: &mut Block) {
        let (chunk, valid) = match &stretch.memory {
            Memory::Column(column) => {
                return decide(from, n, open, out, |row| {
                    self.test.apply(&column.get(row), self.now)
                });
            }
            Memory::Chunk(chunk) => (chunk, chunk.valid()),
        };
        let valid = |i: usize| valid.map_or(u64::MAX, |valid| valid.word(from + 64 * i));
        match (&stretch.job, chunk.values()) {
            (Job::Numbers(accept), values) => accept.fill(values, from, n, open, out),
            (Job::Instants(low, high), values) => {
                fill_instants(values, (*low, *high), from, n, open, out);
            }
            (Job::Flags(on, off), Values::Booleans(bits)) => flags(*on, *off, *bits, from, n, out),
            (Job::Texts(search), Values::Texts(texts)) => {
                let open = std::array::from_fn(|i| open[i] & valid(i));
                search.fill(texts, from, n, &open, out);
            }
            (Job::Coded(answers), Values::Coded(codes, _)) => {
                coded(answers, codes, from, n, open, out);
            }
            (Job::Missing, values) => fill_missing(values, from, n, open, out),
            _ => out.set(None),
        }
        let Test::Missing(wanted) = self.test else {
            out.keep(valid);
            return;
        };
        if !wanted && matches!(stretch.job, Job::Missing) {
            std::mem::swap(&mut out.yes, &mut out.no);
        }
        out.fill_in(Some(*wanted), valid);
    }
}

impl Memory<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Chunk(chunk) => chunk.len(),
            Self::Column(column) => column.len(),
        }
    }
}

impl<'p> Job<'p> {
    fn new(values: &Values<'_>, test: &'p Test<'static>, now: Option<Timestamp>) -> Self {
        let found = match (values, test) {
            (Values::Coded(_, words), test) => Some(Self::Coded(answers(words, test, now))),
            (_, Test::Missing(_)) => Some(Self::Missing),
            (Values::Booleans(_), test @ (Test::Is(_) | Test::OneOf(..))) => {
                let answer = |flag| test.apply(&ValueRef::Boolean(flag), now);
                Some(Self::Flags(answer(true), answer(false)))
            }
            (Values::Integers(_) | Values::Singles(_) | Values::Doubles(_), test) => {
                Accept::new(test).map(Self::Numbers)
            }
            (Values::Instants(..) | Values::Days(_), test) => test
                .instants(now)
                .map(|(low, high)| Self::Instants(low, high)),
            (Values::Texts(_), test) => Search::new(test, now).map(Self::Texts),
            _ => None,
        };
        found.unwrap_or(Self::Unknown)
    }
}

/// The answer for every word of a dictionary, and after them for a row without a word.
fn answers(words: &Chunk<'_>, test: &Test<'_>, now: Option<Timestamp>) -> Vec<u8> {
    let answer = |row| match test.apply(&words.get(row), now) {
        Some(true) => TRUE,
        Some(false) => FALSE,
        None => 0,
    };
    (0..=words.len()).map(answer).collect()
}

#[expect(
    clippy::unnecessary_fallible_conversions,
    reason = "the same expression for every width"
)]
fn coded(
    answers: &[u8],
    codes: &Integers<'_>,
    from: usize,
    n: usize,
    open: &Words,
    out: &mut Block,
) {
    let nothing = answers.last().copied().unwrap_or(0);
    each_width!(codes, codes => {
        let rows = codes.get(from..from + n).unwrap_or_default();
        for (i, rows) in rows.chunks(64).enumerate().filter(|(i, _)| open[*i] != 0) {
            let mut found = [0; 64];
            for (answer, code) in found.iter_mut().zip(rows) {
                let known = usize::try_from(*code).ok().and_then(|code| answers.get(code));
                *answer = known.copied().unwrap_or(nothing);
            }
            out.yes[i] = pack(&found, |answer| answer == TRUE);
            out.no[i] = pack(&found, |answer| answer == FALSE);
        }
    });
}

fn flags(
    on: Option<bool>,
    off: Option<bool>,
    bits: Bits<'_>,
    from: usize,
    n: usize,
    out: &mut Block,
) {
    let side = |answer: Option<bool>, wanted| if answer == Some(wanted) { u64::MAX } else { 0 };
    for i in 0..n.div_ceil(64) {
        let flags = bits.word(from + 64 * i);
        out.yes[i] = flags & side(on, true) | !flags & side(off, true);
        out.no[i] = flags & side(on, false) | !flags & side(off, false);
    }
}
