//! What Terraform demands of identities and of the events of a list.
//!
//! Written from the behaviour of Terraform 1.16 (package `terraform`: `validateIdentity`,
//! `validateIdentityKnown`; package `plugin6`: `ListResource`). Each demand has a test in which
//! it refuses something.

use realtimekit::proto::tfplugin6::{
    DynamicValue, ResourceIdentityData, ResourceIdentitySchema, diagnostic::Severity,
    list_resource::Event,
};
use serde_json::{Value as Json, json};

use crate::wire::{self, UNKNOWN, dynamic};

/// Whether parts of an identity may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    Known,
    /// In the plan of a creation.
    PerhapsUnknown,
}

/// What is wrong with an identity whose attributes are all strings. Null is always right.
pub(crate) fn identity_problems(
    schema: &ResourceIdentitySchema,
    identity: &Json,
    parts: Parts,
) -> Vec<&'static str> {
    if identity.is_null() {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let names = schema.identity_attributes.iter().map(|it| it.name.as_str());
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let values = identity.as_object().into_iter().flatten();
    let conforms = identity.as_object().is_some_and(|object| {
        let mut given: Vec<&str> = object.keys().map(String::as_str).collect();
        given.sort_unstable();
        given == names
            && object
                .values()
                .all(|value| value.is_string() || value.is_null())
    });
    if !conforms {
        problems.push("Provider produced an identity that doesn't match the schema");
    }
    if parts == Parts::Known && values.into_iter().any(|(_, value)| *value == UNKNOWN) {
        problems.push("Provider produced invalid identity");
    }
    problems
}

/// One result of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) identity: Json,
    pub(crate) display_name: String,
    /// The whole object; null if it was not asked for, or is not there.
    pub(crate) object: Json,
}

/// The results of a list, as far as it was read.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) found: Vec<Found>,
    pub(crate) warned: bool,
}

impl Results {
    /// Takes an event; an error if that ends the list, and its results are thrown away.
    pub(crate) fn take(
        &mut self,
        schema: &ResourceIdentitySchema,
        event: &Event,
    ) -> Result<(), String> {
        for diagnostic in &event.diagnostic {
            match diagnostic.severity() {
                Severity::Error => return Err(diagnostic.summary.clone()),
                _ => self.warned = true,
            }
        }
        let Some(identity) = data(event.identity.as_ref()) else {
            return match self.warned {
                true => Ok(()), // and a result is lost
                false => Err("missing identity data in ListResource event".into()),
            };
        };
        let identity = wire::json(Some(identity));
        match identity_problems(schema, &identity, Parts::Known).first() {
            Some(problem) => Err((*problem).into()),
            None if identity.is_null() => Err("a null identity".into()),
            None => {
                let object = event.resource_object.as_ref();
                self.found.push(Found {
                    identity,
                    display_name: event.display_name.clone(),
                    object: object.map_or(Json::Null, |object| wire::json(Some(object))),
                });
                Ok(())
            }
        }
    }
}

/// The value in an identity; `None` if there is none, which is null.
pub(crate) fn data(identity: Option<&ResourceIdentityData>) -> Option<&DynamicValue> {
    identity.and_then(|identity| identity.identity_data.as_ref())
}

#[cfg(test)]
mod tests {
    use realtimekit::proto::tfplugin6::{Diagnostic, resource_identity_schema::IdentityAttribute};

    use super::*;

    fn schema() -> ResourceIdentitySchema {
        let attribute = |name: &str| IdentityAttribute {
            name: name.into(),
            ..Default::default()
        };
        ResourceIdentitySchema {
            identity_attributes: vec![attribute("id"), attribute("app_id")],
            ..Default::default()
        }
    }

    fn event(identity: Option<&Json>, severity: Option<Severity>) -> Event {
        Event {
            identity: identity.map(|identity| ResourceIdentityData {
                identity_data: dynamic(identity),
            }),
            diagnostic: severity
                .map(|severity| Diagnostic {
                    severity: severity.into(),
                    summary: "said".into(),
                    ..Default::default()
                })
                .into_iter()
                .collect(),
            ..Default::default()
        }
    }

    #[test]
    fn an_identity_that_does_not_conform_is_refused() {
        let problems = |identity| identity_problems(&schema(), &identity, Parts::Known);
        let other = ["Provider produced an identity that doesn't match the schema"];

        assert_eq!(problems(Json::Null), [""; 0]);
        assert_eq!(problems(json!({ "id": "1", "app_id": null })), [""; 0]);
        for wrong in [
            json!("1"),
            json!({}),
            json!({ "id": "1" }),
            json!({ "id": "1", "app_id": 1 }),
            json!({ "id": "1", "app_id": "2", "name": "x" }),
        ] {
            assert_eq!(problems(wrong), other);
        }
    }

    #[test]
    fn an_unknown_part_is_refused_but_of_a_creation() {
        let identity = json!({ "id": UNKNOWN, "app_id": "2" });

        let known = identity_problems(&schema(), &identity, Parts::Known);
        let unknown = identity_problems(&schema(), &identity, Parts::PerhapsUnknown);

        assert_eq!(known, ["Provider produced invalid identity"]);
        assert_eq!(unknown, [""; 0]);
    }

    #[test]
    fn an_event_without_an_identity_ends_a_list_or_is_lost_after_a_warning() {
        let whole = json!({ "id": "1", "app_id": "2" });
        let mut results = Results::default();

        assert!(results.take(&schema(), &event(None, None)).is_err());
        assert!(
            results
                .take(&schema(), &event(Some(&Json::Null), None))
                .is_err()
        );
        assert!(
            results
                .take(&schema(), &event(Some(&json!({})), None))
                .is_err()
        );
        let error = event(Some(&whole), Some(Severity::Error));
        assert_eq!(results.take(&schema(), &error), Err("said".into()));
        let warning = event(None, Some(Severity::Warning));
        assert_eq!(results.take(&schema(), &warning), Ok(()));
        assert_eq!(results.take(&schema(), &event(Some(&whole), None)), Ok(()));
        assert_eq!(results.found.len(), 1);
    }
}
