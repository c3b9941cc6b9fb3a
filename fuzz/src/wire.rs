//! A strict parser for answers as they come over a connection.

use serde_json::Value;

/// One answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// In the order sent, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Without its encoding; `None` if it broke off.
    pub body: Option<Vec<u8>>,
}

impl Answer {
    /// Reads the answer at the start of `bytes` and returns it with the rest; `None` if its head is
    /// not one of HTTP/1. An absent body is only accepted where an answer to HEAD is possible.
    pub fn read(bytes: &[u8], head_only: bool) -> Option<(Self, &[u8])> {
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
        let (head, rest) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 4..]);
        let mut lines = head.split("\r\n");
        let status = status_of(lines.next()?)?;
        let headers = lines.map(header_of).collect::<Option<Vec<_>>>()?;
        let mut answer = Self { status, headers, body: Some(Vec::new()) };
        if status < 200 || status == 204 || status == 304 {
            return Some((answer, rest));
        }
        if head_only && (rest.is_empty() || rest.starts_with(b"HTTP/1.")) {
            return Some((answer, rest));
        }
        let (body, rest) = match (answer.all("content-length"), answer.all("transfer-encoding")) {
            (lengths, encodings) if lengths.len() == 1 && encodings.is_empty() => rest
                .split_at_checked(lengths[0].parse().ok()?)
                .map_or((None, &[][..]), |(body, rest)| (Some(body.to_vec()), rest)),
            (lengths, encodings) if lengths.is_empty() && encodings == ["chunked"] => {
                unchunk(rest)?
            }
            // the end of the connection is the end of the body
            (lengths, encodings) if lengths.is_empty() && encodings.is_empty() => {
                (Some(rest.to_vec()), &[][..])
            }
            _ => return None,
        };
        answer.body = body;
        Some((answer, rest))
    }

    /// All values of a header.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let headers = self.headers.iter().filter(|(known, _)| known == name);
        headers.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether it says that nothing comes after it.
    pub fn is_last(&self) -> bool {
        self.all("connection").iter().any(|value| value.eq_ignore_ascii_case("close"))
    }

    /// Its body as JSON, if it says that it is.
    pub fn json(&self) -> Option<Result<Value, serde_json::Error>> {
        let media_type = *self.all("content-type").first()?;
        let is_json = media_type.starts_with("application/json") || media_type.ends_with("+json");
        let body = self.body.as_ref().filter(|body| is_json && !body.is_empty())?;
        Some(serde_json::from_slice(body))
    }
}

fn status_of(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 "))?;
    let (digits, reason) = rest.split_once(' ')?;
    let status = digits.parse().ok().filter(|status| (100..600).contains(status))?;
    (digits.len() == 3 && reason.bytes().all(|byte| (0x20..0x7f).contains(&byte))).then_some(status)
}

fn header_of(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(": ")?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_text = |byte: u8| byte == b'\t' || (0x20..0x7f).contains(&byte) || byte >= 0x80;
    let well_formed = !name.is_empty() && name.bytes().all(is_token) && value.bytes().all(is_text);
    well_formed.then(|| (name.to_ascii_lowercase(), value.to_owned()))
}

/// A body in chunks and what comes after it; `None` if a chunk is not one.
fn unchunk(mut rest: &[u8]) -> Option<(Option<Vec<u8>>, &[u8])> {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|part| part == b"\r\n") else {
            return Some((None, &[]));
        };
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        let Some((chunk, after)) = rest[end + 2..].split_at_checked(length) else {
            return Some((None, &[]));
        };
        body.extend_from_slice(chunk);
        let Some(after) = after.strip_prefix(b"\r\n") else { return Some((None, &[])) };
        if length == 0 {
            return Some((Some(body), after));
        }
        rest = after;
    }
}
