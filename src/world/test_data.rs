//! Ids and people for tests.

use uuid::Uuid;

use super::{Profile, User};

pub(crate) fn id(number: u64) -> Uuid {
    Uuid::from_u128(number.into())
}

/// A user of whom nothing is known.
pub(crate) fn user(number: u64) -> User {
    User {
        user_id: id(number),
        username: String::new(),
        name: None,
        bio: None,
        phone_number: None,
        profile: Profile::Avatar("".into()),
        is_brand_system_user: false,
        brand: None,
    }
}
