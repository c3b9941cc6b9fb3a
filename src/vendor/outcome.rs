//! The contract's outcomes: every result that a call to the vendor is known to have, as one table.

use super::schema::Provenance;
use crate::text::named;

named! {
    /// A result that a call can have by the contract.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Outcome {
        /// The call succeeded.
        Ok = "ok",
        /// The request is malformed or breaks a rule.
        BadRequest = "bad-request",
        /// The access token is missing or not accepted.
        Unauthorized = "unauthorized",
        /// The community does not exist.
        CommunityNotFound = "community-not-found",
        /// The group does not exist (only where an assumption says so).
        ConversationNotFound = "conversation-not-found",
        /// The brand does not exist (`auth` only).
        BrandNotFound = "brand-not-found",
        /// A precondition is not met, such as a wrong key.
        PreconditionFailed = "precondition-failed",
        /// The video has not been uploaded. HTTP 500, yet permanent.
        VideoNotFound = "video-not-found",
        /// The vendor's own failure.
        ServerError = "server-error",
    }
    pub(crate) const ALL;
}

/// How a call has failed, by what its caller does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum FailureKind {
    /// The same request fails every time: the caller changes it.
    Permanent,
    /// The same token fails every time: the caller logs in again.
    Token,
    /// It passes, and nothing can be concluded from it: the caller waits and tries again.
    Transient,
    /// The call may have been done or not: the caller tries again with the same own id, or asks.
    Unclear,
    /// Nothing is sent: the caller leaves after a time of its own, and goes on as if it were unclear.
    Silence,
}

/// What the vendor sends for an error outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ErrorAnswer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The envelope's `code`: four digits as a string, unlike the number of a success.
    pub(crate) code: &'static str,
    /// The envelope's `message`.
    pub(crate) message: &'static str,
    /// The source of the status.
    pub(crate) status_provenance: Provenance,
    /// The source of code and message.
    pub(crate) body_provenance: Provenance,
}

impl Outcome {
    /// How a call with this outcome has failed; `None` if it succeeded.
    pub(crate) fn failure(self) -> Option<FailureKind> {
        match self {
            Self::Ok => None,
            Self::BadRequest
            | Self::CommunityNotFound
            | Self::ConversationNotFound
            | Self::BrandNotFound
            | Self::PreconditionFailed
            | Self::VideoNotFound => Some(FailureKind::Permanent),
            Self::Unauthorized => Some(FailureKind::Token),
            Self::ServerError => Some(FailureKind::Unclear),
        }
    }

    /// The source of the HTTP status.
    pub(crate) fn status_provenance(self) -> Provenance {
        self.error().map_or(Provenance::Documented, |error| error.status_provenance)
    }

    /// Returns the vendor's answer; `None` for `ok`, whose answer depends on the endpoint.
    pub(crate) fn error(self) -> Option<ErrorAnswer> {
        const UNEXPECTED: &str = "An unexpected error occurred processing the request";
        let (status, code, message, status_provenance, body_provenance) = match self {
            Self::Ok => return None,
            Self::BadRequest => {
                (400, "1099", UNEXPECTED, Provenance::Documented, Provenance::Sibling)
            }
            Self::Unauthorized => {
                (401, "5159", "Invalid Use of API", Provenance::Sibling, Provenance::Sibling)
            }
            Self::CommunityNotFound => (
                404,
                "5218",
                "The community you are looking for is no longer available.",
                Provenance::Sibling,
                Provenance::Sibling,
            ),
            Self::ConversationNotFound => (
                404,
                "5057",
                "The conversation you are looking for is no longer available.",
                Provenance::Observed,
                Provenance::Assumed,
            ),
            Self::BrandNotFound => {
                (404, "5235", "Brand not exists.", Provenance::Sibling, Provenance::Sibling)
            }
            // the vendor's pages show the prefix literally
            Self::PreconditionFailed => {
                (412, "5166", "XXXX-[Invalid Use of API]", Provenance::Sibling, Provenance::Sibling)
            }
            Self::VideoNotFound => (
                500,
                "5026",
                "Could not find the video.",
                Provenance::Documented,
                Provenance::Documented,
            ),
            Self::ServerError => {
                (500, "1099", UNEXPECTED, Provenance::Documented, Provenance::Assumed)
            }
        };
        Some(ErrorAnswer { status, code, message, status_provenance, body_provenance })
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
