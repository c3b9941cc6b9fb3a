//! A sandbox of the Genuin third-party REST API.
//!
//! The binary `genuin-sandbox` is a thin shell around this library; [`RunningSandbox`] starts one
//! inside a Rust test.

// without the feature, what it shows is unreachable too
#![cfg_attr(feature = "internals", warn(unreachable_pub))]

mod admin;
mod call;
pub mod cli;
mod clock;
mod config_file;
#[cfg(test)]
#[path = "../tests/conformance/mod.rs"]
mod conformance;
mod console;
mod described;
mod embedded;
mod fixtures;
mod http;
mod journal;
mod memory;
#[cfg(test)]
#[path = "../tests/property/mod.rs"]
mod property;
mod report;
mod routes;
mod scenario;
mod server;
mod switches;
mod tenant;
mod text;
mod vendor;
mod world;

pub use clock::Clock;
pub use embedded::{Builder, RunningSandbox};
pub use journal::{CallRecord, DeliveryStatus, RecordedAnswer, TraceId};
pub use server::{HostCheck, Limits};
pub use vendor::MediaMode;

/// What this package's own tests, benches and fuzz targets use of the inside. It changes without
/// notice.
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals {
    pub use crate::embedded::start;

    pub mod admin {
        pub use crate::admin::{Access, Answer, BASE, Mode, is_own, routes};
        pub use crate::routes::respond;
    }
    pub mod call {
        pub use crate::call::{Config, Sandbox, run_examples};
    }
    pub mod config_file {
        pub use crate::config_file::FileProblem;
    }
    pub mod console {
        pub use crate::console::{FILES, PATH, find};
    }
    pub mod fixtures {
        pub use crate::fixtures::{built_in, from_file};
    }
    pub mod http {
        pub use crate::http::{Delivery, DeliveryStatus, PathParameters, Reply, Request};
    }
    pub mod journal {
        pub use crate::journal::{Query, Walk};
    }
    pub mod scenario {
        pub use crate::scenario::{
            CallFacts, EndpointSet, FieldValues, ForcedOutcome, HEADER, Phase, Scenario,
            ScenarioState, Selector, Source, lint, read,
        };
    }
    pub mod server {
        pub use crate::server::serve_pipe;
    }
    pub mod tenant {
        pub use crate::tenant::{ResetPart, TenantState};
        pub use crate::vendor::tokens::TokenVerifier;
        pub use crate::world::TenantName;
    }
    pub mod vendor {
        pub use crate::vendor::{
            Assumptions, Call, ENDPOINTS, Finding, VendorConfig, create_group,
            finding::Severity,
            page,
            schema::{Arena, LazyTree, parse_by_library},
        };
    }
    pub mod world {
        pub use crate::world::{Seed, World, ids::Ids};
    }
}
