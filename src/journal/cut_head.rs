//! What the journal lacks of the head of a request, of which it keeps only the start.

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::query::MAX_QUERY_BYTES;
use super::redaction::{Header, MAX_VALUE_BYTES, header_value, keeps_header};
use crate::http::Request;

/// The header by which a client says that two requests are one.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What is missing of the head of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutHead {
    /// Whether headers are missing altogether.
    pub has_more_headers: bool,
    /// The fingerprint of the `Idempotency-Key` as it came, if not all of that is kept.
    pub idempotency_key: Option<u32>,
    /// The same of the query.
    pub query: Option<u32>,
}

impl CutHead {
    /// Returns what is missing of the head of a request, of whose headers these are kept; `None` if nothing is.
    pub(super) fn of(
        request: &Request,
        kept: &[Header],
        fingerprint: impl Fn(&[u8]) -> u32,
    ) -> Option<Self> {
        let query = request.uri.query().filter(|query| query.len() > MAX_QUERY_BYTES);
        let has_more_headers = kept.len() < request.headers.len();
        let is_long = |value: &HeaderValue| value.len() > MAX_VALUE_BYTES;
        let mut headers = request.headers.iter();
        let is_cut = query.is_some()
            || has_more_headers
            || headers.any(|(name, value)| is_long(value) && keeps_header(name.as_str()));
        if !is_cut {
            return None;
        }
        let key = request.headers.get(IDEMPOTENCY_KEY);
        let key = key.filter(|key| has_more_headers || is_long(key));
        Some(Self {
            has_more_headers,
            idempotency_key: key.map(|key| fingerprint(key.as_bytes())),
            query: query.map(|query| fingerprint(query.as_bytes())),
        })
    }

    /// Whether a header may have been sent with another value than the kept one, or none is kept.
    pub(super) fn may_concern(self, kept: &[Header], name: &str) -> bool {
        match header_value(kept, name) {
            // the last letter may not have fitted
            Some(kept) => kept.len() + char::MAX_LEN_UTF8 > MAX_VALUE_BYTES,
            None => self.has_more_headers,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, Method};

    use super::*;
    use crate::http::Arrival;
    use crate::journal::CallRecord;
    use crate::text::secrets::KnownSecrets;
    use crate::world::TenantName;

    /// A request with headers and a query, and what is kept of it.
    fn with_record(path: &str, headers: &[(&str, &str)], look: impl FnOnce(&CallRecord)) {
        let mut request = Request::json(Method::POST, path, None, "{}");
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let (tenant, known) = (TenantName::parse("a").unwrap(), KnownSecrets::default());
        let mut record = CallRecord::begin(&tenant, None, &request, Arrival::now(0), &known);
        record.note_cut_head(&request, |text| u32::try_from(text.len()).unwrap());
        look(&record);
    }

    #[test]
    fn what_is_cut_of_a_head_is_noted() {
        let text = |bytes: usize| "x".repeat(bytes);
        let (whole, long) = (text(MAX_VALUE_BYTES), text(MAX_VALUE_BYTES + 1));
        let key = |value: &str| [("idempotency-key", value.to_owned())];
        let is_cut = |path: &str, headers: &[(&str, String)]| {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
            let mut cut = None;
            with_record(path, &headers, |record| cut = record.cut_head);
            cut.map(|cut| (cut.has_more_headers, cut.idempotency_key, cut.query))
        };
        assert_eq!(is_cut("/", &key(&whole)), None);
        assert_eq!(is_cut("/", &key(&long)), Some((false, Some(1025), None)));
        assert_eq!(is_cut("/", &[("user-agent", long.clone())]), Some((false, None, None)));
        assert_eq!(is_cut("/", &[("cookie", long.clone())]), None, "its value is never kept");
        assert_eq!(is_cut(&format!("/?{}", text(1024)), &[]), None);
        assert_eq!(is_cut(&format!("/?{}", text(1025)), &[]), Some((false, None, Some(1025))));
        let many: Vec<_> = (0..7).map(|_| ("x-sandbox-a", whole.clone())).collect();
        assert_eq!(is_cut("/", &many), Some((true, None, None)), "more than all headers may take");
    }

    #[test]
    fn only_a_header_that_is_cut_or_left_off_may_be_another() {
        let long = "x".repeat(MAX_VALUE_BYTES + 1);
        with_record("/", &[("user-agent", &long), ("accept", "a")], |record| {
            assert!(record.may_lack_header("user-agent"));
            assert!(!record.may_lack_header("accept"));
            assert!(!record.may_lack_header("x-sandbox-b"));
        });
        with_record("/", &[("x-sandbox-a", &*long); 7], |record| {
            assert!(record.may_lack_header("x-sandbox-b"));
        });
    }
}
