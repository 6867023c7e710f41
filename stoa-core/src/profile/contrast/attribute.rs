//! One attribute of all rows in the form that is cheap to split by segment.

use super::{level::Coded, number::Numbers};
use crate::{
    profile::{members::Members, tally::for_each_bit},
    value::{AttributeType, Column},
};

/// Members and everyone else with a property, out of those of each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    /// Members with it, and members.
    pub(super) inside: (u64, u64),
    /// Everyone else with it, and everyone else.
    pub(super) rest: (u64, u64),
}

/// An attribute, read once.
pub(super) struct Attribute<'t> {
    read: Read<'t>,
    /// Rows without a value, one bit each, and how many.
    missing: Vec<u64>,
    n_missing: u64,
    n_rows: u64,
}

enum Read<'t> {
    Numbers(Numbers),
    Levels(Coded<'t>),
}

impl<'t> Attribute<'t> {
    pub(super) fn read(column: &'t Column<'_>, n_levels: usize) -> Self {
        let mut missing = vec![0_u64; column.len().div_ceil(64)];
        let mut n_missing = 0;
        let absent = |row: usize| {
            missing[row / 64] |= 1 << (row % 64);
            n_missing += 1;
        };
        let read = match column.kind() {
            AttributeType::Number | AttributeType::Timestamp => {
                Read::Numbers(Numbers::read(column, absent))
            }
            _ => Read::Levels(Coded::read(column, n_levels, absent)),
        };
        Self {
            read,
            missing,
            n_missing,
            n_rows: column.len() as u64,
        }
    }

    pub(super) fn numbers(&self) -> Option<&Numbers> {
        match &self.read {
            Read::Numbers(numbers) => Some(numbers),
            Read::Levels(_) => None,
        }
    }

    pub(super) fn levels(&self) -> Option<&Coded<'t>> {
        match &self.read {
            Read::Levels(levels) => Some(levels),
            Read::Numbers(_) => None,
        }
    }

    /// Rows without a value, members and everyone else; `None` when every row has one.
    pub(super) fn missing(&self, members: &Members) -> Option<Counts> {
        if self.n_missing == 0 {
            return None;
        }
        let (n, mut inside) = (members.n(), 0);
        for_each_bit(&self.missing, |row| inside += u64::from(members.has(row)));
        Some(Counts {
            inside: (inside, n),
            rest: (self.n_missing - inside, self.n_rows - n),
        })
    }
}
