//! The host that a request is addressed to.

use http::{HeaderMap, Uri, Version, header};

use crate::text::secrets::after_user;

/// A name or an IP address, with or without a port.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Host<'a> {
    /// In brackets if it is IPv6.
    name: &'a str,
    /// Whether a dot ends the name. It is the same host for DNS, but another origin for a browser.
    has_final_dot: bool,
    /// Empty if there is none.
    port: &'a str,
}

/// Why a request does not say to which host it is addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InvalidHost {
    /// HTTP/1.1 without a Host header.
    Missing,
    Repeated,
    /// A user is named before the host, perhaps with a password: neither is repeated.
    NamesUser,
    /// The Host header or the authority of the target.
    Malformed(String),
}

impl<'a> Host<'a> {
    /// Parses `name[:port]`.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, after) = rest.split_once(']')?;
                address.parse::<std::net::Ipv6Addr>().ok()?;
                (&text[..address.len() + 2], after)
            }
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => "",
            Some(digits) if digits.is_empty() || is_port(digits) => digits,
            _ => return None,
        };
        if name.starts_with('[') {
            return Some(Self { name, has_final_dot: false, port });
        }
        let (name, has_final_dot) = match name.strip_suffix('.') {
            Some(name) => (name, true),
            None => (name, false),
        };
        name.as_bytes().split(|byte| *byte == b'.').all(is_label).then_some(Self {
            name,
            has_final_dot,
            port,
        })
    }

    /// Returns the host of a request: that of an absolute target, else that of the Host header
    /// (RFC 9112, 3.2.2), which must be well-formed in both cases. Only HTTP/1.0 may have none.
    pub(crate) fn of(
        version: Version,
        uri: &'a Uri,
        headers: &'a HeaderMap,
    ) -> Result<Option<Self>, InvalidHost> {
        let malformed = |text: &[u8]| {
            let text = String::from_utf8_lossy(text).into_owned();
            let names_user = after_user(&text).is_some();
            if names_user { InvalidHost::NamesUser } else { InvalidHost::Malformed(text) }
        };
        let mut values = headers.get_all(header::HOST).iter();
        let host = match (values.next(), values.next()) {
            (Some(value), None) => {
                let host = value.to_str().ok().and_then(Self::parse);
                Some(host.ok_or_else(|| malformed(value.as_bytes()))?)
            }
            (None, _) if version < Version::HTTP_11 => None,
            (None, _) => return Err(InvalidHost::Missing),
            (Some(_), Some(_)) => return Err(InvalidHost::Repeated),
        };
        match uri.authority() {
            None => Ok(host),
            Some(target) => {
                let target = target.as_str();
                Self::parse(target).map(Some).ok_or_else(|| malformed(target.as_bytes()))
            }
        }
    }

    /// Returns what the host is written of in links: without an empty port and without the dot that may end
    /// a name. For each call, where formatting takes three times as long as putting these together.
    pub(crate) fn parts(self) -> [&'a str; 3] {
        [self.name, if self.port.is_empty() { "" } else { ":" }, self.port]
    }

    /// The name without a final dot and without the port; an IPv6 address is in brackets.
    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    /// Whether both are the same host and port for a browser.
    pub(crate) fn is_same_origin(&self, other: &Self) -> bool {
        self.name.eq_ignore_ascii_case(other.name)
            && self.has_final_dot == other.has_final_dot
            && self.port == other.port
    }
}

fn is_port(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
}

/// Whether a text may stand between two dots of a name. Docker Compose has names with `_`.
fn is_label(label: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !label.is_empty() && label.iter().all(is_letter)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn host(version: Version, target: &str, hosts: &[&str]) -> Result<String, InvalidHost> {
        let uri: Uri = target.parse().unwrap();
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_str(host).unwrap());
        }
        let found = Host::of(version, &uri, &headers)?;
        Ok(found.map_or_else(|| "none".into(), |host| host.parts().concat()))
    }

    #[test]
    fn a_host_is_written_without_an_empty_port_and_without_a_final_dot() {
        for (text, written) in [
            ("a.example", "a.example"),
            ("A.example:4368", "A.example:4368"),
            ("a.example:", "a.example"),
            ("a.example.", "a.example"),
            ("a.example.:", "a.example"),
            ("my_sandbox.:80", "my_sandbox:80"),
            ("127.0.0.1.", "127.0.0.1"),
            ("[::1]:", "[::1]"),
            ("[::1]:4368", "[::1]:4368"),
        ] {
            assert_eq!(
                Host::parse(text).map(|host| host.parts().concat()),
                Some(written.to_owned())
            );
        }
        for text in [
            "", ".", "..", ":", ":80", "a..", "a..b", ".a", ".:80", "a:+1", "a:65536", "a::",
            "a:80:", "u@a", "a b", "a,b", "a/b", "*", "ä", "::1", "[::1", "[::1].", "[::1]80",
            "[a]",
        ] {
            assert!(Host::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_absolute_target_wins_over_the_host_header_which_must_be_there_all_the_same() {
        let malformed = |text: &str| Err(InvalidHost::Malformed(text.into()));
        let names_user = || Err(InvalidHost::NamesUser);
        let ok = |text: &str| Ok(text.to_owned());
        let (http_10, http_11) = (Version::HTTP_10, Version::HTTP_11);
        for (version, target, hosts, expected) in [
            (http_11, "/x", &["b.example:1"][..], ok("b.example:1")),
            (http_11, "http://a.example/x", &["b.example:1"], ok("a.example")),
            (http_11, "https://A.example.:99/x", &["b.example"], ok("A.example:99")),
            (http_11, "http://a.example/x", &[], Err(InvalidHost::Missing)),
            (http_11, "http://a.example/x", &["b", "b"], Err(InvalidHost::Repeated)),
            (http_11, "http://a.example/x", &["b c"], malformed("b c")),
            (http_11, "http://u@a.example/x", &["a.example"], names_user()),
            (http_11, "http://u:p@a.example/x", &["a.example"], names_user()),
            (http_11, "/x", &["u@b"], names_user()),
            (http_11, "/x", &["u:p%40b:80"], names_user()),
            (http_11, "/x", &["b@"], names_user()),
            (http_11, "/x", &[], Err(InvalidHost::Missing)),
            (http_10, "/x", &[], ok("none")),
            (http_10, "http://a.example/x", &[], ok("a.example")),
            (http_10, "/x", &["a", "a"], Err(InvalidHost::Repeated)),
        ] {
            assert_eq!(host(version, target, hosts), expected, "{version:?} {target} {hosts:?}");
        }
    }
}
