//! The name of the user who runs a command.

use std::env;

/// Returns the name: out of the environment, else out of the list of this machine's users, else their
/// number. Never empty.
pub(super) fn user_name() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(|name| env::var(name).ok());
    let mut named = named.map(|name| name.trim().to_owned());
    named.find(|name| !name.is_empty()).unwrap_or_else(name_by_id)
}

#[cfg(unix)]
fn name_by_id() -> String {
    const MAX_LIST_BYTES: u64 = 1024 * 1024;
    let id = rustix::process::geteuid().as_raw();
    // as text, since the C library may load plug-ins to look a name up, which a static binary cannot
    let users = crate::text::read_file("/etc/passwd".as_ref(), MAX_LIST_BYTES);
    name_in(&users.unwrap_or_default(), id).unwrap_or_else(|| format!("uid {id}"))
}

#[cfg(not(unix))]
fn name_by_id() -> String {
    "unknown".to_owned()
}

/// Finds the name of a user in a list as in `/etc/passwd`.
#[cfg(unix)]
fn name_in(users: &str, id: u32) -> Option<String> {
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = fields.filter(|fields| fields.get(2).and_then(|it| it.parse().ok()) == Some(id));
    found.map(|fields| fields[0].trim().to_owned()).find(|name| !name.is_empty())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_the_number_of_its_user() {
        let users = "root:x:0:0:root:/root:/bin/sh\n# note\n:x:7:7::/:\n\nann:x:1000:1000:Ann:/home/ann:/bin/sh\n\
                     bob:x:10:1000::/:\nbroken:x\nlate:x:7:0::/:\n";
        for (id, expected) in [
            (0, Some("root")),
            (1000, Some("ann")),
            (10, Some("bob")),
            (7, Some("late")),
            (1, None),
        ] {
            assert_eq!(name_in(users, id).as_deref(), expected, "{id}");
        }
    }
}
