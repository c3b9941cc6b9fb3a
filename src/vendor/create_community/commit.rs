//! Creates the community of a checked request.

use uuid::Uuid;

use super::answer;
use super::request::{CommunityKind, CreateCommunity};
use crate::http::Reply;
use crate::vendor::endpoint::Call;
use crate::vendor::parts::links::file_name;
use crate::vendor::parts::new_id;
use crate::world::ids::Purpose;
use crate::world::{Action, COLOR_PAIRS, Community, CommunityRole, Texts, User, World};

/// What a checked request asks for besides its fields.
pub(crate) struct CheckedParts {
    /// The categories that exist, each once.
    pub(crate) categories: Vec<i64>,
    /// The users who become members, each once.
    pub(crate) members: Vec<Uuid>,
}

/// Stores the community of a checked request with its members and returns the answer.
pub(crate) fn create(
    call: &Call,
    request: &CreateCommunity,
    parts: CheckedParts,
    world: &mut World,
) -> Reply {
    let number = world.counters().communities;
    let owned = |text: &str| text.to_owned();
    let leader = leader(call, world);
    let (color_code, text_color_code) = color_pair(number);
    let community = Community {
        community_id: new_id(call, Purpose::Community, number, |id| world.community(id).is_none()),
        handle: owned(request.handle.0),
        name: owned(request.name.0),
        description: request.description.map(owned).unwrap_or_default(),
        kind: request.kind.unwrap_or(CommunityKind::Public) as i64,
        color_code: owned(color_code),
        text_color_code: owned(text_color_code),
        dp: file_name(request.dp).map(owned),
        banner: file_name(request.banner).map(owned),
        tags: request.tags.map(owned),
        brand_id: leader.brand.as_ref().map(|brand| brand.brand_id),
        categories: parts.categories,
        actions: request.actions().iter().map(Action::from).collect(),
        is_ai_generated: request.is_ai_generated,
        is_ai_generated_dp: request.is_ai_generated_dp,
        is_ai_generated_banner: request.is_ai_generated_banner,
        link_number: None,
    };
    let new = request.categories.as_ref().and_then(|categories| categories.new.as_deref());
    let new_categories = Texts::of(new.unwrap_or_default());
    let (id, leader_id) = (community.community_id, leader.user_id);
    let reply = answer::reply(&community, leader, call);
    world.create_community(community, new_categories);
    world.set_community_role(id, [leader_id], CommunityRole::Leader);
    world.set_community_role(id, parts.members, CommunityRole::Member);
    reply
}

/// The user who leads the communities that a caller creates: the brand's system user. A fixture file may
/// have none; then it is the caller.
pub(crate) fn leader<'w>(call: &Call, world: &'w World) -> &'w User {
    let caller = || world.user(&call.caller.user).expect("BUG: callers are users of the fixtures");
    world.brand_system_user().unwrap_or_else(caller)
}

/// Returns the colours of the `number`-th community. The first has those of the page's example.
fn color_pair(number: u64) -> (&'static str, &'static str) {
    let count = COLOR_PAIRS.len() as u64;
    COLOR_PAIRS[usize::try_from((number + 1) % count).expect("BUG: a small number")]
}
