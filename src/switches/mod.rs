//! The log of switches: what was turned on or off in a sandbox, for whom, by whom and why, in bounded
//! memory. It knows nothing of overrides, clocks or scenarios: the code that changes something describes it.

mod log;
mod switch;

pub(crate) use log::{MAX_SWITCHES, SwitchLog};
pub(crate) use switch::{Switch, SwitchKind, SwitchTarget};
