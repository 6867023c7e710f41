//! One pass over what a cache holds of a visitor: a flat object of attributes, or the document
//! `{"v": 1, "a": {attributes}, "s": {segment: rule hash}}`, which is told apart by its object `a`.
//!
//! It reads and refuses what [`Visitor::from_slice`](super::Visitor::from_slice) does; `tests/rust/assign.rs` holds one
//! against the other.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, Visitor},
};

use super::{Known, targeting::Served, visitor};
use crate::{
    rule::{Attributed, Compiled, Fields, Held, Reading, Skipped},
    value::ValueRef,
};

/// Reads a visitor; what cannot be read is remembered, never an error.
pub(super) fn read<'t>(served: &Served, bytes: &'t [u8]) -> Known<'t> {
    let mut known = Known::default();
    let whole = std::str::from_utf8(bytes).is_ok_and(|text| {
        let mut json = serde_json::Deserializer::from_str(text);
        let document = Document(served, &mut known);
        json.deserialize_any(document).is_ok() && json.end().is_ok()
    });
    if whole { known } else { Known::unreadable() }
}

/// A document, and who is to know what it says.
struct Document<'d, 't>(&'d Served, &'d mut Known<'t>);

impl<'t> Visitor<'t> for Document<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    /// A visitor nothing is known about.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'t>>(self, mut fields: A) -> Result<(), A::Error> {
        let Self(served, known) = self;
        let compiled = &served.compiled;
        let mut flat = Flat(compiled, None);
        let (mut values, mut judged) = (None, Judged::new(served));
        let [mut version, mut attributes, mut segments] = [None, None, None];
        while let Some(part) = fields.next_key_seed(Name(compiled))? {
            let (place, how) = match part {
                Part::Version => (&mut version, Attributed::Plain),
                Part::Attributes => {
                    values = None;
                    (&mut attributes, Attributed::Object(compiled, &mut values))
                }
                Part::Segments => {
                    judged = Judged::new(served);
                    (&mut segments, Attributed::Fields(&mut judged))
                }
                Part::Other(slot) => {
                    flat.read(slot, &mut fields)?;
                    continue;
                }
            };
            fields.next_value_seed(how.into(place.insert(Held::default())))?;
        }
        let ours = version.as_ref().map(Held::value) == Some(visitor::CACHE_VERSION);
        *known = match values {
            Some(values) if ours && (segments.is_none() || judged.is_readable()) => Known {
                values,
                members: judged.members,
                unreadable: false,
            },
            Some(_) => Known::unreadable(),
            None => Known {
                values: flat.and([("v", version), ("a", attributes), ("s", segments)]),
                ..Known::default()
            },
        };
        Ok(())
    }
}

/// Attributes beside each other, made when one is put there, which a cache's document never does.
struct Flat<'c, 't>(&'c Compiled, Option<Reading<'t>>);

impl<'t> Flat<'_, 't> {
    /// Reads the next value to its slot, or over it.
    fn read<A: MapAccess<'t>>(
        &mut self,
        slot: Option<usize>,
        fields: &mut A,
    ) -> Result<(), A::Error> {
        match self.place(slot) {
            Some(place) => fields.next_value_seed(Attributed::Plain.into(place)),
            None => fields.next_value::<Skipped>().map(drop),
        }
    }

    fn place(&mut self, slot: Option<usize>) -> Option<&mut Held<'t>> {
        let compiled = self.0;
        let flat = slot.map(|_| self.1.get_or_insert_with(|| Reading::empty(compiled)));
        flat?.place(slot)
    }

    /// What was read, and these as far as they are there.
    fn and(mut self, named: [(&str, Option<Held<'t>>); 3]) -> Reading<'t> {
        for (name, held) in named {
            if let (Some(held), Some(place)) = (held, self.place(self.0.slot(name))) {
                *place = held;
            }
        }
        self.1.unwrap_or_default()
    }
}

/// What a cache's `s` says; of two fields of one name the last counts.
struct Judged<'s> {
    served: &'s Served,
    is_object: bool,
    /// In the slots of the segments left as names; empty as long as none was named.
    members: Vec<Option<bool>>,
    /// Fields that are no text, so that the document cannot be read.
    strange: BTreeSet<String>,
}

impl<'s> Judged<'s> {
    fn new(served: &'s Served) -> Self {
        Self {
            served,
            is_object: false,
            members: Vec::new(),
            strange: BTreeSet::new(),
        }
    }

    fn is_readable(&self) -> bool {
        self.is_object && self.strange.is_empty()
    }
}

impl Fields for Judged<'_> {
    fn begin(&mut self) {
        self.is_object = true;
    }

    fn add(&mut self, name: &str, value: ValueRef<'_>) {
        let ValueRef::Text(entry) = value else {
            self.strange.insert(name.to_owned());
            return;
        };
        self.strange.remove(name);
        if let Some((slot, hash)) = self.served.segment(name) {
            let segments = self.served.compiled.segments().len();
            self.members.resize(segments, None);
            self.members[slot] = visitor::judged(entry, hash);
        }
    }
}

/// What a field of the document may be beside an attribute.
enum Part {
    Version,
    Attributes,
    Segments,
    Other(Option<usize>),
}

struct Name<'c>(&'c Compiled);

impl<'t> DeserializeSeed<'t> for Name<'_> {
    type Value = Part;

    fn deserialize<D: Deserializer<'t>>(self, name: D) -> Result<Part, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Part;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, name: &str) -> Result<Part, E> {
        Ok(match name {
            "v" => Part::Version,
            "a" => Part::Attributes,
            "s" => Part::Segments,
            _ => Part::Other(self.0.slot(name)),
        })
    }
}
