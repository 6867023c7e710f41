//! Who gets as far as a test: the rules before it in its flag take their visitors away.

use super::gather::{Part, unsupported};
use crate::{error::Result, rule::Rule};

/// What stands before a test.
#[derive(Default)]
pub(super) struct Reach(Vec<Before>);

struct Before {
    field: String,
    takes: Takes,
}

/// Whom a rule takes away from those after it.
pub(super) enum Takes {
    /// All but those for whom this is true.
    AllBut(Rule),
    Everyone,
    Nobody,
    /// A part of its visitors by hash, within a slice of a space if it has one.
    Some(Option<Part>),
    /// Nobody can say.
    Unknown(String),
}

impl Reach {
    pub(super) fn push(&mut self, field: &str, takes: Takes) {
        self.0.push(Before {
            field: field.to_owned(),
            takes,
        });
    }

    /// Those of `own`, everyone when it is none, who get here; the test lies in `part` of a space.
    ///
    /// # Errors
    /// [`crate::error::Error::Unsupported`] when that is no rule.
    pub(super) fn targeting(&self, own: Option<Rule>, part: Option<&Part>) -> Result<Option<Rule>> {
        let mut parts: Vec<Rule> = own.into_iter().collect();
        for before in &self.0 {
            let field = &before.field;
            let why = match &before.takes {
                Takes::Nobody => continue,
                Takes::AllBut(rest) => {
                    parts.push(rest.clone());
                    continue;
                }
                Takes::Some(Some(theirs)) if part.is_some_and(|mine| mine.apart_from(theirs)) => {
                    continue;
                }
                Takes::Everyone => "takes everyone".to_owned(),
                Takes::Some(_) => "takes a part of its visitors by hash".to_owned(),
                Takes::Unknown(why) => format!("takes visitors by what no rule says ({why})"),
            };
            let rule = "must be reached by visitors whom a rule can name";
            return Err(unsupported("", rule, format!("{field} before it {why}")));
        }
        Ok((!parts.is_empty()).then(|| Rule::All(parts).canonical()))
    }
}
