//! What a simplification finds, as data and in words.

use serde::Serialize;

use super::super::ast::Rule;

/// Longest piece of a rule that a sentence repeats, in characters.
const SHOWN: usize = 120;

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The part can never be true.
    Contradiction,
    /// The part is true of every visitor.
    AlwaysTrue,
    /// The part is true of every visitor whose attribute is known and of the type compared.
    TrueWhenKnown,
    /// The part adds nothing and is left out.
    Redundant,
    /// The part is implied where another is true, and stays because it turns unknown into false.
    Implied,
    /// The parts say together what one says.
    Merged,
}

/// One thing that a rule says in vain, or says twice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// JSON path in the rule as written: `all[1].any[0]`; empty for the rule itself.
    pub path: String,
    /// The part it is about: conditions in canonical form, in the order in which the sentence names them.
    pub rule: Rule,
    /// The sentence a person reads.
    pub message: String,
}

/// The part of a rule as a sentence repeats it.
pub(super) fn said(rule: &Rule) -> String {
    let words = rule.describe(None);
    match words.char_indices().nth(SHOWN) {
        None => format!("“{words}”"),
        Some((end, _)) => format!("“{}…”", &words[..end]),
    }
}

/// Several parts joined: `“a” and “b”`; past three they are counted.
pub(super) fn together(rules: &[Rule], joint: &str) -> String {
    match rules {
        [] => "nothing".to_owned(),
        [one] => said(one),
        [first, rest @ ..] if rest.len() < 3 => {
            let rest: Vec<String> = rest.iter().map(said).collect();
            format!(
                "{} {joint} {}",
                said(first),
                rest.join(&format!(" {joint} "))
            )
        }
        many => format!("these {} conditions", many.len()),
    }
}
