//! JSON bodies in two passes: `typed` is the only way to a request's values; `explain` says, over
//! a `tree` and by the ledger, what is wrong when the typed pass fails or meets an unknown key.
//! A property test holds the two to the same verdict.

#[cfg(test)]
pub(in crate::contract) use explain::explain;
mod explain;
mod mend;
mod part;
mod tree;
mod typed;
mod write;

pub use explain::{describe, fits};
pub use part::Part;
pub use tree::{LazyTree, Tree};
pub(crate) use typed::object;
pub use typed::{Id, Measure, Phone, SawUnknown, Text};
pub(crate) use write::key;
pub use write::{Writer, is_ready};

use serde::Deserialize;

use super::{Finding, Findings, Shape};
use crate::exchange::Request;
use crate::ids::parse_id;
use crate::nearest::quoted;

/// Reads a JSON object as `T`, whose fields `shape` describes.
///
/// `Ok` may come with warnings, `Err` always holds at least one error.
pub fn read<'a, T>(
    request: &'a Request,
    endpoint: &str,
    shape: &'static Shape,
) -> Result<(T, Findings), Findings>
where
    T: Deserialize<'a> + SawUnknown,
{
    let text = body_text(request, endpoint)?;
    read_text(text, endpoint, shape)
}

fn read_text<'a, T>(
    text: &'a str,
    endpoint: &str,
    shape: &'static Shape,
) -> Result<(T, Findings), Findings>
where
    T: Deserialize<'a> + SawUnknown,
{
    let typed = serde_json::from_str::<T>(text);
    match typed {
        Ok(value) if !value.saw_unknown() => Ok((value, Findings::default())),
        typed => {
            let mut findings = explain::explain(text, endpoint, shape);
            match typed {
                Ok(value) if !findings.has_errors() => Ok((value, findings)),
                Err(error) if !findings.has_errors() => {
                    // the two passes disagree; refuse all the same, with what is known
                    findings.add(Finding::error("", endpoint, error.to_string()));
                    Err(findings)
                }
                _ => Err(findings),
            }
        }
    }
}

/// The body as text, if its type says JSON and its bytes are UTF-8.
fn body_text<'a>(request: &'a Request, endpoint: &str) -> Result<&'a str, Finding> {
    let clause = |part: &str| format!("{endpoint}.{part}");
    let mut types = request.headers.get_all(http::header::CONTENT_TYPE).iter();
    let media_type = match (types.next(), types.next()) {
        (None, _) => {
            let message = "the Content-Type header is missing";
            let finding = Finding::error("", clause("content-type"), message);
            return Err(finding.suggest("send Content-Type: application/json"));
        }
        (Some(_), Some(_)) => {
            let message = "there is more than one Content-Type header";
            let finding = Finding::error("", clause("content-type"), message);
            return Err(finding.suggest("send one: Content-Type: application/json"));
        }
        (Some(media_type), None) => String::from_utf8_lossy(media_type.as_bytes()),
    };
    let essence = media_type.split(';').next().unwrap_or("").trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let message = format!("the Content-Type is {}", quoted(&media_type));
        let finding = Finding::error("", clause("content-type"), message);
        return Err(finding.suggest("send Content-Type: application/json"));
    }
    if request.body.is_empty() {
        let finding = Finding::error("", clause("body"), "the body is empty");
        return Err(finding.suggest("send a JSON object"));
    }
    std::str::from_utf8(&request.body).map_err(|error| {
        let at = error.valid_up_to();
        let message = format!("the body is not UTF-8 from byte {at} on");
        Finding::error("", clause("body"), message)
            .suggest("encode the body as UTF-8, uncompressed")
    })
}

/// Whether a phone number has the documented shape, within the bounds of E.164.
pub fn is_phone(text: &str) -> bool {
    (7..=15).contains(&text.len())
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
}
