//! Serves a sandbox: its own API and the vendor's. The one file of the server that knows it.

use std::sync::Arc;

use super::handler::{Deferred, Handler, Response, TimeLeft};
use crate::admin::{self, Answer};
use crate::call::Sandbox;
use crate::http::{Reply, Request};
use crate::vendor::{Outcome, envelope};

impl Handler for Sandbox {
    fn handle(self: Arc<Self>, request: &Request) -> Response {
        match admin::respond(&self, request) {
            Answer::Reply(reply) => Response::Reply(reply),
            Answer::Verify(mut verify) => Response::Deferred(Deferred {
                timeout: verify.wait(),
                poll: Box::new(move |time_left| verify.check(&self, time_left == TimeLeft::None)),
            }),
            Answer::Events(mut events) => Response::Events(Box::new(move || events.take(&self))),
        }
    }

    fn panic_reply(&self) -> Reply {
        envelope::error(Outcome::ServerError)
    }

    fn checks_host(&self, path: &str) -> bool {
        admin::is_own(path)
    }

    fn on_change(&self, notify: Box<dyn Fn() + Send + Sync>) {
        self.journal.on_change(notify);
    }

    fn do_periodic_work(&self) {
        self.tick();
    }

    fn set_stopping(&self) {
        self.stop();
    }
}
