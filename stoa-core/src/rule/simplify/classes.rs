//! Comparisons of one attribute with different types: a value has one, and only text may spell a timestamp too.

use std::collections::BTreeMap;

use super::{
    FindingKind, Walk,
    atom::{Atom, Class},
    finding::{said, together},
    group::Group,
};
use crate::{rule::ast::Rule, value::Timestamp};

impl Walk {
    /// Whether no value can satisfy all comparisons of one attribute that stand together, because of its type.
    pub(super) fn across_classes(
        &mut self,
        groups: &BTreeMap<(String, Class), Group>,
        path: &str,
    ) -> bool {
        let of_values = || {
            groups
                .iter()
                .filter(|((_, class), _)| *class != Class::Segment)
        };
        let mut found = false;
        for (((name, other), earlier), ((next, class), group)) in
            of_values().zip(of_values().skip(1))
        {
            let (Some(there), Some(here)) = (earlier.first(), group.first()) else {
                continue;
            };
            if name != next {
                continue;
            }
            let pair = [there.rule(), here.rule()];
            let reason = match other {
                Class::Presence if there.atom == Atom::Missing(false) => {
                    self.note_implied(&pair, &there.node.path);
                    continue;
                }
                Class::Presence => "what is missing compares with nothing",
                Class::Text | Class::Instant if matches!(class, Class::Instant | Class::Recent) => {
                    if *other == Class::Instant || may_spell(earlier, group) {
                        continue;
                    }
                    "that is no such timestamp"
                }
                _ => "a value has one type",
            };
            found = true;
            let message = format!(
                "{} can never both be true: {reason}",
                together(&pair, "and")
            );
            self.note(
                FindingKind::Contradiction,
                path.to_owned(),
                Rule::All(pair.into()),
                message,
            );
        }
        found
    }

    fn note_implied(&mut self, [part, by]: &[Rule; 2], path: &str) {
        let message = format!(
            "{} whenever {} is true or false; it stays because it says no where that is unknown",
            said(part),
            said(by)
        );
        self.note(FindingKind::Implied, path.to_owned(), part.clone(), message);
    }
}

/// Whether a text that satisfies the one group can be a timestamp of the other.
fn may_spell(texts: &Group, instants: &Group) -> bool {
    let inside = |word: &String| {
        Timestamp::parse(word).is_ok_and(|t| {
            instants.iter().all(|member| match &member.atom {
                Atom::AtLeast(low) => low.key <= t.micros,
                Atom::AtMost(high) => t.micros <= high.key,
                Atom::Between(low, high) => low.key <= t.micros && t.micros <= high.key,
                Atom::Outside(low, high) => t.micros < low.key || high.key < t.micros,
                _ => true,
            })
        })
    };
    let of_timestamps = |c: char| c.is_ascii_digit() || "-:.,+TtZz ".contains(c);
    texts.iter().all(|member| match &member.atom {
        Atom::Words(words, false) => words.iter().any(inside),
        Atom::Part(_, part, false) => part.chars().all(of_timestamps),
        _ => true,
    })
}
