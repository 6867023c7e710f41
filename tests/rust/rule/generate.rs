//! Random rules and rows over one table of every attribute type, hostile names and values among them.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use stoa_core::{
    rule::{Literal, Operator, Rule},
    value::Timestamp,
};

/// 2026-02-01T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp {
    micros: 1_769_904_000_000_000,
};
/// 0001-01-01T00:00:00Z and 9999-12-30T22:00:00Z.
const FIRST: i64 = -62_135_596_800_000_000;
const LAST: i64 = 253_402_207_200_000_000;
pub(crate) const NUMBERS: [&str; 2] = ["orders_count", "spend\"; DROP TABLE t; --"];
pub(crate) const TEXTS: [&str; 2] = ["country", "it's \\ ünï 東"];
pub(crate) const BOOLEAN: &str = "is_member";
pub(crate) const INSTANT: &str = "last seen";
pub(crate) const LIST: &str = "tags";

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => prop::sample::select(vec![
            0.0, -0.0, 1.0, 2.0, 3.0, -1.0, 0.1, 0.3, 19.99, -0.5, 1e15, 1e16, 1e-6, 1e300, -1e300, 5e-324, -5e-324,
            9_007_199_254_740_991.0, 9_007_199_254_740_993.0, 9_007_199_254_740_994.0, 1.797_693_134_862_315_7e308,
            2.225_073_858_507_201e-308, 0.1 + 0.2, 123_456.789,
        ]),
        1 => any::<f64>().prop_filter("finite", |x| x.is_finite()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec![
            "", "C", "CA", "CAN", "ca", "A", "US", "a%", "a_b", "a\\b", "it's", "''", "\"", "ünï", "東京", "e\u{301}",
            "\u{e9}", "\u{301}", "\u{200f}CA", "CA\u{202e}", "\u{1112}\u{1161}\u{11ab}", "한", "😀", "👩\u{200d}👩",
            "👩", " CA", "CA ", "ß", "SS", "'; DROP TABLE t; --", "line\nbreak", "$$", "\\'", "/* */",
        ]).prop_map(str::to_owned),
        1 => "[^\\x00]{0,6}",
    ]
}

fn instant() -> impl Strategy<Value = String> {
    let day = 86_400_000_000_i64;
    prop_oneof![
        8 => prop::sample::select(vec![
            0, 1, -1, day, -day, -day - 1, -day + 1, -30 * day, -30 * day - 1, -30 * day + 1, -7 * day, 3_600_000_000,
        ]),
        1 => -20_000_000 * 86_400_i64..2_000_000_000_000,
        // From the year 1 to the end of 9999, which every dialect can spell.
        1 => FIRST - NOW.micros..=LAST - NOW.micros,
        1 => prop::sample::select(vec![FIRST - NOW.micros, LAST - NOW.micros, -NOW.micros, -NOW.micros - 1]),
    ]
    .prop_map(|offset| {
        let micros = NOW.micros + offset;
        Timestamp { micros }.to_string()
    })
}

fn texts(several: std::ops::Range<usize>) -> impl Strategy<Value = Literal> {
    prop::collection::vec(text().prop_map(Literal::Text), several).prop_map(Literal::List)
}

/// One comparison.
pub(crate) fn leaf() -> impl Strategy<Value = Rule> {
    use Operator as Op;
    let ops = |ops: &[Op]| prop::sample::select(ops.to_vec());
    let num = || number().prop_map(Literal::Number);
    let word = || text().prop_map(Literal::Text);
    let time = || instant().prop_map(Literal::Text);
    let inequality = [Op::Lt, Op::Lte, Op::Gt, Op::Gte];
    let equality = [Op::Eq, Op::Ne];
    let membership = [Op::In, Op::NotIn];
    let pair = |a: Literal, b: Literal| Literal::List(vec![a, b]);
    let every = [
        NUMBERS[0], NUMBERS[1], TEXTS[0], TEXTS[1], BOOLEAN, INSTANT, LIST,
    ];
    let days = prop_oneof![
        prop::sample::select(vec![1.0, 7.0, 30.0, 0.5, 36_525.0, 1.0 / 86_400e6]),
        0.001..400.0,
    ];
    let numbers = prop::sample::select(NUMBERS.to_vec()).boxed();
    let words = prop::sample::select(TEXTS.to_vec()).boxed();
    prop_oneof![
        (
            numbers.clone(),
            ops(&[&inequality[..], &equality[..]].concat()),
            num().boxed()
        ),
        (
            numbers.clone(),
            Just(Op::Between).boxed(),
            (num(), num()).prop_map(move |(a, b)| pair(a, b)).boxed()
        ),
        (
            numbers,
            ops(&membership),
            prop::collection::vec(num(), 1..12)
                .prop_map(Literal::List)
                .boxed()
        ),
        (
            words.clone(),
            ops(&[Op::Eq, Op::Ne, Op::StartsWith, Op::EndsWith, Op::Contains]),
            word().boxed()
        ),
        (words, ops(&membership), texts(1..12).boxed()),
        (
            Just(BOOLEAN).boxed(),
            ops(&equality),
            any::<bool>().prop_map(Literal::Boolean).boxed()
        ),
        (
            Just(BOOLEAN).boxed(),
            ops(&membership),
            prop::collection::vec(any::<bool>().prop_map(Literal::Boolean), 1..3)
                .prop_map(Literal::List)
                .boxed()
        ),
        (Just(INSTANT).boxed(), ops(&inequality), time().boxed()),
        (
            Just(INSTANT).boxed(),
            Just(Op::Between).boxed(),
            (time(), time()).prop_map(move |(a, b)| pair(a, b)).boxed()
        ),
        (
            Just(INSTANT).boxed(),
            Just(Op::WithinDays).boxed(),
            days.prop_map(Literal::Number).boxed()
        ),
        (Just(LIST).boxed(), Just(Op::Has).boxed(), word().boxed()),
        (
            Just(LIST).boxed(),
            ops(&[Op::HasAny, Op::HasAll]),
            texts(1..4).boxed()
        ),
        (
            prop::sample::select(every.to_vec()).boxed(),
            ops(&[Op::IsMissing, Op::IsPresent]),
            Just(Literal::None).boxed()
        ),
    ]
    .prop_map(|(attr, op, value)| Rule::Compare {
        attr: attr.to_owned(),
        op,
        value,
    })
}

/// Connectives over leaves, five levels of them.
fn nested(leaf: BoxedStrategy<Rule>) -> impl Strategy<Value = Rule> {
    leaf.prop_recursive(5, 32, 4, |inner| {
        let some = prop::collection::vec(inner.clone(), 1..5);
        let children = prop_oneof![9 => some, 1 => Just(Vec::new())];
        prop_oneof![
            children.clone().prop_map(Rule::All),
            children.prop_map(Rule::Any),
            inner.prop_map(|rule| Rule::Not(Box::new(rule))),
        ]
    })
    .prop_map(|rule| Rule::from_value(&rule.to_value()).expect("generated rules are well formed"))
}

/// Rules of depth at most 6, in normal form as every rule read from JSON or SQL is.
pub(crate) fn rule() -> impl Strategy<Value = Rule> {
    nested(leaf().boxed())
}

/// [`rule`], where one leaf in seven names one of these segments.
pub(crate) fn rule_naming(keys: Vec<String>) -> impl Strategy<Value = Rule> {
    let named = prop::sample::select(keys).prop_map(Rule::Segment);
    nested(prop_oneof![6 => leaf(), 1 => named].boxed())
}

fn or_null<S: Strategy<Value = T>, T: Into<Json> + std::fmt::Debug>(
    values: S,
) -> impl Strategy<Value = Json> {
    prop::option::weighted(0.8, values).prop_map(|value| value.map_or(Json::Null, Into::into))
}

/// The attributes of one visitor, each of its type or missing.
pub(crate) fn row() -> impl Strategy<Value = Json> {
    (
        (or_null(number()), or_null(number())),
        (or_null(text()), or_null(text())),
        or_null(any::<bool>()),
        or_null(instant()),
        or_null(prop::collection::vec(text(), 0..4)),
    )
        .prop_map(|(numbers, texts, flag, instant, tags)| {
            let pairs = [
                (NUMBERS[0], numbers.0),
                (NUMBERS[1], numbers.1),
                (TEXTS[0], texts.0),
                (TEXTS[1], texts.1),
                (BOOLEAN, flag),
                (INSTANT, instant),
                (LIST, tags),
            ];
            Json::Object(
                pairs
                    .map(|(k, v)| (k.to_owned(), v))
                    .into_iter()
                    .collect::<Map<_, _>>(),
            )
        })
}

/// A visitor as a cache may hold it: every attribute of any JSON type, or absent.
pub(crate) fn odd_row() -> impl Strategy<Value = Json> {
    let value = || {
        prop_oneof![
            2 => number().prop_map(Json::from),
            2 => text().prop_map(Json::from),
            2 => instant().prop_map(Json::from),
            2 => any::<bool>().prop_map(Json::from),
            2 => prop::collection::vec(text(), 0..4).prop_map(Json::from),
            1 => prop::sample::select(vec![
                json!(null), json!({}), json!({"a": ["CA"]}), json!(["CA", 1]), json!([null]), json!([["CA"]]),
                json!(u64::MAX), json!(9_007_199_254_740_993_i64), json!(i64::MIN), json!("2026-02-01"), json!("NaN"),
                json!("1"), json!("true"), json!("2026-02-01T00:00:00+00:00"), json!("2026-02-01t00:00:00.0000009z"),
            ]),
        ]
    };
    let names = [
        NUMBERS[0], NUMBERS[1], TEXTS[0], TEXTS[1], BOOLEAN, INSTANT, LIST,
    ];
    prop::collection::vec(prop::option::weighted(0.9, value()), names.len()).prop_map(
        move |values| {
            let present = names.into_iter().zip(values);
            let fields = present.filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Json::Object(fields.collect::<Map<_, _>>())
        },
    )
}
