//! Lists of strings: which tags must be there, which must not, and of which groups at least one.

use std::collections::BTreeSet;

use super::{Fuel, atom::Atom};

#[derive(Default)]
struct Known {
    required: BTreeSet<String>,
    forbidden: BTreeSet<String>,
    /// At least one of each must be there.
    any: Vec<Vec<String>>,
    /// At least one of each must be absent.
    not_all: Vec<Vec<String>>,
}

/// The intersection of the sets, `None` when it is empty; the sets themselves when comparing them costs too much.
pub(super) fn meet(atoms: &[Atom], fuel: &mut Fuel) -> Option<Vec<Atom>> {
    let size: usize = atoms.iter().map(Atom::size).sum();
    let group = |atom: &&Atom| matches!(atom, Atom::AnyOf(tags, no) | Atom::AllOf(tags, no) if tags.len() > 1 || *no);
    let n_groups = atoms.iter().filter(group).count();
    if !fuel.spend(size.saturating_mul(1 + n_groups)) {
        return Some(atoms.to_vec());
    }
    let mut known = Known::default();
    for atom in atoms {
        match atom {
            Atom::AllOf(tags, false) => known.required.extend(tags.iter().cloned()),
            Atom::AnyOf(tags, true) => known.forbidden.extend(tags.iter().cloned()),
            Atom::AnyOf(tags, false) => known.any.push(tags.clone()),
            Atom::AllOf(tags, true) => known.not_all.push(tags.clone()),
            _ => {}
        }
    }
    while known.narrow()? {
        if !fuel.spend(size) {
            return Some(atoms.to_vec());
        }
    }
    if !known.required.is_disjoint(&known.forbidden) {
        return None;
    }
    smallest(&mut known.any);
    smallest(&mut known.not_all);
    Some(known.into_atoms())
}

impl Known {
    /// One step of the groups by the tags known to be there or absent: `None` when a group has nothing left, true
    /// when a group had a single tag left, which is known from then on.
    fn narrow(&mut self) -> Option<bool> {
        let found = settle(&mut self.any, &self.required, &self.forbidden)?;
        let gone = settle(&mut self.not_all, &self.forbidden, &self.required)?;
        let news = !(found.is_empty() && gone.is_empty());
        self.required.extend(found);
        self.forbidden.extend(gone);
        Some(news)
    }

    fn into_atoms(self) -> Vec<Atom> {
        let mut atoms = Vec::new();
        let tags = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>();
        match self.required.len() {
            0 => {}
            1 => atoms.push(Atom::AnyOf(tags(self.required), false)),
            _ => atoms.push(Atom::AllOf(tags(self.required), false)),
        }
        if !self.forbidden.is_empty() {
            atoms.push(Atom::AnyOf(tags(self.forbidden), true));
        }
        atoms.extend(self.any.into_iter().map(|tags| Atom::AnyOf(tags, false)));
        atoms.extend(self.not_all.into_iter().map(|tags| Atom::AllOf(tags, true)));
        atoms
    }
}

/// Drops groups that a tag in `done` satisfies and tags in `ruled_out`; the tags that stand alone are returned.
fn settle(
    groups: &mut Vec<Vec<String>>,
    done: &BTreeSet<String>,
    ruled_out: &BTreeSet<String>,
) -> Option<Vec<String>> {
    let mut alone = Vec::new();
    let mut empty = false;
    groups.retain_mut(|group| {
        if group.iter().any(|tag| done.contains(tag)) {
            return false;
        }
        group.retain(|tag| !ruled_out.contains(tag));
        empty |= group.is_empty();
        if group.len() == 1 {
            alone.append(group);
            return false;
        }
        true
    });
    (!empty).then_some(alone)
}

/// Drops a group that holds all of another one.
fn smallest(groups: &mut Vec<Vec<String>>) {
    groups.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let mut kept: Vec<Vec<String>> = Vec::with_capacity(groups.len());
    for group in std::mem::take(groups) {
        let holds = |small: &Vec<String>| small.iter().all(|tag| group.binary_search(tag).is_ok());
        if !kept.iter().any(holds) {
            kept.push(group);
        }
    }
    *groups = kept;
}
