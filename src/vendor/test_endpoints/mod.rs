//! Endpoints that only tests see. They keep what an endpoint can declare alive until one of the
//! vendor's uses it: a path parameter, a field of any type, one id or several, a change to a group.

mod rename_group;

pub(crate) use rename_group::ENDPOINT as RENAME_GROUP;
