//! The stored form of findings, and cutting them to the size that it may have.

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

use crate::text::to_json;
use crate::vendor::finding::PatchOp;
use crate::vendor::{Finding, Findings};

/// The most that all findings take when they are stored, in bytes.
const MAX_FINDINGS_BYTES: usize = 4096;

/// The longest texts of findings that have to be cut, in bytes of JSON: one finding always fits.
const LONG: TextLimits = TextLimits { place_bytes: 384, text_bytes: 1024 };
/// The same where the findings do not fit even without their patches.
const SHORT: TextLimits = TextLimits { place_bytes: 128, text_bytes: 192 };

struct TextLimits {
    /// Of a pointer or a clause.
    place_bytes: usize,
    /// Of a message or a suggestion.
    text_bytes: usize,
}

/// What is kept for patches where texts would take everything: a client that applies them comes on.
const ONE_PATCH_BYTES: usize = 256;
/// The same where some findings are left off in any case.
const SOME_PATCHES_BYTES: usize = 1024;

/// Makes findings fit. Texts that are too long are cut and end with `…`, then the last patches are left
/// off, then the last findings, which are counted.
pub(super) fn cut_to_fit(findings: &mut Findings) {
    if findings.is_empty() || list_bytes(findings) <= MAX_FINDINGS_BYTES {
        return;
    }
    cut_texts(findings, &LONG);
    let patches: Vec<_> =
        findings.iter_mut().map(|finding| std::mem::take(&mut finding.patch)).collect();
    let has_patches = patches.iter().any(|patch| !patch.is_empty());
    let without = |bytes| MAX_FINDINGS_BYTES - if has_patches { bytes } else { 0 };
    if list_bytes(findings) > without(ONE_PATCH_BYTES) {
        cut_texts(findings, &SHORT);
    }
    if list_bytes(findings) > without(ONE_PATCH_BYTES) {
        keep_first(findings, without(SOME_PATCHES_BYTES));
    }
    put_back(patches, findings);
}

/// The two brackets around the list.
const BRACKETS_BYTES: usize = 2;

fn list_bytes(findings: &Findings) -> usize {
    BRACKETS_BYTES + findings.iter().map(entry_bytes).sum::<usize>()
}

/// The bytes of a finding and the comma after it.
fn entry_bytes(finding: &Finding) -> usize {
    to_json(finding).len() + 1
}

fn cut_texts(findings: &mut Findings, limits: &TextLimits) {
    for finding in findings.iter_mut() {
        cut(&mut finding.pointer, limits.place_bytes);
        cut(&mut finding.clause, limits.place_bytes);
        cut(&mut finding.message, limits.text_bytes);
        finding.suggestion.iter_mut().for_each(|text| cut(text, limits.text_bytes));
    }
}

/// Cuts a text that takes more bytes in JSON, and marks it with `…`.
fn cut(text: &mut String, limit_bytes: usize) {
    const MARK: char = '…';
    let (mut bytes, mut end) = (0, 0);
    for (at, letter) in text.char_indices() {
        if bytes <= limit_bytes - MARK.len_utf8() {
            end = at;
        }
        bytes += match letter {
            '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
            '\0'..=' ' if letter != ' ' => 6,
            letter => letter.len_utf8(),
        };
        if bytes > limit_bytes {
            text.truncate(end);
            text.push(MARK);
            return;
        }
    }
}

fn keep_first(findings: &mut Findings, limit_bytes: usize) {
    let mut bytes = BRACKETS_BYTES;
    let within = |finding: &&Finding| {
        bytes += entry_bytes(finding);
        bytes <= limit_bytes
    };
    let count = findings.iter().take_while(within).count();
    findings.keep_first(count);
}

/// Gives the first patches back to their findings, as many as fit: each may need those before it.
fn put_back(patches: Vec<Box<[PatchOp]>>, findings: &mut Findings) {
    let mut bytes = list_bytes(findings);
    for (finding, patch) in findings.iter_mut().zip(patches) {
        bytes -= entry_bytes(finding);
        finding.patch = patch;
        bytes += entry_bytes(finding);
        if bytes > MAX_FINDINGS_BYTES {
            finding.patch = Box::default();
            break;
        }
    }
}

/// The findings as a JSON list, since postcard cannot hold the values of patches; empty if there are none.
pub(super) fn text(findings: &Findings) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let list: Vec<_> = findings.iter().collect();
    to_json(&list)
}

pub(super) fn serialize<S: Serializer>(findings: &Findings, to: S) -> Result<S::Ok, S::Error> {
    (text(findings), findings.omitted()).serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Findings, D::Error> {
    let (text, omitted) = <(&str, usize)>::deserialize(from)?;
    let mut findings = Findings::default();
    if !text.is_empty() {
        let mut json = serde_json::Deserializer::from_str(text);
        // the value of a patch may be as deep as a body
        json.disable_recursion_limit();
        let list = Vec::<Finding>::deserialize(&mut json).map_err(D::Error::custom)?;
        findings.extend(list);
    }
    findings.add_omitted(omitted);
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fitted(findings: impl IntoIterator<Item = Finding>) -> Findings {
        let mut all = Findings::default();
        all.extend(findings);
        cut_to_fit(&mut all);
        assert!(text(&all).len() <= MAX_FINDINGS_BYTES, "{}", text(&all).len());
        all
    }

    fn finding(pointer: &str, message: &str) -> Finding {
        Finding::error(pointer, "create_group.type", message)
    }

    fn with_patch(finding: Finding, value: &str) -> Finding {
        finding.with_patch(PatchOp::Replace { path: "/type".into(), value: json!(value) })
    }

    #[test]
    fn findings_that_fit_stay_as_they_are() {
        let long = "x".repeat(3000);
        let all = [finding("/a", &long), with_patch(finding("/b", "is odd"), "4")];
        let kept = fitted(all.clone());
        assert_eq!(kept.iter().cloned().collect::<Vec<_>>(), all);
        assert_eq!(kept.omitted(), 0);
    }

    #[test]
    fn the_only_reason_is_cut_and_not_left_out() {
        for letter in ["x", "é", "😀", "\"", "\u{1}", "\n"] {
            let long = letter.repeat(60_000);
            let kept = fitted([finding(&long, &long).suggest(long.clone())]);
            assert_eq!((kept.iter().count(), kept.omitted()), (1, 0), "{letter:?}");
            let only = kept.iter().next().unwrap();
            for text in [&only.pointer, &only.message, only.suggestion.as_ref().unwrap()] {
                let before = text.strip_suffix('…').unwrap();
                assert!(long.starts_with(before) && before.len() > 50, "{text}");
            }
        }
    }

    #[test]
    fn patches_are_left_off_before_texts_and_the_first_are_kept() {
        let value = "v".repeat(1500);
        let (long, few) = ("is odd ".repeat(4), 10);
        let all = (0..few).map(|number| {
            let finding = finding(&format!("/{number}"), &long);
            with_patch(finding, if number == 1 { &value } else { "4" })
        });
        let all: Vec<_> = all.chain([with_patch(finding("/last", &long), &value)]).collect();
        let kept = fitted(all.clone());
        assert_eq!(kept.omitted(), 0);
        let messages: Vec<_> = kept.iter().map(|finding| &*finding.message).collect();
        assert_eq!(messages, vec![&*long; few + 1]);
        let patched: Vec<_> = kept.iter().map(|finding| !finding.patch.is_empty()).collect();
        assert_eq!(patched, [vec![true; few], vec![false]].concat(), "the last one does not fit");
    }

    #[test]
    fn findings_that_are_left_off_are_counted() {
        let all = (0..40).map(|number| finding(&format!("/{number}"), &"is odd ".repeat(100)));
        let kept = fitted(all);
        let count = kept.iter().count();
        assert!((5..40).contains(&count), "{count}");
        assert_eq!(kept.omitted(), 40 - count);
        assert!(kept.iter().all(|finding| finding.message.ends_with('…')));
        assert!(kept.to_string().ends_with(&format!(" | and {} more", 40 - count)));
    }

    #[test]
    fn however_many_findings_there_are_the_first_patches_are_kept() {
        for many in 10..60 {
            let all = (0..many).map(|number| {
                with_patch(finding(&format!("/{number}"), &"is odd ".repeat(15)), "4")
            });
            let kept = fitted(all);
            let patched: Vec<_> = kept.iter().map(|finding| !finding.patch.is_empty()).collect();
            let first = patched.iter().take_while(|is_patched| **is_patched).count();
            assert!(first >= 4, "{many}: {patched:?}");
            assert!(!patched[first..].contains(&true), "{many}: {patched:?}");
            let omitted = kept.omitted();
            assert!(omitted == 0 || first > 10, "{many}: {patched:?}");
        }
    }
}
