//! The users of a world: those of the seed, those that the own API added, and those that calls made.

use uuid::Uuid;

use super::user::phone_as_integer;
use super::{User, World};

impl World {
    pub(crate) fn user(&self, id: &Uuid) -> Option<&User> {
        let seeded = self.seed.users.get(id);
        seeded.or_else(|| self.added().added_users.get(id)).or_else(|| self.added().users.get(id))
    }

    pub(crate) fn user_by_phone(&self, number: &str) -> Option<&User> {
        let added = || self.added().phone_numbers.get(&phone_as_integer(number)?);
        let id = self.seed.index().phone_numbers.get(number).or_else(added)?;
        self.user(id)
    }

    /// The user through whom the brand acts, if the seed has one.
    pub(crate) fn brand_system_user(&self) -> Option<&User> {
        self.user(&self.seed.index().brand_system_user?)
    }

    /// All users: those of the seed, those added, then those that calls created.
    pub(crate) fn users(&self) -> impl Iterator<Item = &User> {
        self.seed
            .users
            .values()
            .chain(self.added().added_users.values())
            .chain(self.added().users.iter())
    }

    pub(crate) fn user_count(&self) -> usize {
        self.seed.users.len() + self.added().added_users.len() + self.added().users.len()
    }

    /// Adds a user that a call creates. Their id and phone number must not be in use.
    pub(crate) fn create_user(&mut self, user: User) {
        self.counters.users += 1;
        let added = self.added_mut();
        if let Some(number) = user.phone_number.as_deref().and_then(phone_as_integer) {
            added.phone_numbers.insert(number, user.user_id);
        }
        added.users.insert(user.user_id, user);
    }

    /// Forgets the oldest user that a call created; returns false if there is none.
    pub(super) fn forget_oldest_user(&mut self) -> bool {
        let Some(added) = &mut self.additions else { return false };
        let Some((_, oldest)) = added.users.remove_oldest() else { return false };
        if let Some(number) = oldest.phone_number.as_deref().and_then(phone_as_integer) {
            added.phone_numbers.remove(&number);
        }
        true
    }
}
