//! The calls of the journal from the oldest on, however many, with one page of them in memory.

use std::vec;

use crate::admin::entry::RequestEntry;
use crate::admin::requests::RequestPage;
use crate::cli::Failure;

/// How many calls a page has: so few that even the longest ones stay below the limit of an answer.
pub(super) const PAGE_CALLS: u64 = 100;

/// Reads calls page by page up to one of them, which is the last, so that those that come meanwhile do not
/// keep it going.
#[derive(Debug)]
pub(super) struct Calls<R> {
    /// Reads the oldest calls after a cursor, up to [`PAGE_CALLS`].
    read: R,
    /// The tenant and the number of the last one.
    last: (String, u64),
    since: Option<String>,
    page: vec::IntoIter<RequestEntry>,
    has_more: bool,
}

impl<R: FnMut(Option<String>) -> Result<RequestPage, Failure>> Calls<R> {
    /// Begins after a cursor, or with the oldest call.
    pub(super) fn new(since: Option<String>, last: &RequestEntry, read: R) -> Self {
        let last = (last.tenant.clone(), last.seq);
        Self { read, last, since, page: Vec::new().into_iter(), has_more: true }
    }

    fn read_page(&mut self) -> Result<(), Failure> {
        let page = (self.read)(self.since.take())?;
        self.has_more = page.requests.len() as u64 >= PAGE_CALLS;
        self.since = Some(page.next);
        self.page = page.requests.into_iter();
        Ok(())
    }

    /// Ends with what is next.
    fn end<T>(&mut self, next: T) -> T {
        (self.has_more, self.page) = (false, Vec::new().into_iter());
        next
    }
}

impl<R: FnMut(Option<String>) -> Result<RequestPage, Failure>> Iterator for Calls<R> {
    type Item = Result<RequestEntry, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0
            && self.has_more
            && let Err(why) = self.read_page()
        {
            return self.end(Some(Err(why)));
        }
        let entry = self.page.next()?;
        // the last one itself may have been dropped meanwhile
        let (tenant, seq) = &self.last;
        if entry.tenant != *tenant || entry.seq < *seq {
            return Some(Ok(entry));
        }
        let is_last = entry.seq == *seq;
        self.end(is_last.then_some(Ok(entry)))
    }
}
