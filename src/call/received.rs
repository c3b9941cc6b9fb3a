//! A call to the vendor before its tenant is locked: [`ReceivedCall`].

use super::routes::VendorRoute;
use super::sandbox::Sandbox;
use crate::http::Request;
use crate::vendor::Call;
use crate::vendor::schema::{Arena, LazyTree};
use crate::vendor::tokens::Caller;

/// A call whose caller is identified.
pub(super) struct ReceivedCall<'a> {
    pub(super) caller: Caller,
    sandbox: &'a Sandbox,
    route: &'a VendorRoute<'a>,
    request: &'a Request,
    body: LazyTree<'a>,
}

impl<'a> ReceivedCall<'a> {
    /// Identifies the caller of a request.
    pub(super) fn new(
        sandbox: &'a Sandbox,
        route: &'a VendorRoute<'a>,
        request: &'a Request,
        arena: &'a Arena,
    ) -> Self {
        let body = LazyTree::of(&request.body, arena);
        let assumptions = sandbox.vendor_config.assumptions;
        let caller = route.endpoint.identify(request, &body, &sandbox.verifier, assumptions);
        Self { caller, sandbox, route, request, body }
    }

    /// Parses the body, so that other calls of the tenant do not wait for it.
    pub(super) fn parse_body(&self) {
        self.body.get();
    }

    /// Returns the call as it is at a time of the tenant's clock.
    pub(super) fn at(&'a self, now_ms: i64) -> Call<'a> {
        Call {
            request: self.request,
            parameters: &self.route.parameters,
            body: &self.body,
            caller: &self.caller,
            config: &self.sandbox.vendor_config,
            verifier: &self.sandbox.verifier,
            now_ms,
        }
    }
}
