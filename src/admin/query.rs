//! The parameters of a query.

use std::collections::{BTreeMap, BTreeSet};

use super::parameter::{Parameter, ParameterKind, Place};
use crate::http::{Problem, Request, query_pairs};
use crate::text::{not_among, quoted};

/// The parameters of a query by name, each with its values.
#[derive(Debug)]
pub(super) struct QueryParameters {
    declared: &'static [Parameter],
    values: BTreeMap<String, Vec<String>>,
}

/// Refuses a name in the query of a request that is not `declared`, or that comes twice and is no list.
pub(super) fn check_names(request: &Request, declared: &[&Parameter]) -> Result<(), Problem> {
    let in_query = || declared.iter().filter(|parameter| parameter.place == Place::Query);
    let known: Vec<_> = in_query().map(|parameter| parameter.name).collect();
    let is_list = |name: &str| {
        in_query().any(|one| one.name == name && matches!(one.kind, ParameterKind::Texts(_)))
    };
    let mut given = BTreeSet::new();
    for [name, _] in query_pairs(request.uri.query().unwrap_or("")) {
        if known.is_empty() {
            let detail = format!("unknown parameter {}; this call takes none", quoted(&name));
            return Err(Problem::bad_request(detail));
        }
        if !known.contains(&name.as_str()) {
            let name = not_among(&name, known.iter().copied());
            return Err(Problem::bad_request(format!("unknown parameter {name}")));
        }
        if !is_list(&name) && given.contains(&name) {
            return Err(Problem::bad_request(format!(
                "duplicate parameter {}; give it once",
                quoted(&name)
            )));
        }
        given.insert(name);
    }
    Ok(())
}

impl QueryParameters {
    /// Reads the query of a request, whose names are checked.
    pub(super) fn read(request: &Request, declared: &'static [Parameter]) -> Self {
        let mut values = BTreeMap::<_, Vec<_>>::new();
        for [name, value] in query_pairs(request.uri.query().unwrap_or("")) {
            values.entry(name).or_default().push(value);
        }
        Self { declared, values }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.list(name).first().map(String::as_str)
    }

    /// All values of a parameter.
    pub(super) fn list(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The value of a parameter as a whole number in its declared range.
    pub(super) fn number<N: TryFrom<u64>>(&self, name: &str) -> Result<Option<N>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text);
        let number = digits.and_then(|digits| digits.parse::<u64>().ok()).ok_or_else(|| {
            let detail = format!("{name} must be a whole number, 0 or more, not {}", quoted(text));
            Problem::bad_request(detail)
        })?;
        let declared = self.declared.iter().find(|parameter| parameter.name == name);
        match declared.map(|parameter| parameter.kind) {
            Some(ParameterKind::Number(min, max)) if !(min..=max).contains(&number) => {
                let detail = format!("{name} must be from {min} to {max}, not {number}");
                Err(Problem::bad_request(detail))
            }
            _ => Ok(N::try_from(number).ok()),
        }
    }
}
