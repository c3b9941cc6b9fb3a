//! The report in each format.

use proptest::prelude::*;

use super::calls::{grade, report, report_ignoring};
use crate::property;
use crate::report::{GradeFormat, IgnoredRule, Report};

const CALLS: &str = "0 5026, 500 5026, 1000 body=y 503, 2000 body=w field=a|`b ok, 3000 body=z ok";

fn ignoring(ignored: &str) -> Report {
    report_ignoring("a", CALLS, &[IgnoredRule::parse(ignored).unwrap()])
}

#[test]
fn a_report_for_a_terminal_has_the_worst_first() {
    let expected = "\
fix   retried-permanent: a/1, a/2
      the same request was sent again once after video-not-found (500)
      do not repeat a request after 400, 401, 404, 412 or a 500 with the code \"5026\": read the code besides the status, and change the request first
look  gave-up-on-transient: a/3
      never tried again after unavailable (503)
      try again after 429, 502, 503, 504 and broken connections, after a while and a few times
look  unknown-fields: a/4
      \"/a|`b\" in 1 call
      remove or correct the fields that the API does not have
5 calls in 4 operations of 1 tenant: 1 to fix, 2 to look at";
    assert_eq!(report("a", CALLS).write(GradeFormat::Text), expected);
}

#[test]
fn what_is_ignored_does_not_count_and_its_reason_is_shown() {
    let report = ignoring("retried-permanent=ticket 7");
    assert_eq!((report.fix, report.look), (0, 2));
    let text = report.write(GradeFormat::Text);
    assert!(text.contains("fix   retried-permanent: a/1, a/2\n"), "{text}");
    assert!(text.contains("      ignored: ticket 7\n"), "{text}");
    assert!(text.ends_with("0 to fix, 2 to look at, 1 ignored"), "{text}");
    let xml = report.write(GradeFormat::Junit);
    assert!(xml.contains("<skipped message=\"ignored: ticket 7\"/>"), "{xml}");
    assert!(ignoring("no-backoff=x").fix == 1);
}

#[test]
fn what_could_not_be_seen_is_said_and_no_case_passes() {
    let mut report = Report::default();
    grade("a", "0 raw={x cut=99999 ok").add_to(&mut report, &[], 2);
    assert_eq!((report.unseen, report.cut_bodies), (2, 1));
    let text = report.write(GradeFormat::Text);
    assert!(
        text.contains("\n2 calls were dropped from the journal and are not judged; "),
        "{text}"
    );
    assert!(
        text.ends_with("\n1 body is too long to be kept and was compared with its own ids"),
        "{text}"
    );
    let xml = report.write(GradeFormat::Junit);
    assert!(xml.contains("tests=\"13\" failures=\"0\" errors=\"0\" skipped=\"13\""), "{xml}");
}

#[test]
fn in_junit_only_what_is_to_fix_fails() {
    let xml = report("a", CALLS).write(GradeFormat::Junit);
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"genuin-sandbox\" tests=\"13\" \
                failures=\"1\" errors=\"0\" skipped=\"0\">\n  <testsuite name=\"a\" tests=\"13\" failures=\"1\" \
                errors=\"0\" skipped=\"0\">\n    <testcase classname=\"genuin-sandbox.a\" \
                name=\"retried-permanent\">\n      <failure message=\"do not repeat ";
    assert!(xml.starts_with(head), "{xml}");
    assert!(
        xml.contains("<testcase classname=\"genuin-sandbox.a\" name=\"retry-storm\"/>\n"),
        "{xml}"
    );
    let noted = "<system-out>a/4: &quot;/a|`b&quot; in 1 call</system-out>";
    assert!(xml.contains(noted), "{xml}");
}

#[test]
fn in_markdown_what_comes_from_outside_is_code() {
    let text = report("a", CALLS).write(GradeFormat::Markdown);
    let row = "| look | unknown-fields | a/4 | ``\"/a\\|`b\" in 1 call`` | remove or correct the fields that the API does not have |";
    assert!(text.lines().any(|line| line == row), "{text}");
}

/// The text of all elements and attributes, as an XML reader sees it; an error says what is not XML.
fn read_xml(xml: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest =
        xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").ok_or("no head")?;
    while let Some(start) = rest.find('<') {
        check_text(&rest[..start])?;
        let end = rest[start..].find('>').ok_or("a tag does not end")? + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop();
            if last != Some(name) {
                return Err(format!("{name} ends {last:?}"));
            }
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name = tag.split(' ').next().unwrap_or_default();
        let parts: Vec<_> = tag.split('"').collect();
        if parts.len() % 2 == 0 {
            return Err(format!("a quote is left in {tag}"));
        }
        parts.iter().skip(1).step_by(2).try_for_each(|value| check_text(value))?;
        if !is_empty {
            open.push(name);
        }
    }
    if open.is_empty() && rest.trim().is_empty() { Ok(()) } else { Err(format!("{open:?}{rest}")) }
}

fn check_text(text: &str) -> Result<(), String> {
    let is_allowed =
        |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let is_reference = |rest: &str| {
        ["amp;", "lt;", "gt;", "quot;", "#9;", "#10;", "#13;"].iter().any(|it| rest.starts_with(it))
    };
    let has_bare = text.split('&').skip(1).any(|rest| !is_reference(rest));
    if text.chars().all(is_allowed) && !has_bare && !text.contains(['<', '"']) {
        Ok(())
    } else {
        Err(format!("{text:?} is no text of XML"))
    }
}

proptest! {
    #![proptest_config(property::cases(256))]

    #[test]
    fn any_text_from_outside_gives_valid_documents(
        text in prop::collection::vec(
            prop::sample::select(&["a", "|", "\\", "`", "<b>", "&", "\"", "]]>", "\n", "\u{0}", "\u{ffff}", "\u{1b}", "http://x.y", "[a](b)", "@c", "é"][..]),
            0..8,
        )
    ) {
        let text = text.concat();
        let mut report = report("a", "0 5026, 500 5026");
        report.findings[0].detail.clone_from(&text);
        report.findings[0].ignored = None;
        let xml = report.write(GradeFormat::Junit);
        prop_assert_eq!(read_xml(&xml), Ok(()), "{}", xml);
        let markdown = report.write(GradeFormat::Markdown);
        let row = markdown.lines().last().unwrap_or_default();
        // bars that end a cell are not behind a backslash
        let cells = row.replace("\\|", "").matches('|').count();
        prop_assert_eq!(cells, 6, "{}", row);
        prop_assert!(!row.contains("<b>") || row.contains('`'), "{}", row);
        let terminal = report.write(GradeFormat::Text);
        prop_assert_eq!(terminal.lines().count(), 4, "{}", terminal);
        let hostile = ['\u{0}', '\u{1b}'];
        prop_assert!(!terminal.contains(hostile));
    }
}
