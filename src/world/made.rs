//! What calls make besides groups, and how it is bounded.

use uuid::Uuid;

use super::{User, World};

/// What a user takes whose texts are short, with the entries in the indexes and the room that these keep for
/// others who were forgotten, in bytes.
const USER_BYTES: usize = 2 * size_of::<(Uuid, User)>() + 256;

/// What calls make besides groups, and what is forgotten of it to keep memory bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// Communities, and members who joined old ones.
    Communities,
    Users,
}

impl World {
    pub(crate) fn made_count(&self, kind: Made) -> usize {
        match kind {
            Made::Communities => self.added().communities.addition_count(),
            Made::Users => self.added().users.len(),
        }
    }

    /// The memory of all that calls made, groups and videos included, in bytes.
    pub(crate) fn made_bytes(&self) -> usize {
        let groups = self.group_store().bytes() + self.group_store().video_bytes();
        groups + self.addition_bytes() + self.made_bytes_by_kind().iter().sum::<usize>()
    }

    fn made_bytes_by_kind(&self) -> [usize; 2] {
        // what a call can say of a user is short
        [self.added().communities.bytes(), self.added().users.len() * USER_BYTES]
    }

    /// Forgets the oldest of what takes the most memory: a group, a posted video, a community or a user.
    /// Returns false if there is none.
    pub(crate) fn forget_oldest_of_most(&mut self) -> bool {
        let [communities, users] = self.made_bytes_by_kind();
        let (groups, videos) = (self.group_store().bytes(), self.group_store().video_bytes());
        let most = groups.max(videos).max(communities).max(users);
        if most == videos {
            self.forget_oldest_video()
        } else if most == groups {
            self.forget_oldest(1) > 0
        } else {
            self.forget_oldest_made(if most == communities {
                Made::Communities
            } else {
                Made::Users
            })
        }
    }

    /// Forgets the oldest of a kind; returns false if there is none. A community takes its groups with it;
    /// the id of a forgotten user stays in the groups that they are in.
    pub(crate) fn forget_oldest_made(&mut self, kind: Made) -> bool {
        let (is_forgotten, count) = match kind {
            Made::Communities => (self.forget_oldest_community(), &mut self.forgotten.communities),
            Made::Users => (self.forget_oldest_user(), &mut self.forgotten.users),
        };
        *count += u64::from(is_forgotten);
        is_forgotten
    }
}
