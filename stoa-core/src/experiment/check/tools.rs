//! The single checks that every part of the contract is made of; each adds what it finds to a list.

use crate::error::{Detail, Error};

/// Longest key of anything a contract names.
const MAX_KEY: usize = 64;

/// The checks that several parts of the contract share.
pub(in crate::experiment) trait Checks {
    /// The layout version is the one this code reads.
    fn version(&mut self, version: u64);
    /// Something is written.
    fn present(&mut self, path: &str, text: &str) -> bool;
    /// Not NaN, not infinite.
    fn finite(&mut self, path: &str, x: f64) -> bool;
    /// Finite and within what `holds` says.
    fn between(&mut self, path: &str, x: f64, rule: &str, holds: impl Fn(f64) -> bool) -> bool;
    /// From 0 to 1.
    fn share(&mut self, path: &str, x: f64) -> bool {
        self.between(path, x, "must be from 0 to 1", |x| (0.0..=1.0).contains(&x))
    }
    /// Above 0.
    fn positive(&mut self, path: &str, x: f64) -> bool {
        self.between(path, x, "must be > 0", |x| x > 0.0)
    }
    /// One of the known names.
    fn known<'a>(
        &mut self,
        path: &str,
        name: &str,
        what: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> bool;
    /// Not among the earlier ones.
    fn unique<'a>(&mut self, path: &str, name: &str, earlier: impl Iterator<Item = &'a String>);
}

impl Checks for Vec<Error> {
    fn version(&mut self, version: u64) {
        if version != 1 {
            self.push(Error::Unsupported(Detail::new(
                "schema_version",
                "must be 1",
                version,
            )));
        }
    }

    fn present(&mut self, path: &str, text: &str) -> bool {
        let blank = text.trim().is_empty();
        if blank {
            self.push(Error::MissingField(Detail::new(
                path,
                "is required",
                "nothing",
            )));
        }
        !blank
    }

    fn finite(&mut self, path: &str, x: f64) -> bool {
        if !x.is_finite() {
            self.push(Error::NotFinite(Detail::new(
                path,
                "must be a finite number",
                x,
            )));
        }
        x.is_finite()
    }

    fn between(&mut self, path: &str, x: f64, rule: &str, holds: impl Fn(f64) -> bool) -> bool {
        if !self.finite(path, x) {
            return false;
        }
        if !holds(x) {
            self.push(Error::OutOfRange(Detail::new(path, rule, x)));
        }
        holds(x)
    }

    fn known<'a>(
        &mut self,
        path: &str,
        name: &str,
        what: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> bool {
        let found = known.clone().any(|k| k == name);
        if !found {
            self.push(Error::UnknownName(
                Detail::new(path, format!("must be {what}"), name).did_you_mean(name, known),
            ));
        }
        found
    }

    fn unique<'a>(
        &mut self,
        path: &str,
        name: &str,
        mut earlier: impl Iterator<Item = &'a String>,
    ) {
        if !name.is_empty() && earlier.any(|e| e == name) {
            self.push(Error::Duplicate(Detail::new(path, "must be unique", name)));
        }
    }
}

/// A key that is safe in SQL, file names, URLs and cookies; the rule in words when it is not one.
pub(in crate::experiment) fn safe_key(key: &str) -> std::result::Result<(), &'static str> {
    let ok = key.len() <= MAX_KEY
        && key.starts_with(|c: char| c.is_ascii_alphanumeric())
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    ok.then_some(())
        .ok_or("must be letters, digits, _ and -, starting with a letter or digit, at most 64")
}

/// A key that is a column as well.
pub(in crate::experiment) fn snake_case(key: &str) -> std::result::Result<(), &'static str> {
    let ok = key.len() <= MAX_KEY
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    ok.then_some(())
        .ok_or("must be snake_case (a-z, 0-9, _), starting with a letter, at most 64")
}

pub(in crate::experiment) fn key_problem(
    errors: &mut Vec<Error>,
    path: &str,
    key: &str,
    form: fn(&str) -> std::result::Result<(), &'static str>,
) {
    if errors.present(path, key)
        && let Err(rule) = form(key)
    {
        errors.push(Error::OutOfRange(Detail::new(path, rule, key)));
    }
}
