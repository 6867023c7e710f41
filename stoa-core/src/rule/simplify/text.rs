//! Text: the intersection of lists and of parts at the start, at the end and anywhere.

use super::{
    Fuel,
    atom::{Atom, Place},
};

/// A part that a text has, or has not when the flag is set.
type Part<'a> = (Place, &'a str, bool);

/// The intersection of the sets, `None` when it is empty; the sets themselves when comparing them costs too much.
pub(super) fn meet(atoms: &[Atom], fuel: &mut Fuel) -> Option<Vec<Atom>> {
    let parts: Vec<Part<'_>> = atoms.iter().filter_map(part).collect();
    let size: usize = atoms.iter().map(Atom::size).sum();
    if !fuel.spend(parts.len().saturating_mul(size)) {
        return Some(atoms.to_vec());
    }
    let (mut allowed, mut excluded) = (None, Vec::new());
    for atom in atoms {
        match atom {
            Atom::Words(words, false) => narrow(&mut allowed, words),
            Atom::Words(words, true) => excluded.extend(words.iter().cloned()),
            _ => {}
        }
    }
    excluded.sort_unstable();
    excluded.dedup();
    if let Some(mut allowed) = allowed {
        allowed.retain(|word| excluded.binary_search(word).is_err() && passes(word, &parts));
        return (!allowed.is_empty()).then(|| vec![Atom::Words(allowed, false)]);
    }
    let parts = needed(&parts)?;
    excluded.retain(|word| passes(word, &parts));
    let mut met: Vec<Atom> = parts
        .into_iter()
        .map(|(place, text, no)| Atom::Part(place, text.to_owned(), no))
        .collect();
    if !excluded.is_empty() {
        met.push(Atom::Words(excluded, true));
    }
    Some(met)
}

fn part(atom: &Atom) -> Option<Part<'_>> {
    match atom {
        Atom::Part(place, text, no) => Some((*place, text, *no)),
        _ => None,
    }
}

fn narrow(allowed: &mut Option<Vec<String>>, words: &[String]) {
    match allowed {
        None => *allowed = Some(words.to_vec()),
        Some(allowed) => allowed.retain(|word| words.binary_search(word).is_ok()),
    }
}

/// The parts that no other one implies; `None` when two exclude each other.
fn needed<'a>(parts: &[Part<'a>]) -> Option<Vec<Part<'a>>> {
    let mut kept: Vec<Part<'a>> = Vec::new();
    for new in parts {
        if (new.1.is_empty() && new.2) || kept.iter().any(|old| excludes(old, new)) {
            return None;
        }
        if new.1.is_empty() || kept.iter().any(|old| implies(old, new)) {
            continue;
        }
        kept.retain(|old| !implies(new, old));
        kept.push(*new);
    }
    Some(kept)
}

/// Whether every text with `a` has `b`.
fn implies(a: &Part<'_>, b: &Part<'_>) -> bool {
    match (a.2, b.2) {
        (false, false) => brings(a, b),
        (true, true) => brings(b, a),
        (false, true) => excludes(a, &(b.0, b.1, false)),
        (true, false) => false,
    }
}

/// Whether no text has both.
fn excludes(a: &Part<'_>, b: &Part<'_>) -> bool {
    match (a.2, b.2) {
        (false, true) => brings(a, b),
        (true, false) => brings(b, a),
        (true, true) => false,
        (false, false) => match (a.0, b.0) {
            (Place::Start, Place::Start) => !(a.1.starts_with(b.1) || b.1.starts_with(a.1)),
            (Place::End, Place::End) => !(a.1.ends_with(b.1) || b.1.ends_with(a.1)),
            _ => false,
        },
    }
}

/// Whether having the first part, denied or not, is having the second.
fn brings((place, whole, _): &Part<'_>, (wanted, part, _): &Part<'_>) -> bool {
    match (place, wanted) {
        (Place::Start, Place::Start) => whole.starts_with(part),
        (Place::End, Place::End) => whole.ends_with(part),
        (_, Place::Anywhere) => whole.contains(part),
        _ => part.is_empty(),
    }
}

fn passes(word: &str, parts: &[Part<'_>]) -> bool {
    parts.iter().all(|(place, text, no)| {
        let has = match place {
            Place::Start => word.starts_with(text),
            Place::End => word.ends_with(text),
            Place::Anywhere => word.contains(text),
        };
        has != *no
    })
}
