//! Findings: why a call was refused, and warnings. They go to the log and the journal; answers carry
//! only the vendor's bytes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::described::{Components, Described, described};
use crate::text::escaped;

/// Whether a finding is a reason to refuse the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A reason to refuse the call.
    Error,
    /// Accepted, but probably a mistake.
    Warning,
}

described! {
    /// A reason why a call was refused, or a warning.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Finding {
        /// Whether the call is refused because of it.
        pub severity: Severity,
        /// An RFC 6901 pointer into the body; empty for the whole body and for anything outside it.
        pub pointer: String,
        /// The ledger's clause, such as `create_group.community_id`.
        pub clause: String,
        /// What is wrong, worded to follow the pointer: `is missing`.
        pub message: String,
        /// What to do about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub suggestion: Option<String>,
        /// The operations that make the body pass, if there are any. Only errors have a patch; the patches
        /// of a call can be applied one after another.
        #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
        pub patch: Box<[PatchOp]>,
    }
}

/// An RFC 6902 patch operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum PatchOp {
    Add { path: String, value: Value },
    Replace { path: String, value: Value },
    Remove { path: String },
    Move { from: String, path: String },
}

impl Described for Severity {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "string", "enum": [Self::Error, Self::Warning]})
    }
}

/// An operation of each kind, which are distinguished by `op`.
impl Described for PatchOp {
    fn schema(components: &mut Components) -> Value {
        let mut operation = |op: &str, name: &str, keys: &[&str]| {
            components.named(name, |_| {
                let mut properties = json!({"op": {"type": "string", "const": op}});
                for key in keys {
                    let is_value = *key == "value";
                    properties[*key] = if is_value { json!({}) } else { json!({"type": "string"}) };
                }
                let required: Vec<_> = [&["op"], keys].concat();
                json!({"type": "object", "properties": properties, "required": required})
            })
        };
        let operations = [
            operation("add", "PatchAdd", &["path", "value"]),
            operation("replace", "PatchReplace", &["path", "value"]),
            operation("remove", "PatchRemove", &["path"]),
            operation("move", "PatchMove", &["from", "path"]),
        ];
        components.named(
            "PatchOperation",
            |_| json!({"description": "An operation of RFC 6902.", "oneOf": operations}),
        )
    }
}

impl Finding {
    /// What it says and where, text by text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let own = [&self.pointer, &self.clause, &self.message].into_iter();
        own.chain(&self.suggestion).map(String::as_str)
    }

    pub(crate) fn error(
        pointer: impl Into<String>,
        clause: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            pointer: pointer.into(),
            clause: clause.into(),
            message: message.into(),
            suggestion: None,
            patch: Box::default(),
        }
    }

    pub(crate) fn warning(
        pointer: impl Into<String>,
        clause: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(pointer, clause, message) }
    }

    /// Whether it is about a field that the endpoint does not have.
    pub(crate) fn is_unknown_field(&self) -> bool {
        self.message.starts_with(UNKNOWN_FIELD)
    }

    #[must_use]
    pub(crate) fn with_patch(mut self, patch: PatchOp) -> Self {
        self.patch = Box::new([patch]);
        self
    }

    /// Returns the finding without a patch: one for a path parameter cannot be applied to the body.
    #[must_use]
    pub(crate) fn without_patch(mut self) -> Self {
        self.patch = Box::default();
        self
    }

    /// Returns the finding with a suggestion.
    #[must_use]
    pub(crate) fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // keys come from the caller and must not be able to forge log lines
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-~.".contains(&byte);
        if self.pointer.len() <= MAX_POINTER_BYTES && self.pointer.bytes().all(plain) {
            f.write_str(&self.pointer)?;
        } else {
            let cut: String = self.pointer.chars().take(MAX_POINTER_BYTES).collect();
            let more = if cut.len() < self.pointer.len() { "…" } else { "" };
            write!(f, "{cut:?}{more}")?;
        }
        if !self.pointer.is_empty() {
            f.write_str(" ")?;
        }
        write!(f, "{}", escaped(&self.message))?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; {}", escaped(suggestion))?;
        }
        Ok(())
    }
}

/// What the message about a field begins with that the endpoint does not have.
pub(crate) const UNKNOWN_FIELD: &str = "is not a known field";

/// The longest part of a pointer that a log line shows, in bytes.
const MAX_POINTER_BYTES: usize = 200;

/// The findings of one call. Their number is limited, so that no body makes an endless log line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
    omitted: usize,
}

/// How many findings of each severity are kept; the rest are only counted.
const MAX_FINDINGS: usize = 50;

impl Findings {
    pub(crate) fn add(&mut self, finding: Finding) {
        self.add_with(finding.severity, || finding);
    }

    /// Adds a finding that is created only if there is room for it.
    pub(crate) fn add_with(&mut self, severity: Severity, finding: impl FnOnce() -> Finding) {
        if !self.has_room(severity) {
            self.omitted += 1;
            return;
        }
        match severity {
            Severity::Error => self.errors.push(finding()),
            Severity::Warning => self.warnings.push(finding()),
        }
    }

    /// Whether another finding of a severity would be kept.
    pub(crate) fn has_room(&self, severity: Severity) -> bool {
        let kept = match severity {
            Severity::Error => &self.errors,
            Severity::Warning => &self.warnings,
        };
        kept.len() < MAX_FINDINGS
    }

    /// Whether there is a reason to refuse the call.
    pub(crate) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.add(finding));
    }

    /// Adds the findings of another step, and what that left out.
    pub(crate) fn append(&mut self, other: Self) {
        self.omitted += other.omitted;
        other.errors.into_iter().chain(other.warnings).for_each(|finding| self.add(finding));
    }

    /// Removes all patches: a patch for a path parameter cannot be applied to the body.
    pub(crate) fn remove_patches(&mut self) {
        self.errors.iter_mut().for_each(|finding| finding.patch = Box::default());
    }

    /// Removes the warnings at a place: of what another finding says all.
    pub(crate) fn remove_warnings_at(&mut self, pointer: &str) {
        self.warnings.retain(|finding| finding.pointer != pointer);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.warnings.is_empty()
    }

    /// How many more findings there were, which are not kept.
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    pub(crate) fn add_omitted(&mut self, count: usize) {
        self.omitted += count;
    }

    /// Keeps the first ones, in the order of `iter`, and counts the others.
    pub(crate) fn keep_first(&mut self, count: usize) {
        let before = self.iter().count();
        self.warnings.truncate(count.saturating_sub(self.errors.len()));
        self.errors.truncate(count);
        self.omitted += before - self.iter().count();
    }

    /// Iterates like `iter`.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Finding> {
        self.errors.iter_mut().chain(&mut self.warnings)
    }

    /// Iterates over the errors, then the warnings, each in the order found.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.errors.iter().chain(&self.warnings)
    }
}

impl From<Finding> for Findings {
    fn from(finding: Finding) -> Self {
        let mut findings = Self::default();
        findings.add(finding);
        findings
    }
}

impl std::fmt::Display for Findings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, finding) in self.iter().enumerate() {
            let lead = if index > 0 { " | " } else { "" };
            let warning = match finding.severity {
                Severity::Warning => "warning: ",
                Severity::Error => "",
            };
            write!(f, "{lead}{warning}{finding}")?;
        }
        if self.omitted > 0 {
            write!(f, " | and {} more", self.omitted)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_limited_and_warnings_do_not_displace_errors() {
        let mut findings = Findings::default();
        for index in 0..MAX_FINDINGS + 3 {
            findings.add(Finding::warning(format!("/{index}"), "x", "is odd"));
        }
        findings.add(Finding::error("/type", "x", "is missing"));
        let text = findings.to_string();
        assert_eq!(findings.iter().count(), MAX_FINDINGS + 1);
        assert!(text.starts_with("/type is missing | warning: /0 is odd"), "{text}");
        assert!(text.ends_with("| and 3 more"), "{text}");
    }

    #[test]
    fn a_pointer_cannot_forge_a_log_line() {
        let finding = Finding::error("/a\nb\u{1b}[31m", "x", "is wrong");
        assert_eq!(finding.to_string(), r#""/a\nb\u{1b}[31m" is wrong"#);
        let forged = Finding::warning("/type is fine | x", "x", "is odd");
        assert_eq!(forged.to_string(), "\"/type is fine | x\" is odd");
    }
}
