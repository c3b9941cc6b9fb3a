//! The groups of one world: found by id, listed and forgotten by age, and weighed.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use uuid::Uuid;

use super::{Group, PostedVideo};
use crate::memory::{GROUP_BYTES, HashMap, Shrink as _};

/// What the entries of a group in the two indexes take at most, in bytes.
const INDEX_BYTES: usize = 96;

/// So many groups may leave a gap each before the list is made shorter.
const MIN_GAPS: usize = 256;

/// Groups by `chat_id` and by age.
#[derive(Debug, Default)]
pub(crate) struct GroupStore {
    /// By age, the oldest first.
    groups: VecDeque<Place>,
    /// How many places have no group any more.
    gaps: usize,
    /// The number of the newest group of each `chat_id`; numbers count up. Hashed with a random key, since
    /// clients choose the ids.
    numbers: HashMap<Uuid, u64>,
    /// How many groups have the `chat_id` of a newer one, which is found in their place.
    hidden: usize,
    /// Without their posted videos.
    bytes: usize,
    /// The posted videos.
    video_bytes: usize,
    /// The number of the group of each posted video, by the number of the video: the oldest first.
    videos: BTreeMap<u64, u64>,
}

/// The place of a group among the others.
#[derive(Debug)]
enum Place {
    Taken(Weighed),
    /// The group with this number was removed.
    Gap(u64),
}

/// A group with its weight, since a look at an old group to weigh it again takes longer than all the rest of
/// forgetting it.
#[derive(Debug)]
struct Weighed {
    group: Box<Group>,
    /// Without its posted videos.
    bytes: usize,
}

impl Place {
    fn group(&self) -> Option<&Group> {
        match self {
            Self::Taken(one) => Some(&one.group),
            Self::Gap(_) => None,
        }
    }

    fn number(&self) -> u64 {
        match self {
            Self::Taken(one) => one.group.number,
            Self::Gap(number) => *number,
        }
    }
}

impl GroupStore {
    pub(super) fn with(groups: &[Group]) -> Self {
        let mut store = Self::default();
        for group in groups {
            store.insert(group.clone());
        }
        store
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len() + self.hidden
    }

    /// The memory that all groups take without their posted videos, in bytes; a small one counts as one of
    /// ordinary size.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The memory that all posted videos take, in bytes.
    pub(crate) fn video_bytes(&self) -> usize {
        self.video_bytes
    }

    pub(super) fn get(&self, id: &Uuid) -> Option<&Group> {
        let index = self.index(*self.numbers.get(id)?)?;
        self.groups[index].group()
    }

    /// All groups, the oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Group> {
        self.groups.iter().filter_map(Place::group)
    }

    /// The groups with this number or a greater one, the oldest first.
    pub(crate) fn iter_from(&self, number: u64) -> impl Iterator<Item = &Group> {
        let index = self.groups.partition_point(|place| place.number() < number);
        self.groups.range(index..).filter_map(Place::group)
    }

    /// Inserts a group, which must be the newest. Until it is removed, it hides an older one of the same
    /// `chat_id`.
    pub(super) fn insert(&mut self, group: Group) {
        let number = group.number;
        let newest = self.groups.back().map(Place::number);
        debug_assert!(newest.is_none_or(|newest| newest < number), "the group is the newest");
        let bytes = size(&group);
        self.bytes += bytes;
        self.video_bytes += group.posted_bytes();
        self.videos.extend(group.posted_videos().map(|video| (video.number, group.number)));
        let known = self.numbers.insert(group.chat_id, group.number);
        self.hidden += usize::from(known.is_some());
        self.groups.push_back(Place::Taken(Weighed { group: Box::new(group), bytes }));
    }

    /// Changes a group, all but its `chat_id` and its number, and weighs it again. What the change
    /// replaced or removed does not stay in memory.
    pub(super) fn update<T>(
        &mut self,
        id: &Uuid,
        change: impl FnOnce(&mut Group) -> T,
    ) -> Option<T> {
        self.update_number(*self.numbers.get(id)?, change)
    }

    fn update_number<T>(&mut self, number: u64, change: impl FnOnce(&mut Group) -> T) -> Option<T> {
        let index = self.index(number)?;
        let Place::Taken(Weighed { group, bytes }) = &mut self.groups[index] else { return None };
        let (videos_before, id) = (group.posted_bytes(), group.chat_id);
        let result = change(group);
        group.compact();
        debug_assert!(group.chat_id == id && group.number == number, "both are its address");
        self.bytes -= *bytes;
        *bytes = size(group);
        self.bytes += *bytes;
        self.video_bytes = self.video_bytes - videos_before + group.posted_bytes();
        Some(result)
    }

    /// Adds a video to a group; it must be the newest of all.
    pub(super) fn post_video(&mut self, id: &Uuid, video: Arc<PostedVideo>) -> Option<()> {
        let (number, group) = (video.number, *self.numbers.get(id)?);
        let forgotten = self.update_number(group, |group| group.post(video))?;
        self.videos.insert(number, group);
        if let Some(number) = forgotten {
            self.videos.remove(&number);
        }
        Some(())
    }

    pub(crate) fn video_count(&self) -> usize {
        self.videos.len()
    }

    /// Forgets the oldest posted video; returns false if there is none.
    pub(super) fn forget_oldest_video(&mut self) -> bool {
        let Some((number, group)) = self.videos.pop_first() else { return false };
        let forgotten = self.update_number(group, Group::forget_oldest_posted).flatten();
        debug_assert!(forgotten.is_some_and(|video| video.number == number), "both lists agree");
        true
    }

    /// Removes the group that is found by an id; then the newest of those that it hid is found.
    pub(super) fn remove(&mut self, id: &Uuid) -> Option<Group> {
        let number = self.numbers.remove(id)?;
        let index = self.index(number)?;
        let Place::Taken(removed) = std::mem::replace(&mut self.groups[index], Place::Gap(number))
        else {
            return None;
        };
        self.gaps += 1;
        self.release(&removed);
        if self.hidden > 0 {
            let older = self.iter().rev().find(|one| one.chat_id == *id).map(|one| one.number);
            self.numbers.extend(older.map(|number| (*id, number)));
            self.hidden -= usize::from(older.is_some());
        }
        if self.gaps > MIN_GAPS.max(self.groups.len() / 2) {
            self.groups.retain(|place| place.group().is_some());
            self.groups.shrink_if_sparse();
            self.gaps = 0;
        }
        Some(*removed.group)
    }

    /// Removes up to `count` of the oldest groups and returns how many were removed.
    pub(super) fn forget_oldest(&mut self, count: usize) -> usize {
        let mut forgotten = 0;
        while forgotten < count
            && let Some(oldest) = self.groups.pop_front()
        {
            if let Place::Taken(oldest) = oldest {
                match self.numbers.entry(oldest.group.chat_id) {
                    Entry::Occupied(entry) if *entry.get() == oldest.group.number => {
                        entry.remove();
                    }
                    _ => self.hidden -= 1,
                }
                self.release(&oldest);
                forgotten += 1;
            } else {
                self.gaps -= 1;
            }
        }
        self.groups.shrink_if_sparse();
        self.numbers.shrink_if_sparse();
        forgotten
    }

    /// Takes a group that is gone off the bytes and off the list of videos.
    fn release(&mut self, Weighed { group, bytes }: &Weighed) {
        self.bytes -= bytes;
        self.video_bytes -= group.posted_bytes();
        for video in group.posted_videos() {
            self.videos.remove(&video.number);
        }
    }

    /// Finds the place of a number. As long as none was left out or taken out before it, that is where it
    /// would be if all followed each other.
    fn index(&self, number: u64) -> Option<usize> {
        let distance = number.checked_sub(self.groups.front()?.number())?;
        let guess = usize::try_from(distance).ok();
        let is_there =
            |index: &usize| self.groups.get(*index).is_some_and(|it| it.number() == number);
        guess
            .filter(is_there)
            .or_else(|| self.groups.binary_search_by_key(&number, Place::number).ok())
    }
}

/// The memory that a group takes without its posted videos, in bytes.
fn size(group: &Group) -> usize {
    (group.size_bytes() + INDEX_BYTES).max(GROUP_BYTES)
}

#[cfg(test)]
mod tests;
