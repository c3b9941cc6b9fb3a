//! What makes two requests the same, without the ids that callers make up, and two refusals.

use std::hash::{BuildHasher, Hash as _, Hasher as _, RandomState};

use smallvec::SmallVec;

use crate::journal::{CallRecord, header_value};
use crate::vendor::Endpoint;
use crate::vendor::finding::Severity;
use crate::vendor::schema::{Arena, LazyTree, Tree};

/// Identifies requests by hashes, whose keys are those of one report.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestHashes(RandomState);

/// A request as far as others are compared with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RequestIdentity {
    /// Of the path and the body without own ids.
    pub(super) body: u64,
    /// Of that and of what else an answer may depend on: the query and the `Content-Type`.
    pub(super) exact: u64,
    /// Of the own id of what the request creates, if it has one.
    pub(super) own_id: Option<u64>,
}

impl RequestHashes {
    /// Hashes anything else that two requests may have in common.
    pub(super) fn of(&self, value: impl std::hash::Hash) -> u64 {
        self.0.hash_one(value)
    }

    pub(super) fn identity(&self, record: &CallRecord, endpoint: &Endpoint) -> RequestIdentity {
        let arena = Arena::for_body(record.body.len());
        let lazy = LazyTree::of(&record.body, &arena);
        let tree = if record.body_cut { None } else { lazy.get() };
        let own_id = endpoint.own_ids.first().and_then(|path| {
            let Some(Tree::Text(id)) = find(tree?, path) else { return None };
            // ids are compared without regard to case
            Some(self.of(id.to_ascii_lowercase()))
        });
        let mut hasher = self.0.build_hasher();
        // without the scenario that may stand before it
        record.path[record.path.find("/api/").unwrap_or_default()..].hash(&mut hasher);
        match tree {
            Some(tree) => self.tree(tree, endpoint.own_ids).hash(&mut hasher),
            // what is not JSON, or too long to be kept
            None => (&record.body, record.body_bytes).hash(&mut hasher),
        }
        // the keys of a login are not kept, nor is the end of a long body
        (record.login_keys, record.long_body).hash(&mut hasher);
        let body = hasher.finish();
        let content_type = header_value(&record.headers, "content-type");
        let long_query = record.cut_head.and_then(|cut| cut.query);
        let exact = self.of((body, &record.query, long_query, content_type));
        RequestIdentity { body, exact, own_id }
    }

    /// Hashes why the sandbox refused a request of itself; `None` if a scenario forced the failure.
    pub(super) fn reason(&self, record: &CallRecord) -> Option<u64> {
        // a rule may also act with the real outcome, whose refusals have errors
        if record.rule.is_some() && !record.findings.has_errors() {
            return None;
        }
        let findings = record.findings.iter();
        let errors = findings.filter(|finding| finding.severity == Severity::Error);
        let errors = errors.map(|finding| (&finding.pointer, &finding.clause));
        Some(self.of((&record.outcome, errors.collect::<Vec<_>>())))
    }

    /// Hashes a value without some of its fields. The order of keys does not matter.
    fn tree(&self, tree: Tree, without: &[&str]) -> u64 {
        let mut hasher = self.0.build_hasher();
        match tree {
            Tree::Null => 0_u8.hash(&mut hasher),
            Tree::Boolean(value) => (1_u8, value).hash(&mut hasher),
            Tree::Integer(value) => (2_u8, value).hash(&mut hasher),
            Tree::Number(number) => (3_u8, number.value().to_bits()).hash(&mut hasher),
            Tree::Text(text) => (4_u8, text).hash(&mut hasher),
            Tree::List(items) => {
                (5_u8, items.len()).hash(&mut hasher);
                for item in items {
                    self.tree(*item, &[]).hash(&mut hasher);
                }
            }
            Tree::Object(entries) => {
                let mut sum = 0_u64;
                for (key, value) in entries {
                    if !without.contains(key) {
                        let value = self.tree(*value, &below(key, without));
                        sum = sum.wrapping_add(self.of((key, value)));
                    }
                }
                (6_u8, sum).hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}

/// The paths that begin with a key, without it.
fn below<'p>(key: &str, paths: &[&'p str]) -> SmallVec<[&'p str; 2]> {
    paths.iter().filter_map(|path| path.strip_prefix(key)?.strip_prefix('.')).collect()
}

/// The value at a dotted path.
fn find<'t>(tree: Tree<'t>, path: &str) -> Option<Tree<'t>> {
    path.split('.').try_fold(tree, Tree::get)
}
