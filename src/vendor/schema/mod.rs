//! JSON bodies: parsed once into a `tree`, which rules look at, too. `typed` is the only way from
//! there to a request's values; `explain` says by the ledger what is wrong when the typed pass fails
//! or meets an unknown key. A property test holds the two to the same verdict.

#[cfg(test)]
pub(in crate::vendor) use explain::explain;
mod explain;
pub mod field;
mod patch;
mod plain;
pub(crate) mod secret;
mod tree;
mod typed;
mod write;

pub use explain::{describe, fits};
pub use tree::{Arena, LazyTree, Tree, parse};
pub(crate) use typed::object;
pub use typed::{FromTree, Measure, Phone};
pub(crate) use write::key;
pub use write::{Writer, is_ready};

use super::{Finding, Findings, Shape};
use crate::http::Request;
use crate::text::quoted;
use crate::world::ids::parse_id;

/// Reads the JSON object of a request as `T`, whose fields `shape` describes.
///
/// `Ok` may come with warnings, `Err` always holds at least one error.
pub fn read<'t, T: FromTree<'t>>(
    request: &Request,
    body: &'t LazyTree<'t>,
    endpoint: &str,
    shape: &'static Shape,
) -> Result<(T, Findings), Findings> {
    let text = body_text(request, body, endpoint)?;
    match body.get().and_then(T::from_tree) {
        Some(value) if !value.saw_unknown() => Ok((value, Findings::default())),
        typed => {
            let mut findings = explain::explain(text, body.get(), endpoint, shape);
            match typed {
                Some(value) if !findings.has_errors() => Ok((value, findings)),
                None if !findings.has_errors() => {
                    // the two passes disagree; refuse all the same
                    findings.add(Finding::error("", endpoint, "is not what the contract allows"));
                    Err(findings)
                }
                _ => Err(findings),
            }
        }
    }
}

/// The body as text, if its type says JSON and its bytes are UTF-8.
fn body_text<'a>(
    request: &Request,
    body: &LazyTree<'a>,
    endpoint: &str,
) -> Result<&'a str, Finding> {
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
        (Some(media_type), None) => media_type.as_bytes(),
    };
    if !is_json(media_type) {
        let media_type = String::from_utf8_lossy(media_type);
        let message = format!("the Content-Type is {}", quoted(&media_type));
        let finding = Finding::error("", clause("content-type"), message);
        return Err(finding.suggest("send Content-Type: application/json"));
    }
    if request.body.is_empty() {
        let finding = Finding::error("", clause("body"), "the body is empty");
        return Err(finding.suggest("send a JSON object"));
    }
    body.text().ok_or_else(|| {
        let error = std::str::from_utf8(&request.body).err();
        let at = error.map_or(0, |error| error.valid_up_to());
        let message = format!("the body is not UTF-8 from byte {at} on");
        Finding::error("", clause("body"), message)
            .suggest("encode the body as UTF-8, uncompressed")
    })
}

/// Whether a media type is JSON, with or without parameters.
fn is_json(media_type: &[u8]) -> bool {
    let essence = media_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// Whether a phone number has the documented shape, within the bounds of E.164.
pub fn is_phone(text: &str) -> bool {
    (7..=15).contains(&text.len())
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
}
