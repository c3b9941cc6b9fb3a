//! The answer a step gives: the forced one, or the real one with what the step adds.

use http::HeaderValue;
use http::header::RETRY_AFTER;

use super::engine::SelectedStep;
use super::forced::{ForcedOutcome, Gateway};
use crate::http::{Delivery, Fault, Reply};
use crate::vendor::{Endpoint, Outcome, envelope};

/// What a caller that is turned away is told to wait, in seconds (`assumed`).
const RETRY_AFTER_S: u64 = 1;

/// The answer of an act. `real` is what the contract answered, if it has been asked.
pub fn answer(act: &SelectedStep, endpoint: &Endpoint, real: Option<Reply>) -> Reply {
    let step = act.step();
    let mut reply = match step.forced {
        ForcedOutcome::Contract(Outcome::Ok) => {
            real.expect("BUG: the contract is asked when the outcome is ok")
        }
        ForcedOutcome::Contract(outcome) => match &step.message {
            Some(message) => envelope::error_saying(outcome, message),
            None => envelope::error(outcome),
        },
        ForcedOutcome::DocumentedExample => documented_example(endpoint),
        ForcedOutcome::Gateway(gateway) => gateway_page(gateway),
        ForcedOutcome::Fault(fault) => faulty(fault, endpoint, real),
    };
    if step.forced == ForcedOutcome::Gateway(Gateway::RateLimited) {
        reply = reply.with_header_set(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    for (name, value) in &step.headers {
        reply = reply.with_header_set(name.clone(), value.clone());
    }
    if let Some(seconds) = step.retry_after_s {
        reply = reply.with_header_set(RETRY_AFTER, HeaderValue::from(seconds));
    }
    reply.delivery = Delivery {
        delay: step.delay.map(|delay| delay.draw(act.draw)).unwrap_or_default(),
        drip: step.drip.map(|drip| (drip.chunks, drip.over)),
        fault: reply.delivery.fault,
    };
    reply
}

/// The vendor's example answer, or a plain success where the vendor shows none.
fn documented_example(endpoint: &Endpoint) -> Reply {
    match endpoint.documented_example {
        Some(example) => envelope::verbatim(example),
        None => envelope::empty_success("Success"),
    }
}

/// A truncated answer is half of the real one, or of the documented one if nothing was done.
fn faulty(fault: Fault, endpoint: &Endpoint, real: Option<Reply>) -> Reply {
    let mut reply = real.unwrap_or_else(|| documented_example(endpoint));
    reply.delivery.fault = Some(fault);
    reply
}

fn gateway_page(gateway: Gateway) -> Reply {
    let status = gateway.status();
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
         <center><h1>{title}</h1></center>\r\n<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
    );
    Reply::new(status, "text/html", body)
}
