//! The fields of bodies, path parameters and answers. Each object is declared once, by `object!` or
//! `answer!`; types, reader, findings, patches, documents, matchers and test tables are derived from
//! the declaration.
//!
//! A body is parsed once into a tree, which scenario rules match against too, and the tree is read
//! once into typed values. Knows no endpoint.

mod answer;
mod coerce;
mod fields;
mod formats;
mod lookup;
mod object;
mod parse;
mod patch;
mod place;
mod plain;
mod provenance;
mod reader;
pub(crate) mod secret;
mod tree;
mod types;
mod write;

pub(crate) use answer::{AnswerValue, Items, answer};
pub(crate) use coerce::coerce;
pub(crate) use fields::{
    Field, Kind, ReferenceKind, Schema, TextFormat, UnionName, always, follows_example,
    have_free_values, never,
};
pub(crate) use formats::{
    HANDLE, HANDLE_PATTERN, LINK, MILLISECONDS, PHONE, PHONE_PATTERN, nearest_handle,
};
pub(crate) use lookup::{NamedThing, WorldLookup};
pub(crate) use object::{ObjectReader, object};
pub use parse::LazyTree;
pub(crate) use parse::{numbers_out_of_range, parse, syntax_error};
pub(crate) use patch::{meant_field, sent_instead};
pub(crate) use place::{ValuePlace, escape};
pub(crate) use provenance::Provenance;
pub(crate) use reader::{FieldType, Reader};
pub use tree::Arena;
pub(crate) use tree::Tree;
#[cfg(feature = "internals")]
pub use tree::by_library as parse_by_library;
pub(crate) use tree::describe;
pub(crate) use types::{NonEmptyList, OneOrMany, PhoneNumber, SecretText, TextOrNumber, scalar};
pub(crate) use write::{Writer, needs_no_escape};
