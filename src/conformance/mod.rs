//! What every endpoint promises by its declaration, held by tests that walk over the endpoint table.
//! A new endpoint is held to all of it by its row alone.

mod documents;
mod fields;
mod forced;
mod harness;
mod requests;
mod validator;
