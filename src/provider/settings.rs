//! The settings of the provider: its block, then the environment. An empty string means unset in
//! both. Pure: the environment is an argument.

use super::validators;
use crate::framework::{
    Diagnostics, MaybeUnknown, Number, model, plan::provider_config_unknown, schema::Validator,
};

pub(super) const API_TOKEN: &str = "CLOUDFLARE_API_TOKEN";
pub(super) const ACCOUNT_ID: &str = "CLOUDFLARE_ACCOUNT_ID";
pub(super) const APP_ID: &str = "REALTIMEKIT_APP_ID";
pub(super) const BASE_URL: &str = "CLOUDFLARE_BASE_URL";
/// Variables of global API keys, which this API does not accept.
const LEGACY: [&str; 2] = ["CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL"];

model! {
    /// The provider block.
    pub struct ProviderBlock {
        pub(super) api_token: MaybeUnknown<String>,
        pub(super) account_id: MaybeUnknown<String>,
        pub(super) app_id: MaybeUnknown<String>,
        pub(super) base_url: MaybeUnknown<String>,
        pub(super) max_retries: MaybeUnknown<Number>,
        pub(super) requests_per_second: MaybeUnknown<Number>,
    }
}

impl ProviderBlock {
    /// Completes the block from the environment, where `variable` looks up a name. Values may be
    /// unknown in a plan.
    ///
    /// # Errors
    /// No token is set, or a value is invalid.
    pub(super) fn complete(
        self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Diagnostics> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut found = Diagnostics::new();
        let mut merge = |attribute, argument: MaybeUnknown<String>, name, validator: Validator| {
            let argument = argument.and_then(|value| Some(value).filter(|it| !it.is_empty()));
            let (value, is_variable) = match (argument, set(name)) {
                (MaybeUnknown::Null, Some(value)) => (MaybeUnknown::Known(value), true),
                (argument, _) => (argument, false),
            };
            if let MaybeUnknown::Known(value) = &value {
                let mut problems = validator(&value.as_str().into());
                if is_variable {
                    let origin = format!("The value comes from the environment variable {name}.");
                    problems = problems.with_detail(&origin);
                }
                found.extend(match attribute {
                    // Terraform prints the line that a path points at: with the token.
                    "api_token" => problems,
                    attribute => problems.at(attribute),
                });
            }
            value
        };
        let segment = validators::path_segment;
        let complete = Self {
            api_token: merge(
                "api_token",
                self.api_token,
                API_TOKEN,
                validators::api_token,
            ),
            base_url: merge("base_url", self.base_url, BASE_URL, validators::base_url),
            account_id: merge("account_id", self.account_id, ACCOUNT_ID, segment),
            app_id: merge("app_id", self.app_id, APP_ID, segment),
            ..self
        };
        if complete.api_token == MaybeUnknown::Null {
            found.extend(missing_token(LEGACY.iter().any(|name| set(name).is_some())));
        }
        found.into_result()?;
        Ok(complete)
    }
}

/// The value of a setting, if it is set; an error if it is not known yet.
pub(super) fn known<T>(name: &str, setting: MaybeUnknown<T>) -> Result<Option<T>, Diagnostics> {
    match setting {
        MaybeUnknown::Null => Ok(None),
        MaybeUnknown::Unknown => Err(provider_config_unknown(name)),
        MaybeUnknown::Known(value) => Ok(Some(value)),
    }
}

fn missing_token(legacy: bool) -> Diagnostics {
    let mut detail = format!(
        "The provider needs a Cloudflare API token: set the argument api_token of the provider \
         block or the environment variable {API_TOKEN}."
    );
    if legacy {
        let [key, email] = LEGACY;
        detail += &format!(
            "\n\n{key} or {email} is set, but the RealtimeKit API does not accept global API keys. \
             Create a token in the Cloudflare dashboard (My Profile, API Tokens) with the \
             permission Realtime or Realtime Admin."
        );
    }
    Diagnostics::error("Missing API Token", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> ProviderBlock {
        ProviderBlock {
            api_token: MaybeUnknown::Null,
            account_id: MaybeUnknown::Null,
            app_id: MaybeUnknown::Null,
            base_url: MaybeUnknown::Null,
            max_retries: MaybeUnknown::Null,
            requests_per_second: MaybeUnknown::Null,
        }
    }

    fn text(text: &str) -> MaybeUnknown<String> {
        MaybeUnknown::Known(text.to_owned())
    }

    fn environment(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        let variables = variables
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        let variables: std::collections::HashMap<String, String> = variables.collect();
        move |name| variables.get(name).cloned()
    }

    #[test]
    fn missing_or_empty_argument_is_read_from_the_environment() {
        let block = ProviderBlock {
            account_id: text(""),
            app_id: text("mine"),
            ..block()
        };
        let variables = [
            (API_TOKEN, "token"),
            (ACCOUNT_ID, "account"),
            (APP_ID, "theirs"),
            (BASE_URL, ""),
        ];

        let settings = block.complete(environment(&variables)).ok().unwrap();

        assert_eq!(settings.api_token, text("token"));
        assert_eq!(settings.account_id, text("account"));
        assert_eq!(settings.app_id, text("mine"));
        assert_eq!(settings.base_url, MaybeUnknown::Null);
    }

    #[test]
    fn unknown_argument_stays_unknown_despite_the_environment() {
        let block = ProviderBlock {
            api_token: MaybeUnknown::Unknown,
            ..block()
        };

        let settings = block.complete(environment(&[(API_TOKEN, "token")]));

        assert_eq!(settings.ok().unwrap().api_token, MaybeUnknown::Unknown);
    }

    #[test]
    fn missing_token_error_names_the_argument_and_the_variable() {
        let found = block().complete(environment(&[])).err().unwrap();

        let [found] = found.into_iter().collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(found.path.to_string(), "");
        assert!(found.detail.contains("api_token") && found.detail.contains(API_TOKEN));
        assert!(!found.detail.contains("CLOUDFLARE_API_KEY"));
    }

    #[test]
    fn missing_token_error_mentions_a_global_key() {
        for variable in LEGACY {
            let found = block()
                .complete(environment(&[(variable, "x")]))
                .err()
                .unwrap();

            let detail = &found.iter().next().unwrap().detail;
            assert!(
                detail.contains("does not accept global API keys"),
                "{detail}"
            );
        }
    }

    #[test]
    fn invalid_value_from_the_environment_names_its_variable() {
        let variables = [(API_TOKEN, "token"), (BASE_URL, "example.com")];

        let found = block().complete(environment(&variables)).err().unwrap();

        let found = found.iter().next().unwrap();
        assert_eq!(found.path.to_string(), "base_url");
        assert!(
            found
                .detail
                .ends_with("environment variable CLOUDFLARE_BASE_URL.")
        );
    }

    #[test]
    fn invalid_token_is_not_shown() {
        let found = block()
            .complete(environment(&[(API_TOKEN, "s3cret\u{7}")]))
            .err()
            .unwrap();

        assert!(!format!("{found:?}").contains("s3cret"));
    }
}
