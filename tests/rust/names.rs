//! Every public name is in the one table that Rust, Python and TypeScript are held against, and the other way round.
//!
//! What a room exports is read from its sources: `pub` items and `pub use` lists of `ROOM.rs` or `ROOM/mod.rs`. A
//! method is listed as `room::Type::method` and only has to be there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use stoa_tests::{root, vectors};

const ITEMS: [&str; 8] = [
    "fn", "const fn", "struct", "enum", "trait", "type", "const", "mod",
];

fn core() -> PathBuf {
    root().join("stoa-core/src")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The identifier that `text` begins with.
fn name(text: &str) -> &str {
    let end = text.find(|c: char| c != '_' && !c.is_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

/// Names that a source offers at its top level.
fn exports(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for item in source.split("\npub ").skip(1) {
        if let Some(list) = item.strip_prefix("use ") {
            let list = list.split(';').next().unwrap_or_default();
            let names = list.rsplit_once("::").map_or(list, |(_, names)| names);
            let names = names.trim_matches(['{', '}', '\n', ' ']).split(',');
            found.extend(names.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()));
        } else {
            let after = |kind: &&str| item.strip_prefix(*kind)?.strip_prefix(' ');
            let named = ITEMS.iter().find_map(after);
            found.extend(named.map(|rest| name(rest).to_owned()));
        }
    }
    found
}

fn rooms() -> Vec<String> {
    exports(&read(&core().join("lib.rs")))
        .into_iter()
        .filter(|room| room != "Readme")
        .collect()
}

/// The source that speaks for a room, and all sources of it.
fn sources(room: &str) -> (String, String) {
    let file = core().join(format!("{room}.rs"));
    if file.exists() {
        return (read(&file), read(&file));
    }
    let folder = core().join(room);
    (read(&folder.join("mod.rs")), all_below(&folder))
}

fn all_below(folder: &Path) -> String {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let text = |path: PathBuf| {
        if path.is_dir() {
            all_below(&path)
        } else {
            read(&path)
        }
    };
    entries.map(|entry| text(entry.path())).collect()
}

fn listed() -> Result<BTreeSet<String>, String> {
    let table = vectors("names.json")?;
    let groups = table["groups"].as_array().into_iter().flatten();
    let rows = groups.flat_map(|group| group["names"].as_array().into_iter().flatten());
    Ok(rows
        .filter_map(|row| row[0].as_str().map(str::to_owned))
        .collect())
}

#[test]
fn what_is_exported_is_what_is_listed() -> Result<(), String> {
    let exported: BTreeSet<String> = rooms()
        .iter()
        .flat_map(|room| {
            let (front, _) = sources(room);
            let own = exports(&front).into_iter();
            own.map(move |name| format!("{room}::{name}"))
        })
        .collect();
    let listed = listed()?;
    let items = listed.iter().filter(|path| path.matches("::").count() == 1);
    let items: BTreeSet<String> = items.cloned().collect();
    let differences: Vec<_> = exported.symmetric_difference(&items).collect();
    assert!(
        differences.is_empty(),
        "in one and not the other: {differences:?}"
    );
    assert!(exported.contains("rule::Rule") && exported.contains("error::closest"));
    Ok(())
}

#[test]
fn every_method_listed_is_there() -> Result<(), String> {
    for path in listed()? {
        let parts: Vec<&str> = path.split("::").collect();
        if let [room, _, method] = parts[..] {
            let (_, all) = sources(room);
            assert!(all.contains(&format!("pub fn {method}(")), "{path}");
        }
    }
    Ok(())
}
