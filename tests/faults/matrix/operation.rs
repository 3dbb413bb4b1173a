//! The operations of the matrix.

use http::Method;

use super::expectations::Ending;

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

    /// The requests of a table, in those of this operation; where a PUT is answered in part, it is
    /// read back.
    pub(super) fn requests(self, requests: &str, ending: Ending, answers_in_part: bool) -> String {
        match self {
            Self::LookUpByUrl | Self::List => requests.replace('G', "L"),
            Self::Update
                if answers_in_part && ending == Ending::Done && requests.ends_with('U') =>
            {
                format!("{requests}G")
            }
            Self::Import if ending == Ending::Done => format!("{requests}G"),
            _ => requests.to_owned(),
        }
    }

    /// What could not be done, as it is said.
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
