//! The recorded files: written anew, or compared with what the product does now.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::record::{Record, Transcript};

const HEAD: &str = "=== ";

/// Says how the transcripts differ from the recorded files, in lines to read.
pub fn compare(transcripts: &[(&str, Transcript)]) -> Vec<String> {
    let update = std::env::var_os("UPDATE_TRANSCRIPTS").is_some();
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/transcripts/recorded");
    let mut differences = vec![];
    let mut known = BTreeSet::new();
    for (name, transcript) in transcripts {
        for (kind, part) in [("wire", wire as fn(&Record) -> &[String]), ("texts", texts)] {
            let path = folder.join(format!("{name}.{kind}.txt"));
            let now = render(transcript, part);
            if update {
                fs::write(&path, &now).unwrap();
            }
            let recorded = fs::read(&path).unwrap_or_default();
            if recorded != now.as_bytes() {
                let recorded = String::from_utf8_lossy(&recorded);
                differences.extend(explain(&path, &recorded, &now, transcript));
            }
            known.insert(path);
        }
    }
    let found: BTreeSet<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    let strange = found.difference(&known);
    differences.extend(strange.map(|path| format!("{} belongs to no transcript", path.display())));
    differences
}

fn wire(record: &Record) -> &[String] {
    &record.wire
}

fn texts(record: &Record) -> &[String] {
    &record.texts
}

fn render(transcript: &Transcript, part: fn(&Record) -> &[String]) -> String {
    let mut names = BTreeSet::new();
    let mut file = String::new();
    for record in transcript {
        assert!(names.insert(record.name), "two exchanges are called {}", record.name);
        let lines = part(record);
        if !lines.is_empty() {
            writeln!(file, "{HEAD}{}\n{}\n", record.name, lines.join("\n")).unwrap();
        }
    }
    file + HEAD + "end\n"
}

/// The exchanges of a file, each with its lines.
fn sections(file: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut sections = BTreeMap::new();
    let mut name = "";
    for line in file.split('\n') {
        name = line.strip_prefix(HEAD).unwrap_or(name);
        sections.entry(name).or_insert_with(Vec::new).push(line);
    }
    sections
}

fn explain(path: &Path, recorded: &str, now: &str, transcript: &Transcript) -> Vec<String> {
    let file = path.file_name().unwrap().to_string_lossy();
    let (old, new) = (sections(recorded), sections(now));
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let mut differences = vec![];
    for name in names {
        let of = |sections: &BTreeMap<&str, Vec<&str>>| {
            sections.get(name).map_or_else(String::new, |lines| lines.join("\n"))
        };
        let (old, new) = (of(&old), of(&new));
        if old != new {
            let why = transcript.iter().find(|record| record.name == name).map_or("", |r| r.why);
            let diff = diff(&old, &new).join("\n");
            differences.push(format!(
                "{file}: exchange {name} differs ({why}; - is recorded, + is now)\n{diff}\n"
            ));
        }
    }
    if differences.is_empty() {
        differences.push(format!("{file}: the exchanges are the same, their order is not"));
    }
    differences
}

/// The lines that differ, each between two that do not.
fn diff(old: &str, new: &str) -> Vec<String> {
    let (old, new): (Vec<_>, Vec<_>) = (old.split('\n').collect(), new.split('\n').collect());
    // how many lines the rests from here on have in common
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = vec![];
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push(format!("  {}", old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            lines.push(format!("- {}", old[i]));
            i += 1;
        } else {
            lines.push(format!("+ {}", new[j]));
            j += 1;
        }
    }
    let same: Vec<bool> = lines.iter().map(|line| line.starts_with("  ")).collect();
    let near = |at: usize| same[at.saturating_sub(1)..(at + 2).min(same.len())].contains(&false);
    lines.into_iter().enumerate().filter(|(at, _)| near(*at)).map(|(_, line)| line).collect()
}
