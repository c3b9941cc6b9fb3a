//! How long a rule holds its calls, as in `hold(3)`.

use serde_json::{Value, json};

use crate::text::quoted;

/// The name of the outcome.
pub(super) const NAME: &str = "hold";

/// The most calls that can be held in a tenant.
pub(crate) const MAX_HELD: u8 = 64;

/// How many calls a rule holds until it releases them by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldUntil {
    /// It does not release any.
    Released,
    /// This many, from 1 to [`MAX_HELD`].
    Held(u8),
}

impl HoldUntil {
    /// Reads `hold(3)`; `None` if the text is not of this form.
    pub(super) fn parse(text: &str) -> Option<Result<Self, String>> {
        let (name, count) = text.split_once('(')?;
        if name.trim_end() != NAME {
            return None;
        }
        let count = count.strip_suffix(')').and_then(|count| count.trim().parse().ok());
        let count = count.filter(|count| (1..=MAX_HELD).contains(count));
        let invalid =
            || format!("invalid {}; write it like hold(3), from 1 to {MAX_HELD}", quoted(text));
        Some(count.map(Self::Held).ok_or_else(invalid))
    }

    /// The JSON schema of this form.
    pub(super) fn schema() -> Value {
        json!({"type": "string", "pattern": r"^hold\(([1-9]|[1-5][0-9]|6[0-4])\)$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ForcedOutcome;

    #[test]
    fn a_hold_may_say_how_many_it_holds() {
        let held = |count| Ok(ForcedOutcome::Hold(HoldUntil::Held(count)));
        let invalid =
            |text: &str| Err(format!("invalid {text:?}; write it like hold(3), from 1 to 64"));
        for (text, expected) in [
            ("hold", Ok(ForcedOutcome::Hold(HoldUntil::Released))),
            ("hold(1)", held(1)),
            ("hold(64)", held(64)),
            ("hold ( 3 )", held(3)),
            ("hold()", invalid("hold()")),
            ("hold(0)", invalid("hold(0)")),
            ("hold(65)", invalid("hold(65)")),
            ("hold(3", invalid("hold(3")),
            ("hold(999)", invalid("hold(999)")),
            ("halt(3)", Err("unknown outcome \"halt(3)\"".to_owned())),
            ("hodl", Err("unknown outcome \"hodl\"; did you mean \"hold\"?".to_owned())),
        ] {
            assert_eq!(ForcedOutcome::find(text), expected, "{text}");
            assert_eq!(ForcedOutcome::parse(text), expected.ok(), "{text}");
        }
        assert_eq!(ForcedOutcome::Hold(HoldUntil::Held(3)).name(), "hold");
    }
}
