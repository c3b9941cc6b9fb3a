//! The endpoints that a rule is for, as a set that is compared with a call in one step.

use serde_json::json;

use crate::config_file::{Node, Problems, Read, Value, choice, one_of};
use crate::text::nearest;
use crate::vendor::{ENDPOINTS, Endpoint, endpoint_named};

/// A set of endpoints, a bit for each in the order of the table. The two highest bits stand for calls that
/// came to none, and for those whose scenario was chosen for them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointSet(u32);

/// The name of all endpoints together, and of requests that came to none.
const ANY: &str = "any";

impl EndpointSet {
    const NOWHERE: Self = Self(1 << 31);
    const CHOSEN_ALONE: Self = Self(1 << 30);
    /// Every request, whether it came to an endpoint or not.
    const ANY: Self = Self(!Self::CHOSEN_ALONE.0);
    /// That of a rule in a file that names none: the first, so that neither a login nor an endpoint added
    /// later comes under it.
    pub(crate) const OF_FILES: Self = Self(1);

    /// Returns the set of the endpoint that a request came to.
    pub fn called(endpoint: Option<&Endpoint>) -> Self {
        let is_it = |known: &&Endpoint| endpoint.is_some_and(|it| std::ptr::eq(*known, it));
        ENDPOINTS.iter().position(is_it).map_or(Self::NOWHERE, |place| Self(1 << place))
    }

    /// Returns the set of a call whose scenario was chosen for it alone.
    #[must_use]
    pub(crate) fn chosen_alone(self) -> Self {
        self.and(Self::CHOSEN_ALONE)
    }

    /// Returns the set of a line that names no endpoint: all but logins, and any call that it was chosen for.
    pub(crate) fn of_lines() -> Self {
        Self::with(|endpoint| !endpoint.is_login()).chosen_alone()
    }

    /// Returns the endpoints that something holds of.
    pub(crate) fn with(holds: impl Fn(&Endpoint) -> bool) -> Self {
        let held = ENDPOINTS.iter().filter(|endpoint| holds(endpoint));
        held.fold(Self(0), |set, endpoint| set.and(Self::called(Some(endpoint))))
    }

    /// Finds the endpoint of a name; the error suggests the nearest.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        one_of(name, "endpoint", &Self::names())
    }

    /// Returns the name that an unknown one was probably meant as.
    pub(crate) fn nearest(name: &str) -> Option<&'static str> {
        nearest(name, ENDPOINTS.iter().map(|endpoint| endpoint.name))
    }

    fn names() -> Vec<(&'static str, Self)> {
        ENDPOINTS.iter().map(|endpoint| (endpoint.name, Self::called(Some(endpoint)))).collect()
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns those that are not in `other`.
    #[must_use]
    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the two have an endpoint in common.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether all of `other` are in it.
    pub(crate) fn includes(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Iterates over the endpoints with their places in the table.
    pub(crate) fn endpoints(self) -> impl Iterator<Item = (usize, &'static Endpoint)> {
        let all = ENDPOINTS.iter().copied().enumerate();
        all.filter(move |(place, _)| self.meets(Self(1 << place)))
    }

    /// Describes the set in a few words.
    pub(crate) fn describe(self) -> String {
        if self == Self::NOWHERE { "none".into() } else { self.written_names().join(" or ") }
    }

    /// Returns the names that stand for the set in a file.
    pub(crate) fn written_names(self) -> Vec<&'static str> {
        if self.meets(Self::NOWHERE) {
            return vec![ANY];
        }
        self.endpoints().map(|(_, endpoint)| endpoint.name).collect()
    }
}

impl Read for EndpointSet {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let names = Self::names();
        let Value::List(items) = &node.value else {
            let names: Vec<_> = names.into_iter().chain([(ANY, Self::ANY)]).collect();
            return choice(node, problems, "endpoint", &names);
        };
        if items.is_empty() {
            problems.add(node.at, "endpoint needs at least one name; write any for all of them");
            return None;
        }
        let read = |item: &Node, problems: &mut Problems| match &item.value {
            Value::Text(text) if text == ANY => {
                problems.add(item.at, "any stands for all endpoints; write endpoint: any");
                None
            }
            _ => choice(item, problems, "endpoint", &names),
        };
        let sets: Vec<_> = items.iter().filter_map(|item| read(item, problems)).collect();
        (sets.len() == items.len()).then(|| sets.into_iter().fold(Self(0), Self::and))
    }

    fn schema() -> serde_json::Value {
        let mut names: Vec<_> = ENDPOINTS.iter().map(|endpoint| endpoint.name).collect();
        let list = json!({"type": "array", "minItems": 1, "items": {"enum": names}});
        names.push(ANY);
        json!({"oneOf": [{"enum": names}, list]})
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndpointName(pub(crate) &'static str);

impl EndpointName {
    pub(crate) fn endpoint(self) -> &'static Endpoint {
        endpoint_named(self.0).expect("BUG: the name was read from the table")
    }
}

impl Read for EndpointName {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let names = ENDPOINTS.iter().map(|endpoint| (endpoint.name, Self(endpoint.name)));
        choice(node, problems, "endpoint", &names.collect::<Vec<_>>())
    }

    fn schema() -> serde_json::Value {
        json!({"enum": ENDPOINTS.iter().map(|endpoint| endpoint.name).collect::<Vec<_>>()})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_endpoint_has_a_bit_of_its_own() {
        assert!(ENDPOINTS.len() <= 30, "the other bits have another meaning");
        for (place, endpoint) in ENDPOINTS.iter().enumerate() {
            let set = EndpointSet::called(Some(endpoint));
            assert_eq!(set.endpoints().map(|(place, _)| place).collect::<Vec<_>>(), [place]);
            assert_eq!(EndpointSet::named(endpoint.name), Ok(set));
            assert_eq!(set.describe(), endpoint.name);
            assert!(EndpointSet::ANY.includes(set) && !set.includes(EndpointSet::ANY));
            assert_eq!(EndpointSet::of_lines().meets(set), !endpoint.is_login());
            assert!(EndpointSet::of_lines().meets(set.chosen_alone()));
            assert_eq!(EndpointSet::OF_FILES.meets(set), place == 0);
        }
        let nowhere = EndpointSet::called(None);
        assert!(EndpointSet::ANY.meets(nowhere) && !EndpointSet::of_lines().meets(nowhere));
        assert_eq!(
            (EndpointSet::ANY.describe(), nowhere.describe()),
            ("any".into(), "none".into())
        );
    }
}
