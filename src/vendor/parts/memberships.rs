//! Fields that the vendor's pages type as "any" and that name communities or users, and the checks of
//! what they name.

use std::collections::HashSet;

use uuid::Uuid;

use super::communities::unknown_community;
use super::people::add_unknown_user;
use super::tenant_lookup::TenantLookup;
use crate::text::{plural, quoted};
use crate::vendor::assumptions::UnknownUser;
use crate::vendor::endpoint::{Call, Endpoint};
use crate::vendor::finding::{Finding, Findings, PatchOp, Severity};
use crate::vendor::schema::{
    FieldType, Kind, OneOrMany, PhoneNumber, Reader, ReferenceKind, Tree, UnionName, ValuePlace,
    WorldLookup as _, escape, object, sent_instead,
};
use crate::world::World;

/// The most memberships that one call can make, users times communities (`assumed`). It keeps the time
/// short in which other calls of the tenant wait.
const MAX_MEMBERSHIPS: usize = 20_000;

/// The value of a field that names one thing or several (`assumed`): an id, an object with the id under its
/// usual name, or a list of those. Empty for `""` and `[]`.
#[derive(Debug)]
pub(crate) struct AnyReferences<T> {
    items: Vec<T>,
    is_list: bool,
}

impl<'t, T: FieldType<'t>> FieldType<'t> for AnyReferences<T> {
    const KIND: Kind = OneOrMany::<T>::KIND;

    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self> {
        if matches!(value, Tree::Text("") | Tree::List([])) {
            return Some(Self { items: Vec::new(), is_list: false });
        }
        // the endpoint refuses an absent one, so that a patch must not remove it
        let OneOrMany(items) = OneOrMany::read(value, &place.as_needed(), reader)?;
        Some(Self { items, is_list: matches!(value, Tree::List(_)) })
    }
}

/// An item of a field, with its place.
pub(crate) struct Item<'i, T> {
    pub(crate) value: &'i T,
    field: &'static str,
    /// Its place in a list.
    index: Option<usize>,
}

impl<T> Item<'_, T> {
    /// Returns the pointer to a key of the item, or to the item itself.
    fn pointer(&self, key: Option<&str>) -> String {
        let index = self.index.map_or_else(String::new, |index| format!("/{index}"));
        let key = key.map_or_else(String::new, |key| format!("/{key}"));
        format!("/{}{index}{key}", self.field)
    }

    fn clause(&self, endpoint: &Endpoint, key: Option<&str>) -> String {
        let list = if self.index.is_some() { "[]" } else { "" };
        let key = key.map_or_else(String::new, |key| format!(".{key}"));
        endpoint.clause(&format!("{}{list}{key}", self.field))
    }
}

/// A community that a call names.
#[derive(Debug)]
pub(crate) struct CommunityReference {
    id: Uuid,
    /// The key of the object that has the id, if there is one.
    key: Option<&'static str>,
}

object! {
    /// A community, as an object.
    pub(crate) struct WireCommunity as "CommunityById" {
        required "community_id" as community_id: Uuid, Assumed,
            rule "must be a community of this tenant" Sibling,
            example "\"f2a05adb-93ce-4a19-b003-3523fa745667\"", refers_to Community;
    }
}

impl<'t> FieldType<'t> for CommunityReference {
    const KIND: Kind =
        Kind::AnyOf(UnionName::Given("CommunityReference"), &[WireCommunity::KIND, Uuid::KIND]);

    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self> {
        if let Tree::Object(_) = value {
            let id = WireCommunity::read(value, place, reader)?.community_id;
            return Some(Self { id, key: Some("community_id") });
        }
        read_id(value, Self::KIND, place, reader).map(|id| Self { id, key: None })
    }
}

/// A user whom a call names, who may not exist.
#[derive(Debug)]
pub(crate) struct UserReference {
    pub(crate) id: Uuid,
    key: Option<&'static str>,
}

object! {
    /// A user, as an object.
    pub(crate) struct WireUser as "UserById" {
        required "user_id" as user_id: Uuid, Assumed, rule "must be a known user" Sibling,
            refers_to User;
    }
}

impl<'t> FieldType<'t> for UserReference {
    const KIND: Kind =
        Kind::AnyOf(UnionName::Given("UserReference"), &[WireUser::KIND, Uuid::KIND]);

    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self> {
        if let Tree::Object(_) = value {
            let id = WireUser::read(value, place, reader)?.user_id;
            return Some(Self { id, key: Some("user_id") });
        }
        read_id(value, Self::KIND, place, reader).map(|id| Self { id, key: None })
    }
}

/// A user or somebody's phone number.
#[derive(Debug)]
pub(crate) enum PersonReference<'t> {
    User(UserReference),
    /// Digits with country code, without plus.
    ByPhone(&'t str),
}

object! {
    /// A user or a phone number, as an object.
    pub(crate) struct WirePerson<'a> as "Person"
    exactly_one_of("user_id" as "PersonById", "phone_number" as "PersonByPhone") {
        optional "user_id" as user_id: Uuid, Assumed, rule "must be a known user" Assumed,
            refers_to User;
        optional "phone_number" as phone_number: PhoneNumber<'a>, Assumed,
            rule "somebody new becomes a user of this tenant; bounds of E.164" Assumed;
    }
}

impl<'t> FieldType<'t> for PersonReference<'t> {
    const KIND: Kind =
        Kind::AnyOf(UnionName::Given("PersonReference"), &[WirePerson::KIND, Uuid::KIND]);

    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self> {
        if let Tree::Object(_) = value {
            let person = WirePerson::read(value, place, reader)?;
            return match (person.user_id, person.phone_number) {
                (Some(id), None) => Some(Self::User(UserReference { id, key: Some("user_id") })),
                (None, Some(PhoneNumber(number))) => Some(Self::ByPhone(number)),
                // the reader of the object has added a finding
                (None, None) | (Some(_), Some(_)) => None,
            };
        }
        let id = read_id(value, Self::KIND, place, reader)?;
        Some(Self::User(UserReference { id, key: None }))
    }
}

fn read_id(value: Tree, kind: Kind, place: &ValuePlace, reader: &mut Reader) -> Option<Uuid> {
    reader.scalar(value, kind, place, |value| match value {
        Tree::Text(text) => crate::world::ids::parse_id(text),
        _ => None,
    })
}

/// The references of one call.
#[derive(Clone, Copy)]
pub(crate) struct References<'w> {
    endpoint: &'static Endpoint,
    /// What was sent.
    body: Option<Tree<'w>>,
    pub(crate) world: &'w World,
    lookup: TenantLookup<'w>,
    /// A user for patches.
    known_user: Uuid,
    unknown_user: UnknownUser,
}

impl<'w> References<'w> {
    /// Creates the references of a call; `unknown_user` says how an unknown user is treated.
    pub(crate) fn new<'a: 'w>(
        call: &Call<'a>,
        endpoint: &'static Endpoint,
        world: &'w World,
        unknown_user: UnknownUser,
    ) -> Self {
        let (body, lookup) = (call.body.get(), TenantLookup::new(call, endpoint, world));
        Self { endpoint, body, world, lookup, known_user: call.caller.user, unknown_user }
    }

    /// Returns the items of a field that must name something; adds an error if it is absent or empty.
    pub(crate) fn needed<'i, T>(
        self,
        field: &'static str,
        sent: Option<&'i AnyReferences<T>>,
        kind: ReferenceKind,
        findings: &mut Findings,
    ) -> Vec<Item<'i, T>> {
        let items = sent.map_or(&[][..], |sent| &sent.items);
        if items.is_empty() {
            let message = if sent.is_some() { "is empty" } else { "is missing" };
            let path = format!("/{field}");
            let clause = self.endpoint.clause(field);
            let finding = Finding::error(&*path, clause, message);
            let known = self.endpoint.body.field(field).expect("BUG: the endpoint has the field");
            let instead = self.body.and_then(|body| sent_instead(body, self.endpoint.body, known));
            if let Some(key) = instead {
                findings.remove_warnings_at(&format!("/{}", escape(key)));
            }
            findings.add(match (instead, self.lookup.example(kind)) {
                (Some(key), _) => finding
                    .suggest(format!("you sent {} — did you mean {field:?}?", quoted(key)))
                    .with_patch(PatchOp::Move { from: format!("/{}", escape(key)), path }),
                (None, Some(value)) => {
                    finding.suggest("send at least one id").with_patch(PatchOp::Add { path, value })
                }
                (None, None) => finding.suggest("send at least one id"),
            });
        }
        let is_list = sent.is_some_and(|sent| sent.is_list);
        let item = |(index, value)| Item { value, field, index: is_list.then_some(index) };
        items.iter().enumerate().map(item).collect()
    }

    /// Returns the communities that a field names, each once; adds an error for each unknown one.
    pub(crate) fn communities(
        self,
        items: &[Item<CommunityReference>],
        findings: &mut Findings,
    ) -> Vec<Uuid> {
        let mut seen = HashSet::with_capacity(items.len());
        let mut communities = Vec::with_capacity(items.len());
        for item in items {
            let CommunityReference { id, key } = item.value;
            if self.world.community(id).is_none() {
                let clause = || item.clause(self.endpoint, *key);
                findings.add_with(Severity::Error, || {
                    unknown_community(self.world, &item.pointer(*key), clause)
                });
            } else if seen.insert(*id) {
                communities.push(*id);
            } else {
                self.warn_of_duplicate(item, *key, findings);
            }
        }
        communities
    }

    /// Whether a user is known; adds a finding if not.
    pub(crate) fn knows_user<T>(
        self,
        user: &UserReference,
        item: &Item<T>,
        findings: &mut Findings,
    ) -> bool {
        if self.world.user(&user.id).is_some() {
            return true;
        }
        let pointer = || item.pointer(user.key);
        let clause = || item.clause(self.endpoint, user.key);
        let fix = "use the user_id of somebody in the fixtures or added by a call";
        add_unknown_user(findings, pointer, clause, fix, self.known_user, self.unknown_user);
        false
    }

    pub(crate) fn warn_of_duplicate<T>(
        self,
        item: &Item<T>,
        key: Option<&str>,
        findings: &mut Findings,
    ) {
        findings.add_with(Severity::Warning, || {
            let clause = item.clause(self.endpoint, key);
            Finding::warning(item.pointer(key), clause, "is a duplicate and counts once")
        });
    }

    /// Adds an error if a call would make more memberships than one call can.
    pub(crate) fn check_count(self, users: usize, communities: usize, findings: &mut Findings) {
        let count = users.saturating_mul(communities);
        if count > MAX_MEMBERSHIPS {
            let message = format!(
                "has {} for {}, which makes {count} memberships; one call can make {MAX_MEMBERSHIPS}",
                plural(users, "user"),
                plural(communities, "community")
            );
            let clause = self.endpoint.clause("users");
            findings.add(
                Finding::error("/users", clause, message)
                    .suggest("share them out among several calls"),
            );
        }
    }
}

impl UserReference {
    pub(crate) fn key(&self) -> Option<&'static str> {
        self.key
    }
}
