//! Chooses the scenario of a call: the first place, in a fixed order, that names one.

use std::borrow::Cow;
use std::sync::Arc;

use super::file::Scenario;
use super::forced_outcome::ForcedOutcome;
use super::library::{Library, UnknownName};
use super::line::{MAX_LINE_BYTES, is_nearly_line};
use crate::text::{named, quoted};
use crate::vendor::schema::Tree;

named! {
    /// The places that can name a scenario, in the order of precedence.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Selector {
        /// The header `X-Sandbox-Scenario`.
        Header = "header",
        /// The base URL's prefix `/~NAME_OR_LINE`.
        Url = "url",
        /// The word `sandbox:OUTCOME` in the body.
        MagicWord = "magic-word",
        /// The token, after its first dot.
        Token = "token",
        /// The tenant's override.
        TenantOverride = "override",
        /// The override of all tenants.
        GlobalOverride = "override-all",
        /// The scenario that the server was started with.
        Server = "server",
        /// None of them: the contract answers.
        Contract = "contract",
    }
}

impl Selector {
    /// The place in messages.
    fn place(self) -> &'static str {
        match self {
            Self::Header => "header X-Sandbox-Scenario",
            Self::Url => "URL",
            Self::MagicWord => "body",
            Self::Token => "token",
            Self::TenantOverride | Self::GlobalOverride => "override",
            Self::Server => "option --scenario",
            Self::Contract => "contract",
        }
    }

    /// Whether the place is part of one call; the others are for all calls that come.
    pub(crate) fn is_of_one_call(self) -> bool {
        match self {
            Self::Header | Self::Url | Self::MagicWord => true,
            Self::Token
            | Self::TenantOverride
            | Self::GlobalOverride
            | Self::Server
            | Self::Contract => false,
        }
    }
}

/// The header that names a scenario.
pub const HEADER: &str = "x-sandbox-scenario";

/// The names of scenarios that a call comes with, by place.
#[derive(Debug, Default)]
pub(crate) struct SelectorInputs<'a> {
    /// The values of the header; more than one is refused.
    pub(crate) headers: Vec<Cow<'a, str>>,
    pub(crate) url: Option<Cow<'a, str>>,
    pub(crate) magic_word: Option<&'a str>,
    pub(crate) token: Option<&'a str>,
    /// Whose override is looked at.
    pub(crate) tenant: &'a str,
    pub(crate) tenant_override: Option<String>,
    pub(crate) global_override: Option<String>,
    pub(crate) server: Option<&'a str>,
}

/// The scenario of a call and the place that named it.
#[derive(Debug, Clone)]
pub(crate) struct ChosenScenario {
    pub(crate) selector: Selector,
    /// `None` if the contract answers.
    pub(crate) scenario: Option<Arc<Scenario>>,
}

/// A name that is not known; it refuses the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownScenario {
    pub(crate) selector: Selector,
    pub(crate) why: String,
}

impl SelectorInputs<'_> {
    /// Chooses by the first place that names a scenario.
    pub(crate) fn choose(&self, library: &Library) -> Result<ChosenScenario, UnknownScenario> {
        if self.headers.len() > 1 {
            let why = "the header X-Sandbox-Scenario is repeated; send it once".into();
            return Err(UnknownScenario { selector: Selector::Header, why });
        }
        let places = [
            (Selector::Header, self.headers.first().map(Cow::as_ref)),
            (Selector::Url, self.url.as_deref()),
            (Selector::MagicWord, self.magic_word),
            (Selector::Token, self.token),
            (Selector::TenantOverride, self.tenant_override.as_deref()),
            (Selector::GlobalOverride, self.global_override.as_deref()),
            (Selector::Server, self.server),
        ];
        match places.into_iter().find_map(|(selector, name)| Some((selector, name?))) {
            Some((selector, name)) => resolve(selector, name, library).map_err(|unknown| {
                let gone = why_gone(selector, name, self.tenant);
                gone.map_or(unknown, |why| UnknownScenario { selector, why })
            }),
            None => Ok(ChosenScenario { selector: Selector::Contract, scenario: None }),
        }
    }
}

fn resolve(
    selector: Selector,
    name: &str,
    library: &Library,
) -> Result<ChosenScenario, UnknownScenario> {
    if selector == Selector::Url && name.split('/').any(str::is_empty) {
        return Err(UnknownScenario { selector, why: explain_prefix(name) });
    }
    if name.len() > MAX_LINE_BYTES {
        // neither compared with all names nor repeated
        let (what, length) = (selector.place(), name.len());
        let why =
            format!("the scenario in the {what} has {length} bytes, the limit is {MAX_LINE_BYTES}");
        return Err(UnknownScenario { selector, why });
    }
    let lower_case = name.to_ascii_lowercase();
    let is_outcome = selector == Selector::MagicWord && ForcedOutcome::parse(&lower_case).is_some();
    let name = if is_outcome { &*lower_case } else { name };
    let UnknownName(why) = match library.resolve(name) {
        Ok(scenario) => return Ok(ChosenScenario { selector, scenario: Some(scenario) }),
        Err(unknown) => unknown,
    };
    let can_be_shown = selector != Selector::Token && has_only_line_characters(name);
    if can_be_shown || is_nearly_line(name) {
        return Err(UnknownScenario { selector, why });
    }
    // the text may be a secret and is not repeated
    let hint = library.nearest(name);
    let hint = hint.map_or_else(String::new, |known| format!("; did you mean {known:?}?"));
    let known = library.known_names(name);
    let what = if selector == Selector::Token { "token" } else { "call" };
    let why = format!("the {what} names an unknown scenario{hint} ({known})");
    Err(UnknownScenario { selector, why })
}

/// Says that a scenario which was known when it was turned on is gone, and what to do; `None` for a place that a
/// call names one in.
fn why_gone(selector: Selector, name: &str, tenant: &str) -> Option<String> {
    let (who, removed, end) = match selector {
        Selector::TenantOverride => (
            format!("an override forces for {tenant}"),
            "file or upload",
            format!("end the override with genuin-sandbox override clear --tenant {tenant}"),
        ),
        Selector::GlobalOverride => (
            "an override forces for all tenants".to_owned(),
            "file or upload",
            "end the override with genuin-sandbox override clear --tenant '*'".to_owned(),
        ),
        Selector::Server => (
            "--scenario (GNSB_SCENARIO) names".to_owned(),
            "file",
            "start the server without it".to_owned(),
        ),
        Selector::Header
        | Selector::Url
        | Selector::MagicWord
        | Selector::Token
        | Selector::Contract => return None,
    };
    let name = quoted(name);
    Some(format!(
        "the scenario {name}, which {who}, is gone: its {removed} was removed; add it again, or {end}"
    ))
}

/// Says how to write a prefix of the URL that has nothing before, after or between its slashes.
fn explain_prefix(name: &str) -> String {
    let bare = name.trim_matches('/');
    let (what, example) = match bare {
        "" => ("the URL names no scenario after its \"/~\"", "5026"),
        _ if has_only_line_characters(bare) && !bare.contains("//") => {
            ("the scenario in the URL has a slash too many", bare)
        }
        _ => ("the scenario in the URL has a slash too many", "NAME"),
    };
    format!("{what}; write the base URL like http://HOST:PORT/~{example}, with no slash at its end")
}

/// Whether a text has only characters of names and lines, or of lists of endpoints and prefixes of the URL, which
/// people try; any other may be a secret that was put in the wrong place.
fn has_only_line_characters(text: &str) -> bool {
    text.bytes().all(|byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || b" ,@%+/*.-_:()[]~".contains(&byte)
    })
}

/// The word that names a scenario in a text, in any case.
const MAGIC_WORD: &str = "sandbox:";

/// Finds the outcome after `sandbox:` in the first of these dotted fields that has one. The word
/// is at the start or after a space or comma, and ends at the next one.
pub(crate) fn magic_word<'t>(body: Tree<'t>, fields: &[&str]) -> Option<&'t str> {
    fields.iter().find_map(|path| match path.split('.').try_fold(body, Tree::get)? {
        Tree::Text(text) => text.split([' ', ',']).find_map(|word| {
            let (start, name) = word.split_at_checked(MAGIC_WORD.len())?;
            start.eq_ignore_ascii_case(MAGIC_WORD).then_some(name)
        }),
        _ => None,
    })
}
