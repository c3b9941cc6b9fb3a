//! Which rules of a scenario can be for a call, told without a look at each of them. Every rule
//! stands under one condition that it cannot do without; conditions on the same thing stand
//! together, so that it is looked up once and nothing is touched of a rule that is not for the call.

use http::HeaderName;

use super::file::matcher::ValueMatcher;
use super::file::matching::{CallFacts, Need, header_texts};
use super::file::nth::Nth;
use super::file::pattern::Glob;
use super::file::rule::Rule;
use crate::vendor::schema::Tree;

/// The numbers of rules, by what they cannot do without.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Index {
    /// Those that have to be looked at for every call.
    always: Vec<usize>,
    by_nth: Vec<(Nth, usize)>,
    by_tenant: Vec<(Glob, usize)>,
    by_header: Vec<Header>,
    by_field: Fields,
}

/// Conditions on one header.
#[derive(Debug, Clone, PartialEq)]
struct Header {
    name: HeaderName,
    conditions: Vec<(ValueMatcher, usize)>,
    /// Those that hold if it is not there.
    absent: Vec<usize>,
}

/// Conditions on a value of the body, and on what is in it.
#[derive(Debug, Clone, PartialEq, Default)]
struct Fields {
    conditions: Vec<(ValueMatcher, usize)>,
    /// By key.
    below: Vec<(String, Fields)>,
    /// Those, here or further in, that hold if the value is not there.
    absent: Vec<usize>,
}

impl Fields {
    fn add(&mut self, keys: &[String], matcher: &ValueMatcher, rule: usize) {
        self.absent.extend(matcher.holds(None).then_some(rule));
        let Some((key, rest)) = keys.split_first() else {
            self.conditions.push((matcher.clone(), rule));
            return;
        };
        let known = self.below.iter().position(|(known, _)| known == key);
        let place = known.unwrap_or_else(|| {
            self.below.push((key.clone(), Self::default()));
            self.below.len() - 1
        });
        self.below[place].1.add(rest, matcher, rule);
    }

    /// Adds the rules whose conditions hold; one may come more than once.
    fn collect(&self, value: Tree, rules: &mut Vec<usize>) {
        let hold = |(matcher, _): &&(ValueMatcher, usize)| matcher.holds(Some(&value));
        rules.extend(self.conditions.iter().filter(hold).map(|(_, rule)| rule));
        self.collect_below(value, rules);
    }

    fn collect_below(&self, value: Tree, rules: &mut Vec<usize>) {
        let entries = match value {
            Tree::Object(entries) => entries,
            // a list stands for any of its items
            Tree::List(items) if !self.below.is_empty() => {
                return items.iter().for_each(|item| self.collect_below(*item, rules));
            }
            _ => &[],
        };
        for (key, below) in &self.below {
            match entries.iter().find(|(known, _)| known == key) {
                Some((_, value)) => below.collect(*value, rules),
                None => rules.extend(&below.absent),
            }
        }
    }
}

impl Index {
    /// Of all rules that are enabled.
    pub fn of(rules: &[Rule]) -> Self {
        let mut index = Self::default();
        for (number, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            index.add(rule.when.need(), number);
        }
        index
    }

    fn add(&mut self, need: Option<Need>, rule: usize) {
        match need {
            None => self.always.push(rule),
            Some(Need::Nth(nth)) => self.by_nth.push((nth, rule)),
            Some(Need::Tenant(glob)) => self.by_tenant.push((glob.clone(), rule)),
            Some(Need::Header(name, matcher)) => {
                let known = self.by_header.iter().position(|header| header.name == *name);
                let place = known.unwrap_or_else(|| {
                    let (conditions, absent) = (Vec::new(), Vec::new());
                    self.by_header.push(Header { name: name.clone(), conditions, absent });
                    self.by_header.len() - 1
                });
                let header = &mut self.by_header[place];
                header.conditions.push((matcher.clone(), rule));
                header.absent.extend(matcher.holds(None).then_some(rule));
            }
            Some(Need::Field(path, matcher)) => {
                self.by_field.add(&path.keys, matcher, rule);
            }
        }
    }

    /// The rules that stand under the name of a tenant and may be for its calls.
    pub fn of_tenant(&self, tenant: &str) -> Vec<usize> {
        let tenants = self.by_tenant.iter().filter(|(glob, _)| glob.is_match(tenant));
        tenants.map(|(_, rule)| *rule).collect()
    }

    /// The numbers of the rules that may be for a call, in order. No other is. `of_tenant` is what
    /// is known of its tenant already.
    pub fn candidates(&self, facts: &CallFacts, of_tenant: Option<&[usize]>) -> Vec<usize> {
        let mut rules = self.always.clone();
        match of_tenant {
            Some(known) => rules.extend(known),
            None => rules.extend(self.of_tenant(facts.tenant)),
        }
        let nths = self.by_nth.iter().filter(|(nth, _)| nth.holds(facts.nth));
        rules.extend(nths.map(|(_, rule)| rule));
        for Header { name, conditions, absent } in &self.by_header {
            let mut is_there = false;
            for text in header_texts(facts.headers, name) {
                is_there = true;
                let hold =
                    |(matcher, _): &&(ValueMatcher, usize)| matcher.holds_for_text(Some(&text));
                rules.extend(conditions.iter().filter(hold).map(|(_, rule)| rule));
            }
            if !is_there {
                rules.extend(absent);
            }
        }
        if let Some(body) = facts.body.get() {
            self.by_field.collect(body, &mut rules);
        }
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::scenario::read;
    use crate::vendor::schema::{Arena, LazyTree};
    use crate::vendor::{auth, create_group};

    const RULES: &str = "\
version: 1
rules:
  - { id: all, do: { outcome: ok } }
  - { id: off, enabled: false, do: { outcome: 500 } }
  - { id: second, match: { nth: 2 }, do: { outcome: 500 } }
  - { id: third-of-b, match: { nth: every 3, tenant: b }, do: { outcome: 500 } }
  - { id: tenant, match: { tenant: 'a*' }, do: { outcome: 500 } }
  - { id: login, match: { endpoint: auth }, do: { outcome: 500 } }
  - { id: header, match: { header: { x-a: '1' } }, do: { outcome: 500 } }
  - { id: other-header, match: { header: { X-A: { glob: '*2' } } }, do: { outcome: 500 } }
  - { id: no-header, match: { header: { x-a: { absent: true } } }, do: { outcome: 500 } }
  - { id: two-headers, match: { header: { x-a: '1', x-b: { present: true } } }, do: { outcome: 500 } }
  - { id: field, match: { body: { group.name: x } }, do: { outcome: 500 } }
  - { id: no-field, match: { body: { group.name: { absent: true } } }, do: { outcome: 500 } }
  - { id: two-fields, match: { body: { group.name: x, template_id: 7 } }, do: { outcome: 500 } }
  - { id: header-and-field, match: { header: { x-b: '1' }, body: { group.name: x } }, do: { outcome: 500 } }
  - { id: in-list, match: { body: { group.members.user_id: v } }, do: { outcome: 500 } }
  - { id: no-item, match: { body: { group.members.name: { absent: true } } }, do: { outcome: 500 } }
  - { id: list, match: { body: { group.members: { type: list } } }, do: { outcome: 500 } }
  - { id: any, match: { any: [{ nth: 2 }, { tenant: b }] }, do: { outcome: 500 } }
  - { id: not, match: { not: { header: { x-a: '1' } } }, do: { outcome: 500 } }
";

    #[test]
    fn a_rule_is_a_candidate_if_it_is_for_the_call() {
        let scenario = read(RULES, Some("rules")).unwrap();
        let (mut candidates, mut meant) = (0, vec![0; scenario.rules.len()]);
        let headers = [&[][..], &[("x-a", "1")], &[("x-a", "2"), ("x-b", "1")], &[("x-b", "1")]];
        let headers = headers.into_iter().chain([&[("x-a", "3"), ("x-a", "1"), ("x-b", "2")][..]]);
        let headers: Vec<HeaderMap> = headers
            .map(|pairs| {
                let pair = |(name, value): &(&str, &str)| {
                    (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
                };
                let mut headers = HeaderMap::new();
                for (name, value) in pairs.iter().map(pair) {
                    headers.append(name, value);
                }
                headers
            })
            .collect();
        let bodies = [
            "",
            "{}",
            r#"{"group":{"name":"x"}}"#,
            r#"{"group":{"name":"x"},"template_id":7}"#,
            r#"{"group":{"name":"y","members":[{"user_id":"u"},[{"user_id":"v"}],{"name":"w"}]}}"#,
            r#"{"group":{"name":"y","members":[]}}"#,
            r#"{"group":[{"name":"y"},{"name":"x"}]}"#,
            r#"{"group":7}"#,
            "7",
        ];
        for endpoint in [&create_group::ENDPOINT, &auth::ENDPOINT] {
            for (body, headers) in
                bodies.iter().flat_map(|body| headers.iter().map(move |h| (body, h)))
            {
                for (tenant, nth) in [("a1", 1), ("b", 2), ("b", 3), ("c", 6)] {
                    let arena = Arena::default();
                    let body = &LazyTree::of(body.as_bytes(), &arena);
                    let facts = CallFacts { endpoint, tenant, headers, body, nth };
                    let found = scenario.index.candidates(&facts, None);
                    let of_tenant = scenario.index.of_tenant(tenant);
                    assert_eq!(scenario.index.candidates(&facts, Some(&of_tenant)), found);
                    candidates += found.len();
                    assert!(found.is_sorted(), "{found:?}");
                    for (number, rule) in scenario.rules.iter().enumerate() {
                        let is_meant = rule.enabled && rule.when.holds(&facts);
                        meant[number] += usize::from(is_meant);
                        assert!(!is_meant || found.contains(&number), "{}: {found:?}", rule.id);
                    }
                }
            }
        }
        let never: Vec<_> =
            meant.iter().zip(&scenario.rules).filter(|(count, _)| **count == 0).collect();
        assert_eq!(never.len(), 1, "only the one that is off is for no call: {never:?}");
        let all = 2 * bodies.len() * headers.len() * 4 * scenario.rules.len();
        assert!(3 * candidates < 2 * all, "{candidates} of {all} are hardly fewer than all");
    }
}
