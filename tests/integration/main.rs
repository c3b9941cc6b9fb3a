//! The product over a real socket, one test binary.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod add_moderators;
mod add_users;
mod admin;
mod as_fixtures;
mod assumptions;
mod auth;
mod command_line;
mod commands;
mod console;
mod cors;
mod create_community;
mod create_group;
mod determinism;
mod edge;
mod ending;
mod exec;
mod exec_signals;
mod exec_terminal;
mod fields;
mod files;
mod findings;
mod harness;
mod hold;
mod imports;
mod in_process;
mod json_corners;
mod latency;
mod ledger;
mod limits;
mod log_lines;
mod log_pipe;
mod memory;
mod mistaken_values;
mod openapi;
mod partner_flow;
mod patches;
mod post_video;
mod process;
mod properties;
#[path = "../property/mod.rs"]
mod property;
mod report;
mod scenario_documents;
mod scenarios;
mod sources;
mod tokens;
mod transcripts;
mod unknown_paths;
mod update_conversation;
mod version;
mod waiting_readers;
