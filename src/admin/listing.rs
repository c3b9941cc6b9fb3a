//! Long lists in JSON, made in slices of bounded work: a short one is answered whole, a long one in
//! pieces as its reader takes them.

use std::marker::PhantomData;
use std::task::Poll;

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

use super::answer::{Answer, Output, Pieces, Streamed};
use crate::call::Sandbox;
use crate::described::Described;
use crate::http::{MAX_PIECE_BYTES, Problem, Reply};
use crate::text::to_json;

/// A slice ends with the item that brings it to this many bytes.
const SLICE_BYTES: usize = 32 * 1024;

/// How many slices are made at once, before others have their turn.
const SLICES_AT_ONCE: usize = 4;

/// An object with a list that may be long.
pub(super) trait Listing: Clone + Send + 'static {
    type Object: Serialize + Described;
    const KEY: &'static str;

    /// Returns the object with an empty list. The fields before the list are those at the start, the fields
    /// after it those at the end.
    fn object(&mut self, sandbox: &Sandbox) -> Self::Object;

    /// Writes the items of one slice, which takes no longer than some 20 calls.
    fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SliceEnd {
    More,
    Last,
}

#[derive(Debug, Default)]
pub(super) struct Items {
    json: Vec<u8>,
    /// Whether the next one is the first of the list.
    follows_none: bool,
}

impl Items {
    pub(super) fn add(&mut self, item: &impl Serialize) {
        if !std::mem::take(&mut self.follows_none) {
            self.json.push(b',');
        }
        serde_json::to_writer(&mut self.json, item).expect("BUG: plain data always becomes JSON");
    }

    /// Adds the items after the first `read`, as `reply` shows them, until the slice is full; counts them.
    pub(super) fn add_unread<T, R: Serialize>(
        &mut self,
        all: impl Iterator<Item = T>,
        read: &mut usize,
        reply: impl Fn(T) -> R,
    ) -> SliceEnd {
        for item in all.skip(*read) {
            if self.is_full() {
                return SliceEnd::More;
            }
            self.add(&reply(item));
            *read += 1;
        }
        SliceEnd::Last
    }

    pub(super) fn is_full(&self) -> bool {
        self.json.len() >= SLICE_BYTES
    }
}

/// The JSON of a listing while it is written.
#[derive(Debug)]
struct Listed<L> {
    listing: L,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Begun,
    Listing { follows_none: bool },
    Ended,
}

impl<L: Listing> Listed<L> {
    /// The JSON of the next slice; `None` after the end.
    fn next_slice(&mut self, sandbox: &Sandbox) -> Option<Vec<u8>> {
        let mut items = Items::default();
        match self.state {
            State::Begun => {
                items.json = self.parts(sandbox).0;
                items.follows_none = true;
            }
            State::Listing { follows_none } => items.follows_none = follows_none,
            State::Ended => return None,
        }
        let end = self.listing.write_slice(sandbox, &mut items);
        self.state = State::Listing { follows_none: items.follows_none };
        if end == SliceEnd::Last {
            items.json.extend(self.parts(sandbox).1);
            self.state = State::Ended;
        }
        Some(items.json)
    }

    /// The JSON before and after the items.
    fn parts(&mut self, sandbox: &Sandbox) -> (Vec<u8>, Vec<u8>) {
        let object = self.listing.object(sandbox);
        let json = to_json(&object);
        let list = format!("\"{}\":[", L::KEY);
        let at = json.find(&list).expect("BUG: the object has the list") + list.len();
        let mut json = json.into_bytes();
        let rest = json.split_off(at);
        (json, rest)
    }
}

#[derive(Debug)]
struct ListPieces<L> {
    listed: Listed<L>,
    /// What is left of the last slice.
    made: Bytes,
    /// The memory of that slice, as long as anything is left of it.
    made_bytes: usize,
}

/// Answers 200 with a list: whole if it is short, and in pieces otherwise.
pub(super) fn answer<L: Listing>(sandbox: &Sandbox, listing: L) -> ListAnswer<L> {
    let mut listed = Listed { listing: listing.clone(), state: State::Begun };
    let mut made = Vec::new();
    for _ in 0..SLICES_AT_ONCE {
        made.extend(listed.next_slice(sandbox).unwrap_or_default());
        if made.len() >= MAX_PIECE_BYTES {
            break;
        }
    }
    let answer = if listed.state == State::Ended {
        Answer::Reply(Reply::new(StatusCode::OK, MEDIA_TYPE, made))
    } else {
        // from the start, so that nothing is kept for a client who does not read
        let listed = Listed { listing, state: State::Begun };
        let head = Reply::new(StatusCode::OK, MEDIA_TYPE, "");
        let pieces = Box::new(ListPieces { listed, made: Bytes::new(), made_bytes: 0 });
        Answer::Stream(Streamed { head, pieces, keepalive: None })
    };
    ListAnswer(answer, PhantomData)
}

const MEDIA_TYPE: &str = "application/json";

impl<L: Listing> Pieces for ListPieces<L> {
    fn next(&mut self, sandbox: &Sandbox) -> Poll<Option<Bytes>> {
        if self.made.is_empty() {
            match self.listed.next_slice(sandbox) {
                Some(slice) => (self.made_bytes, self.made) = (slice.len(), slice.into()),
                None => return Poll::Ready(None),
            }
        }
        let length = self.made.len().min(MAX_PIECE_BYTES);
        let piece = self.made.split_to(length);
        if self.made.is_empty() {
            self.made_bytes = 0;
        }
        Poll::Ready(Some(piece))
    }

    fn kept_bytes(&self) -> usize {
        self.made_bytes
    }
}

pub(super) struct ListAnswer<L>(Answer, PhantomData<L>);

impl<L: Listing> Output for ListAnswer<L> {
    type Body = L::Object;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::described::described;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::call::Config;

    described! {
        #[derive(Debug, Serialize)]
        struct Numbers {
            before: &'static str,
            numbers: Vec<String>,
            after: usize,
        }
    }

    /// Lists texts of 10 KiB.
    #[derive(Debug, Clone)]
    struct Count {
        next: usize,
        end: usize,
        slices: Arc<AtomicUsize>,
    }

    impl Count {
        fn item(&self) -> String {
            format!("{:010240}", self.next)
        }
    }

    impl Listing for Count {
        type Object = Numbers;
        const KEY: &'static str = "numbers";

        fn object(&mut self, _: &Sandbox) -> Numbers {
            Numbers { before: "[", numbers: Vec::new(), after: self.next }
        }

        fn write_slice(&mut self, _: &Sandbox, items: &mut Items) -> SliceEnd {
            self.slices.fetch_add(1, Ordering::Relaxed);
            while self.next < self.end {
                if items.is_full() {
                    return SliceEnd::More;
                }
                items.add(&self.item());
                self.next += 1;
            }
            SliceEnd::Last
        }
    }

    fn whole(end: usize) -> String {
        let numbers = (0..end).map(|next| Count { next, end, slices: Arc::default() }.item());
        serde_json::to_string(&Numbers { before: "[", numbers: numbers.collect(), after: end })
            .unwrap()
    }

    #[test]
    fn a_short_list_is_answered_whole() {
        let sandbox = Sandbox::new(Config::default()).unwrap();
        for end in [0, 1, 5, 6] {
            let listing = Count { next: 0, end, slices: Arc::default() };
            let Answer::Reply(reply) = answer(&sandbox, listing).0 else { panic!("{end}") };
            assert_eq!(reply, Reply::new(StatusCode::OK, "application/json", whole(end)));
        }
    }

    #[test]
    fn a_long_list_is_made_as_it_is_read() {
        let sandbox = Sandbox::new(Config::default()).unwrap();
        let slices = Arc::<AtomicUsize>::default();
        let listing = Count { next: 0, end: 500, slices: Arc::clone(&slices) };
        let Answer::Stream(mut streamed) = answer(&sandbox, listing).0 else { panic!() };
        let mut body = Vec::new();
        loop {
            let before = slices.load(Ordering::Relaxed);
            let piece = streamed.pieces.next(&sandbox);
            assert!(slices.load(Ordering::Relaxed) <= before + 1);
            let Poll::Ready(Some(piece)) = piece else { break };
            assert!(piece.len() <= MAX_PIECE_BYTES);
            body.extend_from_slice(&piece);
        }
        assert!(slices.load(Ordering::Relaxed) > 100);
        assert_eq!(String::from_utf8(body).unwrap(), whole(500));
    }
}
