//! The body of an Add Moderators request.

use crate::vendor::parts::memberships::{AnyReferences, CommunityReference, UserReference};
use crate::vendor::schema::{always, object};

object! {
    /// The body of an Add Moderators request. The vendor's page types both fields as "any".
    pub(crate) struct AddModerators as "AddModeratorsRequest" {
        optional "community_id" as community_id: AnyReferences<CommunityReference>, Sibling,
            rule "absent, null or empty is precondition-failed" Sibling,
            example "\"f2a05adb-93ce-4a19-b003-3523fa745667\"", refers_to Community,
            non_empty always;
        optional "users" as users: AnyReferences<UserReference>, Sibling,
            rule "absent, null or empty is precondition-failed" Sibling, refers_to User,
            non_empty always;
    }
}
