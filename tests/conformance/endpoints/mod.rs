//! Endpoints for tests. They cover declarations that no vendor endpoint uses yet: a path
//! parameter, a field of any type, one id or several, a change to a group.

mod rename_group;

pub(crate) use rename_group::ENDPOINT as RENAME_GROUP;
