//! Regular expressions that are plain text, and texts whatever their case.

use super::super::ast::Operator;

/// Letters of one text that are spelled out in either case: at most 2⁶ spellings.
const MAX_LETTERS: usize = 6;

/// A regular expression that is a comparison: of one text, or for `in` of several.
#[derive(Debug, PartialEq)]
pub(super) struct Pattern {
    pub(super) op: Operator,
    pub(super) texts: Vec<String>,
}

/// The comparison that a pattern is, if it is one: `^text$`, `^text`, `text$`, `text` or `^(a|b)$`.
pub(super) fn plain(pattern: &str) -> Option<Pattern> {
    let (start, rest) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let (end, rest) = match rest.strip_suffix('$') {
        // An escaped dollar is one of the text.
        Some(rest) if backslashes(rest).is_multiple_of(2) => (true, rest),
        _ => (false, rest),
    };
    let group = rest.strip_prefix("(?:").or_else(|| rest.strip_prefix('('));
    if let (true, true, Some(inner)) = (start, end, group.and_then(|g| g.strip_suffix(')'))) {
        let texts: Option<Vec<String>> = alternatives(inner).into_iter().map(literal).collect();
        return texts.map(|texts| Pattern {
            op: Operator::In,
            texts,
        });
    }
    let op = match (start, end) {
        (true, true) => Operator::Eq,
        (true, false) => Operator::StartsWith,
        (false, true) => Operator::EndsWith,
        (false, false) => Operator::Contains,
    };
    literal(rest).map(|text| Pattern {
        op,
        texts: vec![text],
    })
}

/// What the comparison says of one text.
pub(super) fn holds(op: Operator, whole: &str, text: &str) -> bool {
    match op {
        Operator::StartsWith => whole.starts_with(text),
        Operator::EndsWith => whole.ends_with(text),
        Operator::Contains => whole.contains(text),
        _ => whole == text,
    }
}

/// The parts between bars that are not escaped.
fn alternatives(pattern: &str) -> Vec<&str> {
    let bars = pattern.match_indices('|').map(|(at, _)| at);
    let bars = bars.filter(|at| backslashes(&pattern[..*at]).is_multiple_of(2));
    let mut parts = Vec::new();
    let mut from = 0;
    for bar in bars {
        parts.push(&pattern[from..bar]);
        from = bar + 1;
    }
    parts.push(&pattern[from..]);
    parts
}

fn backslashes(before: &str) -> usize {
    before.bytes().rev().take_while(|b| *b == b'\\').count()
}

/// The text that a pattern without any operator matches.
fn literal(pattern: &str) -> Option<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            // Of letters and digits an escape makes something else; a hyphen is itself only outside brackets.
            '\\' => text.push(chars.next().filter(char::is_ascii_punctuation)?),
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => {
                return None;
            }
            c => text.push(c),
        }
    }
    Some(text)
}

/// The texts that are this one in lower case; `None` when they are too many or not all known.
pub(super) fn spellings(text: &str) -> Option<Vec<String>> {
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    if letters > MAX_LETTERS || !text.is_ascii() {
        return None;
    }
    let mut found = vec![String::with_capacity(text.len())];
    for c in text.chars() {
        let lower = c.to_ascii_lowercase();
        let mut forms = vec![lower];
        if lower.is_ascii_alphabetic() {
            forms.push(lower.to_ascii_uppercase());
        }
        if lower == 'k' {
            // The Kelvin sign, the one letter beyond ASCII that is an ASCII letter in lower case.
            forms.push('\u{212a}');
        }
        found = found
            .iter()
            .flat_map(|before| forms.iter().map(move |form| format!("{before}{form}")))
            .collect();
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_patterns_are_comparisons_and_others_are_not() {
        let of = |op, text: &str| {
            Some(Pattern {
                op,
                texts: text.split(',').map(str::to_owned).collect(),
            })
        };
        assert_eq!(plain("^a\\.b$"), of(Operator::Eq, "a.b"));
        assert_eq!(plain("^shop/"), of(Operator::StartsWith, "shop/"));
        assert_eq!(plain("\\.ca$"), of(Operator::EndsWith, ".ca"));
        assert_eq!(plain("5\\$"), of(Operator::Contains, "5$"));
        assert_eq!(plain("a\\\\$"), of(Operator::EndsWith, "a\\"));
        assert_eq!(plain("^(CA|US)$"), of(Operator::In, "CA,US"));
        assert_eq!(plain("^(?:a\\|b|c)$"), of(Operator::In, "a|b,c"));
        for beyond in [
            "a.c",
            "^a|b$",
            "^(a|b)",
            "\\d",
            "a\\",
            "[a]",
            "a*",
            "^(a(b)c)$",
            "^(a)(b)$",
            "x{2}",
            "^(a\\)$",
        ] {
            assert_eq!(plain(beyond), None, "{beyond}");
        }
    }

    #[test]
    fn spellings_are_all_cases() {
        assert_eq!(spellings("1-b").unwrap_or_default(), ["1-b", "1-B"]);
        assert_eq!(spellings("K").unwrap_or_default(), ["k", "K", "\u{212a}"]);
        assert_eq!(spellings("abcdefg"), None);
        assert_eq!(spellings("é"), None);
    }
}
