//! Tests that check every endpoint of the table against its declaration. A new endpoint is tested by
//! its row in the table alone.

mod agreement;
mod built_in;
mod chosen;
mod documents;
mod fields;
mod forced;
mod harness;
mod rates;
mod requests;
mod scenarios;
mod validator;
