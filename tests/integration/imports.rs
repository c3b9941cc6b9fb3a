//! No file of the product needs one that needs it, itself or by way of others.
//!
//! A `mod.rs` and the files below it are one thing here: it may hand on what they define, and they may use what it
//! defines.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use crate::sources::rust_files;

/// The names of the modules from the crate to a file, or to an item in one.
type ModulePath = Vec<String>;

/// What a file says in its paths.
#[derive(Default)]
struct Module {
    /// Every path that it names, from the crate on.
    paths: Vec<ModulePath>,
    /// What its imports are called in it.
    imports: BTreeMap<String, ModulePath>,
}

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let modules = modules();
    let arrows: BTreeMap<_, _> =
        modules.keys().map(|from| (from, needed(from, &modules))).collect();
    let count: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(count > 1000, "{count} imports were found");
    let circles: Vec<_> = modules.keys().filter_map(|file| way_back(file, &arrows)).collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

fn modules() -> BTreeMap<ModulePath, Module> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files();
    let files = files.iter().filter_map(|file| Some((file, file.strip_prefix(&source).ok()?)));
    let texts: BTreeMap<_, _> = files
        .map(|(file, place)| (module_path(place), std::fs::read_to_string(file).unwrap()))
        .collect();
    let is_module = |path: &[String]| texts.contains_key(path);
    texts.iter().map(|(path, text)| (path.clone(), read(path, text, is_module))).collect()
}

/// The path of the module in a file below `src`.
fn module_path(file: &Path) -> ModulePath {
    let names = file.with_extension("");
    let names = names.iter().map(|name| name.to_str().unwrap().to_owned());
    names.filter(|name| name != "mod" && name != "lib").collect()
}

fn read(module: &[String], text: &str, is_module: impl Fn(&[String]) -> bool) -> Module {
    let mut read = Module::default();
    let tokens = tokens(text);
    let mut rest = &tokens[..];
    while let Some((first, after)) = rest.split_first() {
        let is_path = matches!(*first, "crate" | "super" | "self") && after.first() == Some(&"::");
        let mut leaves = Vec::new();
        rest = match *first {
            "use" => leaves_of(after, &[], &mut leaves),
            _ if is_path => leaves_of(rest, &[], &mut leaves),
            _ => after,
        };
        for (path, name) in leaves {
            let Some(path) = absolute(module, &path, &is_module) else { continue };
            if *first == "use" {
                read.imports.insert(name.to_owned(), path.clone());
            }
            read.paths.push(path);
        }
    }
    read
}

/// The words and signs of a text, without its comments, its texts in quotes and its tests.
fn tokens(text: &str) -> Vec<&str> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let mut tokens = Vec::new();
    for line in lines {
        for part in line.split('"').step_by(2) {
            let mut rest = part.trim_start();
            while let Some(first) = rest.chars().next() {
                let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
                let end = if rest.starts_with("::") {
                    2
                } else {
                    rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()).max(first.len_utf8())
                };
                let (token, after) = rest.split_at(end);
                tokens.push(token);
                rest = after.trim_start();
            }
        }
    }
    tokens
}

/// Adds what a path names, which may have braces, and what each is called. Returns what follows it.
fn leaves_of<'t, 's>(
    mut tokens: &'t [&'s str],
    before: &[&'s str],
    leaves: &mut Vec<(Vec<&'s str>, &'s str)>,
) -> &'t [&'s str] {
    let mut path = before.to_vec();
    while let Some((first, after)) = tokens.split_first() {
        tokens = after;
        match *first {
            "{" => {
                while !matches!(tokens.first(), None | Some(&"}")) {
                    tokens = leaves_of(tokens, &path, leaves);
                    tokens = tokens.strip_prefix(&[","]).unwrap_or(tokens);
                }
                return tokens.get(1..).unwrap_or_default();
            }
            "self" if !before.is_empty() => {}
            name => path.push(name),
        }
        tokens = match tokens {
            ["::", rest @ ..] => rest,
            ["as", name, rest @ ..] => {
                leaves.push((path, name));
                return rest;
            }
            _ => break,
        };
    }
    let name = path.last().copied().unwrap_or_default();
    leaves.push((path, name));
    tokens
}

/// Returns a path from the crate on; `None` if it is another crate's.
fn absolute(
    module: &[String],
    path: &[&str],
    is_module: impl Fn(&[String]) -> bool,
) -> Option<ModulePath> {
    let mut at = module.to_vec();
    let mut rest = path;
    match *path.first()? {
        "crate" => at.clear(),
        "self" | "super" => {}
        child => {
            let child = [module, &[child.to_owned()]].concat();
            return is_module(&child).then(|| [module, &owned(path)].concat());
        }
    }
    while let Some((first @ ("crate" | "self" | "super"), after)) =
        rest.split_first().map(|(first, after)| (*first, after))
    {
        rest = after;
        if first == "super" {
            at.pop();
        }
    }
    Some([at, owned(rest)].concat())
}

fn owned(path: &[&str]) -> ModulePath {
    path.iter().map(|name| (*name).to_owned()).collect()
}

/// The files that a file needs, other than those below it.
fn needed<'m>(
    from: &ModulePath,
    modules: &'m BTreeMap<ModulePath, Module>,
) -> BTreeSet<&'m ModulePath> {
    let files = modules[from].paths.iter().map(|path| defining_file(path.clone(), modules));
    files.filter(|file| !file.starts_with(from)).collect()
}

/// Returns the file in which an item is defined, wherever it is imported from.
fn defining_file(mut path: ModulePath, modules: &BTreeMap<ModulePath, Module>) -> &ModulePath {
    for _ in 0..8 {
        let end = (0..=path.len()).rev().find(|end| modules.contains_key(&path[..*end]));
        let (file, module) = modules.get_key_value(&path[..end.unwrap_or(0)]).unwrap();
        let imported = path.get(file.len()).and_then(|name| module.imports.get(name));
        match imported {
            Some(target) => path = [target, &path[file.len() + 1..]].concat(),
            None => return file,
        }
    }
    panic!("{path:?} is imported in a circle");
}

/// Returns the shortest way from a file back to it.
fn way_back(
    file: &ModulePath,
    arrows: &BTreeMap<&ModulePath, BTreeSet<&ModulePath>>,
) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut ways = VecDeque::from([vec![file]]);
    while let Some(way) = ways.pop_front() {
        for next in &arrows[way.last()?] {
            let way = [&way[..], &[*next]].concat();
            if *next == file {
                let names: Vec<_> = way.iter().map(|module| module.join("::")).collect();
                return Some(names.join(" -> "));
            }
            if seen.insert(*next) {
                ways.push_back(way);
            }
        }
    }
    None
}
