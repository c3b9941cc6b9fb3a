//! What a handler takes: parameters of the path, a body or a query, each refused with its reason.

use std::any::type_name;

use http::StatusCode;
use serde_json::Value;

use super::body;
use super::parameter::{Parameter, TENANT_NAME};
use super::query::QueryParameters;
use crate::config_file::Read;
use crate::http::{PathParameters, Problem, Request};
use crate::world::TenantName;

/// A request whose path and query are read.
#[derive(Debug)]
pub(super) struct ParsedRequest<'r> {
    pub(super) path: &'r PathParameters,
    pub(super) query: QueryParameters,
    pub(super) request: &'r Request,
}

/// A part of a request that a handler asks for.
pub(super) trait Input: Sized {
    fn read(parsed: &ParsedRequest) -> Result<Self, Problem>;

    /// What it takes from path, query and headers, if it is one part.
    const PARAMETERS: &'static [Parameter] = &[];

    /// What it takes from path, query and headers.
    fn parameters() -> Vec<&'static Parameter> {
        Self::PARAMETERS.iter().collect()
    }

    /// The JSON schema of the body, if it is read.
    fn body_schema() -> Option<Value> {
        None
    }

    /// What documents call the body, if it is read.
    fn body_name() -> Option<&'static str> {
        None
    }
}

impl Input for () {
    fn read(_: &ParsedRequest) -> Result<Self, Problem> {
        Ok(())
    }
}

impl<A: Input, B: Input> Input for (A, B) {
    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        Ok((A::read(parsed)?, B::read(parsed)?))
    }

    fn parameters() -> Vec<&'static Parameter> {
        [A::parameters(), B::parameters()].concat()
    }

    fn body_schema() -> Option<Value> {
        A::body_schema().or_else(B::body_schema)
    }

    fn body_name() -> Option<&'static str> {
        A::body_name().or_else(B::body_name)
    }
}

#[derive(Debug)]
pub(super) struct TenantParameter(pub(super) TenantName);

impl Input for TenantParameter {
    const PARAMETERS: &'static [Parameter] = &[Parameter::path(
        "tenant",
        "The name of a tenant; one that was never used is there too.",
        TENANT_NAME,
    )];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        tenant(parsed.path.get("tenant")).map(Self)
    }
}

/// The parameter `{tenant}` of what is read from the journal, which also has calls without a tenant.
#[derive(Debug)]
pub(super) struct JournalParameter(pub(super) TenantName);

impl Input for JournalParameter {
    const PARAMETERS: &'static [Parameter] = &[Parameter::path(
        "tenant",
        "The name of a tenant, or `anonymous` for calls whose token names none.",
        TENANT_NAME,
    )];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        tenant_or_anonymous(parsed.path.get("tenant")).map(Self)
    }
}

/// A body in JSON or YAML.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: Read> Input for Body<T> {
    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        body::read(parsed.request).map(Self)
    }

    fn body_schema() -> Option<Value> {
        Some(T::schema())
    }

    fn body_name() -> Option<&'static str> {
        type_name::<T>().rsplit("::").next()
    }
}

/// Reads the name of a tenant, or `anonymous`.
pub(super) fn tenant_or_anonymous(name: &str) -> Result<TenantName, Problem> {
    let anonymous = TenantName::anonymous();
    if name == anonymous.as_str() { Ok(anonymous) } else { tenant(name) }
}

/// Reads the name of a tenant; what is not one is not found.
pub(super) fn tenant(name: &str) -> Result<TenantName, Problem> {
    TenantName::parse(name).map_err(|why| {
        let hint = "its calls are in GET /_sandbox/v1/tenants/anonymous/requests";
        let is_reserved = name == TenantName::anonymous().as_str();
        Problem::new(
            StatusCode::NOT_FOUND,
            if is_reserved { format!("{why}; {hint}") } else { why },
        )
    })
}
