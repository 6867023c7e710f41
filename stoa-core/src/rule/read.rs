//! One pass over a visitor's JSON: what the rules read goes to slots, the rest is checked and skipped.
//!
//! It accepts exactly the texts that `Attributes::from_json` accepts: a number out of range or half an escape is
//! refused wherever it stands, so an answer never depends on which attributes a rule happens to read.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

use super::compiled::Compiled;
use crate::value::ValueRef;

/// The attributes of one visitor that some rules read, in slots. Made by [`Compiled::read_json`].
#[derive(Debug, Clone, Default)]
pub struct Reading<'t>(Vec<Held<'t>>);

impl Reading<'_> {
    /// The value in a slot, missing past the end.
    ///
    /// # Example
    /// ```
    /// use stoa_core::{rule::{Compiled, Rule}, value::ValueRef};
    /// let compiled = Compiled::new([&Rule::parse_sql("spend > 100")?]);
    /// assert_eq!(compiled.read_json(r#"{"spend": 250}"#)?.get(0), ValueRef::Number(250.0));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn get(&self, slot: usize) -> ValueRef<'_> {
        self.0.get(slot).map_or(ValueRef::Missing, Held::value)
    }
}

impl<'t> Reading<'t> {
    /// Nothing known yet.
    pub(crate) fn empty(compiled: &Compiled) -> Self {
        let missing = || Held::Value(ValueRef::Missing);
        let slots = compiled.attributes().len();
        Self(std::iter::repeat_with(missing).take(slots).collect())
    }

    /// Fills a slot; what no rule reads has none.
    pub(crate) fn put(&mut self, slot: Option<usize>, held: Held<'t>) {
        if let Some(place) = slot.and_then(|slot| self.0.get_mut(slot)) {
            *place = held;
        }
    }
}

/// What one slot holds; text with escapes has to be kept apart from the document.
#[derive(Debug, Clone)]
pub(crate) enum Held<'t> {
    Value(ValueRef<'t>),
    Text(String),
    List(Vec<&'t str>),
    Escaped(Vec<String>),
    /// An object that was read as attributes.
    Object(Reading<'t>),
    /// An object's fields as they are written: of two of one name the last counts.
    Fields(Vec<(Cow<'t, str>, Held<'t>)>),
}

impl Held<'_> {
    /// The value that rules compare.
    pub(crate) fn value(&self) -> ValueRef<'_> {
        match self {
            Self::Value(value) => *value,
            Self::Text(text) => ValueRef::Text(text),
            Self::List(tags) => ValueRef::ListRef(tags),
            Self::Escaped(tags) => ValueRef::List(tags),
            Self::Object(_) | Self::Fields(_) => ValueRef::Other,
        }
    }
}

/// Reads one object; a name that is written twice counts as it was written last.
pub(super) fn read<'t>(compiled: &Compiled, text: &'t str) -> serde_json::Result<Reading<'t>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let slots = json.deserialize_map(Object(compiled))?;
    json.end()?;
    Ok(slots)
}

/// A flat object of attributes.
pub(crate) struct Object<'c>(pub(crate) &'c Compiled);

impl<'t> Visitor<'t> for Object<'_> {
    type Value = Reading<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut slots = Reading::empty(self.0);
        while let Some(slot) = fields.next_key_seed(Name(self.0))? {
            match slot {
                Some(_) => slots.put(slot, fields.next_value()?),
                None => fields.next_value::<Skipped>().map(drop)?,
            }
        }
        Ok(slots)
    }
}

/// A field's name, as the slot it goes to.
struct Name<'c>(&'c Compiled);

impl<'t> DeserializeSeed<'t> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'t>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.slot(name))
    }
}

/// Anything, read to its end and forgotten.
pub(crate) struct Skipped;

impl<'t> Deserialize<'t> for Skipped {
    fn deserialize<D: Deserializer<'t>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(Self)
    }
}

/// The scalars whose value does not matter.
macro_rules! visit_as {
    ($result:expr, $($visit:ident($type:ty)),+) => {
        $(fn $visit<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok($result)
        })+
    };
}

impl<'t> Visitor<'t> for Skipped {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    visit_as!(
        Self,
        visit_bool(bool),
        visit_i64(i64),
        visit_u64(u64),
        visit_f64(f64),
        visit_str(&str)
    );

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(Self)
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(Self)
    }

    fn visit_map<A: MapAccess<'t>>(self, mut fields: A) -> Result<Self, A::Error> {
        while fields.next_entry::<Self, Self>()?.is_some() {}
        Ok(Self)
    }
}

/// The value of an attribute that some rule reads, and what becomes of it when it is an object.
#[derive(Clone, Copy)]
pub(crate) enum Attribute<'c> {
    /// It is of no type the language has.
    Plain,
    /// It holds attributes itself.
    Object(&'c Compiled),
    /// Its fields are kept.
    Fields,
}

impl<'t> Deserialize<'t> for Held<'t> {
    fn deserialize<D: Deserializer<'t>>(value: D) -> Result<Self, D::Error> {
        Attribute::Plain.deserialize(value)
    }
}

impl<'t> DeserializeSeed<'t> for Attribute<'_> {
    type Value = Held<'t>;

    fn deserialize<D: Deserializer<'t>>(self, value: D) -> Result<Held<'t>, D::Error> {
        value.deserialize_any(self)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number is the f64 nearest what is written"
)]
impl<'t> Visitor<'t> for Attribute<'_> {
    type Value = Held<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Held<'t>, E> {
        Ok(Held::Value(ValueRef::Missing))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Held<'t>, E> {
        Ok(Held::Value(ValueRef::Boolean(truth)))
    }

    fn visit_i64<E>(self, x: i64) -> Result<Held<'t>, E> {
        Ok(Held::Value(ValueRef::Number(x as f64)))
    }

    fn visit_u64<E>(self, x: u64) -> Result<Held<'t>, E> {
        Ok(Held::Value(ValueRef::Number(x as f64)))
    }

    fn visit_f64<E>(self, x: f64) -> Result<Held<'t>, E> {
        Ok(Held::Value(ValueRef::Number(x)))
    }

    fn visit_borrowed_str<E>(self, text: &'t str) -> Result<Held<'t>, E> {
        Ok(Held::Value(ValueRef::Text(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Held<'t>, E> {
        Ok(Held::Text(text.to_owned()))
    }

    /// A list of texts, or nothing that the language has.
    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<Held<'t>, A::Error> {
        let mut tags = Held::List(Vec::new());
        while let Some(item) = items.next_element()? {
            tags = match (tags, item) {
                (Held::List(mut tags), Held::Value(ValueRef::Text(tag))) => {
                    tags.push(tag);
                    Held::List(tags)
                }
                (Held::List(tags), Held::Text(tag)) => {
                    let known = tags.into_iter().map(str::to_owned);
                    Held::Escaped(known.chain([tag]).collect())
                }
                (Held::Escaped(mut tags), Held::Value(ValueRef::Text(tag))) => {
                    tags.push(tag.to_owned());
                    Held::Escaped(tags)
                }
                (Held::Escaped(mut tags), Held::Text(tag)) => {
                    tags.push(tag);
                    Held::Escaped(tags)
                }
                _ => Held::Value(ValueRef::Other),
            };
        }
        Ok(tags)
    }

    fn visit_map<A: MapAccess<'t>>(self, mut fields: A) -> Result<Held<'t>, A::Error> {
        Ok(match self {
            Self::Plain => {
                Skipped.visit_map(fields)?;
                Held::Value(ValueRef::Other)
            }
            Self::Object(compiled) => Held::Object(Object(compiled).visit_map(fields)?),
            Self::Fields => {
                let mut kept = Vec::new();
                while let Some((name, held)) = fields.next_entry()? {
                    if let Held::Value(ValueRef::Text(name)) = name {
                        kept.push((Cow::Borrowed(name), held));
                    } else if let Held::Text(name) = name {
                        kept.push((Cow::Owned(name), held));
                    }
                }
                Held::Fields(kept)
            }
        })
    }
}
