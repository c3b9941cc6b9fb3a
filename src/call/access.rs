//! Who may use the sandbox's own API.

/// From where, with which token and under which names the sandbox's own API may be used.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// From where.
    pub mode: Mode,
    /// The token that every request must carry; with one, [`Mode::Loopback`] takes requests from
    /// anywhere.
    pub token: Option<String>,
    /// Host names that are allowed besides local ones.
    pub allow_hosts: Vec<String>,
}

/// From where the sandbox's own API may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// From this machine; others get a 404.
    #[default]
    Loopback,
    /// From anywhere.
    Open,
    /// From nowhere: everybody gets a 404.
    Off,
}
