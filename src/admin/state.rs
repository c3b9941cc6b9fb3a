//! A tenant's data: groups with pending invitations, communities, users; and additions to them.

use http::StatusCode;
use serde_json::{Value, json};

use super::{created, read};
use crate::call::Sandbox;
use crate::clock::rfc3339_ms;
use crate::fixtures::{CommunityEntry, UserEntry};
use crate::http::Problem;
use crate::http::{Reply, Request};
use crate::world::TenantName;
use crate::world::ids::parse_id;
use crate::world::{Community, Group, MemberStatus, Profile, Role, User, World};

/// Does something with a tenant's world; one never used is empty.
fn with<T>(sandbox: &Sandbox, name: &TenantName, look: impl FnOnce(&World) -> T) -> T {
    match sandbox.tenants.find(name) {
        Some(tenant) => look(&tenant.lock().world),
        None => look(&World::new(std::sync::Arc::clone(sandbox.tenants.seed()))),
    }
}

/// Everything in short, and all groups.
pub fn whole(sandbox: &Sandbox, name: &TenantName) -> Value {
    let now_ms = match sandbox.tenants.find(name) {
        Some(tenant) => tenant.lock().clock.now_ms(sandbox.clock),
        None => sandbox.clock.now_ms(),
    };
    with(sandbox, name, |world| {
        json!({
            "tenant": name.as_str(),
            "now": rfc3339_ms(now_ms),
            "communities": world.communities().count(),
            "users": world.users().count(),
            "groups_created": world.groups_created(),
            "forgotten": world.forgotten(),
            "groups": world.groups().map(describe).collect::<Vec<_>>(),
        })
    })
}

/// All groups, oldest first.
pub fn groups(sandbox: &Sandbox, name: &TenantName) -> Value {
    with(sandbox, name, |world| {
        let groups: Vec<_> = world.groups().map(describe).collect();
        json!({"groups": groups, "forgotten": world.forgotten()})
    })
}

/// One group, by its `chat_id`.
pub fn group(sandbox: &Sandbox, name: &TenantName, chat_id: &str) -> Result<Value, Problem> {
    let missing = |detail: String| Problem::new(StatusCode::NOT_FOUND, detail);
    let id = parse_id(chat_id)
        .ok_or_else(|| missing("a group is named by its chat_id, 8-4-4-4-12 hex digits".into()))?;
    with(sandbox, name, |world| {
        world.group(&id).map(describe).ok_or_else(|| match world.forgotten() {
            0 => missing(format!("the tenant {name} has no group {id}")),
            count => missing(format!(
                "the tenant {name} has no group {id}; its {count} oldest were forgotten to keep memory bounded \
                 (--max-groups), and this may have been one of them"
            )),
        })
    })
}

fn describe(group: &Group) -> Value {
    let members: Vec<_> = group
        .members
        .iter()
        .map(|member| {
            let (role, status) = (member.role as i64, member.status as i64);
            json!({"member_id": member.user_id, "role": role, "status": status})
        })
        .collect();
    let (role, status) = (Role::Member as i64, MemberStatus::Pending as i64);
    let pending: Vec<_> = group
        .invitations
        .iter()
        .map(|invited| json!({"phone_number": invited.phone_number, "name": invited.name, "role": role, "status": status}))
        .collect();
    json!({
        "chat_id": group.chat_id,
        "group_id": group.group_id,
        "community_id": group.community_id,
        "name": group.name,
        "description": group.description,
        "tags": group.tags,
        "dp": group.dp,
        "topics": group.topics,
        "discoverable": group.discoverable,
        "actions": group.actions,
        "template_id": group.template_id,
        "is_ai_generated": group.is_ai_generated,
        "members": members,
        "pending": pending,
        "video": group.videos.first(),
        "created_at": group.created_at_ms.to_string(),
    })
}

/// All communities.
pub fn communities(sandbox: &Sandbox, name: &TenantName) -> Value {
    with(sandbox, name, |world| json!({"communities": world.communities().collect::<Vec<_>>()}))
}

/// All users.
pub fn users(sandbox: &Sandbox, name: &TenantName) -> Value {
    with(
        sandbox,
        name,
        |world| json!({"users": world.users().map(describe_user).collect::<Vec<_>>()}),
    )
}

fn describe_user(user: &User) -> Value {
    let (avatar, image) = match &user.profile {
        Profile::Avatar(name) => (Some(name), None),
        Profile::Image(file) => (None, Some(file)),
    };
    json!({
        "user_id": user.user_id,
        "username": user.username,
        "name": user.name,
        "phone_number": user.phone_number,
        "avatar": avatar,
        "profile_image": image,
        "is_brand_system_user": user.is_brand_system_user,
    })
}

/// Adds a community, described as in a fixture file.
pub fn add_community(
    sandbox: &Sandbox,
    name: &TenantName,
    request: &Request,
) -> Result<Reply, Problem> {
    let community: Community = read::body::<CommunityEntry>(request)?.into();
    let answer = json!(community);
    let tenant = sandbox.tenant(name)?;
    let added = tenant.lock().world.add_community(community);
    added.map_err(|why| conflict(&why))?;
    Ok(created(&answer))
}

/// Adds a user, described as in a fixture file.
pub fn add_user(sandbox: &Sandbox, name: &TenantName, request: &Request) -> Result<Reply, Problem> {
    let user =
        User::try_from(read::body::<UserEntry>(request)?).map_err(|(_, why)| read::bad(why))?;
    let answer = describe_user(&user);
    let tenant = sandbox.tenant(name)?;
    let added = tenant.lock().world.add_user(user);
    added.map_err(|why| conflict(&why))?;
    Ok(created(&answer))
}

fn conflict(why: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, format!("{why}; choose another"))
}
