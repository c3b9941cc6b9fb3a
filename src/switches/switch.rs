//! One switch: something that was turned on or off.

use std::fmt;

use crate::clock::real_now_us;
use crate::text::named;
use crate::world::TenantName;

/// Something that was turned on or off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Switch {
    /// Unix microseconds by the machine's clock, whatever the tenant's says.
    pub(crate) at_us: i64,
    /// The name of a tenant, or `*` for all.
    pub(crate) tenant: String,
    pub(crate) what: SwitchKind,
    /// The scenario that was turned on or off, or uploaded.
    pub(crate) scenario: Option<String>,
    /// Who turned it on.
    pub(crate) owner: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// What has happened, in a sentence.
    pub(crate) detail: String,
}

named! {
    /// What was turned on or off.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum SwitchKind {
        OverrideSet = "override-set",
        /// Set where another one was active.
        OverrideReplaced = "override-replaced",
        /// By its hits, its time or a request.
        OverrideEnded = "override-ended",
        /// Of a tenant, or of parts of it; its removal too.
        Reset = "reset",
        Clock = "clock",
        /// A scenario was uploaded, or an uploaded one removed.
        Upload = "upload",
        /// Files of scenarios were read again.
        Reload = "reload",
    }
}

/// Whom something concerns that is turned on or off.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SwitchTarget<'a> {
    Tenant(&'a TenantName),
    AllTenants,
}

impl Switch {
    /// A switch of now that names neither a scenario nor who made it.
    pub(crate) fn new(target: SwitchTarget, what: SwitchKind, detail: String) -> Self {
        let (at_us, tenant) = (real_now_us(), target.tenant().to_owned());
        Self { at_us, tenant, what, scenario: None, owner: None, reason: None, detail }
    }

    /// Whether a reader of one tenant sees it: its own, and what concerns all.
    pub(crate) fn concerns(&self, name: &str) -> bool {
        self.tenant == SwitchTarget::ALL_TENANTS || self.tenant == name
    }

    /// The memory that it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let Self { tenant, scenario, owner, reason, detail, .. } = self;
        let texts = [scenario, owner, reason].into_iter().flatten();
        let texts: usize = texts.chain([tenant, detail]).map(String::capacity).sum();
        size_of::<Self>() + texts
    }
}

impl SwitchTarget<'_> {
    /// What stands for all tenants where the name of one could be.
    pub(crate) const ALL_TENANTS: &'static str = "*";

    /// The name of the tenant, or `*` for all.
    pub(crate) fn tenant(&self) -> &str {
        match self {
            Self::Tenant(name) => name.as_str(),
            Self::AllTenants => Self::ALL_TENANTS,
        }
    }
}

/// As in a sentence: `demo`, or `all tenants`.
impl fmt::Display for SwitchTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant(name) => write!(f, "{name}"),
            Self::AllTenants => f.write_str("all tenants"),
        }
    }
}
