//! Arrow's arrays to the core's [`Column`]s: numbers, text and bitmaps are borrowed as they lie. What the core has no
//! layout for is converted: half floats, decimals and numbers behind a dictionary to f64, lists to rows of borrowed text.

use std::borrow::Cow;

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, OffsetSizeTrait,
    cast::AsArray,
    types::{
        Date32Type, Date64Type, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type,
        Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
        UInt64Type,
    },
};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, TimeUnit as Unit};
use stoa_core::{
    error::{Detail, Error, Result},
    value::{AttributeType, Bits, Chunk, Chunks, Column, Integers, Texts, TimeUnit, Values},
};

/// What a column may hold, as errors say it.
const KINDS: &str = "must hold booleans, numbers, text, timestamps or lists of text";

/// One column out of its chunks.
pub(crate) fn column<'a>(
    name: &str,
    kind: &DataType,
    chunks: &'a [ArrayRef],
) -> Result<Column<'a>> {
    let lying = match kind {
        DataType::List(_) | DataType::LargeList(_) => {
            let lists: Result<Vec<_>> = chunks.iter().map(|c| lists(name, c)).collect();
            return Ok(Column::List(lists?.concat()));
        }
        DataType::Dictionary(_, words) if words.is_numeric() => {
            let coded: Result<Vec<_>> = chunks.iter().map(|c| coded_numbers(name, c)).collect();
            return Ok(Column::Number(Cow::Owned(coded?.concat())));
        }
        DataType::Float16 => return Ok(owned::<Float16Type>(chunks, f64::from)),
        DataType::Decimal128(_, scale) => {
            let unit = 10_f64.powi(i32::from(*scale));
            return Ok(owned::<Decimal128Type>(chunks, |x| x as f64 / unit));
        }
        DataType::Boolean => AttributeType::Boolean,
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => AttributeType::Timestamp,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
            AttributeType::String
        }
        _ => AttributeType::Number,
    };
    let chunks: Result<Vec<_>> = chunks.iter().map(|part| chunk(name, part)).collect();
    Chunks::new(lying, chunks?).map(Column::Chunks)
}

/// The memory of one chunk, borrowed.
fn chunk<'a>(name: &str, part: &'a ArrayRef) -> Result<Chunk<'a>> {
    let valid = part.nulls().map(|nulls| bits(nulls.inner())).transpose()?;
    Chunk::new(values(name, part)?, valid)
}

fn values<'a>(name: &str, part: &'a ArrayRef) -> Result<Values<'a>> {
    Ok(match part.data_type() {
        DataType::Null => Values::Missing(part.len()),
        DataType::Boolean => Values::Booleans(bits(part.as_boolean().values())?),
        DataType::Float32 => Values::Singles(part.as_primitive::<Float32Type>().values()),
        DataType::Float64 => Values::Doubles(part.as_primitive::<Float64Type>().values()),
        DataType::Timestamp(unit, _) => instants(part, *unit),
        DataType::Date32 => Values::Days(part.as_primitive::<Date32Type>().values()),
        DataType::Date64 => {
            let millis = part.as_primitive::<Date64Type>().values();
            Values::Instants(millis, TimeUnit::Millisecond)
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            Values::Texts(lying_texts(part))
        }
        DataType::Dictionary(..) => {
            let coded = part.as_any_dictionary();
            let codes = integers(name, coded.keys())?;
            Values::Coded(codes, Box::new(chunk(name, coded.values())?))
        }
        _ => Values::Integers(integers(name, part.as_ref())?),
    })
}

fn bits(lying: &BooleanBuffer) -> Result<Bits<'_>> {
    Bits::new(lying.values(), lying.offset(), lying.len())
}

fn integers<'a>(name: &str, part: &'a dyn Array) -> Result<Integers<'a>> {
    Ok(match part.data_type() {
        DataType::Int8 => Integers::I8(part.as_primitive::<Int8Type>().values()),
        DataType::Int16 => Integers::I16(part.as_primitive::<Int16Type>().values()),
        DataType::Int32 => Integers::I32(part.as_primitive::<Int32Type>().values()),
        DataType::Int64 => Integers::I64(part.as_primitive::<Int64Type>().values()),
        DataType::UInt8 => Integers::U8(part.as_primitive::<UInt8Type>().values()),
        DataType::UInt16 => Integers::U16(part.as_primitive::<UInt16Type>().values()),
        DataType::UInt32 => Integers::U32(part.as_primitive::<UInt32Type>().values()),
        DataType::UInt64 => Integers::U64(part.as_primitive::<UInt64Type>().values()),
        other => return Err(unsupported(name, other)),
    })
}

fn instants(part: &ArrayRef, unit: Unit) -> Values<'_> {
    match unit {
        Unit::Second => {
            let counts = part.as_primitive::<TimestampSecondType>().values();
            Values::Instants(counts, TimeUnit::Second)
        }
        Unit::Millisecond => {
            let counts = part.as_primitive::<TimestampMillisecondType>().values();
            Values::Instants(counts, TimeUnit::Millisecond)
        }
        Unit::Microsecond => {
            let counts = part.as_primitive::<TimestampMicrosecondType>().values();
            Values::Instants(counts, TimeUnit::Microsecond)
        }
        Unit::Nanosecond => {
            let counts = part.as_primitive::<TimestampNanosecondType>().values();
            Values::Instants(counts, TimeUnit::Nanosecond)
        }
    }
}

fn lying_texts(part: &ArrayRef) -> Texts<'_> {
    if let Some(texts) = part.as_string_opt::<i32>() {
        return Texts::Offsets {
            ends: texts.value_offsets(),
            bytes: texts.value_data(),
        };
    }
    if let Some(texts) = part.as_string_opt::<i64>() {
        return Texts::LongOffsets {
            ends: texts.value_offsets(),
            bytes: texts.value_data(),
        };
    }
    let texts = part.as_string_view();
    let (views, _) = texts.views().inner().as_slice().as_chunks();
    Texts::Views {
        views,
        buffers: texts
            .data_buffers()
            .iter()
            .map(std::ops::Deref::deref)
            .collect(),
    }
}

fn unsupported(name: &str, found: &DataType) -> Error {
    Error::WrongType(Detail::new(name, KINDS, found))
}

fn owned<T: ArrowPrimitiveType>(
    chunks: &[ArrayRef],
    to: impl Fn(T::Native) -> f64,
) -> Column<'static> {
    let all = chunks.iter().flat_map(|c| c.as_primitive::<T>().iter());
    Column::Number(all.map(|x| x.map_or(f64::NAN, &to)).collect())
}

/// Numbers of a categorical column.
fn coded_numbers(name: &str, chunk: &ArrayRef) -> Result<Vec<f64>> {
    let coded = chunk.as_any_dictionary();
    let values = std::slice::from_ref(coded.values());
    let values = column(name, coded.values().data_type(), values)?;
    let values = values.numbers(name)?;
    if values.is_empty() {
        return Ok(vec![f64::NAN; coded.len()]);
    }
    let keys = coded.normalized_keys().into_iter().enumerate();
    Ok(keys
        .map(|(row, key)| match values.get(key) {
            Some(value) if coded.keys().is_valid(row) => *value,
            _ => f64::NAN,
        })
        .collect())
}

pub(crate) fn texts<'a>(name: &str, chunk: &'a ArrayRef) -> Result<Vec<Option<&'a str>>> {
    Ok(match chunk.data_type() {
        DataType::Null => vec![None; chunk.len()],
        DataType::Utf8 => chunk.as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => chunk.as_string::<i64>().iter().collect(),
        DataType::Utf8View => chunk.as_string_view().iter().collect(),
        DataType::Dictionary(..) => {
            let coded = chunk.as_any_dictionary();
            let words = texts(name, coded.values())?;
            let keys = coded.keys();
            let word = |row: usize, key: usize| {
                words
                    .get(key)
                    .copied()
                    .flatten()
                    .filter(|_| keys.is_valid(row))
            };
            // No word at all means every key is null, and there is nothing to normalise against.
            if words.is_empty() {
                vec![None; coded.len()]
            } else {
                let keys = coded.normalized_keys();
                keys.into_iter()
                    .enumerate()
                    .map(|(row, key)| word(row, key))
                    .collect()
            }
        }
        other => return Err(unsupported(name, other)),
    })
}

fn lists<'a>(name: &str, chunk: &'a ArrayRef) -> Result<Vec<Option<Vec<&'a str>>>> {
    match chunk.data_type() {
        DataType::LargeList(_) => list_rows::<i64>(name, chunk),
        _ => list_rows::<i32>(name, chunk),
    }
}

fn list_rows<'a, O: OffsetSizeTrait>(
    name: &str,
    chunk: &'a ArrayRef,
) -> Result<Vec<Option<Vec<&'a str>>>> {
    let list = chunk.as_list::<O>();
    let words = texts(name, list.values())?;
    let offsets = list.value_offsets().windows(2).enumerate();
    Ok(offsets
        .map(|(row, ends)| {
            let words = &words[ends[0].as_usize()..ends[1].as_usize()];
            list.is_valid(row)
                .then(|| words.iter().flatten().copied().collect())
        })
        .collect())
}
