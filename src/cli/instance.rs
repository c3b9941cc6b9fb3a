//! The name of a server, where there are several: one that is given, or the host's.

use std::fmt;

use anyhow::ensure;

/// The longest name of a host.
const MAX_LENGTH: usize = 253;

/// A name that needs no quotes or escapes in logs, metrics and addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instance(String);

impl Instance {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let is_name = (1..=MAX_LENGTH).contains(&text.len()) && text.chars().all(is_plain);
        ensure!(is_name, "use 1 to {MAX_LENGTH} letters, digits and - . _ :, like sandbox-1");
        Ok(Self(text.to_owned()))
    }

    /// The host's name, with what a name cannot contain made a hyphen.
    pub(super) fn of_host() -> Self {
        Self::from_host_name(&host_name())
    }

    fn from_host_name(name: &str) -> Self {
        let plain = |letter| if is_plain(letter) { letter } else { '-' };
        let name: String = name.chars().map(plain).take(MAX_LENGTH).collect();
        Self(if name.is_empty() { "unknown".to_owned() } else { name })
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-._:".contains(letter)
}

#[cfg(unix)]
fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(windows)]
fn host_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_becomes_a_plain_name() {
        for (host, expected) in [
            ("web-1.example", "web-1.example"),
            ("Ann's PC", "Ann-s-PC"),
            ("büro\"}\n", "b-ro---"),
            ("", "unknown"),
        ] {
            assert_eq!(Instance::from_host_name(host).to_string(), expected);
        }
        let long = Instance::from_host_name(&"x".repeat(300)).to_string();
        assert_eq!(Instance::parse(&long).unwrap().to_string(), long);
    }
}
