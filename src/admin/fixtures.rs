//! `tenants/{tenant}/fixtures`: a tenant's world as a fixture file that starts an equal one.

use http::StatusCode;
use serde_json::Value;

use super::answer::{Answer, Output};
use super::input::TenantParameter;
use super::world::read_world;
use crate::call::Sandbox;
use crate::described::{Components, Described};
use crate::fixtures::{self, WorldCopy};
use crate::http::{Problem, Reply};

/// 200 with the text of a fixture file.
#[derive(Debug)]
pub(super) struct FixtureFile(String);

/// What such a file is.
#[derive(Debug)]
pub(super) struct DescribedFixtures;

impl Described for DescribedFixtures {
    fn schema(components: &mut Components) -> Value {
        components.named("FixtureFile", |_| fixtures::schema())
    }
}

impl Output for FixtureFile {
    type Body = DescribedFixtures;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(Answer::Reply(Reply::new(Self::STATUS, "application/json", self.0)))
    }
}

pub(super) fn show(
    sandbox: &Sandbox,
    TenantParameter(name): TenantParameter,
) -> Result<FixtureFile, Problem> {
    // a large world takes long to write, for which its calls do not wait
    let world = read_world(sandbox, &name, WorldCopy::of);
    let text = world.to_json(fixtures::LIMITS);
    text.map(FixtureFile).map_err(|why| Problem::new(StatusCode::CONFLICT, why))
}
