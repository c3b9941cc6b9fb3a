//! The parameters of a query.

use std::collections::BTreeMap;

use super::parameter::{Parameter, ParameterKind, Place};
use crate::http::{Problem, Request, query_pairs};
use crate::text::{not_among, quoted};

#[derive(Debug)]
pub(super) struct QueryParameters {
    declared: Vec<&'static Parameter>,
    values: BTreeMap<&'static str, Vec<String>>,
}

impl QueryParameters {
    /// Reads the query of a request. Refuses a name that is not declared, or that comes twice and is no list.
    pub(super) fn read(
        request: &Request,
        mut declared: Vec<&'static Parameter>,
    ) -> Result<Self, Problem> {
        declared.retain(|parameter| parameter.place == Place::Query);
        let mut values = BTreeMap::<_, Vec<_>>::new();
        for [name, value] in query_pairs(request.uri.query().unwrap_or("")) {
            let Some(parameter) = declared.iter().find(|parameter| parameter.name == name) else {
                let known = declared.iter().map(|parameter| parameter.name);
                let what = if declared.is_empty() {
                    format!("{}; this call takes none", quoted(&name))
                } else {
                    not_among(&name, known)
                };
                return Err(Problem::bad_request(format!("unknown parameter {what}")));
            };
            let given = values.entry(parameter.name).or_default();
            if !given.is_empty() && !matches!(parameter.kind, ParameterKind::Texts(_)) {
                let detail = format!("duplicate parameter {}; give it once", quoted(&name));
                return Err(Problem::bad_request(detail));
            }
            given.push(value);
        }
        Ok(Self { declared, values })
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.list(name).first().map(String::as_str)
    }

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
