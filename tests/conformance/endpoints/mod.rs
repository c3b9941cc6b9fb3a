//! Endpoints for tests. They use what an endpoint can declare and no real endpoint needs yet: a path
//! parameter, a field of any type, one id or several, a change to a group.

mod rename_group;

pub(crate) use rename_group::ENDPOINT as RENAME_GROUP;
