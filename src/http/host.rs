//! The value of a Host header.

/// Returns the name in `name[:port]`, including the brackets of IPv6, if the value is well-formed.
pub(crate) fn host_name(text: &str) -> Option<&str> {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']')?;
            address.parse::<std::net::Ipv6Addr>().ok()?;
            (&text[..address.len() + 2], after)
        }
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let port_is_fine = match port.strip_prefix(':') {
        Some(digits) => {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        }
        None => port.is_empty(),
    };
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let name_is_fine = name.starts_with('[') || (!name.is_empty() && name.bytes().all(letters));
    (port_is_fine && name_is_fine).then_some(name)
}
