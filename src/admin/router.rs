//! A row of the API's table, and the row that a request is for.

use http::{Method, StatusCode};
use serde_json::Value;

use super::answer::{Answer, Output};
use super::guard;
use super::input::{Input, ParsedRequest};
use super::parameter::Parameter;
use super::query::QueryParameters;
use crate::call::Sandbox;
use crate::console;
use crate::described::{Components, Described as _};
use crate::http::{NoRoute, Problem, Reply, Request, Router, nearest_path};
use crate::text::{nearest, quoted};

/// The prefix of every path.
pub const BASE: &str = "/_sandbox/v1";

/// One row of the table.
pub struct AdminRoute {
    /// The method it takes.
    pub method: Method,
    /// The path below [`BASE`], with parameters in braces.
    pub pattern: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What it takes from path, query and headers.
    pub(crate) parameters: fn() -> Vec<&'static Parameter>,
    /// The JSON schema of the request's body, if it takes one.
    pub request: fn() -> Option<Value>,
    /// What documents call that body.
    pub(crate) request_name: fn() -> Option<&'static str>,
    /// The status on success.
    pub status: StatusCode,
    /// The media types that the reply's body can have.
    pub media_types: &'static [&'static str],
    /// The JSON schema of the reply's body.
    pub(super) reply: fn(&mut Components) -> Value,
    handler: Box<AdminHandler>,
}

type AdminHandler = dyn Fn(&Sandbox, &ParsedRequest) -> Result<Answer, Problem> + Send + Sync;

/// Returns a row whose parameters, body and reply are those of its handler.
pub(super) fn route<I: Input + 'static, O: Output + 'static>(
    method: Method,
    pattern: &'static str,
    handler: fn(&Sandbox, I) -> O,
    summary: &'static str,
) -> AdminRoute {
    AdminRoute {
        method,
        pattern,
        summary,
        parameters: I::parameters,
        request: I::body_schema,
        request_name: I::body_name,
        status: O::STATUS,
        media_types: O::MEDIA_TYPES,
        reply: O::Body::schema,
        handler: Box::new(move |sandbox, parsed| handler(sandbox, I::read(parsed)?).into_answer()),
    }
}

/// The rows by method and path.
pub(super) struct AdminRouter(Router<AdminRoute>);

impl AdminRouter {
    pub(super) fn new(table: Vec<AdminRoute>) -> Self {
        let rows = table.into_iter().map(|row| (row.method.clone(), row.pattern, row));
        Self(Router::new(rows))
    }

    /// Every row, in the order of the table.
    pub(super) fn routes(&self) -> impl Iterator<Item = &AdminRoute> {
        self.0.targets()
    }

    /// Answers a request by the handler of its route. HEAD is GET, of whose answer the server sends the
    /// head; OPTIONS lists the methods of the path.
    pub(super) fn handle(&self, sandbox: &Sandbox, request: &Request) -> Result<Answer, Problem> {
        let path = request.path();
        let below = path.strip_prefix(BASE).and_then(|rest| rest.strip_prefix('/'));
        let method = if request.method == Method::HEAD { &Method::GET } else { &request.method };
        match self.0.find(method, below.unwrap_or_default()) {
            Ok(found) => {
                guard::check_content_type(request)?;
                let query = QueryParameters::read(request, (found.target.parameters)())?;
                let parsed = ParsedRequest { path: &found.parameters, query, request };
                (found.target.handler)(sandbox, &parsed)
            }
            Err(NoRoute::WrongMethod { allow }) => {
                let allow = with_implied_methods(&allow);
                if request.method == Method::OPTIONS {
                    Ok(Answer::Reply(Reply::empty(StatusCode::NO_CONTENT).with_allow(&allow)))
                } else {
                    Err(Problem::wrong_method(request, &allow))
                }
            }
            Err(NoRoute::UnknownPath) => Err(self.unknown_path(path)),
        }
    }

    fn unknown_path(&self, path: &str) -> Problem {
        let mut known: Vec<_> =
            self.routes().map(|route| format!("{BASE}/{}", route.pattern)).collect();
        if !path.starts_with(BASE) {
            known.push(console::PATH.to_owned());
        }
        let known = || known.iter().map(String::as_str);
        // by its letters, or by its segments, where some of them are values of parameters
        let literal = known().filter(|pattern| !pattern.contains('{'));
        let by_letters = nearest(path, literal).map(str::to_owned);
        let near = by_letters.or_else(|| nearest_path(path, BASE, known()).map(|near| near.path));
        let hint = match near {
            Some(near) => format!("did you mean {near}?"),
            None => format!("start with {BASE}/status"),
        };
        Problem::not_found(format!("unknown path {}; {hint}", quoted(path)))
    }
}

/// Adds to the methods of a path's rows those that no row has.
fn with_implied_methods(allow: &str) -> String {
    let methods = allow.split(", ").flat_map(|method| match method {
        "GET" => vec!["GET", "HEAD"],
        other => vec![other],
    });
    methods.chain(["OPTIONS"]).collect::<Vec<_>>().join(", ")
}
