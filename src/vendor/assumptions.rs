//! The rules of the contract that can be read in more than one way, and the reading that is in force.
//! What each reading does is in the code of its rule, which looks at a plain value here.

use anyhow::{Context as _, bail, ensure};

use crate::described::described;
use crate::text::{not_among, quoted};

/// A rule that nothing public states, with its plausible readings.
#[derive(Debug)]
pub(crate) struct Assumption {
    pub(crate) name: &'static str,
    /// What the readings differ about.
    pub(crate) rule: &'static str,
    pub(crate) scope: Scope,
    /// The default first.
    pub(crate) variants: &'static [Variant],
    get: fn(&Assumptions) -> usize,
    set: fn(&mut Assumptions, usize),
}

described! {
    /// One reading of a rule.
    #[derive(Debug, serde::Serialize)]
    pub(crate) struct Variant {
        pub(crate) name: &'static str,
        pub(crate) meaning: &'static str,
    }
}

/// Where an assumption's rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// In the endpoints that name it.
    Endpoints,
    /// In the reading of every body.
    EveryBody,
}

/// Declares each assumption once: the enum of its readings, its field of [`Assumptions`] and its row of
/// [`ASSUMPTIONS`].
macro_rules! assumptions {
    ($(
        $field:ident: $type:ident $scope:ident $name:literal, $rule:literal
        { $( $variant:ident $variant_name:literal, $meaning:literal; )+ }
    )+) => {
        $(
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub(crate) enum $type { $( $variant, )+ }

            impl $type {
                const ALL: &'static [Self] = &[$( Self::$variant ),+];
            }

            impl Default for $type {
                fn default() -> Self {
                    Self::ALL[0]
                }
            }
        )+

        /// The reading of every assumption that is in force.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Assumptions {
            $( pub(crate) $field: $type, )+
        }

        /// All assumptions, in the order in which users see them.
        pub(crate) static ASSUMPTIONS: &[Assumption] = &[$( Assumption {
            name: $name,
            rule: $rule,
            scope: Scope::$scope,
            variants: &[$( Variant { name: $variant_name, meaning: $meaning } ),+],
            get: |all| all.$field as usize,
            set: |all, index| all.$field = $type::ALL[index],
        } ),+];
    };
}

assumptions! {
    repeat_chat_id: RepeatChatId Endpoints "repeat-chat-id",
    "a `chat_id` of Create Group that a group already has" {
        Refuse "refuse", "bad-request, nothing is changed";
        FirstAnswer "first-answer", "200 with the first group, nothing is created";
        SecondGroup "second-group", "a new group_id under the same chat_id; the newer group is found";
    }
    unknown_community: UnknownCommunity Endpoints "unknown-community",
    "a community of Create Group that does not exist" {
        BadRequest "400", "bad-request";
        NotFound "404", "community-not-found (\"5218\")";
    }
    unknown_chat: UnknownChat Endpoints "unknown-chat", "a `chat_id` that is no group" {
        BadRequest "400", "bad-request";
        NotFound "404", "conversation-not-found (\"5057\")";
    }
    unknown_user: UnknownUser Endpoints "unknown-user", "a `user_id` that is no known user" {
        Refuse "refuse", "bad-request";
        Ignore "ignore", "left out, with a warning";
    }
    unknown_fields: UnknownFields EveryBody "unknown-fields",
    "a field of a body that is not known" {
        Ignore "ignore", "ignored, with a warning";
        Refuse "refuse", "bad-request";
    }
    body_types: BodyTypes EveryBody "body-types", "a value of a body that has another JSON type" {
        Strict "strict", "bad-request";
        Coerce "coerce", "\"4\" is taken for 4 and \"true\" for true, and the other way round";
    }
    type_of_group: TypeOfGroup Endpoints "type-of-group", "the `type` of Create Group" {
        Four "four", "4, and no other";
        Any "any", "any integer is accepted and echoed";
    }
    token_life: TokenLife Endpoints "token-life", "how long a token that `auth` issues is valid" {
        Day "24h", "24 hours of the sandbox's clock";
        Quarter "15m", "15 minutes of the sandbox's clock";
        Forever "forever", "for ever";
    }
    discoverable_default: DiscoverableDefault Endpoints "discoverable-default",
    "`settings.discoverable` of Create Group when it is absent" {
        True "true", "everyone finds the group";
        False "false", "only those with the link find the group";
    }
    listed_members: ListedMembers Endpoints "listed-members",
    "whom `members` lists and `no_of_members` counts" {
        Active "active", "those who have joined";
        All "all", "invited people too, with status 2";
    }
    empty_video_name: EmptyVideoName Endpoints "empty-video-name", "a video without a name" {
        NotFound "not-found", "video-not-found";
        BadRequest "bad-request", "bad-request";
    }
    community_mandatory: CommunityMandatory Endpoints "community-mandatory",
    "which fields of Create Community are mandatory" {
        Listed "listed", "the four that the page lists";
        Example "example", "those of the page's example: `type` (1 when absent) and `actions` are optional";
    }
    repeat_handle: RepeatHandle Endpoints "repeat-handle",
    "a `handle` of Create Community that a community already has" {
        BadRequest "400", "bad-request";
        PreconditionFailed "412", "precondition-failed (\"5166\")";
    }
    added_member: AddedMember Endpoints "added-member",
    "what those become whom Update Conversation adds" {
        Invited "invited", "invited: status 2";
        Active "active", "members at once: status 1";
    }
}

/// A reading that somebody asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    assumption: &'static Assumption,
    variant: usize,
}

impl Reading {
    /// Parses `NAME=VARIANT`; spaces around either are allowed. An error suggests the nearest.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let (name, variant) = text.split_once('=').with_context(|| {
            let text = quoted(text.trim());
            format!("{text} names no variant; write NAME=VARIANT, such as unknown-user=ignore")
        })?;
        Self::find(name.trim(), variant.trim())
    }

    /// Finds a variant of an assumption. An error suggests the nearest.
    pub(crate) fn find(name: &str, variant: &str) -> anyhow::Result<Self> {
        let Some(assumption) = ASSUMPTIONS.iter().find(|known| known.name == name) else {
            let names = ASSUMPTIONS.iter().map(|known| known.name);
            bail!("unknown assumption {}", not_among(name, names));
        };
        let found = assumption.variants.iter().position(|known| known.name == variant);
        let variant = found.with_context(|| {
            let names = assumption.variants.iter().map(|known| known.name);
            format!("{name} has no variant {}", not_among(variant, names))
        })?;
        Ok(Self { assumption, variant })
    }

    fn variant_name(self) -> &'static str {
        self.assumption.variants[self.variant].name
    }
}

impl Assumptions {
    /// Returns the default readings with those that are asked for. One assumption with two variants is an
    /// error.
    pub(crate) fn with(readings: &[Reading]) -> anyhow::Result<Self> {
        let mut assumptions = Self::default();
        for (index, reading) in readings.iter().enumerate() {
            let name = reading.assumption.name;
            let earlier = readings[..index].iter().find(|one| one.assumption.name == name);
            if let Some(earlier) = earlier {
                let (one, other) = (earlier.variant_name(), reading.variant_name());
                ensure!(one == other, "{name} is both {one} and {other}; choose one of them");
            }
            (reading.assumption.set)(&mut assumptions, reading.variant);
        }
        Ok(assumptions)
    }

    /// Iterates over the names of those that are not read by their default, and their variants.
    pub(crate) fn turned(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        ASSUMPTIONS.iter().filter_map(|assumption| {
            let index = (assumption.get)(self);
            (index > 0).then(|| (assumption.name, assumption.variants[index].name))
        })
    }

    /// The variant of an assumption that is in force.
    pub(crate) fn variant_of(&self, assumption: &Assumption) -> &'static str {
        assumption.variants[(assumption.get)(self)].name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(texts: &[&str]) -> Result<Vec<String>, String> {
        let readings: anyhow::Result<Vec<_>> =
            texts.iter().map(|text| Reading::parse(text)).collect();
        let all = readings.and_then(|readings| Assumptions::with(&readings));
        let turned = |all: Assumptions| {
            all.turned().map(|(name, variant)| format!("{name}={variant}")).collect()
        };
        all.map(turned).map_err(|error| error.to_string())
    }

    #[test]
    fn every_variant_of_every_assumption_can_be_chosen() {
        assert_eq!(ASSUMPTIONS.len(), 14);
        for assumption in ASSUMPTIONS {
            for (index, variant) in assumption.variants.iter().enumerate() {
                let text = format!("{}={}", assumption.name, variant.name);
                let turned = if index == 0 { Vec::new() } else { vec![text.clone()] };
                assert_eq!(with(&[&text]), Ok(turned));
            }
        }
    }

    #[test]
    fn what_is_unknown_or_contradicts_is_refused() {
        for (texts, why) in [
            (
                &["unknown-usr=ignore"][..],
                "unknown assumption \"unknown-usr\"; did you mean \"unknown-user\"?",
            ),
            (
                &["token-life=15ms"],
                "token-life has no variant \"15ms\"; did you mean \"15m\"? (known: 24h, 15m, forever)",
            ),
            (&["token-life"], "\"token-life\" names no variant; write NAME=VARIANT"),
            (&[""], "\"\" names no variant"),
            (
                &["token-life=15m", "token-life=24h"],
                "token-life is both 15m and 24h; choose one of them",
            ),
        ] {
            let error = with(texts).unwrap_err();
            assert!(error.starts_with(why), "{texts:?}: {error}");
        }
        let twice = with(&["token-life=15m", " token-life = 15m "]);
        assert_eq!(twice, Ok(vec!["token-life=15m".to_owned()]));
    }
}
