//! Numbers, booleans and instants: the intersection of bounds, lists and gaps, in sorted order.

use super::atom::{Atom, Bound, Class};

/// What is known of one value so far.
#[derive(Default)]
struct Known {
    low: Option<Bound>,
    high: Option<Bound>,
    allowed: Option<Vec<i64>>,
    excluded: Vec<i64>,
    gaps: Vec<(Bound, Bound)>,
}

/// The intersection of the sets, `None` when it is empty.
pub(super) fn meet(class: Class, atoms: &[Atom]) -> Option<Vec<Atom>> {
    let mut known = Known::default();
    for atom in atoms {
        match atom {
            // There are two booleans, so those that are excluded say which are left.
            Atom::Keys(keys, true) if class == Class::Boolean => {
                let left = [0, 1].into_iter().filter(|key| !keys.contains(key));
                known.add(&Atom::Keys(left.collect(), false));
            }
            atom => known.add(atom),
        }
    }
    known.excluded.sort_unstable();
    known.excluded.dedup();
    known.join_gaps();
    known.trim();
    known.into_atoms(class)
}

impl Known {
    fn add(&mut self, atom: &Atom) {
        match atom {
            Atom::AtLeast(bound) => self.at_least(bound),
            Atom::AtMost(bound) => self.at_most(bound),
            Atom::Between(low, high) => {
                self.at_least(low);
                self.at_most(high);
            }
            Atom::Outside(low, high) if low.key <= high.key => {
                self.gaps.push((low.clone(), high.clone()));
            }
            Atom::Keys(keys, false) => {
                self.allowed = Some(match self.allowed.take() {
                    None => keys.clone(),
                    Some(mut allowed) => {
                        allowed.retain(|key| keys.binary_search(key).is_ok());
                        allowed
                    }
                });
            }
            Atom::Keys(keys, true) => self.excluded.extend(keys),
            _ => {}
        }
    }

    fn at_least(&mut self, bound: &Bound) {
        if self.low.as_ref().is_none_or(|low| low.key < bound.key) {
            self.low = Some(bound.clone());
        }
    }

    fn at_most(&mut self, bound: &Bound) {
        if self.high.as_ref().is_none_or(|high| high.key > bound.key) {
            self.high = Some(bound.clone());
        }
    }

    /// Gaps in order, those that touch made one.
    fn join_gaps(&mut self) {
        self.gaps.sort_by_key(|(low, _)| low.key);
        let mut joined: Vec<(Bound, Bound)> = Vec::with_capacity(self.gaps.len());
        for (low, high) in std::mem::take(&mut self.gaps) {
            match joined.last_mut() {
                Some((_, end)) if low.key <= end.key.saturating_add(1) => {
                    if end.key < high.key {
                        *end = high;
                    }
                }
                _ => joined.push((low, high)),
            }
        }
        self.gaps = joined;
    }

    /// Moves the bounds inward past gaps and excluded values, and forgets those outside.
    fn trim(&mut self) {
        loop {
            let before = (self.low.clone(), self.high.clone());
            if let Some(low) = &mut self.low {
                let met = self
                    .gaps
                    .iter()
                    .find(|(a, b)| a.key <= low.key && low.key <= b.key);
                if let Some((_, end)) = met {
                    *low = after(end, 1);
                } else if low.inclusive && self.excluded.binary_search(&low.key).is_ok() {
                    *low = after(low, 1);
                }
            }
            if let Some(high) = &mut self.high {
                let met = self
                    .gaps
                    .iter()
                    .rfind(|(a, b)| a.key <= high.key && high.key <= b.key);
                if let Some((start, _)) = met {
                    *high = after(start, -1);
                } else if high.inclusive && self.excluded.binary_search(&high.key).is_ok() {
                    *high = after(high, -1);
                }
            }
            if before == (self.low.clone(), self.high.clone()) {
                break;
            }
        }
        let (low, high) = (self.lowest(), self.highest());
        self.gaps.retain(|(a, b)| a.key <= high && b.key >= low);
        let gaps = std::mem::take(&mut self.gaps);
        self.excluded
            .retain(|key| (low..=high).contains(key) && !in_gap(&gaps, *key));
        self.gaps = gaps;
    }

    fn lowest(&self) -> i64 {
        self.low.as_ref().map_or(i64::MIN, |bound| bound.key)
    }

    fn highest(&self) -> i64 {
        self.high.as_ref().map_or(i64::MAX, |bound| bound.key)
    }

    fn into_atoms(self, class: Class) -> Option<Vec<Atom>> {
        let (low, high) = (self.lowest(), self.highest());
        if low > high || (low == high && self.excluded.contains(&low)) {
            return None;
        }
        if let Some(mut allowed) = self.allowed {
            allowed.retain(|key| {
                (low..=high).contains(key)
                    && self.excluded.binary_search(key).is_err()
                    && !in_gap(&self.gaps, *key)
            });
            return (!allowed.is_empty()).then(|| vec![Atom::Keys(allowed, false)]);
        }
        if low == high && class == Class::Number {
            return Some(vec![Atom::Keys(vec![low], false)]);
        }
        let mut atoms = match (self.low, self.high) {
            (Some(low), Some(high)) if low.inclusive && high.inclusive => {
                vec![Atom::Between(low, high)]
            }
            (low, high) => low
                .map(Atom::AtLeast)
                .into_iter()
                .chain(high.map(Atom::AtMost))
                .collect(),
        };
        if !self.excluded.is_empty() {
            atoms.push(Atom::Keys(self.excluded, true));
        }
        atoms.extend(
            self.gaps
                .into_iter()
                .map(|(low, high)| Atom::Outside(low, high)),
        );
        Some(atoms)
    }
}

/// The bound just past a value.
fn after(bound: &Bound, step: i64) -> Bound {
    // An exclusive bound's key is already past its value; only inclusive ones are ever passed.
    Bound {
        key: bound.key.saturating_add(step),
        inclusive: false,
        value: bound.value.clone(),
    }
}

fn in_gap(gaps: &[(Bound, Bound)], key: i64) -> bool {
    let at = gaps.partition_point(|(low, _)| low.key <= key);
    at > 0 && gaps.get(at - 1).is_some_and(|(_, high)| key <= high.key)
}
