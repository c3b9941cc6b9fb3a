//! Reads the body and the path parameters of a call: the steps after the token in the contract's
//! order of checks.

use super::assumptions::{Assumptions, BodyTypes};
use super::endpoint::{Call, Endpoint, Refusal};
use super::finding::{Finding, Findings};
use super::outcome::Outcome;
use super::parts::TenantLookup;
use super::schema::secret::is_shown_key;
use super::schema::{
    FieldType, LazyTree, Reader, Tree, ValuePlace, WorldLookup, coerce, numbers_out_of_range,
    syntax_error,
};
use crate::http::{Request, essence};
use crate::text::quoted;
use crate::text::secrets::REDACTED;
use crate::world::World;

/// Reads the JSON object of a request as `T`. The findings of `Ok` are warnings; those of
/// `Err` have at least one error.
pub(crate) fn read_body<'t, T: FieldType<'t>>(
    request: &Request,
    body: &LazyTree<'t>,
    endpoint: &'static Endpoint,
    lookup: &dyn WorldLookup,
    assumptions: Assumptions,
) -> Result<(T, Findings), Findings> {
    let text = body_text(request, body, endpoint)?;
    let Some(tree) = body.get() else { return Err(not_json(text, endpoint)) };
    let tree = match assumptions.body_types {
        BodyTypes::Strict => tree,
        BodyTypes::Coerce => coerce(tree, T::KIND, body.arena()),
    };
    let mut reader =
        Reader::new(endpoint.name, endpoint.body, endpoint.is_login(), lookup, assumptions);
    let value = T::read(tree, &ValuePlace::BODY, &mut reader);
    let findings = reader.into_findings();
    match value {
        Some(value) if !findings.has_errors() => Ok((value, findings)),
        _ => {
            debug_assert!(findings.has_errors(), "a refused value has a finding");
            Err(findings)
        }
    }
}

/// Reads the parameters of a call's path as `P` and its body as `B`; the findings of both are
/// collected, and those of `Ok` are warnings. The pointers of the former start with `/path`.
pub(crate) fn read_call<'t, P: FieldType<'t>, B: FieldType<'t>>(
    call: &Call<'t>,
    endpoint: &'static Endpoint,
    world: &World,
) -> Result<(P, B, Findings), Refusal> {
    let lookup = TenantLookup::new(call, endpoint, world);
    let arena = call.body.arena();
    let entries: Vec<_> =
        call.parameters.iter().map(|(name, value)| (name, Tree::Text(value))).collect();
    let assumptions = call.config.assumptions;
    let mut reader = Reader::new(endpoint.name, endpoint.parameters, false, &lookup, assumptions);
    let parameters = P::read(arena.object(&entries), &ValuePlace::PARAMETERS, &mut reader);
    let mut findings = reader.into_findings();
    // a patch changes the body, not the path
    findings.remove_patches();
    match (parameters, read_body(call.request, call.body, endpoint, &lookup, assumptions)) {
        (Some(parameters), Ok((body, warnings))) if !findings.has_errors() => {
            Ok((parameters, body, warnings))
        }
        (_, Ok((_, more)) | Err(more)) => {
            findings.append(more);
            Err(Refusal { outcome: Outcome::BadRequest, findings })
        }
    }
}

/// What to do instead of sending a form.
const SEND_JSON: &str = "send a JSON object with Content-Type: application/json";

/// Whether a body is a form, as browsers and HTML send them: `key=value&…`, or parts after a boundary.
fn is_form(text: &str) -> bool {
    let is_key_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]%+".contains(&byte);
    let is_field = |field: &str| {
        let key = field.split_once('=').map(|(key, _)| key);
        key.is_some_and(|key| !key.is_empty() && key.bytes().all(is_key_byte))
    };
    let text = text.trim();
    let has_parts = text.starts_with("--")
        && text.lines().nth(1).is_some_and(|line| {
            let name = line.split(':').next().unwrap_or_default();
            name.eq_ignore_ascii_case("content-disposition")
        });
    has_parts || (!text.contains(char::is_whitespace) && text.split('&').all(is_field))
}

/// Says why a text is not parsed. A number that is too large for it is valid JSON, but few clients could read it
/// again where it is kept as sent.
fn not_json(text: &str, endpoint: &Endpoint) -> Findings {
    if is_form(text) {
        let message = "the body is not JSON: it looks like a form";
        return Finding::error("", endpoint.clause("body"), message).suggest(SEND_JSON).into();
    }
    let hides = |key: &str| endpoint.is_login() && !is_shown_key(endpoint.body, key);
    let numbers = numbers_out_of_range(text, |key| if hides(key) { REDACTED } else { key });
    if !numbers.is_empty() {
        let mut findings = Findings::default();
        findings.extend(numbers.into_iter().map(|pointer| {
            let message = "is a number beyond the range of a double, which ends near 1.8e308";
            Finding::error(pointer, endpoint.clause("body"), message)
                .suggest("send a smaller number")
        }));
        return findings;
    }
    let syntax = syntax_error(text);
    let suggestion = if text.starts_with('\u{feff}') {
        "remove the byte order mark"
    } else {
        "fix the JSON there"
    };
    Finding::error("", endpoint.clause("body"), format!("the body is not JSON: {syntax}"))
        .suggest(suggestion)
        .into()
}

/// Returns the body as text if its media type is JSON and its bytes are UTF-8.
fn body_text<'a>(
    request: &Request,
    body: &LazyTree<'a>,
    endpoint: &Endpoint,
) -> Result<&'a str, Finding> {
    let refuse = |part: &str, message: String, suggestion: &str| {
        Finding::error("", endpoint.clause(part), message).suggest(suggestion)
    };
    let mut types = request.headers.get_all(http::header::CONTENT_TYPE).iter();
    let media_type = match (types.next(), types.next()) {
        (Some(media_type), None) => media_type.as_bytes(),
        (None, _) => {
            let message = "the Content-Type header is missing".into();
            return Err(refuse("content-type", message, "send Content-Type: application/json"));
        }
        (Some(_), Some(_)) => {
            let message = "more than one Content-Type header was sent".into();
            return Err(refuse(
                "content-type",
                message,
                "send exactly one, Content-Type: application/json",
            ));
        }
    };
    if !is_json(media_type) {
        let message =
            format!("the Content-Type is {}", quoted(&String::from_utf8_lossy(media_type)));
        // with another Content-Type a form would still be none
        let suggestion = match body.text() {
            Some(text) if is_form(text) => SEND_JSON,
            _ => "send Content-Type: application/json",
        };
        return Err(refuse("content-type", message, suggestion));
    }
    if request.body.is_empty() {
        return Err(refuse("body", "the body is empty".into(), "send a JSON object"));
    }
    body.text().ok_or_else(|| {
        let error = std::str::from_utf8(&request.body).err();
        let at = error.map_or(0, |error| error.valid_up_to());
        let message = format!("the body is not UTF-8: invalid byte at offset {at}");
        refuse("body", message, "encode the body as UTF-8, uncompressed")
    })
}

/// Whether a media type is JSON; its parameters are ignored.
fn is_json(media_type: &[u8]) -> bool {
    essence(media_type).eq_ignore_ascii_case(b"application/json")
}
