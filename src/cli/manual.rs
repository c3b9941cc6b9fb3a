//! `man`: the manual pages, made of the same declarations as the help. By hand, in place of two dependencies,
//! `clap_mangen` and `roff`, which add 10 kB to the whole program and say less on more lines.

use anyhow::anyhow;
use clap::{Arg, Args, Command};

use super::stdout::print;
use super::{Failure, USAGE, VERSION, help};
use crate::text::{append, did_you_mean};

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct ManualOptions {
    /// Command to describe, such as override set
    #[arg(value_name = "COMMAND")]
    path: Vec<String>,
}

const EXIT_CODES: [(&str, &str); 5] = [
    ("0", "success, also after SIGTERM or SIGINT if every accepted call was answered"),
    (
        "1",
        "an expectation is not met, a tenant is not normal, no sandbox answers, or it is not ready",
    ),
    ("2", "invalid usage, configuration, fixtures or scenarios"),
    ("3", "cannot listen on the address"),
    ("4", "calls were still running 5 s after the signal, or when a second one came"),
];

/// Prints a manual page; `command` is the whole program.
pub(super) fn run(options: &ManualOptions, command: Command) -> Result<(), Failure> {
    let mut command = command
        .disable_help_subcommand(true)
        .subcommand_required(false)
        .subcommand_value_name("COMMAND");
    // gives every command its full name
    command.build();
    let command = find(&command, &options.path).map_err(|why| Failure::new(USAGE, why))?;
    print(page(command.clone(), &options.path.join(" ")).trim_end())
}

fn find<'a>(root: &'a Command, path: &[String]) -> anyhow::Result<&'a Command> {
    path.iter().try_fold(root, |command, name| {
        command.find_subcommand(name).ok_or_else(|| {
            let hint = did_you_mean(name, command.get_subcommands().map(Command::get_name));
            let parent = command.get_bin_name().unwrap_or_else(|| command.get_name());
            anyhow!("{parent} has no command {name:?}{hint}")
        })
    })
}

/// The page of a command, which `path` leads to, in the language of man(7).
fn page(mut command: Command, path: &str) -> String {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let description = command.get_long_about().map_or_else(|| about.clone(), ToString::to_string);
    let usage = command.render_usage().to_string();
    let source = format!("{} {VERSION}", env!("CARGO_PKG_NAME"));

    let mut page = Page(format!(".TH {name} 1 \"\" \"{source}\" \"Genuin sandbox\"\n"));
    page.section("NAME").text(&format!("{name} - {about}"));
    page.section("SYNOPSIS").text(usage.trim_start_matches("Usage: "));
    page.section("DESCRIPTION");
    if description.contains('\n') {
        page.lines(&description);
    } else {
        page.text(&description);
    }
    if path.is_empty()
        && let Some(default) = command.get_after_help()
    {
        page.macro_line("PP").text(&default.to_string());
    }
    page.section("OPTIONS");
    let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set());
    arguments.for_each(|argument| page.argument(argument));
    if command.has_subcommands() {
        page.section("COMMANDS");
        for sub in command.get_subcommands() {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            page.item(&escaped(&format!("{name}-{}(1)", sub.get_name()))).text(&about);
        }
    }
    let examples: Vec<_> = help::examples(path).collect();
    if !examples.is_empty() {
        page.section("EXAMPLES").lines(&examples.join("\n"));
    }
    if path.is_empty() {
        page.section("EXIT STATUS");
        for (code, meaning) in EXIT_CODES {
            page.item(&bold(code)).text(meaning);
        }
    }
    page.0
}

struct Page(String);

impl Page {
    fn macro_line(&mut self, line: &str) -> &mut Self {
        append!(self.0, ".{line}\n");
        self
    }

    fn section(&mut self, title: &str) -> &mut Self {
        self.macro_line(&format!("SH \"{title}\""))
    }

    /// Begins an item with its head, which is escaped already.
    fn item(&mut self, head: &str) -> &mut Self {
        self.macro_line("TP");
        self.0 += head;
        self.0.push('\n');
        self
    }

    /// Writes a text that is wrapped at the width of the terminal.
    fn text(&mut self, text: &str) {
        self.0 += &escaped(text);
        self.0.push('\n');
    }

    /// Writes lines that stay as they are.
    fn lines(&mut self, lines: &str) {
        self.macro_line("nf").text(lines);
        self.macro_line("fi");
    }

    /// Writes a flag or a positional argument with all that is declared of it.
    fn argument(&mut self, argument: &Arg) {
        let takes_values = argument.get_action().takes_values();
        self.item(&head(argument, takes_values));
        let help = argument.get_long_help().or_else(|| argument.get_help());
        let mut parts: Vec<_> = help.into_iter().map(ToString::to_string).collect();
        let defaults = argument.get_default_values();
        if takes_values && !defaults.is_empty() && !argument.is_hide_default_value_set() {
            let defaults: Vec<_> = defaults.iter().map(|value| value.to_string_lossy()).collect();
            parts.push(format!("[default: {}]", defaults.join(" ")));
        }
        let variable = argument.get_env().map(|name| format!("[env: {}]", name.to_string_lossy()));
        parts.extend(variable);
        self.text(&parts.join(" "));
        for value in argument.get_possible_values().iter().filter(|_| takes_values) {
            let help = value.get_help().map(|help| format!(": {help}")).unwrap_or_default();
            self.macro_line("br").text(&format!("{}{help}", value.get_name()));
        }
    }
}

/// The names of an argument and of its values.
fn head(argument: &Arg, takes_values: bool) -> String {
    let short = argument.get_short().map(|short| bold(&format!("-{short}")));
    let long = argument.get_long().map(|long| bold(&format!("--{long}")));
    let names: Vec<_> = short.into_iter().chain(long).collect();
    if names.is_empty() {
        return italic(&argument.to_string());
    }
    let values = argument.get_value_names().unwrap_or_default().iter().filter(|_| takes_values);
    let values = values.map(|name| italic(&format!("<{name}>")));
    std::iter::once(names.join(", ")).chain(values).collect::<Vec<_>>().join(" ")
}

fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escaped(text))
}

fn italic(text: &str) -> String {
    format!("\\fI{}\\fR", escaped(text))
}

/// A text in which nothing is a command, and in which quotes and dashes can be copied as what they are.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    let lines = text
        .lines()
        .map(|line| if line.starts_with('.') { format!("\\&{line}") } else { line.to_owned() });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_taken_for_a_command_of_the_page() {
        assert_eq!(escaped("it's --a\n.b \\fB .c"), "it\\(aqs \\-\\-a\n\\&.b \\efB .c");
        let command = Command::new("x").about("'a\n.SH b").arg(Arg::new("c").help(".d"));
        let page = page(command, "none");
        assert_eq!(page.lines().filter(|line| line.starts_with(".SH")).count(), 4, "{page}");
        assert!(page.contains("\n\\&.d\n"), "{page}");
    }
}
