//! The body of an Add Users request.

use crate::vendor::parts::memberships::{AnyReferences, CommunityReference, PersonReference};
use crate::vendor::schema::{Tree, always, object};

object! {
    /// The body of an Add Users request. The vendor's page types every field as "any".
    pub(crate) struct AddUsers<'a> as "AddUsersRequest" {
        optional "onboarding_communities" as onboarding_communities: Tree<'a>, Sibling,
            rule "no effect, a warning" Assumed;
        optional "communities" as communities: AnyReferences<CommunityReference>, Sibling,
            rule "absent, null or empty is precondition-failed" Sibling,
            example "\"f2a05adb-93ce-4a19-b003-3523fa745667\"", refers_to Community,
            non_empty always;
        optional "single_tap_join" as single_tap_join: Tree<'a>, Sibling,
            rule "no effect, a warning" Assumed;
        optional "invite_members" as invite_members: Tree<'a>, Sibling,
            rule "no effect, a warning" Assumed;
        optional "join_request_approved" as join_request_approved: Tree<'a>, Sibling,
            rule "no effect, a warning" Assumed;
        optional "users" as users: AnyReferences<PersonReference<'a>>, Sibling,
            rule "absent, null or empty is precondition-failed" Sibling, refers_to User,
            non_empty always;
    }
}

impl AddUsers<'_> {
    /// The names of the fields that are accepted without effect, and whether they were sent.
    pub(crate) fn without_effect(&self) -> [(&'static str, bool); 4] {
        [
            ("onboarding_communities", self.onboarding_communities.is_some()),
            ("single_tap_join", self.single_tap_join.is_some()),
            ("invite_members", self.invite_members.is_some()),
            ("join_request_approved", self.join_request_approved.is_some()),
        ]
    }
}
