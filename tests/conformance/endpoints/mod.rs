//! Endpoints for tests. They cover declarations that no vendor endpoint uses yet: a field of any type,
//! one id or several.

mod rename_group;

pub(crate) use rename_group::ENDPOINT as RENAME_GROUP;
