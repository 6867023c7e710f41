//! Random visitors: ids, and what a cache may hold of them, rubbish included.

use serde_json::{Value as Json, json};
use stoa_core::assign::Engine;

use crate::{
    draw::{Draw, TESTERS},
    generate,
};

/// What is known of a visitor.
pub(crate) enum Given {
    Nothing,
    /// Attributes of their declared types.
    Row(String),
    /// Any other JSON object, the cache's document among them.
    Object(String),
    /// Text that may be no JSON at all.
    Text(String),
    Bytes(Vec<u8>),
}

impl Given {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Row(_) => "row",
            Self::Object(_) => "object",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }

    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Nothing => None,
            Self::Row(text) | Self::Object(text) | Self::Text(text) => Some(text.as_bytes()),
            Self::Bytes(bytes) => Some(bytes),
        }
    }
}

/// An id: plain, non-ASCII, at the limit of its bytes, overridden, empty; U+FFFD stands where other languages have half a
/// surrogate pair.
pub(crate) fn unit(draw: &mut Draw, row: usize) -> String {
    match draw.below(40) {
        0..28 => format!("visitor-{}", draw.below(1_000_000)),
        28 => (*draw.one(&TESTERS)).to_owned(),
        29 => "visitor-7".to_owned(),
        30 => String::new(),
        31 => "x".repeat(1_023 + draw.below(3)),
        32 => "é".repeat(511 + draw.below(3)),
        33 => format!("日本🛒{row}"),
        34 => format!("\u{fffd}{row}"),
        35 => format!("{row}🛒\u{fffd}\u{fffd}"),
        36 => format!("a:b'\"\\ %{row}\u{2028}"),
        // Around the block of 64 bytes.
        37 => "ß".repeat(20 + draw.below(14)),
        _ => draw.of(&"[^\\x00]{1,12}"),
    }
}

pub(crate) fn given(draw: &mut Draw, engine: &Engine, replayed: bool) -> Given {
    let rows = if replayed { 70 } else { 30 };
    match draw.below(100) {
        n if n < rows => Given::Row(draw.of(&generate::row()).to_string()),
        n if n < rows + 5 => Given::Nothing,
        n if n < rows + 10 => Given::Text(hostile(draw)),
        n if n < rows + 12 => Given::Bytes(not_utf8(draw)),
        n if n < rows + 20 => Given::Object(odd(draw).to_string()),
        _ => Given::Object(cached(draw, engine).to_string()),
    }
}

/// Attributes of any type; timestamps that almost are some.
fn odd(draw: &mut Draw) -> Json {
    let mut row = draw.of(&generate::odd_row());
    if draw.often(50) {
        row[generate::INSTANT] = json!(almost_an_instant(draw));
    }
    row
}

fn almost_an_instant(draw: &mut Draw) -> String {
    let mut part = |of: &[&str]| (*draw.one(of)).to_owned();
    let year = part(&[
        "2026", "2026", "2026", "0000", "0050", "9999", "+002026", "26",
    ]);
    let month = part(&["-01", "-02", "-12", "-13", "-00", "01"]);
    let day = part(&["-01", "-28", "-29", "-30", "-31", "-00", "31"]);
    let between = part(&["T", "T", "T", "t", " ", "_", ""]);
    let clock = part(&[
        "00:00:00", "23:59:59", "23:59:60", "24:00:00", "22:00:00", "12:30", "1230", "123045",
        "12", "12:3045", "12:60:00", "12:30:61", "1:2:3",
    ]);
    let fraction = part(&[
        "",
        "",
        "",
        ".5",
        ",25",
        ".123456789",
        ".1234567891",
        ".",
        ".0000009",
    ]);
    let offset = part(&[
        "Z",
        "Z",
        "Z",
        "z",
        "+00:00",
        "-00:00",
        "+01",
        "+0130",
        "-25:59:59",
        "+26:00",
        "+01:00:30",
        "+010030",
        "+25:59:59.5",
        "-01:00:30,4999",
        "+01:0030",
        "",
        "Z[UTC]",
        "+01:60",
        "Z ",
    ]);
    format!("{year}{month}{day}{between}{clock}{fraction}{offset}")
}

/// The cache's document: memberships judged by today's rule, by another, or as nonsense.
fn cached(draw: &mut Draw, engine: &Engine) -> Json {
    let mut segments = serde_json::Map::new();
    for (key, hash) in engine.segment_hashes() {
        match draw.below(8) {
            0..3 => drop(segments.insert(key.clone(), json!(hash))),
            3..6 => drop(segments.insert(key.clone(), json!(format!("!{hash}")))),
            6 => drop(segments.insert(key.clone(), json!("0".repeat(64)))),
            _ => {}
        }
    }
    let attributes = if draw.often(80) {
        draw.of(&generate::row())
    } else {
        odd(draw)
    };
    let mut document = json!({"v": 1, "a": attributes, "s": segments, "later": [1]});
    match draw.below(24) {
        0 => document["v"] = json!(2),
        1 => document["v"] = json!("1"),
        2 => document["s"] = json!({"s0": 1}),
        3 => document["s"] = json!(null),
        4 => document["a"] = json!([1]),
        5 => document["v"] = json!(1.0),
        6 => drop(document.as_object_mut().map(|fields| fields.remove("s"))),
        7 => document["s"] = json!([]),
        _ => {}
    }
    document
}

/// What readers of JSON disagree about.
fn hostile(draw: &mut Draw) -> String {
    let row = draw.of(&generate::row()).to_string();
    let with = |field: &str| format!("{{{field},{}", &row[1..]);
    let value = *draw.one(&[
        "1e999",
        "-1e999",
        "1e-999",
        "-0",
        "-0.0",
        "0.1e1",
        "1E+2",
        "01",
        "1.",
        ".5",
        "+1",
        "NaN",
        "Infinity",
        "0x1",
        "123456789012345678901234567890",
        "9007199254740993",
        "18446744073709551616",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\\u0041\"",
        "\"\\ud83dx\"",
        "\"\\\\ud800\"",
        "\"\\uD83D\\uDE00\"",
        "\"\\u00e9\"",
        "\"\\x\"",
        "\"a\tb\"",
        "\"\\u0000\"",
        "\"\u{7f}\"",
        "'a'",
        "undefined",
        "tru",
        "[1,]",
        "{\"a\":}",
        "\"C\\u0041\"",
    ]);
    let depth = 125 + draw.below(5);
    match draw.below(16) {
        0..5 => with(&format!("\"orders_count\":{value},\"orders_count\":2")),
        5..8 => with(&format!("\"unread\":{value}")),
        8 => format!("{{\"country\":{value}}}"),
        9 => with(&format!(
            "\"unread\":{}{}",
            "[".repeat(depth),
            "]".repeat(depth)
        )),
        10 => format!("{}{}", "{\"a\":".repeat(depth), "}".repeat(depth)),
        11 => row.chars().take(draw.below(row.len())).collect(),
        12 => format!(
            "{}{row}{}",
            draw.one(&["\u{feff}", " \t\r\n", "\u{a0}", "\u{c}"]),
            draw.one(&["", "\n", "x", "{}"])
        ),
        13 => (*draw.one(&[
            "",
            "null",
            "[]",
            "{}",
            "true",
            "0",
            "\"{}\"",
            "[{}]",
            " null ",
            "nul",
            "{\"v\":1,\"a\":{}}",
        ]))
        .to_owned(),
        14 => format!("{{\"a\":{row},\"v\":2,\"v\":1,\"a\":{{\"country\":\"CA\"}}}}"),
        _ => format!("{{\"\\u0061\":{row},\"v\":1e0,\"s\":{{\"s0\":{value}}}}}"),
    }
}

fn not_utf8(draw: &mut Draw) -> Vec<u8> {
    let mut bytes = draw.of(&generate::row()).to_string().into_bytes();
    let wrong: [&[u8]; 5] = [
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
    ];
    let wrong = *draw.one(&wrong);
    let at = bytes.len() - 1;
    bytes.splice(at..at, [b",\"x\":\"", wrong, b"\""].concat());
    bytes
}

/// What a cookie may hold: a true memory, an old one, nonsense.
pub(crate) fn memory(draw: &mut Draw, engine: &Engine) -> Option<String> {
    if !draw.often(25) {
        return None;
    }
    let n = engine.keys().count();
    let visitor = engine.read(b"{}");
    let other = format!("visitor-{}", draw.below(1_000));
    let shown = (0..n).map(|i| (i, engine.outcome(i, &other, &visitor, None)));
    let text = engine.remember("", shown);
    let more = *draw.one(&[
        "",
        "",
        "~",
        "~e0.00000000.v1",
        "~e0..v1",
        "~e1",
        "~~x.y.z.w",
        "~\u{e9}",
    ]);
    Some(text + more)
}
