//! The ledger as a page for people: CONTRACT.md. A test keeps it in sync.

use std::fmt::{self, Write as _};

use crate::vendor::{Endpoint, Outcome, Schema};

/// Returns the page in Markdown.
pub fn page(endpoints: &[&'static Endpoint]) -> String {
    let mut page = String::new();
    write(&mut page, endpoints).expect("BUG: a string can always be written to");
    page
}

fn write(page: &mut String, endpoints: &[&'static Endpoint]) -> fmt::Result {
    page.push_str(INTRODUCTION);
    for outcome in Outcome::ALL {
        let name = outcome.name();
        match outcome.error() {
            None => writeln!(
                page,
                "| `{name}` | 200 | 200 (a number) | the endpoint's own | documented |"
            )?,
            Some(error) => writeln!(
                page,
                "| `{name}` | {} | \"{}\" | `{}` | status {}, body {} |",
                error.status,
                error.code,
                error.message,
                error.status_provenance,
                error.body_provenance
            )?,
        }
    }
    for endpoint in endpoints {
        writeln!(page, "\n## `{} {}`\n", endpoint.method, endpoint.path)?;
        let outcomes: Vec<_> =
            endpoint.outcomes.iter().map(|(outcome, _)| format!("`{outcome}`")).collect();
        writeln!(page, "Name: `{}`. Outcomes: {}.\n", endpoint.name, outcomes.join(", "))?;
        page.push_str("| field | type | required | rule | source |\n|---|---|---|---|---|\n");
        write_fields(page, endpoint.body, |field| if field.required { "yes" } else { "" })?;
        if !endpoint.parameters.fields.is_empty() {
            page.push_str("\nParameters of the path:\n\n");
            page.push_str("| parameter | type | | rule | source |\n|---|---|---|---|---|\n");
            write_fields(page, endpoint.parameters, |_| "")?;
        }
        let message = endpoint.answer.message;
        if endpoint.answer.data.fields.is_empty() {
            writeln!(page, "\nA success has the message `{message}` and empty `data`.")?;
        } else {
            writeln!(page, "\nA success has the message `{message}` and this `data`:\n")?;
            page.push_str("| field | type | null | rule | source |\n|---|---|---|---|---|\n");
            let null = |field: &crate::vendor::Field| if field.nullable { "yes" } else { "" };
            write_fields(page, endpoint.answer.data, null)?;
        }
        for (name, provenance) in endpoint.answer.headers {
            writeln!(page, "\nA success has the header `{name}` ({provenance}).")?;
        }
        page.push_str("\nFurther rules:\n\n");
        for (rule, provenance) in endpoint.rules {
            writeln!(page, "- {rule} ({provenance})")?;
        }
        if !endpoint.deviations.is_empty() {
            page.push_str("\nKnown deviations from the vendor's example:\n\n");
            page.push_str("| field of the answer | the example | the sandbox |\n|---|---|---|\n");
            for deviation in endpoint.deviations {
                writeln!(
                    page,
                    "| `{}` | {} | {} |",
                    deviation.field, deviation.example, deviation.sandbox
                )?;
            }
        }
    }
    Ok(())
}

fn write_fields(
    page: &mut String,
    schema: &Schema,
    third_column: impl Fn(&crate::vendor::Field) -> &'static str,
) -> fmt::Result {
    for (path, field) in schema.paths() {
        let (rule, source) = field.rule.map_or((String::new(), String::new()), |(rule, source)| {
            (rule.into(), format!(", rule {source}"))
        });
        let (kind, third, provenance) =
            (field.kind.describe(), third_column(field), field.provenance);
        writeln!(page, "| `{path}` | {kind} | {third} | {rule} | field {provenance}{source} |")?;
    }
    Ok(())
}

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

Every answer is `{\"code\": …, \"message\": \"…\", \"data\": {…}}`, keys in this order. A success has
the number 200 as its code, an error a string of four digits and empty `data` (documented).
`null` for an optional field means absent. Unknown fields are ignored; repeated keys, lone
surrogates and more than 128 levels are refused anywhere in a body (assumed).

## Outcomes

| outcome | HTTP | code | message | source |
|---|---|---|---|---|
";
