//! One pass over what a cache holds of a visitor: a flat object of attributes, or the document
//! `{"v": 1, "a": {attributes}, "s": {segment: rule hash}}`, which is told apart by its object `a`.
//!
//! It reads and refuses what [`Visitor::from_slice`](super::Visitor::from_slice) does; `tests/rust/assign.rs` holds one
//! against the other.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, Visitor},
};

use super::{Known, targeting::Served, visitor};
use crate::{
    rule::{Attributed, Held, Reading, Skipped},
    value::ValueRef,
};

/// Reads a visitor; what cannot be read is remembered, never an error.
pub(super) fn read<'t>(served: &Served, bytes: &'t [u8]) -> Known<'t> {
    let known = std::str::from_utf8(bytes).ok().and_then(|text| {
        let mut json = serde_json::Deserializer::from_str(text);
        let known = json.deserialize_any(Document(served)).ok()?;
        json.end().ok()?;
        Some(known)
    });
    known.unwrap_or_else(Known::unreadable)
}

struct Document<'s>(&'s Served);

impl<'t> Visitor<'t> for Document<'_> {
    type Value = Known<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    /// A visitor nothing is known about.
    fn visit_unit<E>(self) -> Result<Known<'t>, E> {
        Ok(Known::default())
    }

    fn visit_map<A: MapAccess<'t>>(self, mut fields: A) -> Result<Known<'t>, A::Error> {
        let compiled = &self.0.compiled;
        // Made when something is put there, which a cache's document never does.
        let mut flat = None;
        let mut put = |slot, held| {
            flat.get_or_insert_with(|| Reading::empty(compiled))
                .put(slot, held);
        };
        let [mut version, mut attributes, mut segments] = [None, None, None];
        while let Some((part, slot)) = fields.next_key_seed(Name(self.0))? {
            let (place, how) = match part {
                Part::Version => (&mut version, Attributed::Plain),
                Part::Attributes => (&mut attributes, Attributed::Object(compiled)),
                Part::Segments => (&mut segments, Attributed::Fields),
                Part::Other if slot.is_none() => {
                    fields.next_value::<Skipped>()?;
                    continue;
                }
                Part::Other => {
                    put(slot, fields.next_value()?);
                    continue;
                }
            };
            *place = Some((slot, fields.next_value_seed(how)?));
        }
        if let Some((_, Held::Object(values))) = attributes {
            return Ok(cached(self.0, values, version, segments));
        }
        for (slot, held) in [version, attributes, segments].into_iter().flatten() {
            put(slot, held);
        }
        Ok(Known::of(flat.unwrap_or_default()))
    }
}

/// A field's value, and its slot if it is an attribute too.
type Field<'t> = Option<(Option<usize>, Held<'t>)>;

/// The value of the cache contract `assignable_attributes` (DESIGN §5).
fn cached<'t>(
    served: &Served,
    values: Reading<'t>,
    version: Field<'t>,
    segments: Field<'t>,
) -> Known<'t> {
    let version = version.is_some_and(|(_, v)| v.value() == visitor::CACHE_VERSION);
    match segments {
        _ if !version => Known::unreadable(),
        None => Known::of(values),
        Some((_, Held::Fields(judged))) if are_texts(&judged) => Known {
            members: served.members(&judged),
            ..Known::of(values)
        },
        Some(_) => Known::unreadable(),
    }
}

/// Whether every field that counts is text.
fn are_texts(fields: &[(Cow<'_, str>, Held<'_>)]) -> bool {
    let is_text = |held: &Held<'_>| matches!(held.value(), ValueRef::Text(_));
    let last = || {
        fields
            .iter()
            .map(|(name, held)| (name, held))
            .collect::<BTreeMap<_, _>>()
    };
    fields.iter().all(|(_, held)| is_text(held)) || last().into_values().all(is_text)
}

/// What a field of the document may be beside an attribute.
enum Part {
    Version,
    Attributes,
    Segments,
    Other,
}

struct Name<'s>(&'s Served);

impl<'t> DeserializeSeed<'t> for Name<'_> {
    type Value = (Part, Option<usize>);

    fn deserialize<D: Deserializer<'t>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = (Part, Option<usize>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let part = match name {
            "v" => Part::Version,
            "a" => Part::Attributes,
            "s" => Part::Segments,
            _ => Part::Other,
        };
        Ok((part, self.0.compiled.slot(name)))
    }
}
