//! The path and the body of an Update Conversation request.

use uuid::Uuid;

use crate::vendor::schema::object;

object! {
    /// The parameters of the path.
    pub(crate) struct Parameters as "UpdateConversationParameters" {
        required "chat_id" as chat_id: Uuid, Sibling, rule "must be a group of this tenant" Assumed,
            refers_to Group;
    }
}

object! {
    /// The body of an Update Conversation request.
    pub(crate) struct UpdateConversation<'a> as "UpdateConversationRequest" {
        optional "members_added" as members_added: Vec<AddedMember>, Sibling,
            rule "become invited; who is in the group already is ignored with a warning" Assumed;
        optional "members_removed" as members_removed: Vec<Uuid>, Sibling,
            rule "members and invited people leave, the owner cannot; others get a warning" Assumed,
            example "[\"345e1234-5678-90ef-2345-678912341234\"]", refers_to Leaver;
        optional "subscribers_removed" as subscribers_removed: Vec<Uuid>, Sibling,
            rule "nobody subscribes here: ignored with a warning" Assumed;
        optional "name" as name: &'a str, Sibling, rule "replaces the name" Assumed;
        optional "description" as description: &'a str, Sibling,
            rule "replaces the description" Assumed;
        optional "tags" as tags: &'a str, Sibling, rule "comma separated; replaces the tags" Assumed;
        optional "dp" as dp: &'a str, Sibling,
            rule "a file name; replaces the picture, empty removes it" Assumed;
        optional "topics" as topics: Vec<i64>, Sibling, rule "replaces the topics" Assumed;
        optional "settings" as settings: ChangedSettings, Sibling;
    }
}

object! {
    /// A person to add.
    pub(crate) struct AddedMember as "MemberToAdd" {
        required "user_id" as user_id: Uuid, Sibling, rule "must be a known user" Assumed,
            refers_to User;
    }
}

object! {
    /// The settings to change.
    pub(crate) struct ChangedSettings as "ChangedSettings" {
        optional "discoverable" as discoverable: bool, Sibling,
            rule "true everyone, false only with the link" Assumed;
    }
}
