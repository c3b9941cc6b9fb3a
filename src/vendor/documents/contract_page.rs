//! The ledger as a page for people: CONTRACT.md. A test keeps it in sync.

use std::fmt::{self, Write as _};

use super::ledger::AssumptionEntry;
use crate::vendor::assumptions::{ASSUMPTIONS, Scope};
use crate::vendor::endpoint::{AnswerHeader, Deviation, SuccessAnswer};
use crate::vendor::{Endpoint, Field, GENERAL_RULES, Outcome, Schema};

/// Returns the page in Markdown.
pub fn page(endpoints: &[&'static Endpoint]) -> String {
    let mut page = String::new();
    write(&mut page, endpoints).expect("BUG: a string can always be written to");
    page
}

fn write(page: &mut String, endpoints: &[&'static Endpoint]) -> fmt::Result {
    page.push_str(INTRODUCTION);
    for general in GENERAL_RULES {
        let turned = turned_by(general.assumption);
        writeln!(page, "- {} ({}{turned})", general.rule, general.provenance)?;
    }
    write_outcomes(page)?;
    write_assumptions(page)?;
    for endpoint in endpoints {
        writeln!(page, "\n## `{} {}`\n", endpoint.method, endpoint.path)?;
        write_request(page, endpoint)?;
        write_success(page, endpoint)?;
        write_rules(page, endpoint)?;
    }
    Ok(())
}

fn write_outcomes(page: &mut String) -> fmt::Result {
    page.push_str(OUTCOMES_INTRODUCTION);
    for outcome in Outcome::ALL {
        let name = outcome.name();
        match outcome.error() {
            None => writeln!(
                page,
                "| `{name}` | 200 | 200 (a number) | the endpoint's own | status and code documented |"
            )?,
            Some(error) => writeln!(
                page,
                "| `{name}` | {} | \"{}\" | `{}` | status {}, code and message {} |",
                error.status,
                error.code,
                error.message,
                error.status_provenance,
                error.body_provenance
            )?,
        }
    }
    Ok(())
}

fn write_request(page: &mut String, endpoint: &Endpoint) -> fmt::Result {
    let outcomes: Vec<_> = endpoint.outcomes.iter().map(|outcome| format!("`{outcome}`")).collect();
    writeln!(page, "Name: `{}`. Outcomes: {}.\n", endpoint.name, outcomes.join(", "))?;
    page.push_str("| field | type | required | rule | source |\n|---|---|---|---|---|\n");
    let required = |field: &Field| if field.required { "yes" } else { "" };
    write_fields(page, endpoint, ("", endpoint.body), required)?;
    if !endpoint.parameters.fields.is_empty() {
        page.push_str("\nParameters of the path:\n\n");
        page.push_str("| parameter | type | | rule | source |\n|---|---|---|---|---|\n");
        write_fields(page, endpoint, ("path.", endpoint.parameters), |_| "")?;
    }
    Ok(())
}

fn write_success(page: &mut String, endpoint: &Endpoint) -> fmt::Result {
    let SuccessAnswer { message, message_provenance, data, headers } = endpoint.answer;
    let message = format!("the message `{message}` ({message_provenance})");
    if data.fields.is_empty() {
        writeln!(page, "\nA success has {message} and empty `data`.")?;
    } else {
        writeln!(page, "\nA success has {message} and this `data`:\n")?;
        page.push_str("| field | type | null | rule | source |\n|---|---|---|---|---|\n");
        let null = |field: &Field| if field.nullable { "yes" } else { "" };
        write_fields(page, endpoint, ("data.", data), null)?;
    }
    for AnswerHeader { name, provenance, .. } in headers {
        writeln!(page, "\nA success has the header `{name}` ({provenance}).")?;
    }
    Ok(())
}

fn write_rules(page: &mut String, endpoint: &Endpoint) -> fmt::Result {
    page.push_str("\nFurther rules:\n\n");
    for (rule, provenance) in endpoint.rules {
        let turned = turned_by(endpoint.assumption_at(rule));
        writeln!(page, "- {rule} ({provenance}{turned})")?;
    }
    if !endpoint.deviations.is_empty() {
        page.push_str("\nKnown deviations from the vendor's example:\n\n");
        page.push_str("| field of the answer | the example | the sandbox |\n|---|---|---|\n");
        for Deviation { field, example, sandbox } in endpoint.deviations {
            writeln!(page, "| `{field}` | {example} | {sandbox} |")?;
        }
    }
    Ok(())
}

/// Names the assumption that can turn a rule: `, turned by ...`, or nothing.
fn turned_by(assumption: Option<&str>) -> String {
    assumption.map_or_else(String::new, |name| format!(", turned by [`{name}`](#assumptions)"))
}

fn write_assumptions(page: &mut String) -> fmt::Result {
    page.push_str(ASSUMPTIONS_INTRODUCTION);
    for assumption in ASSUMPTIONS {
        let AssumptionEntry { name, rule, variants, endpoints, .. } =
            AssumptionEntry::of(assumption);
        let variants: Vec<_> = variants
            .iter()
            .map(|variant| format!("`{}`: {}", variant.name, variant.meaning))
            .collect();
        let endpoints: Vec<_> = endpoints.iter().map(|name| format!("`{name}`")).collect();
        let endpoints = match assumption.scope {
            Scope::EveryBody => "all".to_owned(),
            Scope::Endpoints => endpoints.join(", "),
        };
        writeln!(page, "| `{name}` | {rule} | {} | {endpoints} |", variants.join("<br>"))?;
    }
    Ok(())
}

fn write_fields(
    page: &mut String,
    endpoint: &Endpoint,
    (prefix, schema): (&str, &Schema),
    third_column: impl Fn(&Field) -> &'static str,
) -> fmt::Result {
    for (path, field) in schema.paths() {
        let (rule, source) = field.rule.map_or((String::new(), String::new()), |(rule, source)| {
            (rule.into(), format!(", rule {source}"))
        });
        let turned = turned_by(endpoint.assumption_at(&format!("{prefix}{path}")));
        let has_magic_word = prefix.is_empty() && endpoint.magic_word_fields.contains(&&*path);
        let magic = if has_magic_word { ", magic word" } else { "" };
        let (kind, third, provenance) =
            (field.kind.describe(), third_column(field), field.provenance);
        writeln!(
            page,
            "| `{path}` | {kind} | {third} | {rule} | field {provenance}{source}{turned}{magic} |"
        )?;
    }
    Ok(())
}

const ASSUMPTIONS_INTRODUCTION: &str = "
## Assumptions

Rules that could as well be otherwise. The first variant is the default; `--assume NAME=VARIANT` or the
variable `GNSB_ASSUME` chooses another, so that a client can be tested against both.

| name | about | variants | endpoints |
|---|---|---|---|
";

const INTRODUCTION: &str = "\
# The contract

The rules of the vendor's API as this sandbox implements them, and the source of each. This page is
generated from the code.

| source | meaning |
|---|---|
| documented | on the vendor's Create Group page |
| sibling | on another page of the same API |
| observed | seen in public clients of the same backend |
| assumed | our decision; nothing public says so |

In a field marked as *magic word*, the word `sandbox:OUTCOME` forces that outcome of the sandbox.

## Every call

";

const OUTCOMES_INTRODUCTION: &str = "
## Outcomes

| outcome | HTTP | code | message | source |
|---|---|---|---|---|
";
