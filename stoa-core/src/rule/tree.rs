//! Compiled rules as JSON, for an evaluator in another language that only evaluates.
//!
//! A node is an array that begins with its kind: `["all", node…]`, `["any", node…]`, `["not", node]`,
//! `["member", segment]`, `["unknown"]`, or a test of the value in a slot, `[kind, slot, operand…]`. Ranges are closed,
//! instants are `[seconds, microseconds]` since 1970, which a double holds exactly, and infinities are spelt.

use serde_json::{Value, json};

use super::{
    ast::Literal,
    compiled::{Compiled, Node},
    test::Test,
};

impl Compiled {
    /// The rule at index `rule`, unknown past the end.
    pub(crate) fn tree(&self, rule: usize) -> Value {
        self.nodes()
            .get(rule)
            .map_or_else(|| json!(["unknown"]), node)
    }
}

fn node(of: &Node) -> Value {
    let several = |kind: &str, children: &[Node]| {
        let kind = std::iter::once(Value::from(kind));
        Value::Array(kind.chain(children.iter().map(node)).collect())
    };
    match of {
        Node::All(children) => several("all", children),
        Node::Any(children) => several("any", children),
        Node::Not(child) => json!(["not", node(child)]),
        Node::Member(segment) => json!(["member", segment]),
        Node::Unknown => json!(["unknown"]),
        Node::Test(slot, test) => tested(*slot, test),
    }
}

fn tested(slot: usize, test: &Test<'_>) -> Value {
    let list = |items: &[Literal]| Value::Array(items.iter().map(literal).collect());
    match test {
        Test::Missing(wanted) => json!(["missing", slot, wanted]),
        Test::Is(wanted) => json!(["is", slot, wanted]),
        Test::Word(word, negated) => json!(["one_of", slot, negated, [word]]),
        Test::OneOf(items, negated) => json!(["one_of", slot, negated, list(items)]),
        Test::Words(words, negated) => {
            let mut words: Vec<_> = words.iter().map(|w| String::from_utf8_lossy(w)).collect();
            words.sort_unstable();
            json!(["one_of", slot, negated, words])
        }
        Test::Sorted(numbers, negated) => json!(["one_of", slot, negated, numbers]),
        Test::Numbers(low, high) => json!(["numbers", slot, bound(*low), bound(*high)]),
        Test::Instants(low, high) => json!(["instants", slot, instant(*low), instant(*high)]),
        Test::Within(micros) => json!(["within", slot, instant(*micros)]),
        Test::StartsWith(part) => json!(["starts_with", slot, part]),
        Test::EndsWith(part) => json!(["ends_with", slot, part]),
        Test::Contains(part) => json!(["contains", slot, part]),
        Test::Tag(word) => json!(["has_any", slot, [word]]),
        Test::HasAny(items) => json!(["has_any", slot, list(items)]),
        Test::HasAll(items) => json!(["has_all", slot, list(items)]),
    }
}

fn literal(of: &Literal) -> Value {
    match of {
        Literal::None => Value::Null,
        Literal::Boolean(truth) => json!(truth),
        Literal::Number(x) => json!(x),
        Literal::Text(text) => json!(text),
        Literal::List(items) => Value::Array(items.iter().map(literal).collect()),
    }
}

/// JSON has no infinity: JavaScript's `Number` reads it from its name.
fn bound(x: f64) -> Value {
    if x.is_infinite() {
        json!(if x > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(x)
    }
}

fn instant(micros: i64) -> Value {
    const SECOND: i64 = 1_000_000;
    json!([micros.div_euclid(SECOND), micros.rem_euclid(SECOND)])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::rule::Rule;

    fn tree(rule: &Value) -> Value {
        Compiled::new([&Rule::from_value(rule).unwrap()]).tree(0)
    }

    #[test]
    fn ranges_are_closed_and_instants_are_read() {
        let below = tree(&json!({"attr": "x", "op": "lt", "value": 2}));
        assert_eq!(below, json!(["numbers", 0, "-Infinity", 2f64.next_down()]));
        let after = tree(&json!({"attr": "t", "op": "gt", "value": "1969-12-31T23:59:59.999999Z"}));
        // i64::MAX microseconds are 9,223,372,036,854 s and 775,807 µs.
        assert_eq!(
            after,
            json!(["instants", 0, [0, 0], [9_223_372_036_854_i64, 775_807]])
        );
        let within = tree(&json!({"attr": "t", "op": "within_days", "value": 0.5}));
        assert_eq!(within, json!(["within", 0, [43_200, 0]]));
    }

    #[test]
    fn names_are_slots_and_long_lists_stand_in_order() {
        let letters = ["h", "g", "f", "e", "d", "c", "b", "a"];
        let rule = json!({"all": [
            {"not": {"segment": "vip"}},
            {"attr": "b", "op": "not_in", "value": letters},
            {"attr": "a", "op": "is_present"},
        ]});
        let expected = json!([
            "all",
            ["not", ["member", 0]],
            ["one_of", 1, true, ["a", "b", "c", "d", "e", "f", "g", "h"]],
            ["missing", 0, false],
        ]);
        assert_eq!(tree(&rule), expected);
    }
}
