//! The groups of one world: found by id, listed and forgotten by age, and weighed.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use uuid::Uuid;

use super::{Group, PostedVideo};
use crate::memory::GROUP_BYTES;

/// What the entries of a group in the two indexes take at most, in bytes.
const INDEX_BYTES: usize = 96;

/// Indexes with room for this many groups are not made smaller.
const MIN_CAPACITY: usize = 256;

/// Groups by `chat_id` and by age.
#[derive(Debug, Default)]
pub(super) struct GroupStore {
    /// By age, the oldest first, with a gap where one was removed.
    groups: VecDeque<Option<Box<Group>>>,
    /// The number of the first of `groups`.
    first: u64,
    /// The number of the newest group of each `chat_id`; numbers count up. Hashed with a random key, since
    /// clients choose the ids.
    numbers: HashMap<Uuid, u64>,
    /// How many groups have the `chat_id` of a newer one, which is found in their place.
    hidden: usize,
    /// Without their posted videos.
    bytes: usize,
    /// The posted videos.
    video_bytes: usize,
    /// `None` before the first is posted: there are many tenants, and few have videos.
    videos: Option<Box<VideoIndex>>,
}

/// The posted videos of all groups.
#[derive(Debug, Default)]
struct VideoIndex {
    /// The number of the group of each video that is kept, by the number of the video: the oldest first.
    groups: BTreeMap<u64, u64>,
    /// How many were ever posted.
    posted: u64,
    /// How many were forgotten because all tenants together had too many.
    forgotten: u64,
}

impl GroupStore {
    pub(super) fn len(&self) -> usize {
        self.numbers.len() + self.hidden
    }

    /// The memory that all groups take without their posted videos, in bytes; a small one counts as one of
    /// ordinary size.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The memory that all posted videos take, in bytes.
    pub(super) fn video_bytes(&self) -> usize {
        self.video_bytes
    }

    pub(super) fn get(&self, id: &Uuid) -> Option<&Group> {
        let index = self.index(*self.numbers.get(id)?);
        self.groups[index].as_deref()
    }

    /// All groups, the oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Group> {
        self.groups.iter().filter_map(Option::as_deref)
    }

    /// The groups with this number or a greater one, the oldest first.
    pub(super) fn iter_from(&self, number: u64) -> impl Iterator<Item = &Group> {
        let index = usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.groups.range(index.min(self.groups.len())..).filter_map(Option::as_deref)
    }

    /// Inserts a group, which must be the newest. An older one with its `chat_id` is kept, but not found by it
    /// until this one is gone.
    pub(super) fn insert(&mut self, group: Group) {
        if self.groups.is_empty() {
            self.first = group.number;
        }
        let index = self.index(group.number);
        debug_assert!(index >= self.groups.len(), "the group is the newest");
        self.bytes += bytes(&group);
        self.video_bytes += group.posted_bytes();
        let known = self.numbers.insert(group.chat_id, group.number);
        self.hidden += usize::from(known.is_some());
        self.groups.resize_with(index, || None);
        self.groups.push_back(Some(Box::new(group)));
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
        let index = self.index(number);
        let group = self.groups[index].as_mut()?;
        let (before, id) = ((bytes(group), group.posted_bytes()), group.chat_id);
        let result = change(group);
        group.compact();
        debug_assert!(group.chat_id == id && group.number == number, "both are its address");
        self.bytes = self.bytes - before.0 + bytes(group);
        self.video_bytes = self.video_bytes - before.1 + group.posted_bytes();
        Some(result)
    }

    /// Adds a video to a group; its number must be that of [`Self::videos_posted`].
    pub(super) fn post_video(&mut self, id: &Uuid, video: Arc<PostedVideo>) -> Option<()> {
        let (number, group) = (video.number, *self.numbers.get(id)?);
        let forgotten = self.update_number(group, |group| group.post(video))?;
        let videos = self.videos.get_or_insert_default();
        debug_assert!(number == videos.posted, "the video is the newest");
        videos.posted += 1;
        videos.groups.insert(number, group);
        if let Some(number) = forgotten {
            videos.groups.remove(&number);
        }
        Some(())
    }

    /// How many posted videos are kept.
    pub(super) fn video_count(&self) -> usize {
        self.videos.as_ref().map_or(0, |videos| videos.groups.len())
    }

    /// How many videos were ever posted: the number of the next one.
    pub(super) fn videos_posted(&self) -> u64 {
        self.videos.as_ref().map_or(0, |videos| videos.posted)
    }

    /// How many videos [`Self::forget_oldest_video`] has forgotten.
    pub(super) fn videos_forgotten(&self) -> u64 {
        self.videos.as_ref().map_or(0, |videos| videos.forgotten)
    }

    /// Forgets the oldest posted video; returns false if there is none.
    pub(super) fn forget_oldest_video(&mut self) -> bool {
        let Some(videos) = &mut self.videos else { return false };
        let Some((number, group)) = videos.groups.pop_first() else { return false };
        videos.forgotten += 1;
        let forgotten = self.update_number(group, Group::forget_oldest_posted).flatten();
        debug_assert!(forgotten.is_some_and(|video| video.number == number), "both lists agree");
        true
    }

    /// Removes the group that is found by an id; then the newest of those that it hid is found.
    pub(super) fn remove(&mut self, id: &Uuid) -> Option<Group> {
        let number = self.numbers.remove(id)?;
        let index = self.index(number);
        let group = self.groups[index].take()?;
        self.release(&group);
        if self.hidden > 0
            && let Some(older) = self.groups.iter().rev().flatten().find(|one| one.chat_id == *id)
        {
            self.numbers.insert(*id, older.number);
            self.hidden -= 1;
        }
        Some(*group)
    }

    /// Removes up to `count` of the oldest groups and returns how many were removed.
    pub(super) fn forget_oldest(&mut self, count: usize) -> usize {
        let mut forgotten = 0;
        while forgotten < count
            && let Some(oldest) = self.groups.pop_front()
        {
            self.first += 1;
            if let Some(group) = oldest {
                if self.numbers.get(&group.chat_id) == Some(&group.number) {
                    self.numbers.remove(&group.chat_id);
                } else {
                    self.hidden -= 1;
                }
                self.release(&group);
                forgotten += 1;
            }
        }
        self.shrink();
        forgotten
    }

    /// Gives memory of the indexes back once three quarters of it are unused, so that tenants which had
    /// many groups one after another do not keep that much each.
    fn shrink(&mut self) {
        let is_sparse = |len: usize, room: usize| room > MIN_CAPACITY && len < room / 4;
        if is_sparse(self.groups.len(), self.groups.capacity()) {
            self.groups.shrink_to(self.groups.len() * 2);
        }
        if is_sparse(self.numbers.len(), self.numbers.capacity()) {
            self.numbers.shrink_to(self.numbers.len() * 2);
        }
    }

    /// Takes a group that is gone off the bytes and off the list of videos.
    fn release(&mut self, group: &Group) {
        self.bytes -= bytes(group);
        self.video_bytes -= group.posted_bytes();
        if let Some(videos) = &mut self.videos {
            for video in group.posted_videos() {
                videos.groups.remove(&video.number);
            }
        }
    }

    fn index(&self, number: u64) -> usize {
        usize::try_from(number - self.first).expect("BUG: the groups fit into memory")
    }
}

fn bytes(group: &Group) -> usize {
    (group.size_bytes() + INDEX_BYTES).max(GROUP_BYTES)
}

#[cfg(test)]
mod tests {
    use super::super::{Invitation, JsonText, Text, Video};
    use super::*;

    fn id(number: u64) -> Uuid {
        Uuid::from_u128(number.into())
    }

    fn group(number: u64, description: &str) -> Group {
        let description = Some(description.into());
        Group { chat_id: id(number), number, description, ..Group::default() }
    }

    #[test]
    fn the_oldest_groups_are_forgotten_first() {
        let mut store = GroupStore::default();
        let mut oldest = 0;
        for number in 0..300 {
            store.insert(group(number, &number.to_string()));
            if number % 5 == 4 {
                assert_eq!(store.forget_oldest(4), 4);
                oldest += 4;
            }
        }
        let numbers: Vec<_> = store.iter().map(|group| group.number).collect();
        assert_eq!(numbers, (oldest..300).collect::<Vec<_>>());
        for from in [0, oldest, oldest + 1, 299, 300, u64::MAX] {
            let numbers: Vec<_> = store.iter_from(from).map(|group| group.number).collect();
            assert_eq!(numbers, (oldest.max(from)..300).collect::<Vec<_>>(), "{from}");
        }
        for number in 0..300 {
            let found = store.get(&id(number)).and_then(|group| group.description.clone());
            assert_eq!(
                found,
                (number >= oldest).then(|| Text::from(&*number.to_string())),
                "{number}"
            );
        }
        assert_eq!(store.forget_oldest(1000), numbers.len());
        assert_eq!((store.len(), store.bytes(), store.numbers.len()), (0, 0, 0));
    }

    #[test]
    fn the_bytes_follow_insert_update_and_remove() {
        let mut store = GroupStore::default();
        for (number, bytes) in [(1, 10), (2, 80_000), (3, 10)] {
            store.insert(group(number, &"x".repeat(bytes)));
        }
        let fixed = group(0, "").size_bytes() + INDEX_BYTES;
        assert!((400..GROUP_BYTES).contains(&fixed), "a short one is of ordinary size: {fixed}");
        let before = 2 * GROUP_BYTES + 80_000 + fixed;
        assert_eq!((store.len(), store.bytes()), (3, before));
        let text = "x".repeat(9000);
        assert_eq!(store.update(&id(1), |group| group.name = Some((*text).into())), Some(()));
        assert_eq!(store.bytes(), before - GROUP_BYTES + 9010 + fixed);
        assert_eq!(
            store.update(&id(1), |group| group.name.take().map(|name| name.len())),
            Some(Some(9000))
        );
        assert_eq!((store.bytes(), store.get(&id(1)).unwrap().name.as_ref()), (before, None));
        assert_eq!(store.remove(&id(2)).map(|group| group.number), Some(2));
        assert_eq!((store.len(), store.bytes()), (2, 2 * GROUP_BYTES));
        assert_eq!(store.update(&id(2), |_| ()), None);
        assert_eq!(store.remove(&id(2)), None);
    }

    #[test]
    fn lists_that_do_not_fit_into_a_group_count_too() {
        let size = |group: &Group| group.size_bytes();
        let empty = size(&Group::default());
        let topics = Group { topics: (0..1000).collect(), ..Group::default() };
        assert!(size(&topics) >= empty + 8000, "{}", size(&topics));
        let phone = || Invitation { phone_number: "1".into(), name: None };
        let invitations = (0..1000).map(|_| phone()).collect();
        let invited = Group { invitations, ..Group::default() };
        assert!(size(&invited) >= empty + 1000 * size_of::<Invitation>(), "{}", size(&invited));
        let few = Group { topics: [1, 2].into(), ..Group::default() };
        assert_eq!(size(&few), empty, "they have their place in the group");
    }

    #[test]
    fn the_indexes_of_forgotten_groups_are_given_back() {
        let mut store = GroupStore::default();
        for number in 0..20_000 {
            store.insert(group(number, ""));
        }
        for left in (0..20_000).rev() {
            store.forget_oldest(1);
            let room = store.numbers.capacity().max(store.groups.capacity());
            assert!(room <= MIN_CAPACITY.max(left * 5), "{left}: {room}");
        }
    }

    fn video(number: u64) -> Arc<PostedVideo> {
        let json = || JsonText::new("\"8\"".into());
        let video = Video {
            message_id: id(number),
            video_name: "v.mp4".into(),
            video_path: None,
            thumbnail_name: None,
            thumbnail_path: None,
            description_text: Some((*"x".repeat(4096)).into()),
        };
        Arc::new(PostedVideo {
            number,
            video,
            owner: id(0),
            posted_at_ms: 0,
            link: "".into(),
            duration: json(),
            size: json(),
            aspect_ratio: json(),
            resolution: json(),
            questions: None,
        })
    }

    #[test]
    fn the_newer_of_two_groups_with_one_id_is_found_until_it_is_gone() {
        let mut store = GroupStore::default();
        for number in 0..4 {
            store.insert(Group { chat_id: id(7), ..group(number, &number.to_string()) });
            assert_eq!(store.post_video(&id(7), video(number)), Some(()));
        }
        let found = |store: &GroupStore| store.get(&id(7)).map(|group| group.number);
        assert_eq!((store.len(), found(&store)), (4, Some(3)));
        assert!(store.forget_oldest_video(), "that of the first group, which is hidden");
        let kept: Vec<_> = store.iter().map(|group| group.posted_videos().count()).collect();
        assert_eq!(kept, [0, 1, 1, 1]);
        assert_eq!(store.remove(&id(7)).map(|group| group.number), Some(3));
        assert_eq!((store.len(), found(&store)), (3, Some(2)));
        assert_eq!(store.forget_oldest(2), 2);
        assert_eq!((store.len(), found(&store), store.video_count()), (1, Some(2), 1));
        assert_eq!(store.forget_oldest(2), 1);
        assert_eq!((store.len(), found(&store), store.bytes()), (0, None, 0));
    }

    #[test]
    fn videos_weigh_apart_from_their_groups_and_go_with_them() {
        let mut store = GroupStore::default();
        for number in 0..3 {
            store.insert(group(number, ""));
        }
        for number in 0..12 {
            assert_eq!(store.post_video(&id(number % 3), video(number)), Some(()));
        }
        assert_eq!(store.video_count(), 12);
        assert_eq!(store.bytes(), 3 * GROUP_BYTES, "they make no group give way");
        let video_bytes = store.video_bytes();
        assert!((12 * 4096..12 * 5120).contains(&video_bytes), "{video_bytes}");
        assert_eq!(store.post_video(&id(7), video(12)), None, "there is no such group");
        assert!(store.forget_oldest_video());
        let kept = |store: &GroupStore, group| -> Vec<u64> {
            let group: &Group = store.get(&id(group)).unwrap();
            group.posted_videos().map(|video| video.number).collect()
        };
        assert_eq!((kept(&store, 0), kept(&store, 1)), (vec![3, 6, 9], vec![1, 4, 7, 10]));
        assert_eq!(store.get(&id(0)).map(Group::video_count), Some(4), "the count goes on");
        assert!(store.remove(&id(1)).is_some());
        assert_eq!(store.forget_oldest(1), 1);
        assert_eq!((store.video_count(), kept(&store, 2)), (4, vec![2, 5, 8, 11]));
        while store.forget_oldest_video() {}
        assert_eq!((store.video_count(), store.len(), store.bytes()), (0, 1, GROUP_BYTES));
        assert!(store.video_bytes() < 1024, "{}", store.video_bytes());
    }
}
