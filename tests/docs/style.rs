//! Every description of the provider's schemas follows one style.

use realtimekit::framework::{
    Signature,
    schema::{Attribute, AttributeType, DefaultValue},
};

use crate::{Described, Subject, identity_of, is_sentence, subjects};

/// Attributes start with a noun phrase, and not with one of these.
const NO_NOUNS: [&str; 10] = [
    "A", "An", "How", "It", "Most", "The", "What", "When", "Where", "Which",
];

/// Words and phrases that are not plain technical American English, in lower case.
const BANNED: [&str; 24] = [
    "all the same",
    "as often as",
    "asks nobody",
    "at most once",
    "behaviour",
    "by hand",
    "elsewhere",
    "had better",
    "hand it",
    "hand over",
    "is told",
    "need not",
    "never one too many",
    "nobody",
    "otherwise",
    "so already",
    "spelt",
    "taken over",
    "tells",
    "that may pass",
    "time-out",
    "unless you",
    "whatever",
    "whoever",
];

#[test]
fn descriptions_of_all_schemas_follow_the_style() {
    let mut problems = Vec::new();
    for (subject, described) in subjects() {
        let mut check = |place: &str, text: &str, problem: Option<String>| {
            let problems_of_text = sentence_problem(text).into_iter().chain(problem);
            problems
                .extend(problems_of_text.map(|it| format!("{subject:?} {place}: {it}: {text:?}")));
        };
        match described {
            Described::Schema(schema) => {
                check("itself", &schema.description, None);
                for (name, attribute) in all_attributes("", &schema.attributes) {
                    check(&name, &attribute.description, attribute_problem(attribute));
                }
            }
            Described::Signature(Signature {
                summary,
                description,
                parameters,
                variadic,
                ..
            }) => {
                check("summary", &summary, noun_problem(&summary));
                check("description", &description, None);
                for parameter in parameters.iter().chain(&variadic) {
                    let text = &parameter.description;
                    check(&parameter.name, text, noun_problem(text));
                }
            }
        }
        if matches!(subject, Subject::Resource(_)) {
            for attribute in identity_of(subject) {
                let place = format!("identity {}", attribute.name);
                check(
                    &place,
                    &attribute.description,
                    attribute_problem(&attribute),
                );
            }
        }
    }

    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn descriptions_against_the_style_are_found() {
    for text in [
        "name of it.",
        "Name of it",
        "Name. Need not be unique.",
        "",
        "Time-out.",
    ] {
        assert!(sentence_problem(text).is_some(), "{text:?}");
    }
    for text in [
        "How long it takes.",
        "The name.",
        "Name. Is unique. Defaults to `1`.",
    ] {
        assert!(noun_problem(text).is_some(), "{text:?}");
    }
}

fn attribute_problem(attribute: &Attribute) -> Option<String> {
    let text = &attribute.description;
    if let Some(DefaultValue::Value(default)) = &attribute.default {
        let words = format!("Defaults to `{default}`.");
        if !text.contains(&words) {
            return Some(format!("does not say {words:?}"));
        }
    }
    noun_problem(text)
}

/// What a value is comes first, then its default, then constraints.
fn noun_problem(text: &str) -> Option<String> {
    let first = text.split(' ').next().unwrap_or_default();
    if NO_NOUNS.contains(&first) {
        return Some(format!("starts with {first:?}, not with a noun phrase"));
    }
    let before_default = text
        .split_once("Defaults to")
        .map_or("", |(before, _)| before);
    let sentences = before_default.matches(". ").count();
    (sentences > 1).then(|| "the default is not in the second sentence".to_owned())
}

fn sentence_problem(text: &str) -> Option<String> {
    if !is_sentence(text) {
        return Some("is not a sentence from capital to period".to_owned());
    }
    let lower = text.to_lowercase();
    let banned = BANNED.iter().find(|banned| lower.contains(**banned));
    banned.map(|banned| format!("contains {banned:?}"))
}

/// The attributes with their paths, those that are nested in others included.
fn all_attributes<'a>(prefix: &str, attributes: &'a [Attribute]) -> Vec<(String, &'a Attribute)> {
    let with_nested = attributes.iter().flat_map(|attribute| {
        let name = format!("{prefix}{}", attribute.name);
        let nested = match &attribute.kind {
            AttributeType::Nested(_, nested) => all_attributes(&format!("{name}."), nested),
            AttributeType::Value(_) => Vec::new(),
        };
        [(name, attribute)].into_iter().chain(nested)
    });
    with_nested.collect()
}
