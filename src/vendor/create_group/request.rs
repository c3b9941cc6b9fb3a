//! The body of a Create Group request.

use uuid::Uuid;

use crate::vendor::assumptions::{Assumptions, TypeOfGroup};
use crate::vendor::parts::actions::RequestedAction;
use crate::vendor::parts::videos::needs_video_name;
use crate::vendor::schema::{
    FieldType, Kind, PhoneNumber, Reader, TextOrNumber, Tree, ValuePlace, object,
};

object! {
    /// The body of a Create Group request.
    pub(crate) struct CreateGroup<'a> as "CreateGroupRequest" {
        required "type" as group_type: GroupType, Documented,
            rule "4 is a Group; the vendor's other types are refused" Assumed;
        required "community_id" as community_id: Uuid, Documented,
            rule "must be a community of this tenant" Sibling,
            example "\"f2a05adb-93ce-4a19-b003-3523fa745667\"", refers_to Community;
        optional "chat_id" as chat_id: Uuid, Documented,
            rule "echoed, generated when absent; a repeat is refused" Assumed,
            refers_to FreeGroup;
        optional "recorded_video" as recorded_video: RecordedVideo<'a>, Documented;
        optional "actions" as actions: Vec<RequestedAction>, Documented,
            rule "3 with 5 and 5 with 9 when absent; unknown pairs get a warning" Assumed;
        optional "group" as group: RequestedGroup<'a>, Documented;
        optional "settings" as settings: RequestedSettings, Documented;
        optional "template_id" as template_id: i64, Documented;
        optional "is_ai_generated" as is_ai_generated: bool, Documented;
    }
}

/// The type of a group: 4, unless an assumption lets every integer pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GroupType(pub(crate) i64);

impl<'t> FieldType<'t> for GroupType {
    const KIND: Kind = Kind::OneOfIntegers(&[4]);

    #[inline]
    fn kind_under(assumptions: &Assumptions) -> Kind {
        match assumptions.type_of_group {
            TypeOfGroup::Four => Self::KIND,
            TypeOfGroup::Any => Kind::Integer,
        }
    }

    #[inline]
    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self> {
        let kind = Self::kind_under(&reader.assumptions);
        reader.scalar(value, kind, place, |value| {
            value.integer().filter(|_| kind.accepts(&value)).map(Self)
        })
    }
}

object! {
    /// The first video of the group.
    pub(crate) struct RecordedVideo<'a> as "RecordedVideo" {
        optional "message_id" as message_id: Uuid, Assumed,
            rule "echoed, generated when absent, not checked for repeats" Assumed;
        optional "video_name" as video_name: &'a str, Documented,
            rule "absent, empty or beginning with \"missing\" is video-not-found" Assumed,
            refers_to Video, non_empty needs_video_name;
        optional "thumbnail_name" as thumbnail_name: &'a str, Documented;
        optional "video_path" as video_path: &'a str, Documented,
            rule "folder in media_url" Assumed;
        optional "thumbnail_path" as thumbnail_path: &'a str, Documented,
            rule "folder in thumbnail_url" Assumed;
        optional "is_ai_generated_video" as _is_ai_generated_video: bool, Documented;
        optional "is_ai_generated_thumbnail" as _is_ai_generated_thumbnail: bool, Documented;
        optional "link" as link: &'a str, Documented, rule "may be empty" Documented;
        optional "description_text" as description_text: &'a str, Documented,
            rule "may be empty" Documented;
        optional "size" as size: TextOrNumber<'a>, Documented, rule "no format is checked" Sibling;
        optional "duration" as duration: TextOrNumber<'a>, Documented,
            rule "no format is checked" Sibling;
        optional "aspect_ratio" as aspect_ratio: TextOrNumber<'a>, Documented,
            rule "no format is checked" Sibling;
        optional "resolution" as resolution: TextOrNumber<'a>, Documented,
            rule "no format is checked" Sibling;
        optional "description_data" as description_data: &'a str, Documented,
            rule "JSON text: strings and mentions; anything else gets a warning" Assumed;
        optional "meta_data" as _meta_data: MetaData<'a>, Documented;
    }
}

object! {
    /// What the video is about.
    pub(crate) struct MetaData<'a> as "RecordedVideoMetaData" {
        optional "topic" as _topic: &'a str, Documented;
    }
}

object! {
    /// The details of the group.
    pub(crate) struct RequestedGroup<'a> as "RequestedGroup" {
        optional "name" as name: &'a str, Documented;
        optional "description" as description: &'a str, Documented;
        optional "tags" as tags: &'a str, Documented, rule "comma separated" Documented;
        optional "dp" as dp: &'a str, Documented, rule "a file name" Documented;
        optional "topics" as topics: Vec<i64>, Documented;
        optional "members" as members: Vec<Invitee<'a>>, Documented,
            rule "each has exactly one of user_id and phone_number" Assumed;
    }
}

object! {
    /// The settings of the group.
    pub(crate) struct RequestedSettings as "RequestedGroupSettings" {
        optional "discoverable" as discoverable: bool, Documented,
            rule "true everyone, false only with the link; true when absent" Assumed;
    }
}

object! {
    /// A person to add to the group.
    pub(crate) struct WireInvitee<'a> as "RequestedMember"
    exactly_one_of("user_id" as "MemberById", "phone_number" as "MemberByPhone") {
        optional "user_id" as user_id: Uuid, Documented,
            rule "must be a known user" Assumed, refers_to User;
        optional "phone_number" as phone_number: PhoneNumber<'a>, Documented,
            rule "bounds of E.164" Assumed;
        optional "name" as name: &'a str, Documented;
    }
}

/// A person to add to the group.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Invitee<'a> {
    /// A user, who may not exist.
    User(Uuid),
    /// A person to invite.
    ByPhone {
        /// Digits with country code, without plus.
        phone_number: &'a str,
        /// The name the creator gave.
        name: Option<&'a str>,
    },
}

impl<'t> FieldType<'t> for Invitee<'t> {
    const KIND: Kind = WireInvitee::KIND;

    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self> {
        let WireInvitee { user_id, phone_number, name } = WireInvitee::read(value, place, reader)?;
        match (user_id, phone_number) {
            (Some(user_id), None) => Some(Self::User(user_id)),
            (None, Some(PhoneNumber(phone_number))) => Some(Self::ByPhone { phone_number, name }),
            // the reader of the object has added a finding
            (None, None) | (Some(_), Some(_)) => None,
        }
    }
}

impl<'a> CreateGroup<'a> {
    /// Returns the people to add, in the order sent.
    pub(crate) fn invitees(&self) -> &[Invitee<'a>] {
        let listed = self.group.as_ref().and_then(|group| group.members.as_deref());
        listed.unwrap_or_default()
    }
}
