//! Links that start with the sandbox's public address (shapes `sibling` and `observed`): `/l/<slug>`,
//! `/video/<slug>`, `/community/<slug>`, and uploaded files.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::vendor::endpoint::Call;
use crate::vendor::schema::{AnswerValue, Kind, LINK, Writer, needs_no_escape};
use crate::world::ids::Slug;

/// The folders of links to pages.
pub(crate) const PAGE_FOLDERS: [&str; 3] = ["l", "video", "community"];

/// The first segments of the folders of files whose folder the caller does not name.
pub(crate) const FILE_FOLDERS: [&str; 2] = ["uploads", "temp_video"];

/// The folder for pictures of groups and communities.
const DP_FOLDER: &str = "uploads/profile_images/rt";

/// Creates links that start with the public address.
pub(crate) struct Links<'a> {
    /// The address, escaped for a JSON string.
    public_url: Cow<'a, str>,
}

/// A link, or an empty string where there is no file.
#[derive(Clone)]
pub(crate) enum Link<'a> {
    /// There is no file.
    Empty,
    /// An uploaded file.
    File {
        public_url: &'a str,
        /// Percent-encoded, without leading and trailing slashes.
        folder: Cow<'a, str>,
        /// `""`, `"s/"`, `"m/"` or `"l/"`.
        size: &'static str,
        /// Percent-encoded.
        file: Cow<'a, str>,
    },
    Page {
        public_url: &'a str,
        /// `l`, `video` or `community`.
        folder: &'static str,
        slug: Slug,
    },
}

impl AnswerValue for Link<'_> {
    const KIND: Kind = LINK;

    fn write(&self, json: &mut Writer) {
        match self {
            Self::Empty => json.plain_string(&[]),
            Self::File { public_url, folder, size, file } => {
                json.plain_string(&[public_url, "/", folder, "/", size, file]);
            }
            Self::Page { public_url, folder, slug } => {
                json.plain_string(&[public_url, "/", folder, "/", slug.as_str()]);
            }
        }
    }
}

impl<'a> Links<'a> {
    /// Creates links that start with the configured address, or with the one that the caller used.
    pub(crate) fn of(call: &Call<'a>) -> Self {
        let public_url = match &call.config.public_url {
            Some(url) => Cow::Borrowed(url.as_str()),
            None => Cow::Owned(call.request.address()),
        };
        if needs_no_escape(&public_url) {
            return Self { public_url };
        }
        let quoted = serde_json::Value::from(public_url).to_string();
        Self { public_url: Cow::Owned(quoted[1..quoted.len() - 1].to_owned()) }
    }

    pub(crate) fn page(&self, folder: &'static str, slug: Slug) -> Link<'_> {
        Link::Page { public_url: &self.public_url, folder, slug }
    }

    /// Returns a link to a file for each size: two for `["", "s/"]`. `folder` and `file` are as sent.
    pub(crate) fn file<'l, const N: usize>(
        &'l self,
        folder: &'l str,
        file: Option<&'l str>,
        sizes: [&'static str; N],
    ) -> [Link<'l>; N] {
        let Some(file) = file else { return sizes.map(|_| Link::Empty) };
        let (folder, file) = (encode_folder(folder), encode_file(file));
        sizes.map(|size| Link::File {
            public_url: &self.public_url,
            folder: folder.clone(),
            size,
            file: file.clone(),
        })
    }

    /// Returns the links to the picture of a group or community: `dp`, `dp_s`, `dp_m`, `dp_l`.
    pub(crate) fn dp<'l>(&'l self, file: Option<&'l str>) -> [Link<'l>; 4] {
        self.file(DP_FOLDER, file, ["", "s/", "m/", "l/"])
    }
}

/// Returns a file name; an empty one counts as absent.
pub(crate) fn file_name(name: Option<&str>) -> Option<&str> {
    name.filter(|name| !name.is_empty())
}

/// Returns a folder without leading and trailing slashes; an empty one counts as absent.
pub(crate) fn folder(path: Option<&str>) -> Option<&str> {
    path.map(|path| path.trim_matches('/')).filter(|path| !path.is_empty())
}

/// Percent-encodes a folder; its slashes stay.
fn encode_folder(name: &str) -> Cow<'_, str> {
    const ENCODED: &AsciiSet = &FILE.remove(b'/');
    encode(name, ENCODED, |byte| is_unreserved(byte) || byte == b'/')
}

/// Percent-encodes a file name.
fn encode_file(name: &str) -> Cow<'_, str> {
    encode(name, FILE, is_unreserved)
}

/// What is percent-encoded in a file name: all bytes but those that [`is_unreserved`] accepts.
const FILE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Percent-encodes the bytes of `set`, which are those that `is_unreserved` refuses. The result needs
/// no escape in a JSON string.
fn encode<'a>(
    name: &'a str,
    set: &'static AsciiSet,
    is_unreserved: impl Fn(u8) -> bool,
) -> Cow<'a, str> {
    // unlike `all`, this looks at several bytes at once; an answer has 20 names
    if name.bytes().fold(true, |all, byte| all & is_unreserved(byte)) {
        Cow::Borrowed(name)
    } else {
        utf8_percent_encode(name, set).into()
    }
}
