//! `man`: the manual pages, made of the same declarations as the help.

use anyhow::anyhow;
use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::stdout::print;
use super::{Failure, USAGE, help};
use crate::text::nearest;

#[derive(Debug, Args)]
pub(super) struct ManualOptions {
    /// Command to describe, such as override set
    #[arg(value_name = "COMMAND")]
    path: Vec<String>,
}

/// What the exit codes of the program mean.
const EXIT_CODES: [(&str, &str); 5] = [
    ("0", "success, also after SIGTERM or SIGINT if every accepted call was answered"),
    ("1", "an expectation is not met, no sandbox answers, or it is not ready"),
    ("2", "invalid usage, configuration, fixtures or scenarios"),
    ("3", "cannot listen on the address"),
    ("4", "calls were still running 5 s after the signal"),
];

/// Prints a manual page; `command` is the whole program.
pub(super) fn run(options: &ManualOptions, command: Command) -> Result<(), Failure> {
    let page = page(&options.path, command).map_err(|why| Failure::new(USAGE, why))?;
    print(page.trim_end())
}

fn page(path: &[String], command: Command) -> anyhow::Result<String> {
    let mut command = command
        .disable_help_subcommand(true)
        .subcommand_required(false)
        .subcommand_value_name("COMMAND")
        .subcommand_help_heading("COMMANDS");
    // gives every command its full name
    command.build();
    let command = find(&command, path)?;
    let source = format!("{} {}", env!("CARGO_PKG_NAME"), super::VERSION);
    let man = Man::new(command.clone()).source(source).manual("Genuin sandbox");
    let mut page = Vec::new();
    let mut write = || -> std::io::Result<()> {
        man.render_title(&mut page)?;
        man.render_name_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        if let Some(default) = command.get_after_help().filter(|_| path.is_empty()) {
            let default = roman(default.to_string());
            Roff::new().control("PP", []).text([default]).to_writer(&mut page)?;
        }
        man.render_options_section(&mut page)?;
        if command.has_subcommands() {
            man.render_subcommands_section(&mut page)?;
        }
        own_sections(&path.join(" ")).to_writer(&mut page)
    };
    write().expect("BUG: a vector can always be written to");
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn find<'a>(root: &'a Command, path: &[String]) -> anyhow::Result<&'a Command> {
    path.iter().try_fold(root, |command, name| {
        command.find_subcommand(name).ok_or_else(|| {
            let names = command.get_subcommands().map(Command::get_name);
            let hint = nearest(name, names)
                .map_or_else(String::new, |name| format!("; did you mean \"{name}\"?"));
            let parent = command.get_bin_name().unwrap_or_else(|| command.get_name());
            anyhow!("{parent} has no command {name:?}{hint}")
        })
    })
}

/// The sections that are not made by the library: examples and exit codes.
fn own_sections(path: &str) -> Roff {
    let mut page = Roff::new();
    if let Some(examples) = help::examples(path) {
        page.control("SH", ["EXAMPLES"]).control("nf", []);
        for line in examples.lines() {
            page.text([roman(line)]);
        }
        page.control("fi", []);
    }
    if path.is_empty() {
        page.control("SH", ["EXIT STATUS"]);
        for (code, meaning) in EXIT_CODES {
            page.control("TP", []).text([bold(code)]).text([roman(meaning)]);
        }
    }
    page
}
