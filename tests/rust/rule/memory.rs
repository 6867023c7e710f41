//! Rows laid out as producers of Arrow lay them: every layout of text, any first bit, chunks of any length.

use serde_json::Value as Json;
use stoa_core::value::{
    AttributeType, Bits, Chunk, Chunks, Column, Integers, Table, Texts, TimeUnit, Timestamp, Values,
};

use crate::generate::{BOOLEAN, INSTANT, LIST, NUMBERS, TEXTS};

/// One chunk of one column, in all the layouts its type has.
#[derive(Debug, Default)]
struct Laid {
    shift: usize,
    n: usize,
    valid: Vec<u8>,
    flags: Vec<u8>,
    numbers: Vec<f64>,
    instants: Vec<i64>,
    bytes: Vec<u8>,
    ends: Vec<i32>,
    long_ends: Vec<i64>,
    views: Vec<[u8; 16]>,
    codes: Vec<i16>,
}

/// The columns of some rows, owned; [`Memory::table`] borrows them.
#[derive(Debug)]
pub(crate) struct Memory {
    columns: Vec<(&'static str, Vec<Laid>)>,
    lists: Vec<Option<Vec<String>>>,
    layout: usize,
}

fn set(bits: &mut Vec<u8>, i: usize, on: bool) {
    bits.resize(bits.len().max(i / 8 + 1), 0);
    if on {
        bits[i / 8] |= 1 << (i % 8);
    }
}

impl Laid {
    fn new(values: &[&Json], shift: usize) -> Self {
        let mut laid = Self {
            shift,
            n: values.len(),
            ends: vec![0],
            long_ends: vec![0],
            ..Self::default()
        };
        for (i, value) in values.iter().enumerate() {
            set(&mut laid.valid, shift + i, !value.is_null());
            set(&mut laid.flags, shift + i, value.as_bool() == Some(true));
            laid.numbers.push(value.as_f64().unwrap_or(7.0));
            let text = value.as_str().unwrap_or("x");
            let instant = Timestamp::parse(text).map_or(0, |t| t.micros);
            laid.instants.push(instant);
            laid.codes.push(i16::try_from(i).unwrap_or(-1));
            laid.views.push(view(text.as_bytes(), laid.bytes.len()));
            laid.bytes.extend(text.as_bytes());
            laid.ends.push(i32::try_from(laid.bytes.len()).unwrap_or(0));
            laid.long_ends
                .push(i64::try_from(laid.bytes.len()).unwrap_or(0));
        }
        laid
    }

    fn chunk(&self, kind: AttributeType, layout: usize) -> stoa_core::error::Result<Chunk<'_>> {
        let valid = Bits::new(&self.valid, self.shift, self.n)?;
        let texts = Texts::Offsets {
            ends: &self.ends,
            bytes: &self.bytes,
        };
        let values = match (kind, layout % 4) {
            (AttributeType::Boolean, _) => {
                Values::Booleans(Bits::new(&self.flags, self.shift, self.n)?)
            }
            (AttributeType::Timestamp, _) => {
                Values::Instants(&self.instants, TimeUnit::Microsecond)
            }
            (AttributeType::Number, _) => Values::Doubles(&self.numbers),
            (_, 0) => Values::Texts(texts),
            (_, 1) => Values::Texts(Texts::LongOffsets {
                ends: &self.long_ends,
                bytes: &self.bytes,
            }),
            (_, 2) => Values::Texts(Texts::Views {
                views: &self.views,
                buffers: vec![b"another", &self.bytes],
            }),
            _ => {
                let words = Chunk::new(Values::Texts(texts), None)?;
                Values::Coded(Integers::I16(&self.codes), Box::new(words))
            }
        };
        Chunk::new(values, Some(valid))
    }
}

/// A view of text that lies at `from` in the second buffer.
fn view(text: &[u8], from: usize) -> [u8; 16] {
    let mut view = [0; 16];
    let word = |n: usize| u32::try_from(n).unwrap_or(0).to_le_bytes();
    view[..4].copy_from_slice(&word(text.len()));
    if text.len() <= 12 {
        view[4..4 + text.len()].copy_from_slice(text);
    } else {
        view[4..8].copy_from_slice(&text[..4]);
        view[8..12].copy_from_slice(&word(1));
        view[12..].copy_from_slice(&word(from));
    }
    view
}

impl Memory {
    /// Lays rows out; column `i` in chunks of `lengths[i]` rows.
    pub(crate) fn new(rows: &[&Json], lengths: &[usize], layout: usize) -> Self {
        let names = [NUMBERS[0], NUMBERS[1], TEXTS[0], TEXTS[1], BOOLEAN, INSTANT];
        let columns = names
            .into_iter()
            .zip(lengths.iter().cycle())
            .map(|(name, length)| {
                let chunks = rows.chunks(*length).enumerate().map(|(i, rows)| {
                    let values: Vec<&Json> = rows.iter().map(|row| &row[name]).collect();
                    Laid::new(&values, i % 11)
                });
                (name, chunks.collect())
            });
        let tags = |row: &&Json| {
            let tags = row[LIST].as_array()?.iter();
            Some(
                tags.filter_map(|tag| tag.as_str().map(str::to_owned))
                    .collect(),
            )
        };
        Self {
            columns: columns.collect(),
            lists: rows.iter().map(tags).collect(),
            layout,
        }
    }

    pub(crate) fn table(&self) -> stoa_core::error::Result<Table<'_>> {
        let mut table = Vec::new();
        for (i, (name, chunks)) in self.columns.iter().enumerate() {
            let kind = match *name {
                BOOLEAN => AttributeType::Boolean,
                INSTANT => AttributeType::Timestamp,
                name if NUMBERS.contains(&name) => AttributeType::Number,
                _ => AttributeType::String,
            };
            let chunks: stoa_core::error::Result<Vec<_>> = chunks
                .iter()
                .map(|chunk| chunk.chunk(kind, self.layout + i))
                .collect();
            table.push((
                (*name).to_owned(),
                Column::Chunks(Chunks::new(kind, chunks?)?),
            ));
        }
        let lists = self
            .lists
            .iter()
            .map(|tags| Some(tags.as_ref()?.iter().map(String::as_str).collect()));
        table.push((LIST.to_owned(), Column::List(lists.collect())));
        Table::new(table)
    }
}
