//! Advice for a token with spaces in the line that is bound to it.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::scenario::is_nearly_line;
use crate::vendor::tokens::TENANT_PREFIX;
use crate::world::TenantName;

/// Says how to write the token; `None` if there are no such spaces. What may be a secret is not repeated.
pub(super) fn advice(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let (tenant, line) = token.trim_start().strip_prefix(TENANT_PREFIX)?.split_once('.')?;
    let tenant = TenantName::parse(tenant).ok()?;
    if !scheme.eq_ignore_ascii_case("bearer") || !line.contains([' ', '\t']) {
        return None;
    }
    if !is_nearly_line(line) {
        return Some(format!("leave the spaces out of what follows {TENANT_PREFIX}{tenant}."));
    }
    let line: String = line.split([' ', '\t']).collect();
    Some(format!("leave the spaces out, as in Bearer {TENANT_PREFIX}{tenant}.{line}"))
}
