//! The operations of the matrix.

use http::Method;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Read,
    Update,
    Delete,
    Import,
    LookUpById,
    LookUpByUrl,
    List,
}

impl Operation {
    pub(super) fn method(self) -> Method {
        match self {
            Self::Create => Method::POST,
            Self::Update => Method::PUT,
            Self::Delete => Method::DELETE,
            _ => Method::GET,
        }
    }

    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::LookUpByUrl | Self::List)
    }

    pub(super) fn is_change(self) -> bool {
        self.method() != Method::GET
    }

    /// Summary of the error if it fails.
    pub(super) fn summary(self) -> &'static str {
        match self {
            Self::Create => "Could Not Create the Webhook",
            Self::Read | Self::LookUpById => "Could Not Read the Webhook",
            Self::Update => "Could Not Update the Webhook",
            Self::Delete => "Could Not Delete the Webhook",
            Self::Import => "Could Not Import the Webhook",
            Self::LookUpByUrl | Self::List => "Could Not List the Webhooks",
        }
    }
}
