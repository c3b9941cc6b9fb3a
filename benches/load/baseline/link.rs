//! Links that are formatted without intermediate strings.

use serde::{Serialize, Serializer};

/// A link: the address that the caller used, a folder and a name.
pub enum Link<'a> {
    None,
    File { host: &'a str, folder: &'a str, size: &'a str, file: &'a str },
    Slug { host: &'a str, folder: &'a str, slug: u64 },
}

impl Serialize for Link<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str(""),
            Self::File { host, folder, size, file } => {
                serializer.collect_str(&format_args!("http://{host}/{folder}/{size}{file}"))
            }
            Self::Slug { host, folder, slug } => {
                serializer.collect_str(&format_args!("http://{host}/{folder}/{slug:016x}"))
            }
        }
    }
}
