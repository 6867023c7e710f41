//! The house's floors: a module of `stoa-core` imports only from lower floors, and the two wings of floor 4 never meet.
//!
//! The table is read from the documentation of `lib.rs`, so what a reader sees is what is enforced. Imports are found
//! as paths that begin with `crate::`, in `use` trees and in plain code alike.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Rooms of the runtime wing: they know no statistics.
const RUNTIME: [&str; 2] = ["assign", "trigger"];

/// What a source file breaks, one sentence each.
fn violations(floors: &BTreeMap<String, u32>, room: &str, source: &str) -> Vec<String> {
    let Some(&own) = floors.get(room) else {
        return vec![format!("`{room}` is on no floor")];
    };
    let judge = |target: &String| match floors.get(target) {
        None => Some(format!("`{room}` imports `{target}`, which is on no floor")),
        Some(_) if target == room => None,
        Some(&other) if other > own => Some(format!(
            "`{room}` (floor {own}) imports `{target}` (floor {other}), which is above it"
        )),
        Some(&other) if other == own && own == 4 && wing(room) != wing(target) => Some(format!(
            "`{room}` and `{target}` are in different wings of floor 4"
        )),
        Some(&other) if other == own => Some(format!(
            "`{room}` imports `{target}` of its own floor {own}"
        )),
        Some(_) => None,
    };
    imports(source).iter().filter_map(judge).collect()
}

fn wing(room: &str) -> bool {
    RUNTIME.contains(&room)
}

/// Rooms that a source names after `crate::`, each once for every mention. Text in comments and strings does not count.
fn imports(source: &str) -> Vec<String> {
    let code = without_comments_and_strings(source);
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::` and `my_crate::` are no paths of this crate.
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c == '$' || c == '_' || c.is_alphanumeric()) {
            continue;
        }
        let tree = code[at + "crate::".len()..].trim_start();
        match tree.strip_prefix('{') {
            Some(group) => rooms.extend(first_names(group)),
            None => rooms.extend(first_name(tree)),
        }
    }
    rooms
}

/// The first name of each branch of a `{a::b, c::{d, e}}` group, given what follows its brace.
fn first_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut branch = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.extend(first_name(group[branch..at].trim_start()));
                branch = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

fn first_name(path: &str) -> Option<String> {
    let name: String = path
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

/// The source with comments and the insides of string literals blanked.
fn without_comments_and_strings(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    for line in source.lines() {
        let mut in_string = false;
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '/' if !in_string && chars.peek() == Some(&'/') => break,
                '\\' if in_string => drop(chars.next()),
                // A quote as a character literal opens no string.
                '\'' if !in_string && chars.peek() == Some(&'"') => drop(chars.next()),
                '"' => in_string = !in_string,
                _ if in_string => {}
                _ => code.push(c),
            }
        }
        code.push('\n');
    }
    code
}

/// The table of floors in the documentation of `lib.rs`: room → floor.
fn floors_of(lib: &str) -> BTreeMap<String, u32> {
    let mut floors = BTreeMap::new();
    for line in lib.lines().filter_map(|l| l.strip_prefix("//! | ")) {
        let Some((floor, rooms)) = line.split_once('|') else {
            continue;
        };
        let Ok(floor) = floor.trim().parse() else {
            continue;
        };
        for (at, _) in rooms.match_indices("[`") {
            floors.extend(first_name(&rooms[at + 2..]).map(|room| (room, floor)));
        }
    }
    floors
}

fn core() -> PathBuf {
    stoa_tests::root().join("stoa-core/src")
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Rust sources under `folder`, each with the room it belongs to.
fn sources(folder: &Path, room: Option<&str>) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let room = room.unwrap_or(&stem);
        if path.is_dir() {
            found.extend(sources(&path, Some(room))?);
        } else if path.extension().is_some_and(|e| e == "rs") && room != "lib" {
            found.push((room.to_owned(), read(&path)?));
        }
    }
    Ok(found)
}

#[test]
fn no_stair_goes_down() -> Result<(), String> {
    let floors = floors_of(&read(&core().join("lib.rs"))?);
    let broken: Vec<String> = sources(&core(), None)?
        .iter()
        .flat_map(|(room, source)| violations(&floors, room, source))
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
    Ok(())
}

#[test]
fn every_room_of_the_library_has_a_floor() -> Result<(), String> {
    let lib = read(&core().join("lib.rs"))?;
    let floors = floors_of(&lib);
    let rooms: Vec<&str> = lib
        .lines()
        .filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert!(rooms.len() >= 14, "{rooms:?}");
    for room in rooms {
        assert!(floors.contains_key(room), "`{room}` is on no floor");
    }
    Ok(())
}

/// The test of the test: sources that break the house are reported, and one that does not is not.
#[test]
fn a_stair_that_goes_down_is_found() {
    let floors = floors_of(
        "//! | 0 | [`error`] |\n//! | 1 | [`value`] |\n//! | 2 | [`rule`] |\n\
         //! | 4 | [`assign`] (runtime) and [`posterior`] (evidence) |\n",
    );
    let of = |room, source| violations(&floors, room, source);
    let above = "`value` (floor 1) imports `rule` (floor 2), which is above it";
    assert_eq!(of("value", "use crate::rule::Rule;"), [above]);
    assert_eq!(
        of("value", "use crate::{error::Error, rule::{Rule, Literal}};"),
        [above]
    );
    assert_eq!(
        of(
            "value",
            "use crate::{\n    error::{Detail, Error},\n    rule,\n};"
        ),
        [above]
    );
    assert_eq!(
        of("value", "fn f() -> crate::rule::Rule { todo!() }"),
        [above]
    );
    assert_eq!(of("value", "pub use crate::rule::Rule as R;"), [above]);
    let wings = |a, b| format!("`{a}` and `{b}` are in different wings of floor 4");
    assert_eq!(
        of("assign", "use crate::posterior::Stats;"),
        [wings("assign", "posterior")]
    );
    assert_eq!(
        of("posterior", "use crate::assign::Engine;"),
        [wings("posterior", "assign")]
    );
    assert_eq!(of("cellar", "").len(), 1);
    assert_eq!(of("rule", "use crate::cellar::Wine;").len(), 1);
    let clean = "use crate::{error::{Error, Result}, value::Value};\n// use crate::posterior::Stats;\n\
                 //! see [`crate::assign`]\nlet s = \"crate::assign\"; use crate::rule::ast::Rule;";
    assert_eq!(of("rule", clean), Vec::<String>::new());
}
