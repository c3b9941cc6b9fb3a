//! Reports as JUnit XML, as CI servers read it: a case for each rule and tenant.

use std::collections::HashMap;

use super::{addresses, unseen_notes};
use crate::report::checklist::{Checklist, ItemEntry, ItemState};
use crate::report::client_finding::ClientFinding;
use crate::report::expectation::ExpectationEntry;
use crate::report::rule::{ClientRule, RuleSeverity};
use crate::report::summary::{Report, TenantEntry};
use crate::text::append;

/// The most findings that a case lists.
const LISTED_IN_CASE: usize = 20;

enum CaseResult {
    Passed,
    /// Nothing that fails a build.
    Noted(String),
    Skipped(String),
    Failed {
        message: String,
        text: String,
    },
}

struct Case {
    name: String,
    result: CaseResult,
}

pub(super) fn report(report: &Report) -> String {
    let findings = by_tenant(&report.findings, |finding| &finding.tenant);
    let expectations = by_tenant(&report.expectations, |entry| &entry.tenant);
    let suite = |tenant: &TenantEntry| {
        let name = tenant.tenant.as_str();
        let findings = findings.get(name).map_or(&[][..], Vec::as_slice);
        let expected = expectations.get(name).map_or(&[][..], Vec::as_slice);
        let cases = ClientRule::ALL.iter().map(|rule| rule_case(*rule, tenant, findings));
        cases.chain(expected.iter().map(|entry| expectation_case(entry))).collect::<Vec<_>>()
    };
    let suites: Vec<_> =
        report.tenants.iter().map(|tenant| (tenant.tenant.as_str(), suite(tenant))).collect();
    document(&suites)
}

fn by_tenant<'i, T>(
    items: &'i [T],
    tenant: impl Fn(&'i T) -> &'i str,
) -> HashMap<&'i str, Vec<&'i T>> {
    let mut of_tenants = HashMap::<_, Vec<_>>::new();
    for item in items {
        of_tenants.entry(tenant(item)).or_default().push(item);
    }
    of_tenants
}

fn expectation_case(entry: &ExpectationEntry) -> Case {
    let result = if entry.met {
        CaseResult::Passed
    } else {
        CaseResult::Failed { message: "not met".to_owned(), text: entry.detail.clone() }
    };
    Case { name: format!("{}: {}", entry.scenario, entry.name()), result }
}

fn rule_case(rule: ClientRule, tenant: &TenantEntry, findings: &[&ClientFinding]) -> Case {
    let of_rule = findings.iter().filter(|finding| finding.rule == rule);
    let (ignored, counted): (Vec<_>, Vec<_>) =
        of_rule.partition(|finding| finding.ignored.is_some());
    let result = if !counted.is_empty() {
        let text = listed(&counted);
        match rule.severity() {
            RuleSeverity::Look => CaseResult::Noted(text),
            RuleSeverity::Fix => CaseResult::Failed { message: rule.remedy().to_owned(), text },
        }
    } else if let Some(reason) = ignored.iter().find_map(|finding| finding.ignored.as_ref()) {
        CaseResult::Skipped(format!("ignored: {reason}"))
    } else if tenant.unseen > 0 {
        CaseResult::Skipped(unseen_notes(tenant.unseen, 0).concat())
    } else {
        CaseResult::Passed
    };
    Case { name: rule.name().to_owned(), result }
}

fn listed(findings: &[&&ClientFinding]) -> String {
    let line = |finding: &&&ClientFinding| {
        let calls = addresses(&finding.tenant, &finding.requests);
        format!("{calls}: {}", finding.detail)
    };
    let mut lines: Vec<_> = findings.iter().take(LISTED_IN_CASE).map(line).collect();
    if findings.len() > LISTED_IN_CASE {
        let more = findings.len() - LISTED_IN_CASE;
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}

pub(super) fn checklist(checklist: &Checklist) -> String {
    let case = |entry: &ItemEntry| {
        let result = match entry.state {
            ItemState::Passed => CaseResult::Passed,
            ItemState::NotTried => CaseResult::Skipped(format!("not tried: {}", entry.provoke)),
            ItemState::Failed => CaseResult::Failed {
                message: "failed".to_owned(),
                text: addresses(&checklist.tenant, &entry.requests),
            },
        };
        Case { name: entry.item.clone(), result }
    };
    let cases = checklist.items.iter().map(case).collect();
    document(&[(&checklist.tenant, cases)])
}

fn document(suites: &[(&str, Vec<Case>)]) -> String {
    let all = || suites.iter().flat_map(|(_, cases)| cases);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"genuin-sandbox\"{}>\n",
        counts(all())
    );
    for (tenant, cases) in suites {
        let tenant = escaped(tenant);
        append!(xml, "  <testsuite name=\"{tenant}\"{}>\n", counts(cases.iter()));
        for case in cases {
            let name = escaped(&case.name);
            append!(xml, "    <testcase classname=\"genuin-sandbox.{tenant}\" name=\"{name}\"");
            let inner = match &case.result {
                CaseResult::Passed => {
                    xml += "/>\n";
                    continue;
                }
                CaseResult::Noted(text) => format!("<system-out>{}</system-out>", escaped(text)),
                CaseResult::Skipped(why) => format!("<skipped message=\"{}\"/>", escaped(why)),
                CaseResult::Failed { message, text } => {
                    let (message, text) = (escaped(message), escaped(text));
                    format!("<failure message=\"{message}\">{text}</failure>")
                }
            };
            append!(xml, ">\n      {inner}\n    </testcase>\n");
        }
        xml += "  </testsuite>\n";
    }
    xml + "</testsuites>"
}

/// The attributes of a suite that count its cases.
fn counts<'c>(cases: impl Iterator<Item = &'c Case>) -> String {
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for case in cases {
        tests += 1;
        match case.result {
            CaseResult::Passed | CaseResult::Noted(_) => {}
            CaseResult::Skipped(_) => skipped += 1,
            CaseResult::Failed { .. } => failures += 1,
        }
    }
    format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"")
}

/// Escapes a text for an element or an attribute. What XML 1.0 has no way to write is replaced.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => xml += "&amp;",
            '<' => xml += "&lt;",
            '>' => xml += "&gt;",
            '"' => xml += "&quot;",
            // else a reader makes spaces of them
            '\t' => xml += "&#9;",
            '\n' => xml += "&#10;",
            '\r' => xml += "&#13;",
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => xml.push(char::REPLACEMENT_CHARACTER),
            other => xml.push(other),
        }
    }
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_characters_that_xml_has() {
        assert_eq!(
            escaped("a<b>&\"'\u{1}\u{fffe}\u{7f}é\n"),
            "a&lt;b&gt;&amp;&quot;'\u{fffd}\u{fffd}\u{7f}é&#10;"
        );
        assert_eq!(escaped("]]>"), "]]&gt;");
    }
}
