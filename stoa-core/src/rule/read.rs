//! One pass over a visitor's JSON: what the rules read goes to slots, the rest is checked and skipped.
//!
//! It accepts exactly the texts that `Attributes::from_json` accepts: a number out of range or half an escape is
//! refused wherever it stands, so an answer never depends on which attributes a rule happens to read.

use std::{fmt, mem};

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
        let slots = compiled.attributes().len();
        Self(std::iter::repeat_with(Held::default).take(slots).collect())
    }

    /// Where the value of an attribute goes; what no rule reads has no place.
    pub(crate) fn place(&mut self, slot: Option<usize>) -> Option<&mut Held<'t>> {
        self.0.get_mut(slot?)
    }
}

/// What one slot holds.
#[derive(Debug, Clone)]
pub(crate) struct Held<'t> {
    /// Borrowed from the document, unless it has to be kept apart.
    value: ValueRef<'t>,
    apart: Option<Box<Apart<'t>>>,
}

/// What does not lie in the document as it is: lists, and text with escapes.
#[derive(Debug, Clone)]
enum Apart<'t> {
    Text(String),
    List(Vec<&'t str>),
    Escaped(Vec<String>),
}

impl Default for Held<'_> {
    fn default() -> Self {
        Self::of(ValueRef::Missing)
    }
}

impl<'t> Held<'t> {
    fn of(value: ValueRef<'t>) -> Self {
        Self { value, apart: None }
    }

    fn apart(apart: Apart<'t>) -> Self {
        Self {
            value: ValueRef::Missing,
            apart: Some(Box::new(apart)),
        }
    }

    /// The value that rules compare.
    pub(crate) fn value(&self) -> ValueRef<'_> {
        match self.apart.as_deref() {
            None => self.value,
            Some(Apart::Text(text)) => ValueRef::Text(text),
            Some(Apart::List(tags)) => ValueRef::ListRef(tags),
            Some(Apart::Escaped(tags)) => ValueRef::List(tags),
        }
    }
}

impl<'t> Apart<'t> {
    /// A list and one more text; nothing when it is none.
    fn with(mut self, item: Held<'t>) -> Option<Self> {
        match (&mut self, item.value, item.apart.map(|apart| *apart)) {
            (Self::List(tags), ValueRef::Text(tag), None) => tags.push(tag),
            (Self::List(tags), _, Some(Self::Text(tag))) => {
                let known = tags.iter().map(|&tag| tag.to_owned());
                self = Self::Escaped(known.chain([tag]).collect());
            }
            (Self::Escaped(tags), ValueRef::Text(tag), None) => tags.push(tag.to_owned()),
            (Self::Escaped(tags), _, Some(Self::Text(tag))) => tags.push(tag),
            _ => return None,
        }
        Some(self)
    }
}

/// Reads one object; a name that is written twice counts as it was written last.
pub(super) fn read<'t>(compiled: &Compiled, text: &'t str) -> serde_json::Result<Reading<'t>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut slots = Reading::empty(compiled);
    json.deserialize_map(Object(compiled, &mut slots))?;
    json.end()?;
    Ok(slots)
}

/// A flat object of attributes, and where they go.
struct Object<'a, 't>(&'a Compiled, &'a mut Reading<'t>);

impl<'t> Visitor<'t> for Object<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut fields: A) -> Result<(), A::Error> {
        let Self(compiled, slots) = self;
        while let Some(slot) = fields.next_key_seed(Name(compiled))? {
            match slots.place(slot) {
                Some(place) => fields.next_value_seed(Attribute::Plain.into(place))?,
                None => fields.next_value::<Skipped>().map(drop)?,
            }
        }
        Ok(())
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

/// What becomes of the value of an attribute when it is an object.
pub(crate) enum Attribute<'a, 't> {
    /// It is of no type the language has.
    Plain,
    /// It holds attributes itself, which are read to there.
    Object(&'a Compiled, &'a mut Option<Reading<'t>>),
    /// Its fields are handed over.
    Fields(&'a mut dyn Fields),
}

/// Who wants to know the fields of an object, in their order.
pub(crate) trait Fields {
    /// An object begins.
    fn begin(&mut self);

    /// One field of it.
    fn add(&mut self, name: &str, value: ValueRef<'_>);
}

impl<'a, 't> Attribute<'a, 't> {
    /// The same, read to a place: a value that was returned would be moved from one level to the next.
    pub(crate) fn into(self, place: &'a mut Held<'t>) -> Fill<'a, 't> {
        Fill { place, how: self }
    }
}

/// The value of an attribute that some rule reads, and where it goes.
pub(crate) struct Fill<'a, 't> {
    place: &'a mut Held<'t>,
    how: Attribute<'a, 't>,
}

impl<'t> DeserializeSeed<'t> for Fill<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

/// The values that are read as they are.
macro_rules! visit_to {
    ($($visit:ident($x:ident: $type:ty) => $value:expr),+) => {
        $(fn $visit<E>(self, $x: $type) -> Result<(), E> {
            *self.place = $value;
            Ok(())
        })+
    };
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number is the f64 nearest what is written"
)]
impl<'t> Visitor<'t> for Fill<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    visit_to!(
        visit_bool(truth: bool) => Held::of(ValueRef::Boolean(truth)),
        visit_i64(x: i64) => Held::of(ValueRef::Number(x as f64)),
        visit_u64(x: u64) => Held::of(ValueRef::Number(x as f64)),
        visit_f64(x: f64) => Held::of(ValueRef::Number(x)),
        visit_borrowed_str(text: &'t str) => Held::of(ValueRef::Text(text)),
        visit_str(text: &str) => Held::apart(Apart::Text(text.to_owned()))
    );

    fn visit_unit<E>(self) -> Result<(), E> {
        *self.place = Held::default();
        Ok(())
    }

    /// A list of texts, or nothing that the language has.
    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<(), A::Error> {
        let (mut tags, mut item) = (Some(Apart::List(Vec::new())), Held::default());
        while let Some(()) = items.next_element_seed(Attribute::Plain.into(&mut item))? {
            tags = tags.and_then(|tags| tags.with(mem::take(&mut item)));
        }
        *self.place = tags.map_or(Held::of(ValueRef::Other), Held::apart);
        Ok(())
    }

    fn visit_map<A: MapAccess<'t>>(self, mut fields: A) -> Result<(), A::Error> {
        match self.how {
            Attribute::Plain => {
                Skipped.visit_map(fields)?;
            }
            Attribute::Object(compiled, slots) => {
                let slots = slots.insert(Reading::empty(compiled));
                Object(compiled, slots).visit_map(fields)?;
            }
            Attribute::Fields(whose) => {
                whose.begin();
                let (mut name, mut value) = (Held::default(), Held::default());
                while let Some(()) = fields.next_key_seed(Attribute::Plain.into(&mut name))? {
                    fields.next_value_seed(Attribute::Plain.into(&mut value))?;
                    if let ValueRef::Text(name) = name.value() {
                        whose.add(name, value.value());
                    }
                }
            }
        }
        *self.place = Held::of(ValueRef::Other);
        Ok(())
    }
}
