//! Who picks the scenario of a call: the first place, in a fixed order, that names one.

use std::borrow::Cow;
use std::sync::Arc;

use super::file::Scenario;
use super::library::{Library, NameError};
use crate::vendor::schema::Tree;

/// The places that can name a scenario, in the order they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// The header `X-Sandbox-Scenario`.
    Header,
    /// The base URL's prefix `/~NAME_OR_LINE`.
    Url,
    /// The word `sandbox:OUTCOME` in the group's tags or name.
    MagicWord,
    /// The token, after its first dot.
    Token,
    /// What was switched on for the tenant.
    TenantOverride,
    /// What was switched on for all tenants.
    GlobalOverride,
    /// What the server was started with.
    Server,
    /// Nobody: the contract decides.
    Contract,
}

impl Selector {
    /// The name users know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Url => "url",
            Self::MagicWord => "magic-word",
            Self::Token => "token",
            Self::TenantOverride => "override",
            Self::GlobalOverride => "override-all",
            Self::Server => "server",
            Self::Contract => "contract",
        }
    }
}

/// The header that names a scenario.
pub const HEADER: &str = "x-sandbox-scenario";

/// What each place says about a call; `None` where it says nothing.
#[derive(Debug, Default)]
pub struct SelectorInputs<'a> {
    /// The header's values; only one is accepted.
    pub headers: Vec<Cow<'a, str>>,
    /// The prefix of the URL.
    pub url: Option<Cow<'a, str>>,
    /// The outcome of the magic word.
    pub magic_word: Option<&'a str>,
    /// What the token is bound to.
    pub token: Option<&'a str>,
    /// The tenant's override.
    pub tenant_override: Option<String>,
    /// The override of all tenants.
    pub global_override: Option<String>,
    /// What the server was started with.
    pub server: Option<&'a str>,
}

/// The scenario of a call and who named it.
#[derive(Debug, Clone)]
pub struct ChosenScenario {
    /// Who.
    pub selector: Selector,
    /// The scenario; `None` if the contract decides.
    pub scenario: Option<Arc<Scenario>>,
}

/// A name that is not known, which is never passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownScenario {
    /// Who named it.
    pub selector: Selector,
    /// What is wrong and what there is.
    pub why: String,
}

impl SelectorInputs<'_> {
    /// Picks by the first place that names a scenario.
    pub fn choose(&self, library: &Library) -> Result<ChosenScenario, UnknownScenario> {
        if self.headers.len() > 1 {
            let why = "the header X-Sandbox-Scenario is there more than once; send it once".into();
            return Err(UnknownScenario { selector: Selector::Header, why });
        }
        let named = [
            (Selector::Header, self.headers.first().map(Cow::as_ref)),
            (Selector::Url, self.url.as_deref()),
            (Selector::MagicWord, self.magic_word),
            (Selector::Token, self.token),
            (Selector::TenantOverride, self.tenant_override.as_deref()),
            (Selector::GlobalOverride, self.global_override.as_deref()),
            (Selector::Server, self.server),
        ];
        let first = named.into_iter().find_map(|(selector, name)| Some((selector, name?)));
        match first {
            Some((selector, name)) => resolve(selector, name, library),
            None => Ok(ChosenScenario { selector: Selector::Contract, scenario: None }),
        }
    }
}

fn resolve(
    selector: Selector,
    name: &str,
    library: &Library,
) -> Result<ChosenScenario, UnknownScenario> {
    match library.resolve(name) {
        Ok(scenario) => Ok(ChosenScenario { selector, scenario: Some(scenario) }),
        // what stands in a token may be a secret and is not repeated
        Err(_) if selector == Selector::Token || !is_of_line_letters(name) => {
            let hint = library.nearest(name);
            let hint = hint.map_or_else(String::new, |known| format!("; did you mean {known:?}?"));
            let what = if selector == Selector::Token { "the token" } else { "the call" };
            let why = format!("{what} names a scenario that is not known{hint}");
            Err(UnknownScenario { selector, why })
        }
        Err(NameError(why)) => Err(UnknownScenario { selector, why }),
    }
}

/// Whether a text has only letters that names and lines have; what has others may be a secret in
/// the wrong place.
fn is_of_line_letters(text: &str) -> bool {
    text.bytes().all(|byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || b" ,@%+/*.-_".contains(&byte)
    })
}

/// Returns the outcome after `sandbox:` in the first of these dotted fields that has one. The word
/// stands at the start or after a space or comma, and ends at the next one.
pub fn magic_word<'t>(body: Tree<'t>, fields: &[&str]) -> Option<&'t str> {
    fields.iter().find_map(|field| {
        let value = field.split('.').try_fold(body, Tree::get)?;
        let Tree::Text(text) = value else { return None };
        text.split([' ', ',']).find_map(|word| word.strip_prefix("sandbox:"))
    })
}
