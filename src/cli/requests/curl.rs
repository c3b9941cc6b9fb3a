//! A call as a curl command that sends the same bytes, whatever they are. Nothing in it but visible
//! characters and line ends, so that a terminal can show it and a shell can read it.

use std::borrow::Cow;

use crate::admin::entry::RequestEntry;
use crate::cli::answer_status::status_or_dashes;
use crate::journal::{MAX_PATH_BYTES, MAX_QUERY_BYTES, MAX_VALUE_BYTES};
use crate::text::secrets::REDACTED;
use crate::text::{append, escaped, from_base64, is_plain, plural};
use crate::world::TenantName;

/// The variable that stands for the token, which is not kept.
const TOKEN: &str = "GENUIN_TOKEN";

/// Headers that curl writes itself, or that belong to the connection.
const NOT_COPIED: [&str; 7] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "te",
    "transfer-encoding",
];

/// Says how the token is given, for the first of several commands.
pub(super) fn introduction(entries: &[RequestEntry]) -> Option<String> {
    let mut with_token =
        entries.iter().filter(|entry| entry.headers.contains_key("authorization")).peekable();
    with_token.peek()?;
    let anonymous = TenantName::anonymous();
    let named = with_token.find(|entry| entry.tenant != anonymous.as_str());
    let advice = match named.map(|entry| escaped(&entry.tenant)) {
        Some(tenant) => format!("export {TOKEN}=gnsb_{tenant}, or another one"),
        None => format!("export {TOKEN} as the client sent it, which names no tenant"),
    };
    Some(format!("# tokens are not kept: {advice}"))
}

/// Writes a call as a command, below comments that say what it is and what is missing.
pub(super) fn command(entry: &RequestEntry, url: &str) -> String {
    let mut text = String::new();
    for comment in comments(entry) {
        append!(text, "# {}\n", escaped(&comment));
    }
    if entry.path.is_empty() {
        return text + "# a call without a path cannot be repeated";
    }
    let body = body_of(entry);
    let body = body.as_deref().unwrap_or_default();
    let is_piped = !body.is_empty() && !can_be_argument(body);
    if is_piped {
        append!(text, "printf {} |\n", octal(body));
    }
    text.push_str("curl");
    let mut next = "";
    for argument in arguments(entry, url, body, is_piped) {
        text.push_str(next);
        text.push_str(&argument);
        next = " \\\n  ";
    }
    text
}

fn comments(entry: &RequestEntry) -> Vec<String> {
    let status = status_or_dashes(entry.status);
    let mut comments = vec![format!("{} {} {status} {}", entry.id, entry.time, entry.outcome)];
    let is_missing = |(name, value): &(&String, &Option<String>)| {
        value.is_none() && !NOT_COPIED.contains(&name.as_str()) && *name != "authorization"
    };
    let missing: Vec<_> =
        entry.headers.iter().filter(is_missing).map(|(name, _)| &**name).collect();
    if !missing.is_empty() {
        comments.push(format!("without headers whose values are not kept: {}", missing.join(", ")));
    }
    let long = entry.headers.iter().filter(|(name, value)| {
        let value = value.as_deref().unwrap_or_default();
        *name != "authorization" && may_be_cut(value, MAX_VALUE_BYTES)
    });
    comments.extend(long.map(|(name, _)| format!("the value of {name} may have been cut")));
    if may_be_cut(&entry.path, MAX_PATH_BYTES) {
        comments.push("the path may have been cut".to_owned());
    }
    let query = entry.query.as_deref().unwrap_or_default();
    if may_be_cut(query, MAX_QUERY_BYTES) {
        comments.push("the query may have been cut".to_owned());
    }
    if let (Some(true), Some(sent)) = (entry.body_truncated, entry.body_bytes) {
        let kept = body_of(entry).map_or(0, |body| body.len());
        comments.push(format!(
            "not the whole call: {kept} of the {} of its body are kept",
            plural(sent, "byte")
        ));
    }
    for (part, text) in [("path", &*entry.path), ("query", query), ("body", &entry.body)] {
        if text.contains(REDACTED) {
            comments.push(format!("not the whole call: secrets in its {part} read {REDACTED}"));
        }
    }
    comments
}

/// Whether a text may be what the journal kept of a longer one: the last letter may not have fitted.
fn may_be_cut(text: &str, limit_bytes: usize) -> bool {
    text.len() + char::MAX_LEN_UTF8 > limit_bytes
}

fn body_of(entry: &RequestEntry) -> Option<Cow<'_, [u8]>> {
    match &entry.body_base64 {
        Some(text) => from_base64(text).map(Cow::Owned),
        None => Some(Cow::Borrowed(entry.body.as_bytes())),
    }
}

/// Returns the arguments of curl, each as the shell reads it; the first follows the command's name.
fn arguments(entry: &RequestEntry, url: &str, body: &[u8], is_piped: bool) -> Vec<String> {
    let mut arguments = vec![target(entry, url, body)];
    let header = |name: &str, value: &str| format!("-H {}", word(&format!("{name}: {value}")));
    let host = entry.headers.get("host").and_then(Option::as_deref);
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    if let Some(host) = host.filter(|host| *host != authority) {
        arguments.push(header("host", host));
    }
    for (name, value) in &entry.headers {
        let Some(value) = value else { continue };
        if name == "authorization" {
            let scheme = value.split(' ').next().filter(|scheme| is_word(scheme));
            let scheme = scheme.unwrap_or("Bearer");
            arguments.push(format!("-H \"authorization: {scheme} ${TOKEN}\""));
        } else if NOT_COPIED.contains(&name.as_str()) {
        } else if value.is_empty() {
            // a colon would leave it out
            arguments.push(format!("-H {}", word(&format!("{name};"))));
        } else {
            arguments.push(header(name, value));
        }
    }
    let content_type = (!body.is_empty() || has_empty_body(entry)).then_some("content-type");
    for own in ["accept", "user-agent"].into_iter().chain(content_type) {
        if !entry.headers.contains_key(own) {
            // curl would add its own
            arguments.push(format!("-H '{own}:'"));
        }
    }
    if is_piped {
        arguments.push("--data-binary @-".to_owned());
    } else if !body.is_empty() || has_empty_body(entry) {
        let text = String::from_utf8_lossy(body);
        arguments.push(format!("--data-binary {}", single_quoted(&text)));
    }
    arguments
}

/// Whether an empty body was announced by a method that has one otherwise.
fn has_empty_body(entry: &RequestEntry) -> bool {
    let has_one = matches!(&*entry.method, "POST" | "PUT" | "PATCH");
    has_one && entry.headers.get("content-length").and_then(Option::as_deref) == Some("0")
}

fn target(entry: &RequestEntry, url: &str, body: &[u8]) -> String {
    let (method, path, url) = (&*entry.method, entry.target(), url.trim_end_matches('/'));
    let has_body = !body.is_empty() || has_empty_body(entry);
    let mut target = match method {
        "GET" if !has_body => String::new(),
        // there is no body in the answer to wait for
        "HEAD" if !has_body => " --head".to_owned(),
        "HEAD" => " -X HEAD --max-time 5".to_owned(),
        method => format!(" -X {}", word(method)),
    };
    if path.contains(['[', ']', '{', '}']) {
        target.push_str(" --globoff");
    }
    if entry.path.contains("/.") {
        target.push_str(" --path-as-is");
    }
    if path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()) {
        append!(target, " {}", word(&format!("{url}{path}")));
    } else {
        append!(target, " --request-target {} {}", word(&path), word(&format!("{url}/")));
    }
    target
}

/// Whether a body can stand in quotes as it is: visible text on some lines, which curl does not take for
/// the name of a file.
fn can_be_argument(body: &[u8]) -> bool {
    std::str::from_utf8(body)
        .is_ok_and(|text| !text.starts_with('@') && text.split('\n').all(is_plain))
}

fn is_word(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:,+@%".contains(&byte);
    !text.is_empty() && text.bytes().all(is_plain)
}

/// Writes a text as one word of the shell.
pub(in super::super) fn word(text: &str) -> String {
    if is_word(text) && !text.starts_with('-') {
        text.to_owned()
    } else if is_plain(text) {
        single_quoted(text)
    } else {
        format!("\"$(printf {})\"", octal(text.as_bytes()))
    }
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Writes bytes as the format of `printf`, in quotes.
fn octal(bytes: &[u8]) -> String {
    let mut text = "'".to_owned();
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'%' => text.push_str("%%"),
            // it would be an option
            b'-' if index == 0 => text.push_str(r"\055"),
            b' '..=b'~' if !matches!(byte, b'\'' | b'\\') => text.push(char::from(*byte)),
            byte => append!(text, "\\{byte:03o}"),
        }
    }
    text.push('\'');
    text
}
