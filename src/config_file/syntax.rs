//! Finds where a mistake in YAML is. The parser notices a quote that is not closed, or a tab, only later, and
//! an escape only at the start of its text.

use super::{FileProblem, Location};

/// Returns the mistake that a syntax error at `at` follows from, if it is a tab, a quote or an escape.
pub(super) fn cause(source: &str, at: Location, error: &str) -> Option<FileProblem> {
    let source = with_plain_lines(source);
    let tab = tab(&source, at, error);
    tab.or_else(|| escape(&source, at, error)).or_else(|| quote(&source, at, error))
}

/// Makes LF the end of every line, and removes a byte order mark, which has no column.
pub(super) fn with_plain_lines(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// A tab where only spaces can indent.
fn tab(source: &str, at: Location, error: &str) -> Option<FileProblem> {
    let names_tab = error.contains("tab");
    let lines =
        source.lines().enumerate().skip(at.line - 1).take(if names_tab { usize::MAX } else { 1 });
    let column_in = |line: &str| {
        let is_blank = line.trim().is_empty();
        let before = line.chars().take_while(|letter| *letter == ' ').count();
        (!is_blank && line.chars().nth(before) == Some('\t')).then_some(before + 1)
    };
    let mut places =
        lines.filter_map(|(index, line)| Some(Location::new(index + 1, column_in(line)?)));
    let message = "a tab cannot indent a line; use spaces";
    places.next().map(|place| FileProblem::new(place, message))
}

/// A backslash in double quotes, before a character that it cannot escape.
fn escape(source: &str, at: Location, error: &str) -> Option<FileProblem> {
    if !error.contains("unknown escape") {
        return None;
    }
    let mut scanner = QuoteScanner::new(source);
    while is_before(scanner.at, at) && scanner.at != at {
        scanner.advance()?;
    }
    loop {
        let place = scanner.at;
        if scanner.advance()? != '\\' {
            continue;
        }
        let escaped = scanner.advance()?;
        if !"0abt\tnvfre \"/\\N_LPxuU\n".contains(escaped) {
            let message = format!(
                "unknown escape \\{}; write \\\\ for a backslash, or use single quotes",
                escaped.escape_debug()
            );
            return Some(FileProblem::new(place, message));
        }
    }
}

/// A quote that is closed by the opening one of a later text.
fn quote(source: &str, at: Location, error: &str) -> Option<FileProblem> {
    let quoted =
        QuoteScanner::new(source).take_while(|quoted| is_before(quoted.open, at)).last()?;
    let Some(close) = quoted.close else {
        return Some(FileProblem::new(quoted.open, "the quote that opens here is not closed"));
    };
    let is_right_before = error.contains("trailing content") && close.column + 1 == at.column;
    let follows = close.line == at.line && (is_right_before || quoted.open.line != at.line);
    follows.then(|| {
        let message = format!(
            "the quote that opens here is closed on line {}, column {}, and more text follows; \
             close it where its text ends",
            close.line, close.column
        );
        FileProblem::new(quoted.open, message)
    })
}

fn is_before(one: Location, other: Location) -> bool {
    (one.line, one.column) <= (other.line, other.column)
}

/// A text in quotes: the places of both.
#[derive(Debug, Clone, Copy)]
struct Quoted {
    open: Location,
    close: Option<Location>,
}

/// Finds the texts in quotes, knowing of YAML only what keeps other quotes apart: those in plain text,
/// comments and block scalars.
struct QuoteScanner<'s> {
    letters: std::iter::Peekable<std::str::Chars<'s>>,
    at: Location,
    /// The spaces before the first character of the line.
    indent: usize,
    /// The last character of the line that is no space, and whether a space followed.
    last: Option<char>,
    after_space: bool,
    /// The indentation of the line that a block scalar belongs to.
    block: Option<usize>,
}

impl<'s> QuoteScanner<'s> {
    fn new(source: &'s str) -> Self {
        let letters = source.chars().peekable();
        let (indent, last, after_space, block) = (0, None, true, None);
        Self { letters, at: Location::START, indent, last, after_space, block }
    }

    /// Takes one character; `at` is the place of the next.
    fn advance(&mut self) -> Option<char> {
        let letter = self.letters.next()?;
        self.at = match letter {
            '\n' => Location::new(self.at.line + 1, 1),
            _ => Location { column: self.at.column + 1, ..self.at },
        };
        Some(letter)
    }

    fn skip_line(&mut self) {
        while self.letters.peek().is_some_and(|letter| *letter != '\n') {
            self.advance();
        }
    }

    /// Takes the rest of a text in quotes.
    fn close(&mut self, quote: char) -> Option<Location> {
        loop {
            let at = self.at;
            match self.advance()? {
                '\\' if quote == '"' => {
                    self.advance();
                }
                letter if letter == quote => {
                    if quote == '"' || self.letters.peek() != Some(&quote) {
                        return Some(at);
                    }
                    self.advance();
                }
                _ => {}
            }
        }
    }
}

impl Iterator for QuoteScanner<'_> {
    type Item = Quoted;

    fn next(&mut self) -> Option<Quoted> {
        loop {
            let open = self.at;
            let letter = self.advance()?;
            match letter {
                '\n' => {
                    if matches!(self.last, Some('|' | '>')) {
                        self.block.get_or_insert(self.indent);
                    }
                    (self.last, self.after_space, self.indent) = (None, true, 0);
                }
                ' ' | '\t' | '\r' => {
                    self.after_space = true;
                    self.indent += usize::from(self.last.is_none());
                }
                '#' if self.after_space => self.skip_line(),
                _ if self.last.is_none() && self.block.is_some_and(|of| self.indent > of) => {
                    self.skip_line();
                }
                '"' | '\''
                    if matches!(self.last, None | Some(':' | '-' | '?' | '[' | '{' | ',')) =>
                {
                    self.block = None;
                    let close = self.close(letter);
                    (self.last, self.after_space) = (Some(letter), false);
                    return Some(Quoted { open, close });
                }
                _ => {
                    if self.last.is_none() {
                        self.block = None;
                    }
                    (self.last, self.after_space) = (Some(letter), false);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config_file::{Format, parse_as};

    fn refused(text: &str) -> (usize, usize, String) {
        let problem = parse_as(Format::Yaml, text).unwrap_err();
        (problem.at.line, problem.at.column, problem.message)
    }

    #[test]
    fn a_quote_that_is_not_closed_is_shown_where_it_opens() {
        for (text, place, expected) in [
            ("a: \"x\nb: 2\n", (1, 4), "not closed"),
            ("a: 'x\nb: 2\n", (1, 4), "not closed"),
            ("a: 1\nb: \"x\nc: \"y\"\n", (2, 4), "closed on line 3, column 4"),
            (
                "- { id: \"a, do: 1 }\n- { id: \"b\", do: 2 }\n",
                (1, 9),
                "closed on line 2, column 9",
            ),
            ("- { id: \"a, do: \"b\" }\n", (1, 9), "closed on line 1, column 17"),
            ("a: it's\nb: say \"x\n# don't\nc: 'it's'\n", (4, 4), "closed on line 4, column 7"),
            ("a: |\n  it's \"\nb: 'x\nc: 'y'\n", (3, 4), "closed on line 4, column 4"),
            ("a: \"\\\"x\nb: \"y\"\n", (1, 4), "closed on line 2, column 4"),
            ("a: 'x''\nb: 'y'\n", (1, 4), "closed on line 2, column 4"),
            ("\u{feff}a: 'x\rb: 'y'\r\n", (1, 4), "closed on line 2, column 4"),
        ] {
            let (line, column, message) = refused(text);
            assert_eq!((line, column), place, "{text:?}: {message}");
            assert!(message.contains(expected), "{text:?}: {message}");
        }
    }

    #[test]
    fn other_mistakes_after_a_text_in_quotes_keep_their_place() {
        for (text, place) in [
            ("a: \"x\"\nb: @x\n", (2, 4)),
            ("a: 'it''s': b\n", (1, 11)),
            ("{ a: \"x\", b: c: d }\n", (1, 15)),
        ] {
            let (line, column, message) = refused(text);
            assert_eq!((line, column), place, "{text:?}: {message}");
            assert!(!message.contains("quote"), "{text:?}: {message}");
        }
    }

    #[test]
    fn an_unknown_escape_is_shown_where_it_is() {
        for (text, place) in
            [("a: \"b\\\\\\n\\qc\"\n", (1, 10)), ("a: 'x\\q'\nb: \"one\n  t\\wo\"\n", (3, 4))]
        {
            let (line, column, message) = refused(text);
            assert_eq!((line, column), place, "{text:?}: {message}");
            assert!(message.starts_with("unknown escape \\"), "{text:?}: {message}");
        }
    }

    #[test]
    fn a_tab_is_shown_where_it_is() {
        for (text, place) in [
            ("\u{feff}a:\r  b: 1\r\n\tc: 2\r", (3, 1)),
            ("a:\n\tb: 1\n", (2, 1)),
            ("a:\n  b: 1\n\tc: 2\n", (3, 1)),
            ("- a: 1\n  \tb: 2\n", (2, 3)),
            ("rules:\n- { id: a }\n\t- { id: b }\n", (3, 1)),
            ("a: |\n\tx\n", (2, 1)),
            ("a:\n  b: 1\n\n  # c\n  \tc: 2\n", (5, 3)),
        ] {
            let (line, column, message) = refused(text);
            assert_eq!((line, column), place, "{text:?}: {message}");
            assert_eq!(message, "a tab cannot indent a line; use spaces", "{text:?}");
        }
    }
}
