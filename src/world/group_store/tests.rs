use super::*;
use crate::world::test_data::id;
use crate::world::{Invitation, JsonText, Text, Video};

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
        assert_eq!(found, (number >= oldest).then(|| Text::from(&*number.to_string())), "{number}");
    }
    assert_eq!(store.forget_oldest(1000), numbers.len());
    assert_eq!((store.len(), store.bytes(), store.numbers.len()), (0, 0, 0));
}

#[test]
fn numbers_that_are_far_apart_take_no_memory_between_them() {
    let mut store = GroupStore::default();
    let numbers = [3, 4, 1 << 40, (1 << 40) + 1, i64::MAX as u64, u64::MAX];
    for number in numbers {
        store.insert(group(number, "x"));
    }
    assert!(store.groups.capacity() < 100, "{}", store.groups.capacity());
    assert_eq!(size_of::<Place>(), size_of::<Weighed>(), "a gap needs no room of its own");
    for (count, number) in numbers.into_iter().enumerate() {
        assert_eq!(store.get(&id(number)).map(|group| group.number), Some(number));
        assert_eq!(store.update(&id(number), |group| group.template_id = Some(1)), Some(()));
        let from: Vec<_> = store.iter_from(number).map(|group| group.number).collect();
        assert_eq!(from, numbers[count..]);
    }
    assert!(store.remove(&id(1 << 40)).is_some());
    assert_eq!(store.get(&id(1 << 40)), None);
    assert_eq!(store.iter_from(5).next().map(|group| group.number), Some((1 << 40) + 1));
    assert_eq!(store.forget_oldest(3), 3);
    assert_eq!(store.iter().map(|group| group.number).collect::<Vec<_>>(), numbers[4..]);
}

#[test]
fn groups_that_were_removed_leave_no_memory_behind_that_grows() {
    let mut store = GroupStore::default();
    // the first stays, and no group before the others is ever forgotten
    for number in 0..100_000 {
        store.insert(group(number, ""));
        if number % 2 == 1 {
            assert!(store.remove(&id(number)).is_some());
        } else if number > 100 {
            assert!(store.remove(&id(number - 50)).is_some());
        }
    }
    let left: Vec<_> = store.iter().map(|group| group.number).collect();
    assert_eq!(left.len(), store.len());
    assert!(store.len() < 100, "{}", store.len());
    assert!(store.groups.capacity() < 2000, "{}", store.groups.capacity());
    for number in left {
        assert_eq!(store.get(&id(number)).map(|group| group.number), Some(number));
    }
    while store.forget_oldest(1) > 0 {}
    assert_eq!((store.groups.len(), store.gaps, store.bytes()), (0, 0, 0));
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
fn what_does_not_fit_into_a_group_counts_too() {
    let size = |group: &Group| group.size_bytes();
    let empty = size(&Group::default());
    let topics = Group { topics: (0..1000).collect(), ..Group::default() };
    assert!(size(&topics) >= empty + 8000, "{}", size(&topics));
    let phone = || Invitation { phone_number: "1".into(), name: None };
    let invitations = (0..1000).map(|_| phone()).collect();
    let invited = Group { invitations, ..Group::default() };
    assert!(size(&invited) >= empty + 1000 * size_of::<Invitation>(), "{}", size(&invited));
    let link = "x".repeat(5000);
    let details = format!("[\"{link}\",null,null,null,null]");
    let recorded_details = Some(JsonText::new((*details).into()));
    let with_details = Group { recorded_details, ..Group::default() };
    assert!(size(&with_details) >= empty + 5000, "{}", size(&with_details));
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
        assert!(room <= 32.max(left * 5), "{left}: {room}");
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
fn the_videos_of_groups_that_it_starts_with_are_counted_and_forgotten_by_age() {
    let mut first = GroupStore::default();
    for number in 0..3 {
        first.insert(group(number, ""));
    }
    for number in 0..12 {
        assert_eq!(first.post_video(&id(2 - number % 3), video(number)), Some(()));
    }
    assert!(first.forget_oldest_video(), "which leaves no trace in the other");
    let groups: Vec<_> = first.iter().cloned().collect();
    let mut second = GroupStore::with(&groups);
    assert_eq!(second.video_count(), 11);
    assert_eq!(second.video_bytes(), first.video_bytes());
    assert_eq!(second.post_video(&id(1), video(12)), Some(()));
    assert_eq!(first.post_video(&id(1), video(12)), Some(()));
    for _ in 0..12 {
        assert!(first.iter().eq(second.iter()));
        assert!(first.forget_oldest_video() && second.forget_oldest_video());
    }
    assert_eq!((second.video_count(), second.forget_oldest_video()), (0, false));
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
