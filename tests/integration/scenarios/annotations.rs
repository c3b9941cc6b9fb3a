//! `genuin-sandbox check --format github` on texts that would break out of an annotation.

use std::fs;

use super::check_command::check_in;

/// A command to GitHub's runner: its name, properties and message.
type Command = (String, Vec<(String, String)>, String);

/// What GitHub's runner makes of a line, if it is a command.
fn command(line: &str) -> Option<Command> {
    let (head, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let data = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let property = |text: &str| data(&text.replace("%3A", ":").replace("%2C", ","));
    let properties = properties.split(',').map(|pair| {
        let (key, value) = pair.split_once('=').unwrap();
        (key.to_owned(), property(value))
    });
    Some((name.to_owned(), properties.collect(), data(message)))
}

/// The lines as the runner splits them.
fn lines(text: &str) -> Vec<&str> {
    text.split(['\r', '\n']).filter(|line| !line.is_empty()).collect()
}

#[test]
fn no_text_breaks_out_of_an_annotation() {
    for text in [
        "\r\n::error::forged",
        "\n::add-mask::x",
        "\r::stop-commands::y",
        "::error file=other.yaml::forged",
        "a,line=7,title=forged",
        "50%0A::error::forged",
        "%250A %3A%2C%",
        "##[error]forged",
        "\u{85}\u{2028}::warning::forged",
    ] {
        let place = tempfile::tempdir().unwrap();
        let name = text.replace(['/', '\u{85}', '\u{2028}'], "");
        let file = format!("{name}.yaml");
        // as a key, an id, an outcome and an expectation
        let quoted = serde_json::to_string(text).unwrap();
        let rules = format!(
            "version: 1\nname: {quoted}\n{quoted}: 1\nrules:\n- {{ id: {quoted}, do: {{ outcome: {quoted} }} }}\n\
             examples:\n- expect: [{quoted}]\n"
        );
        fs::write(place.path().join(&file), rules).unwrap();
        let end = check_in(place.path(), &["--format", "github", &file]);
        assert_eq!(end.code, Some(2), "{text:?}");
        let shown = lines(&end.stdout);
        let (total, annotations) = shown.split_last().unwrap();
        assert!(total.starts_with("checked 1 file: "), "{text:?}: {total}");
        assert!(annotations.len() >= 3, "{text:?}: {annotations:?}");
        for line in annotations {
            let (name, properties, message) = command(line).expect(line);
            assert_eq!(name, "error", "{line}");
            let keys: Vec<_> = properties.iter().map(|(key, _)| key.as_str()).collect();
            assert_eq!(keys, ["file", "line", "col", "title"], "{line}");
            assert_eq!(properties[0].1, file, "{line}");
            assert_eq!(properties[3].1, "genuin-sandbox check", "{line}");
            assert!(!message.contains(['\r', '\n']), "{line}");
        }
        for line in lines(&end.stderr) {
            assert_eq!(command(line), None, "{text:?}");
        }
    }
}

#[test]
fn a_control_character_in_a_path_is_escaped() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("a\u{1b}[2J.yaml"), "version: 2\n").unwrap();
    let end = check_in(place.path(), &["--format", "github", "."]);
    let shown = "error file=./a\\u{1b}[2J.yaml,line=";
    assert!(end.stdout.contains(shown) && !end.stdout.contains('\u{1b}'), "{}", end.stdout);
}
