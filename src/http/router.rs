//! Matches a method and a path against patterns such as `groups/{chat_id}`. Does not know the targets
//! of the routes.

use http::Method;
use percent_encoding::percent_decode_str;

/// Routes, each a method and a pattern with a target.
///
/// A segment `{name}` of a pattern matches any segment that is not empty. All other segments must be
/// equal to those of the path, which are not percent-decoded.
#[derive(Debug)]
pub(crate) struct Router<T> {
    routes: Vec<RoutePattern<T>>,
}

#[derive(Debug)]
struct RoutePattern<T> {
    method: Method,
    pattern: &'static str,
    segments: Vec<Segment<'static>>,
    /// One bit for each segment, set for a parameter: of two patterns that match the same path, the
    /// smaller value is the more specific one.
    parameter_bits: u64,
    target: T,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Segment<'p> {
    Literal(&'p str),
    Parameter(&'p str),
}

/// The route of a request.
#[derive(Debug)]
pub(crate) struct RouteMatch<'r, T> {
    pub(crate) target: &'r T,
    pub(crate) parameters: PathParameters,
}

/// The values of a path's parameters, percent-decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathParameters(Vec<(&'static str, String)>);

/// Why no route matches a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoRoute {
    /// No pattern matches the path.
    UnknownPath,
    /// The path allows only the methods listed, as in an `Allow` header.
    WrongMethod { allow: String },
}

impl<T> Router<T> {
    pub(crate) fn new(routes: impl IntoIterator<Item = (Method, &'static str, T)>) -> Self {
        let route = |(method, pattern, target): (_, &'static str, _)| {
            let segments: Vec<_> = pattern.split('/').map(Segment::parse).collect();
            let parameter_bits = segments.iter().fold(0, |bits, segment| {
                (bits << 1) | u64::from(matches!(segment, Segment::Parameter(_)))
            });
            RoutePattern { method, pattern, segments, parameter_bits, target }
        };
        Self { routes: routes.into_iter().map(route).collect() }
    }

    /// Finds the route for a request. If several patterns match, the most specific one wins: literal
    /// segments win over parameters, earlier segments over later ones. Only its routes are considered.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Result<RouteMatch<'_, T>, NoRoute> {
        // most requests
        let is_exact = |route: &&RoutePattern<T>| {
            route.parameter_bits == 0 && route.pattern == path && route.method == *method
        };
        if let Some(route) = self.routes.iter().find(is_exact) {
            return Ok(RouteMatch { target: &route.target, parameters: PathParameters::default() });
        }
        let matching = || self.routes.iter().filter(|route| route.matches(path));
        let bits = matching().map(|route| route.parameter_bits).min();
        let bits = bits.ok_or(NoRoute::UnknownPath)?;
        let winning = || matching().filter(|route| route.parameter_bits == bits);
        if let Some(route) = winning().find(|route| route.method == *method) {
            return Ok(RouteMatch { target: &route.target, parameters: route.parameters(path) });
        }
        let methods: Vec<_> = winning().map(|route| route.method.as_str()).collect();
        Err(NoRoute::WrongMethod { allow: methods.join(", ") })
    }

    /// Iterates over the targets of all routes, in the order given.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &T> {
        self.routes.iter().map(|route| &route.target)
    }
}

impl<T> RoutePattern<T> {
    fn matches(&self, path: &str) -> bool {
        if self.parameter_bits == 0 {
            return path == self.pattern;
        }
        let mut parts = path.split('/');
        self.segments.iter().all(|segment| match (segment, parts.next()) {
            (Segment::Literal(literal), Some(part)) => *literal == part,
            (Segment::Parameter(_), Some(part)) => !part.is_empty(),
            (_, None) => false,
        }) && parts.next().is_none()
    }

    fn parameters(&self, path: &str) -> PathParameters {
        if self.parameter_bits == 0 {
            return PathParameters::default();
        }
        let named =
            self.segments.iter().zip(path.split('/')).filter_map(|(segment, part)| match segment {
                Segment::Literal(_) => None,
                Segment::Parameter(name) => {
                    Some((*name, percent_decode_str(part).decode_utf8_lossy().into_owned()))
                }
            });
        PathParameters(named.collect())
    }
}

impl<'p> Segment<'p> {
    pub(super) fn parse(text: &'p str) -> Self {
        text.strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
            .map_or(Self::Literal(text), Self::Parameter)
    }
}

impl PathParameters {
    /// Iterates over names and values, in the order of the pattern.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Matches a path against one pattern.
    pub(crate) fn matched(pattern: &'static str, path: &str) -> Option<Self> {
        let router = Router::new([(Method::GET, pattern, ())]);
        router.find(&Method::GET, path).ok().map(|found| found.parameters)
    }

    /// Returns the value of a parameter, if the pattern has it.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Returns the value of a parameter, which the pattern of the route must have.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_else(|| panic!("BUG: the pattern has no parameter {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router() -> Router<u32> {
        Router::new([
            (Method::GET, "/groups", 1),
            (Method::GET, "/groups/{chat_id}", 2),
            (Method::PATCH, "/groups/{chat_id}", 3),
            (Method::POST, "/groups/create", 4),
            (Method::GET, "/{kind}/create", 5),
            (Method::GET, "/groups/{chat_id}/members/{member}", 6),
        ])
    }

    /// Returns the number of the route, and its parameters as text.
    fn find(method: &Method, path: &str) -> Result<(u32, String), NoRoute> {
        let router = router();
        let found = router.find(method, path)?;
        let parameters = found.parameters.0.iter().map(|(name, value)| format!("{name}={value}"));
        Ok((*found.target, parameters.collect::<Vec<_>>().join(" ")))
    }

    #[test]
    fn a_path_is_matched_segment_by_segment() {
        assert_eq!(find(&Method::GET, "/groups"), Ok((1, String::new())));
        assert_eq!(find(&Method::PATCH, "/groups/7"), Ok((3, "chat_id=7".into())));
        let parameters = "chat_id=a b member=c/d".into();
        assert_eq!(find(&Method::GET, "/groups/a%20b/members/c%2Fd"), Ok((6, parameters)));
        for path in ["", "/", "/groups/", "/groups/7/", "groups", "/groups/7/members", "/%67roups"]
        {
            assert_eq!(find(&Method::GET, path), Err(NoRoute::UnknownPath), "{path}");
        }
    }

    #[test]
    fn a_literal_wins_over_a_parameter_and_an_earlier_one_over_a_later_one() {
        assert_eq!(find(&Method::POST, "/groups/create"), Ok((4, String::new())));
        assert_eq!(find(&Method::GET, "/users/create"), Ok((5, "kind=users".into())));
        let allow = "POST".into();
        assert_eq!(find(&Method::GET, "/groups/create"), Err(NoRoute::WrongMethod { allow }));
    }

    #[test]
    fn a_wrong_method_gives_the_methods_that_the_path_allows() {
        let allow = "GET, PATCH".into();
        assert_eq!(find(&Method::PUT, "/groups/7"), Err(NoRoute::WrongMethod { allow }));
    }

    #[test]
    fn a_parameter_is_found_by_its_name() {
        let router = router();
        let parameters = router.find(&Method::GET, "/groups/%C3%A4").unwrap().parameters;
        assert_eq!(parameters.get("chat_id"), "ä");
        assert_eq!(router.targets().sum::<u32>(), 21);
    }
}
