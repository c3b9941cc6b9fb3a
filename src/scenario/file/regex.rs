//! Compiles regular expressions to states. What a short one takes to compile is not in its length: it is
//! bounded before it is translated, since a limit on the states acts only afterwards.

use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{
    self, Ast, ClassPerl, ClassSetBinaryOp, ClassSetItem, Flag, Flags, FlagsItemKind, GroupKind,
};
use regex_syntax::hir::translate::TranslatorBuilder;

use super::letter_case::LetterCase;

/// The longest regular expression, in bytes.
pub(super) const MAX_REGEX_BYTES: usize = 1024;
/// The largest regular expression once it is compiled, in bytes.
const MAX_STATES_BYTES: usize = 256 * 1024;
/// How deep groups and classes may be nested.
const MAX_NESTING: u32 = 64;
/// The most classes such as `\w`: 27 KiB each until it is compiled, which no more than some 70 can be.
const MAX_CLASSES: usize = 64;
/// The most characters whose other case is looked up: some 5 ns each.
const MAX_FOLDED: usize = 4 * ALL_CHARACTERS;
/// How many characters are looked up in the time that it takes to fill a KiB.
const FOLDED_OF_KIB: usize = 4096;

/// The characters in all, those of `\w`, roughly, and those of ASCII.
const ALL_CHARACTERS: usize = 0x0011_0000;
const WORD_CHARACTERS: usize = 0x0002_4000;
const ASCII_CHARACTERS: usize = 128;

const NO_REGEX: &str = "not a regular expression";

/// A regular expression that is compiled or refused.
pub(super) struct Attempt {
    pub(super) states: Result<NFA, String>,
    /// The memory that it took, besides what is kept, or so much that its time is counted too, in bytes.
    pub(super) bytes: usize,
}

/// Compiles a regular expression, unless that takes too much.
pub(super) fn compile(written: &str, case: LetterCase) -> Attempt {
    let refused = |why| Attempt { states: Err(why), bytes: 0 };
    let length = written.len();
    if length > MAX_REGEX_BYTES {
        return refused(format!("the regex has {length} bytes, the limit is {MAX_REGEX_BYTES}"));
    }
    let ast = match ParserBuilder::new().nest_limit(MAX_NESTING).build().parse(written) {
        Ok(ast) => ast,
        Err(error) => return refused(syntax_error(&error)),
    };
    let folds = case == LetterCase::Ignored;
    let classes = ast::visit(&ast, Classes { folds, ..Classes::default() });
    let classes = classes.unwrap_or_else(|never| match never {});
    if let Err(why) = classes.check() {
        return refused(why);
    }
    let folded_bytes = classes.folded().div_ceil(FOLDED_OF_KIB) * 1024;
    let mut translator = TranslatorBuilder::new().case_insensitive(folds).build();
    let hir = match translator.translate(written, &ast) {
        Ok(hir) => hir,
        Err(error) => return Attempt { states: Err(syntax_error(&error)), bytes: folded_bytes },
    };
    let states = thompson::Compiler::new().configure(config(MAX_STATES_BYTES)).build_from_hir(&hir);
    let bytes = folded_bytes + if states.is_err() { MAX_STATES_BYTES } else { 0 };
    let states = states.map_err(|error| format!("{NO_REGEX}: {}", explain(&error)));
    Attempt { states, bytes }
}

/// How states are made of any expression, up to this size.
pub(super) fn config(limit_bytes: usize) -> thompson::Config {
    thompson::Config::new().which_captures(WhichCaptures::None).nfa_size_limit(Some(limit_bytes))
}

/// Says why states cannot be made.
pub(super) fn explain(error: &thompson::BuildError) -> String {
    error.size_limit().map_or_else(
        || error.to_string(),
        |limit| format!("it is larger than {} KiB once it is compiled", limit / 1024),
    )
}

/// Says in one line what the library says in several, of which those before the last draw the place.
fn syntax_error(error: &impl ToString) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    format!("{NO_REGEX}: {}", last.trim_start_matches("error: ").trim_end_matches('.'))
}

/// What the classes of an expression take to translate.
#[derive(Debug, Default)]
struct Classes {
    /// How many there are such as `\w`.
    named: usize,
    /// How many characters classes in brackets name.
    characters: usize,
    /// How deep brackets and operators are nested now, and at most: each looks at all inside it once more.
    depth: usize,
    max_depth: usize,
    /// Whether upper and lower case are the same somewhere.
    folds: bool,
}

impl Classes {
    /// How many characters are looked up for their other case, at most.
    fn folded(&self) -> usize {
        if self.folds { self.characters * self.max_depth } else { 0 }
    }

    fn check(&self) -> Result<(), String> {
        let (named, folded) = (self.named, self.folded());
        if named > MAX_CLASSES {
            return Err(format!(
                r"the regex has {named} classes such as \w, the limit is {MAX_CLASSES}"
            ));
        }
        if folded > MAX_FOLDED {
            return Err(format!(
                "the regex ignores the case of {folded} characters in its classes, the limit is \
                 {MAX_FOLDED}; use smaller classes, or no (?i)"
            ));
        }
        Ok(())
    }

    fn read_flags(&mut self, flags: &Flags) {
        let folds = FlagsItemKind::Flag(Flag::CaseInsensitive);
        self.folds |= flags.items.iter().any(|item| item.kind == folds);
    }

    fn enter(&mut self) {
        self.depth += 1;
        self.max_depth = self.max_depth.max(self.depth);
    }

    fn add_named(&mut self, class: &ClassPerl) {
        self.named += 1;
        self.characters += if class.negated { ALL_CHARACTERS } else { WORD_CHARACTERS };
    }
}

impl ast::Visitor for Classes {
    type Output = Self;
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<Self, Self::Err> {
        Ok(self)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        match ast {
            Ast::Flags(set) => self.read_flags(&set.flags),
            Ast::Group(group) => {
                if let GroupKind::NonCapturing(flags) = &group.kind {
                    self.read_flags(flags);
                }
            }
            // outside brackets its two cases are in the same class anyway
            Ast::ClassPerl(_) => self.named += 1,
            Ast::ClassBracketed(_) => self.enter(),
            _ => {}
        }
        Ok(())
    }

    fn visit_post(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        self.depth -= usize::from(matches!(ast, Ast::ClassBracketed(_)));
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        match item {
            ClassSetItem::Empty(_) | ClassSetItem::Union(_) => {}
            ClassSetItem::Literal(_) => self.characters += 1,
            ClassSetItem::Range(range) => {
                let (start, end) = (u32::from(range.start.c), u32::from(range.end.c));
                self.characters += end.saturating_sub(start) as usize + 1;
            }
            ClassSetItem::Perl(class) => self.add_named(class),
            ClassSetItem::Ascii(class) if !class.negated => self.characters += ASCII_CHARACTERS,
            ClassSetItem::Ascii(_) | ClassSetItem::Unicode(_) => self.characters += ALL_CHARACTERS,
            ClassSetItem::Bracketed(class) => {
                self.enter();
                self.characters += if class.negated { ALL_CHARACTERS } else { 0 };
            }
        }
        Ok(())
    }

    fn visit_class_set_item_post(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        self.depth -= usize::from(matches!(item, ClassSetItem::Bracketed(_)));
        Ok(())
    }

    fn visit_class_set_binary_op_pre(&mut self, _: &ClassSetBinaryOp) -> Result<(), Self::Err> {
        self.enter();
        Ok(())
    }

    fn visit_class_set_binary_op_post(&mut self, _: &ClassSetBinaryOp) -> Result<(), Self::Err> {
        self.depth -= 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(written: &str) -> Option<String> {
        compile(written, LetterCase::Kept).states.err()
    }

    #[test]
    fn what_takes_much_to_compile_is_refused_before_it_is_translated() {
        let repeat = |unit: &str| unit.repeat(MAX_REGEX_BYTES / unit.len());
        let nested = |depth| format!("(?i){}[^b]{}", "[".repeat(depth), "a]".repeat(depth));
        for (written, expected) in [
            ("a".repeat(1025), "the regex has 1025 bytes, the limit is 1024"),
            (r"\W".repeat(300_000), "the regex has 600000 bytes, the limit is 1024"),
            ("ü".repeat(513), "the regex has 1026 bytes, the limit is 1024"),
            (repeat(r"\D"), r"the regex has 512 classes such as \w, the limit is 64"),
            (
                format!("[^{}]", r"\s".repeat(65)),
                r"the regex has 65 classes such as \w, the limit is 64",
            ),
            (
                format!("(?s:x)(?i:{})", "[!-\u{fffff}]".repeat(9)),
                "the regex ignores the case of 9436887 characters in its classes, the limit is 4456448; \
                 use smaller classes, or no (?i)",
            ),
            (
                nested(4),
                "the regex ignores the case of 5570585 characters in its classes, the limit is 4456448; \
                 use smaller classes, or no (?i)",
            ),
            (
                "(?i)[\\W--\\D&&\\S]".into(),
                "the regex ignores the case of 10027008 characters in its classes, the limit is 4456448; \
                 use smaller classes, or no (?i)",
            ),
            (
                format!("{}a{}", "(".repeat(65), ")".repeat(65)),
                "not a regular expression: exceed the maximum number of nested parentheses/brackets (64)",
            ),
            (
                r"(\d{50}){50}".into(),
                "not a regular expression: it is larger than 256 KiB once it is compiled",
            ),
        ] {
            assert_eq!(refusal(&written).as_deref(), Some(expected), "{written:.60}");
        }
    }

    #[test]
    fn what_people_write_is_compiled() {
        for written in [
            r"(?i)^[\W_]*(retry|error)[^\w-]+[[:alnum:]]+$",
            r"(?i)[^a-z0-9 .,;:!?'-]",
            r"(?i)[à-öø-ÿ\u{100}-\u{17f}]+",
            "[!-\u{10ffff}]{3}[^\u{0}-\u{1f}]+",
            r"^(?:\d{3}-){2}\d{4}$",
            &format!("{}a{}", "(".repeat(64), ")".repeat(64)),
            &r"\d?".repeat(30),
            &"a".repeat(1024),
        ] {
            assert_eq!(refusal(written), None, "{written:.60}");
        }
    }
}
