//! Every description of the provider's schemas follows one style.

use realtimekit::framework::schema::{Attribute, DefaultValue, required};

use crate::{
    is_sentence,
    page::{Content, subjects},
};

/// Attributes start with a noun phrase, and not with one of these.
const NO_NOUNS: [&str; 10] = [
    "A", "An", "How", "It", "Most", "The", "What", "When", "Where", "Which",
];

/// Words and phrases that are not plain technical American English, in lower case.
const BANNED: &str = "all the same, as often as, asks nobody, at most once, behaviour, by hand, \
                      elsewhere, had better, hand it, hand over, is told, need not, never one too \
                      many, nobody, otherwise, so already, spelt, taken over, tells, that may \
                      pass, time-out, unless you, whatever, whoever";

#[test]
fn descriptions_of_all_schemas_follow_the_style() {
    let mut problems = Vec::new();
    for subject in subjects() {
        let mut check = |place: &str, text: &str, problem: Option<String>| {
            let found = sentence_problem(text).into_iter().chain(problem);
            problems.extend(found.map(|it| format!("{} {place}: {it}: {text:?}", subject.name)));
        };
        let mut attributes = match &subject.content {
            Content::Schema(schema) => {
                check("itself", &schema.description, None);
                all_attributes("", &schema.attributes)
            }
            Content::Signature(it) => {
                check("summary", &it.summary, noun_problem(&it.summary));
                check("description", &it.description, None);
                let parameters = it.parameters.iter().chain(&it.variadic);
                let parameters =
                    parameters.map(|it| required(&it.name, it.kind.clone(), &it.description));
                all_attributes("", &parameters.collect::<Vec<_>>())
            }
        };
        attributes.extend(all_attributes("identity ", &subject.identity));
        for (name, attribute) in attributes {
            check(&name, &attribute.description, attribute_problem(&attribute));
        }
    }

    assert!(problems.is_empty(), "{problems:#?}");
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
    let (before_default, _) = text.split_once("Defaults to").unwrap_or_default();
    let sentences = before_default.matches(". ").count();
    (sentences > 1).then(|| "the default is not in the second sentence".to_owned())
}

fn sentence_problem(text: &str) -> Option<String> {
    if !is_sentence(text) {
        return Some("is not a sentence from capital to period".to_owned());
    }
    let lower = text.to_lowercase();
    let banned = BANNED.split(", ").find(|banned| lower.contains(banned));
    banned.map(|banned| format!("contains {banned:?}"))
}

/// The attributes with their paths, those that are nested in others included.
fn all_attributes(prefix: &str, attributes: &[Attribute]) -> Vec<(String, Attribute)> {
    let with_nested = attributes.iter().flat_map(|attribute| {
        let name = format!("{prefix}{}", attribute.name);
        let nested = all_attributes(&format!("{name}."), attribute.nested());
        [(name, attribute.clone())].into_iter().chain(nested)
    });
    with_nested.collect()
}
