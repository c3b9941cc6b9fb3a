//! The answer that a selected step gives: the forced one, or the real one with additions.

use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};

use super::forced_outcome::{ForcedOutcome, Gateway};
use super::state::SelectedStep;
use crate::http::{Delivery, Fault, Reply};
use crate::vendor::{Endpoint, Outcome, envelope};

/// The `Retry-After` of `rate-limited` by a rule without a rate, in seconds (`assumed`).
const RETRY_AFTER_S: u64 = 1;

/// Builds the answer; `real` is that of the contract, if it has been asked.
pub(crate) fn answer(selected: &SelectedStep, endpoint: &Endpoint, real: Option<Reply>) -> Reply {
    let step = selected.step();
    let mut reply = match selected.forced {
        // what the step adds is added once the call is released
        ForcedOutcome::Hold(_) => return real.unwrap_or_else(|| Reply::empty(StatusCode::OK)),
        ForcedOutcome::Contract(Outcome::Ok) => {
            real.expect("BUG: the contract is asked when the outcome is ok")
        }
        ForcedOutcome::Contract(outcome) => match &step.message {
            Some(message) => envelope::error_saying(outcome, message),
            None => envelope::error(outcome),
        },
        ForcedOutcome::DocumentedExample => {
            documented_example(endpoint).expect("BUG: an endpoint without an example refuses it")
        }
        ForcedOutcome::Gateway(_) => gateway_page(selected.forced),
        ForcedOutcome::Fault(fault) => faulty(fault, endpoint, real),
    };
    if let Some(seconds) = retry_after(selected) {
        reply = reply.with_header_set(RETRY_AFTER, HeaderValue::from(seconds));
    }
    for (name, value) in &step.headers {
        reply = reply.with_header_set(name.clone(), value.clone());
    }
    if let Some(seconds) = step.retry_after_s {
        reply = reply.with_header_set(RETRY_AFTER, HeaderValue::from(seconds));
    }
    reply.delivery = Delivery {
        delay: step.delay.map(|delay| delay.draw(selected.draw)).unwrap_or_default(),
        drip: step.drip.map(|drip| (drip.chunks, drip.over)),
        ..reply.delivery
    };
    reply
}

/// The seconds after which a failed call may be tried again: those of the rule's rate, or what `rate-limited` says
/// of itself.
fn retry_after(selected: &SelectedStep) -> Option<u64> {
    let is_refusal = selected.forced.failure().is_some() && selected.forced.status().is_some();
    let of_itself =
        (selected.forced == ForcedOutcome::Gateway(Gateway::RateLimited)).then_some(RETRY_AFTER_S);
    selected.retry_after_s.filter(|_| is_refusal).or(of_itself)
}

/// The vendor's example, if the vendor shows one.
fn documented_example(endpoint: &Endpoint) -> Option<Reply> {
    endpoint.documented_example.map(envelope::verbatim)
}

/// The real answer with a fault, or the documented one if nothing was done, of which no client reads the whole.
fn faulty(fault: Fault, endpoint: &Endpoint, real: Option<Reply>) -> Reply {
    let plain = || envelope::empty_success(endpoint.answer.message);
    let mut reply = real.or_else(|| documented_example(endpoint)).unwrap_or_else(plain);
    reply.delivery.fault = Some(fault);
    reply
}

fn gateway_page(outcome: ForcedOutcome) -> Reply {
    let status = outcome.status().and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.expect("BUG: a gateway's answer has a status");
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
         <center><h1>{title}</h1></center>\r\n<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
    );
    Reply::new(status, "text/html", body)
}
