//! The body of a Create Community request.

use uuid::Uuid;

use crate::vendor::parts::actions::RequestedAction;
use crate::vendor::schema::{HANDLE, Kind, NonEmptyList, TextFormat, Tree, object, scalar};

object! {
    /// The body of a Create Community request.
    pub(crate) struct CreateCommunity<'a> as "CreateCommunityRequest" {
        required "handle" as handle: Handle<'a>, Sibling,
            rule "unique in the tenant without regard to case; a repeat is refused" Assumed,
            refers_to FreeHandle;
        required "name" as name: NonEmptyText<'a>, Sibling;
        listed "type" as kind: CommunityKind, Sibling, rule "1 public, 2 private" Observed;
        listed "actions" as actions: NonEmptyList<RequestedAction>, Sibling,
            rule "not empty; unknown pairs get a warning" Assumed,
            example "[{\"action_id\":2,\"access_type_id\":3}]";
        optional "description" as description: &'a str, Sibling;
        optional "tags" as tags: &'a str, Sibling, rule "comma separated" Sibling;
        optional "dp" as dp: &'a str, Sibling, rule "a file name" Sibling;
        optional "categories" as categories: RequestedCategories<'a>, Sibling;
        optional "is_ai_generated" as is_ai_generated: bool, Sibling;
        optional "is_ai_generated_dp" as is_ai_generated_dp: bool, Sibling;
        optional "is_ai_generated_banner" as is_ai_generated_banner: bool, Sibling;
        optional "banner" as banner: &'a str, Sibling, rule "a file name" Sibling;
        optional "users" as users: Vec<RequestedMember>, Sibling,
            rule "they become members" Assumed;
    }
}

impl CreateCommunity<'_> {
    /// The actions sent; none are only where an assumption makes them optional.
    pub(crate) fn actions(&self) -> &[RequestedAction] {
        self.actions.as_ref().map_or(&[], |actions| &actions.0)
    }
}

object! {
    /// The categories of the community.
    pub(crate) struct RequestedCategories<'a> as "Categories" {
        optional "existing" as existing: Vec<i64>, Sibling,
            rule "each must be a category of this tenant, else precondition-failed" Sibling,
            refers_to Category;
        optional "new" as new: Vec<&'a str>, Sibling,
            rule "each gets the next free number of the tenant" Assumed;
    }
}

object! {
    /// A user who becomes a member.
    pub(crate) struct RequestedMember as "RequestedCommunityMember" {
        required "user_id" as user_id: Uuid, Sibling,
            rule "must be a known user" Assumed, refers_to User;
    }
}

/// The name of a community in links.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handle<'t>(pub(crate) &'t str);

scalar!(Handle<'t>, HANDLE, Tree::Text(text) if HANDLE.accepts(&Tree::Text(text)) => Some(Handle(text)));

/// A string with at least one character.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NonEmptyText<'t>(pub(crate) &'t str);

const NON_EMPTY_TEXT: Kind = Kind::Formatted(&TextFormat {
    name: "NonEmptyText",
    description: "a string that is not empty",
    pattern: "^[\\s\\S]+$",
    accepts: |text| !text.is_empty(),
    integers: Some((i64::MIN, i64::MAX)),
    ignores_case: false,
    example: "text",
    repair: |value| match value {
        Tree::Integer(number) => Some(number.to_string()),
        _ => None,
    },
});

scalar!(NonEmptyText<'t>, NON_EMPTY_TEXT,
    Tree::Text(text) if !text.is_empty() => Some(NonEmptyText(text)));

/// Who can see a community, and the number of that (`observed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommunityKind {
    Public = 1,
    Private = 2,
}

scalar!(CommunityKind, Kind::OneOfIntegers(&[1, 2]),
    Tree::Integer(1) => Some(Self::Public),
    Tree::Integer(2) => Some(Self::Private));
