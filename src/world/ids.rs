//! Ids, slugs and chances as a keyed hash of (seed, tenant, purpose, n). Neither the calls of other
//! tenants nor the timing of threads can change them: no generator is shared, nothing is stored.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};
use uuid::Uuid;

/// The purpose of a value; each has its own sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    // these two have numbers of their own, so that those of the others stay as they are
    /// `community_id` of a community that a call creates.
    Community = 100,
    /// `member_id` of a user whom a call adds by phone number.
    User = 101,
    /// `chat_id` of a group whose creator sent none.
    Chat = 0,
    /// `group.group_id`.
    Group,
    /// `latest_messages[].message_id` of a video sent without one.
    Message,
    /// The slug in a group's `share_url`.
    GroupSlug,
    /// The slug in a video's `share_url`.
    VideoSlug,
    /// The slug in a community's `share_url`.
    CommunitySlug,
    /// The checksum of an issued access token.
    AccessToken,
    /// `conversation_id` of a video posted without a `message_id`.
    PostedMessage,
    /// The slug in the `share_url` of a video that was posted.
    PostedVideoSlug,
}

/// The source of every id of one sandbox.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    seed: u64,
}

/// The end of a link: 16 lower-case hex characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slug([u8; 16]);

impl Slug {
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("BUG: hex digits are ASCII")
    }
}

/// The second half of the hash key; any constant that never changes.
const KEY: u64 = 0x6765_6e75_696e_5f73;

impl Ids {
    /// The ids of a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The `n`-th id of a purpose: the shape of a random (version 4) UUID.
    pub(crate) fn uuid(self, tenant: &str, purpose: Purpose, n: u64) -> Uuid {
        uuid::Builder::from_random_bytes(self.hash(tenant, purpose, n).to_be_bytes()).into_uuid()
    }

    /// The `n`-th slug of a purpose: 16 lower-case hex characters (`observed`), of which the last
    /// six are `n` itself, so that two slugs of one tenant differ even under a frozen clock.
    pub(crate) fn slug(self, tenant: &str, purpose: Purpose, n: u64) -> Slug {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let random = (self.hash(tenant, purpose, n) >> 88) as u64;
        let value = random << 24 | (n & 0x00ff_ffff);
        Slug(std::array::from_fn(|digit| DIGITS[(value >> (60 - 4 * digit) & 0xf) as usize]))
    }

    /// Three numbers in 0..1 for the `n`-th match of a rule.
    pub(crate) fn draws(self, tenant: &str, rule: &str, n: u64) -> [f64; 3] {
        [0_u8, 1, 2].map(|which| {
            let mut hasher = SipHasher13::new_with_keys(self.seed, KEY ^ 0xff);
            hasher.write(tenant.as_bytes());
            hasher.write_u8(0xff);
            hasher.write(rule.as_bytes());
            hasher.write_u8(0xff);
            hasher.write_u8(which);
            hasher.write(&n.to_le_bytes());
            // 32 bits are as fine as any chance that is written down
            f64::from((hasher.finish128().h1 >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
        })
    }

    /// 128 bits for a purpose.
    pub(crate) fn hash(self, tenant: &str, purpose: Purpose, n: u64) -> u128 {
        let mut hasher = SipHasher13::new_with_keys(self.seed, KEY);
        hasher.write(tenant.as_bytes());
        hasher.write_u8(0xff);
        hasher.write_u8(purpose as u8);
        hasher.write(&n.to_le_bytes());
        hasher.finish128().as_u128()
    }
}

/// A hash of a text, the same in every run.
pub(crate) fn hash_of(text: &str) -> u128 {
    let mut hasher = SipHasher13::new_with_keys(KEY, KEY);
    hasher.write(text.as_bytes());
    hasher.finish128().as_u128()
}

/// Parses a UUID in its 8-4-4-4-12 form, any variant, any case (`documented`: the vendor's own examples
/// are not RFC 4122 variants).
pub(crate) fn parse_id(text: &str) -> Option<Uuid> {
    // the crate reads other forms too, of other lengths
    (text.len() == 36).then(|| Uuid::try_parse(text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_follows_from_seed_tenant_purpose_and_number() {
        let ids = Ids::new(42);
        let first = ids.uuid("demo", Purpose::Chat, 0);
        assert_eq!(first, Ids::new(42).uuid("demo", Purpose::Chat, 0));
        for (reason, other) in [
            ("seed", Ids::new(43).uuid("demo", Purpose::Chat, 0)),
            ("tenant", ids.uuid("other", Purpose::Chat, 0)),
            ("purpose", ids.uuid("demo", Purpose::Group, 0)),
            ("number", ids.uuid("demo", Purpose::Chat, 1)),
        ] {
            assert_ne!(first, other, "another {reason} gives another id");
        }
        assert_eq!(first.get_version_num(), 4);
    }

    #[test]
    fn slugs_are_16_hex_and_end_in_the_counter() {
        let ids = Ids::new(42);
        let slug = ids.slug("demo", Purpose::GroupSlug, 0x1a);
        let slug = slug.as_str();
        assert_eq!(slug.len(), 16);
        assert!(slug.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        assert!(slug.ends_with("00001a"), "{slug}");
    }
}
