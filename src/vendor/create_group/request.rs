//! The body of a Create Group request: its ledger, and its values.

use uuid::Uuid;

use crate::vendor::schema::field::{Field, Kind, Mark, Shape};
use crate::vendor::schema::{self, Arena, FromTree, Measure, Phone, Tree, object};
use crate::vendor::{Finding, Findings};
use crate::world::Action;

const UNCHECKED: &str = "no format is checked";

/// Every field, with its source. `type` and `community_id` are the page's mandatory ones.
pub static SHAPE: Shape = Shape {
    fields: &[
        Field::required("type", Kind::Exactly(4))
            .rule("4 is a Group; the vendor's other types are refused", Mark::Assumed),
        Field::required("community_id", Kind::Id)
            .rule("must be a community of this tenant", Mark::Sibling)
            .example("\"f2a05adb-93ce-4a19-b003-3523fa745667\""),
        Field::optional("chat_id", Kind::Id)
            .rule("echoed, generated when absent; a repeat is refused", Mark::Assumed),
        Field::optional("recorded_video", Kind::Object(&RECORDED_VIDEO)),
        Field::optional("actions", Kind::List(&Kind::Object(&ACTION)))
            .rule("3 with 5 and 5 with 9 when absent; unknown pairs are warned of", Mark::Assumed),
        Field::optional("group", Kind::Object(&GROUP)),
        Field::optional("settings", Kind::Object(&SETTINGS)),
        Field::optional("template_id", Kind::Integer),
        Field::optional("is_ai_generated", Kind::Boolean),
    ],
    exactly_one_of: &[],
};

static RECORDED_VIDEO: Shape = Shape {
    fields: &[
        Field::optional("message_id", Kind::Id)
            .from(Mark::Assumed)
            .rule("echoed, generated when absent, not checked for repeats", Mark::Assumed),
        Field::optional("video_name", Kind::Text)
            .rule("absent, empty or beginning with \"missing\" is video-not-found", Mark::Assumed),
        Field::optional("thumbnail_name", Kind::Text),
        Field::optional("video_path", Kind::Text).rule("folder in media_url", Mark::Assumed),
        Field::optional("thumbnail_path", Kind::Text)
            .rule("folder in thumbnail_url", Mark::Assumed),
        Field::optional("is_ai_generated_video", Kind::Boolean),
        Field::optional("is_ai_generated_thumbnail", Kind::Boolean),
        Field::optional("link", Kind::Text).rule("may be empty", Mark::Documented),
        Field::optional("description_text", Kind::Text).rule("may be empty", Mark::Documented),
        Field::optional("size", Kind::TextOrNumber).rule(UNCHECKED, Mark::Sibling),
        Field::optional("duration", Kind::TextOrNumber).rule(UNCHECKED, Mark::Sibling),
        Field::optional("aspect_ratio", Kind::TextOrNumber).rule(UNCHECKED, Mark::Sibling),
        Field::optional("resolution", Kind::TextOrNumber).rule(UNCHECKED, Mark::Sibling),
        Field::optional("description_data", Kind::Text)
            .rule("JSON text: strings and mentions; anything else is warned of", Mark::Assumed),
        Field::optional("meta_data", Kind::Object(&META_DATA)),
    ],
    exactly_one_of: &[],
};

static META_DATA: Shape =
    Shape { fields: &[Field::optional("topic", Kind::Text)], exactly_one_of: &[] };

static ACTION: Shape = Shape {
    fields: &[
        Field::required("action_id", Kind::Integer).example("3"),
        Field::required("access_type_id", Kind::Integer).example("5"),
    ],
    exactly_one_of: &[],
};

static GROUP: Shape = Shape {
    fields: &[
        Field::optional("name", Kind::Text),
        Field::optional("description", Kind::Text),
        Field::optional("tags", Kind::Text).rule("comma separated", Mark::Documented),
        Field::optional("dp", Kind::Text).rule("a file name", Mark::Documented),
        Field::optional("topics", Kind::List(&Kind::Integer)),
        Field::optional("members", Kind::List(&Kind::Object(&MEMBER)))
            .rule("each has exactly one of user_id and phone_number", Mark::Assumed),
    ],
    exactly_one_of: &[],
};

static MEMBER: Shape = Shape {
    fields: &[
        Field::optional("user_id", Kind::Id).rule("must be a known user", Mark::Assumed),
        Field::optional("phone_number", Kind::Phone).rule("bounds of E.164", Mark::Assumed),
        Field::optional("name", Kind::Text),
    ],
    exactly_one_of: &["user_id", "phone_number"],
};

static SETTINGS: Shape = Shape {
    fields: &[Field::optional("discoverable", Kind::Boolean)
        .rule("true everyone, false only with the link; true when absent", Mark::Assumed)],
    exactly_one_of: &[],
};

/// The pairs of action and access type seen on the platform (`observed`; 3→5 and 5→9
/// `documented`): see 5 everyone, 6 group members; post 9 all, 10 group members; create groups
/// 3 all members, 4 admins.
const KNOWN_ACTIONS: [(i64, i64); 6] = [(3, 5), (3, 6), (5, 9), (5, 10), (2, 3), (2, 4)];

object! {
    /// The whole body.
    #[derive(Debug)]
    pub struct CreateGroup<'a> {
        _kind "type": GroupType => required,
        community_id "community_id": Uuid => required,
        chat_id "chat_id": Uuid => optional,
        recorded_video "recorded_video": RecordedVideo<'a> => optional,
        actions "actions": Vec<WireAction<'a>> => optional,
        group "group": Details<'a> => optional,
        settings "settings": Settings<'a> => optional,
        template_id "template_id": i64 => optional,
        is_ai_generated "is_ai_generated": bool => optional,
    }
}

object! {
    /// The first video.
    #[derive(Debug)]
    pub struct RecordedVideo<'a> {
        message_id "message_id": Uuid => optional,
        video_name "video_name": &'a str => optional,
        thumbnail_name "thumbnail_name": &'a str => optional,
        video_path "video_path": &'a str => optional,
        thumbnail_path "thumbnail_path": &'a str => optional,
        _is_ai_generated_video "is_ai_generated_video": bool => optional,
        _is_ai_generated_thumbnail "is_ai_generated_thumbnail": bool => optional,
        _link "link": &'a str => optional,
        description_text "description_text": &'a str => optional,
        _size "size": Measure => optional,
        _duration "duration": Measure => optional,
        _aspect_ratio "aspect_ratio": Measure => optional,
        _resolution "resolution": Measure => optional,
        description_data "description_data": &'a str => optional,
        _meta_data "meta_data": MetaData<'a> => optional,
    }
}

object! {
    /// What the video is about.
    #[derive(Debug)]
    pub struct MetaData<'a> {
        _topic "topic": &'a str => optional,
    }
}

object! {
    /// Who may do one thing.
    #[derive(Debug)]
    pub struct WireAction<'a> {
        action_id "action_id": i64 => required,
        access_type_id "access_type_id": i64 => required,
    }
}

object! {
    /// The group itself.
    #[derive(Debug, Default)]
    pub struct Details<'a> {
        name "name": &'a str => optional,
        description "description": &'a str => optional,
        tags "tags": &'a str => optional,
        dp "dp": &'a str => optional,
        topics "topics": Vec<i64> => optional,
        members "members": Vec<Listed<'a>> => optional,
    }
}

object! {
    /// Settings of the group.
    #[derive(Debug)]
    pub struct Settings<'a> {
        discoverable "discoverable": bool => optional,
    }
}

object! {
    struct WireMember<'a> {
        user_id "user_id": Uuid => optional,
        phone_number "phone_number": Phone<'a> => optional,
        name "name": &'a str => optional,
    }
}

/// Somebody who shall belong to the group.
#[derive(Debug, PartialEq, Eq)]
pub enum Member<'a> {
    /// A user of the platform.
    User {
        /// Their id, not yet looked up.
        user_id: Uuid,
    },
    /// Somebody to be invited.
    Invited {
        /// Their number.
        phone_number: &'a str,
        /// The name the creator gave.
        name: Option<&'a str>,
    },
}

/// A member as listed, with exactly one of the two keys that say who it is.
#[derive(Debug)]
pub struct Listed<'a> {
    member: Member<'a>,
    unknown: bool,
}

impl<'t> FromTree<'t> for Listed<'t> {
    fn from_tree(value: Tree<'t>) -> Option<Self> {
        let wire = WireMember::from_tree(value)?;
        let unknown = wire.saw_unknown();
        let member = match (wire.user_id, wire.phone_number) {
            (Some(user_id), None) => Member::User { user_id },
            (None, Some(Phone(phone_number))) => Member::Invited { phone_number, name: wire.name },
            (None, None) | (Some(_), Some(_)) => return None,
        };
        Some(Self { member, unknown })
    }

    fn saw_unknown(&self) -> bool {
        self.unknown
    }
}

/// The one group type this endpoint creates.
#[derive(Debug)]
pub struct GroupType;

impl FromTree<'_> for GroupType {
    fn from_tree(value: Tree) -> Option<Self> {
        (value == Tree::Integer(4)).then_some(Self)
    }
}

impl WireAction<'_> {
    /// The pair as it is remembered.
    pub fn to_action(&self) -> Action {
        Action { action_id: self.action_id, access_type_id: self.access_type_id }
    }
}

impl<'a> CreateGroup<'a> {
    /// The members listed, in order.
    pub fn members(&self) -> impl Iterator<Item = &Member<'a>> {
        let listed = self.group.as_ref().and_then(|group| group.members.as_deref());
        listed.unwrap_or_default().iter().map(|listed| &listed.member)
    }

    /// Notes what is accepted and yet hardly meant.
    pub fn warn(&self, arena: &Arena, findings: &mut Findings) {
        for (index, action) in self.actions.iter().flatten().enumerate() {
            let (id, access) = (action.action_id, action.access_type_id);
            if !KNOWN_ACTIONS.contains(&(id, access)) {
                findings.add(
                    Finding::warning(
                        format!("/actions/{index}"),
                        "create_group.actions[]",
                        format!("action {id} with access type {access} is not a known pair"),
                    )
                    .suggest("known are 3 with 5 or 6, 5 with 9 or 10, 2 with 3 or 4"),
                );
            }
        }
        let description =
            self.recorded_video.as_ref().and_then(|video| video.description_data.as_ref());
        if let Some(text) = description
            && let Some(why) = why_no_description(text, arena)
        {
            findings.add(
                Finding::warning(
                    "/recorded_video/description_data",
                    "create_group.recorded_video.description_data",
                    format!("is not the JSON text of a description: {why}"),
                )
                .suggest(r#"send a list like ["Hello",{"user_id":"…"}] as text"#),
            );
        }
    }
}

/// What keeps a text from being a description: a list of strings and mentions with one id.
fn why_no_description(text: &str, arena: &Arena) -> Option<String> {
    let is_piece = |item: &Tree| match item {
        Tree::Text(_) => true,
        // any text is let through, as the vendor's own example mentions strangers
        Tree::Object([(key, Tree::Text(_))]) => matches!(*key, "user_id" | "community_id"),
        _ => false,
    };
    match schema::parse(text, arena) {
        Ok(Tree::List(items)) => {
            let odd = items.iter().position(|item| !is_piece(item))?;
            Some(format!("its item {odd} is neither a string nor a mention with one id"))
        }
        Ok(other) => Some(format!("it is {}, not a list", schema::describe(&other))),
        Err(syntax) => Some(syntax),
    }
}
