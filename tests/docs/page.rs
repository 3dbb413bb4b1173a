//! [`Subject::page`]: the Markdown page of the provider, or of something that it offers.
//!
//! The Registry shows such pages. Order and form are those of HashiCorp's generator for
//! providers in Go (terraform-plugin-docs), so readers find everything where they expect it:
//! front matter, description, example, schema, import. Attributes are sorted by name.

use realtimekit::{
    framework::{
        Declaration, Provider, Signature, Type,
        schema::{Attribute, AttributeType, Nesting, Presence, Schema, optional, required},
    },
    provider::RealtimeKit,
};

use crate::read;

const MADE_BY: &str =
    "made by `UPDATE_DOCS=1 cargo test --test docs` from src/provider and examples: edit those";
const HASHICORP: &str = "https://developer.hashicorp.com/terraform";

/// Something that has a page.
pub(crate) struct Subject {
    /// What it is called in titles.
    what: &'static str,
    /// By which configurations name it.
    pub(crate) name: &'static str,
    pub(crate) content: Content,
    /// The identity of a resource, as attributes of a configuration.
    pub(crate) identity: Vec<Attribute>,
}

/// What a subject says of itself.
pub(crate) enum Content {
    Schema(Schema),
    Signature(Signature),
}

/// Everything that has a page.
pub(crate) fn subjects() -> Vec<Subject> {
    let provider = RealtimeKit::default();
    let subject = |what, name, content| Subject {
        what,
        name,
        content,
        identity: Vec::new(),
    };
    let schema = Content::Schema(Provider::schema(&provider));
    let mut subjects = vec![subject("Provider", "realtimekit", schema)];
    let mut declared = |what, it: Declaration| {
        let identity = it.identity.attributes.into_iter().map(|it| {
            let presence = match it.required_for_import {
                true => required,
                false => optional,
            };
            presence(&it.name, it.kind, &it.description)
        });
        subjects.push(Subject {
            identity: identity.collect(),
            ..subject(what, it.type_name, Content::Schema(it.schema))
        });
    };
    for it in provider.resources() {
        declared("Resource", it.declaration());
    }
    for it in provider.data_sources() {
        declared("Data Source", it.declaration());
    }
    for it in provider.list_resources() {
        declared("List Resource", it.declaration());
    }
    for it in provider.actions() {
        declared("Action", it.declaration());
    }
    for it in provider.functions() {
        let signature = Content::Signature(it.signature());
        subjects.push(subject("function", it.name(), signature));
    }
    subjects
}

impl Subject {
    /// What it is called in names of files.
    fn file_stem(&self) -> String {
        self.what.to_lowercase().replace(' ', "-")
    }

    /// Where the examples are, from the root of the repository.
    pub(crate) fn examples(&self) -> String {
        match self.what {
            "Provider" => "examples/provider".to_owned(),
            _ => format!("examples/{}s/{}", self.file_stem(), self.name),
        }
    }

    /// An example, as a block of code.
    fn example(&self, language: &str, file: &str) -> String {
        fenced(language, &read(&format!("{}/{file}", self.examples())))
    }

    /// Where the Registry looks for the page, and its text.
    #[track_caller]
    pub(crate) fn page(&self) -> (String, String) {
        let Self { what, name, .. } = *self;
        let stem = self.file_stem();
        let short_name = name.trim_start_matches("realtimekit_");
        let (path, title) = match what {
            "Provider" => ("index".to_owned(), format!("{name} {what}")),
            "function" => (format!("{stem}s/{name}"), format!("function: {name}")),
            _ => (format!("{stem}s/{short_name}"), format!("{name} ({what})")),
        };
        let page_title = match what {
            "Provider" => format!("{title}\""),
            _ => format!("{name} {what} - terraform-provider-realtimekit\"\nsubcategory: \"\""),
        };
        let extension = match what {
            "List Resource" => "tfquery.hcl",
            _ => "tf",
        };
        let usage = self.example("terraform", &format!("{stem}.{extension}"));
        let (summary, description, content) = match &self.content {
            Content::Schema(schema) => {
                let attributes = attributes("", &schema.attributes);
                let content = format!("<!-- {MADE_BY} -->\n## Schema\n{attributes}");
                (&schema.description, &schema.description, content)
            }
            Content::Signature(it) => (&it.summary, &it.description, function(name, it)),
        };
        let summary = plain(summary).replace("\n\n", "\n  ");
        let mut text = format!(
            "---\n# {MADE_BY}\npage_title: \"{page_title}\ndescription: |-\n  {summary}\n---\n\n\
             # {title}\n\n{description}\n\n## Example Usage\n\n{usage}\n{content}"
        );
        if what == "Resource" {
            text += &self.import();
        }
        (format!("docs/{path}.md"), text)
    }

    /// How objects that exist come to be a resource's.
    fn import(&self) -> String {
        let by_block = |since: &str, attribute: &str, file: &str| {
            let example = self.example("terraform", file);
            format!(
                "\nIn Terraform {since} and later, the [`import` block]\
                 ({HASHICORP}/language/import) can be used with the `{attribute}` attribute, for \
                 example:\n\n{example}"
            )
        };
        format!(
            "\n## Import\n\nImport is supported using the following syntax:\n{}\n### Identity \
             Schema\n{}{}\nThe [`terraform import` command]({HASHICORP}/cli/commands/import) can \
             be used, for example:\n\n{}\n## Move\n\nIn Terraform v1.8.0 and later, the [`moved` \
             block]({HASHICORP}/language/moved) can take over objects that another resource type \
             manages, for example:\n\n{}",
            by_block("v1.12.0", "identity", "import-by-identity.tf"),
            groups("\n#### {group}\n\n", "", &self.identity),
            by_block("v1.5.0", "id", "import-by-string-id.tf"),
            self.example("shell", "import.sh"),
            self.example("terraform", "moved.tf"),
        )
    }
}

/// Attributes in groups by who sets them, each group below a heading. The names of nested ones start
/// with `prefix`: the path that leads to them.
fn groups(heading: &str, prefix: &str, attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for group in ["Required", "Optional", "Read-Only"] {
        let mut members = sorted(attributes);
        members.retain(|attribute| group_of(attribute) == group);
        if !members.is_empty() {
            text += &heading.replace("{group}", group);
            text.extend(members.into_iter().map(|it| line(prefix, it)));
        }
    }
    text
}

fn group_of(attribute: &Attribute) -> &'static str {
    match attribute.presence {
        Presence::Required => "Required",
        Presence::Optional | Presence::OptionalComputed => "Optional",
        Presence::Computed => "Read-Only",
    }
}

fn sorted(attributes: &[Attribute]) -> Vec<&Attribute> {
    let mut sorted: Vec<&Attribute> = attributes.iter().collect();
    sorted.sort_unstable_by_key(|attribute| &attribute.name);
    sorted
}

/// The attributes of a block or of nested objects, and below them those that are nested in these.
fn attributes(prefix: &str, all: &[Attribute]) -> String {
    let heading = match prefix {
        "" => "\n### {group}\n\n",
        _ => "\n{group}:\n\n",
    };
    let mut text = groups(heading, prefix, all);
    for attribute in sorted(all) {
        if let AttributeType::Nested(_, nested) = &attribute.kind {
            let path = format!("{prefix}{}", attribute.name);
            let heading = format!("### Nested Schema for `{path}`");
            let rest = attributes(&format!("{path}."), nested);
            text += &format!("\n<a id=\"{}\"></a>\n{heading}\n{rest}", anchor(&path));
        }
    }
    text
}

/// Where the objects of a nested attribute are explained.
fn anchor(path: &str) -> String {
    format!("nestedatt--{}", path.replace('.', "--"))
}

fn line(prefix: &str, attribute: &Attribute) -> String {
    let Attribute { name, .. } = attribute;
    let anchor = anchor(&format!("{prefix}{name}"));
    let below = format!(" (see [below for nested schema](#{anchor}))");
    let (kind, below) = match &attribute.kind {
        AttributeType::Value(kind) => (type_in_words(kind), String::new()),
        AttributeType::Nested(Nesting::Single, _) => ("Attributes".to_owned(), below),
        AttributeType::Nested(nesting, _) => (format!("Attributes {nesting:?}"), below),
    };
    let note = |is_so: bool, note: &'static str| if is_so { note } else { "" };
    let sensitive = note(attribute.sensitive, ", Sensitive");
    let deprecated = note(attribute.deprecation.is_some(), ", Deprecated");
    let notice = " Requires replacement if changed.";
    let replaced = note(attribute.requires_replace, notice);
    let description = &attribute.description;
    format!("- `{name}` ({kind}{sensitive}{deprecated}) {description}{replaced}{below}\n")
}

/// How a function is called, and what each argument means. Markdown counts on from the first.
fn function(name: &str, signature: &Signature) -> String {
    let fixed = signature.parameters.iter().map(|it| (it, "", ""));
    let last = signature.variadic.iter();
    let last = last.map(|it| (it, "...", "Variadic, "));
    let (mut called, mut arguments) = (Vec::new(), String::new());
    for (it, dots, how) in fixed.chain(last) {
        called.push(format!("{} {}{dots}", it.name, in_hcl(&it.kind)));
        let kind = type_in_words(&it.kind);
        arguments += &format!("1. `{}` ({how}{kind}) {}\n", it.name, it.description);
    }
    let (called, returns) = (called.join(", "), in_hcl(&signature.returns));
    let call = fenced("text", &format!("{name}({called}) {returns}"));
    let made_by = format!("<!-- {MADE_BY} -->");
    format!("## Signature\n\n{made_by}\n{call}\n## Arguments\n\n{made_by}\n{arguments}")
}

/// A type as Terraform's messages name it.
fn in_hcl(kind: &Type) -> String {
    match kind {
        Type::Bool => "bool".to_owned(),
        _ => type_in_words(kind).to_lowercase(),
    }
}

/// A type as a title.
fn type_in_words(kind: &Type) -> String {
    match kind {
        Type::Bool => "Boolean".to_owned(),
        Type::Number | Type::Integer => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::List(element) => format!("List of {}", type_in_words(element)),
        Type::Set(element) => format!("Set of {}", type_in_words(element)),
        Type::Map(element) => format!("Map of {}", type_in_words(element)),
        Type::Object(_) => "Object".to_owned(),
    }
}

fn fenced(language: &str, code: &str) -> String {
    format!("```{language}\n{}\n```\n", code.trim())
}

/// Markdown without its marks: links become their text.
fn plain(markdown: &str) -> String {
    let (mut text, mut rest, mut in_code) = (String::new(), markdown, false);
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '`' => in_code = !in_code,
            '[' | '*' if !in_code => {}
            ']' if !in_code && rest.starts_with('(') => {
                rest = rest.split_once(')').map_or("", |(_url, rest)| rest);
            }
            _ => text.push(first),
        }
    }
    text
}
