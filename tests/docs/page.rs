//! [`Subject::page`]: the Markdown page of the provider, or of something that it offers.
//!
//! The Registry shows such pages. Order and form are those of HashiCorp's generator for
//! providers in Go (terraform-plugin-docs), so readers find everything where they expect it:
//! front matter, description, example, schema, import. Attributes are sorted by name.

use realtimekit::{
    framework::{
        Declaration, Parameter, Provider, Signature, Type,
        schema::{Attribute, AttributeType, Nesting, Presence, Schema, optional, required},
    },
    provider::RealtimeKit,
};

use crate::read;

const MADE_BY: &str =
    "made by `UPDATE_DOCS=1 cargo test --test docs` from src/provider and examples: edit those";

/// Something that has a page.
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    /// By which configurations name it.
    pub(crate) name: &'static str,
    pub(crate) content: Content,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Provider,
    Resource,
    DataSource,
    ListResource,
    Action,
    Function,
}

/// What a subject says of itself.
pub(crate) enum Content {
    Schema(Schema),
    Signature(Signature),
}

/// Everything that has a page.
pub(crate) fn subjects() -> Vec<Subject> {
    let provider = RealtimeKit::default();
    let subject = |kind, name, schema| Subject {
        kind,
        name,
        content: Content::Schema(schema),
    };
    let itself = subject(Kind::Provider, "realtimekit", Provider::schema(&provider));
    let mut subjects = vec![itself];
    let mut declared = |kind, it: Declaration| {
        subjects.push(subject(kind, it.type_name, it.schema));
    };
    for it in provider.resources() {
        declared(Kind::Resource, it.declaration());
    }
    for it in provider.data_sources() {
        declared(Kind::DataSource, it.declaration());
    }
    for it in provider.list_resources() {
        declared(Kind::ListResource, it.declaration());
    }
    for it in provider.actions() {
        declared(Kind::Action, it.declaration());
    }
    let functions = provider.functions().into_iter().map(|it| Subject {
        kind: Kind::Function,
        name: it.name(),
        content: Content::Signature(it.signature()),
    });
    subjects.extend(functions);
    subjects
}

impl Subject {
    /// What it is called in titles, and the names of its directories and of its example.
    fn words(&self) -> [&'static str; 3] {
        match self.kind {
            Kind::Provider => ["Provider", "provider", "provider.tf"],
            Kind::Resource => ["Resource", "resources", "resource.tf"],
            Kind::DataSource => ["Data Source", "data-sources", "data-source.tf"],
            Kind::ListResource => [
                "List Resource",
                "list-resources",
                "list-resource.tfquery.hcl",
            ],
            Kind::Action => ["Action", "actions", "action.tf"],
            Kind::Function => ["function", "functions", "function.tf"],
        }
    }

    /// Where the examples are, from the root of the repository.
    pub(crate) fn examples(&self) -> String {
        match (self.kind, self.words()) {
            (Kind::Provider, _) => "examples/provider".to_owned(),
            (_, [_, directory, _]) => format!("examples/{directory}/{}", self.name),
        }
    }

    fn example(&self, file: &str) -> String {
        read(&format!("{}/{file}", self.examples()))
    }

    /// The identity of a resource, as attributes of a configuration.
    pub(crate) fn identity(&self) -> Vec<Attribute> {
        let resources = RealtimeKit::default().resources();
        let mut declared = resources.iter().map(|resource| resource.declaration());
        let declared = declared.find(|it| it.type_name == self.name).unwrap();
        let attributes = declared.identity.attributes.into_iter().map(|attribute| {
            let presence = match attribute.required_for_import {
                true => required,
                false => optional,
            };
            presence(&attribute.name, attribute.kind, &attribute.description)
        });
        attributes.collect()
    }

    /// Where the Registry looks for the page, and its text.
    #[track_caller]
    pub(crate) fn page(&self) -> (String, String) {
        let Self { kind, name, .. } = self;
        let [what, directory, file] = self.words();
        let path = match kind {
            Kind::Provider => "docs/index.md".to_owned(),
            Kind::Function => format!("docs/{directory}/{name}.md"),
            _ => format!(
                "docs/{directory}/{}.md",
                name.strip_prefix("realtimekit_").unwrap()
            ),
        };
        let (page_title, title) = match kind {
            Kind::Provider => (format!("{name} {what}\""), format!("{name} {what}")),
            _ => {
                let title = match kind {
                    Kind::Function => format!("function: {name}"),
                    _ => format!("{name} ({what})"),
                };
                let suffix = "terraform-provider-realtimekit\"\nsubcategory: \"\"";
                (format!("{name} {what} - {suffix}"), title)
            }
        };
        let (summary, description, content) = match &self.content {
            Content::Schema(schema) => {
                let attributes = attributes(&[], &schema.attributes);
                let content = format!("<!-- {MADE_BY} -->\n## Schema\n{attributes}");
                (&schema.description, &schema.description, content)
            }
            Content::Signature(it) => (&it.summary, &it.description, function(name, it)),
        };
        let summary = plain(summary).replace("\n\n", "\n  ");
        let usage = fenced("terraform", &self.example(file));
        let mut text = format!(
            "---\n# {MADE_BY}\npage_title: \"{page_title}\ndescription: |-\n  {summary}\n---\n\n\
             # {title}\n\n{description}\n\n## Example Usage\n\n{usage}\n{content}"
        );
        if *kind == Kind::Resource {
            text += &self.import();
        }
        (path, text)
    }

    /// How objects that exist come to be a resource's.
    fn import(&self) -> String {
        const LANGUAGE: &str = "https://developer.hashicorp.com/terraform/language";
        let by_block = |since: &str, attribute: &str, example: &str| {
            format!(
                "\nIn Terraform {since} and later, the [`import` block]({LANGUAGE}/import) can be \
                 used with the `{attribute}` attribute, for example:\n\n{}",
                fenced("terraform", &self.example(example))
            )
        };
        let identity = self.identity();
        let [required, optional] = [("Required", true), ("Optional", false)].map(|(title, is)| {
            let of_group = |it: &&Attribute| (it.presence == Presence::Required) == is;
            let mut group: Vec<_> = identity.iter().filter(of_group).collect();
            group.sort_unstable_by_key(|it| &it.name);
            let lines: String = group.into_iter().map(|it| line(&[], it)).collect();
            format!("\n#### {title}\n\n{lines}")
        });
        format!(
            "\n## Import\n\nImport is supported using the following syntax:\n{}\n### Identity \
             Schema\n{required}{optional}{}\nThe [`terraform import` command]\
             (https://developer.hashicorp.com/terraform/cli/commands/import) can be used, for \
             example:\n\n{}\n## Move\n\nIn Terraform v1.8.0 and later, the [`moved` block]\
             ({LANGUAGE}/moved) can take over objects that another resource type manages, for \
             example:\n\n{}",
            by_block("v1.12.0", "identity", "import-by-identity.tf"),
            by_block("v1.5.0", "id", "import-by-string-id.tf"),
            fenced("shell", &self.example("import.sh")),
            fenced("terraform", &self.example("moved.tf")),
        )
    }
}

/// The attributes at a path, in groups by who sets them, and below them those that are nested.
fn attributes(path: &[&str], all: &[Attribute]) -> String {
    let mut all: Vec<&Attribute> = all.iter().collect();
    all.sort_unstable_by_key(|attribute| &attribute.name);
    let mut text = String::new();
    for group in ["Required", "Optional", "Read-Only"] {
        let of_group = all.iter().filter(|it| group_of(it) == group);
        let lines: String = of_group.map(|attribute| line(path, attribute)).collect();
        text += &match (lines.as_str(), path) {
            ("", _) => String::new(),
            (_, []) => format!("\n### {group}\n\n{lines}"),
            _ => format!("\n{group}:\n\n{lines}"),
        };
    }
    for attribute in all {
        if let AttributeType::Nested(_, nested) = &attribute.kind {
            let path = [path, &[attribute.name.as_str()]].concat();
            let (anchor, title) = (path.join("--"), path.join("."));
            let heading = format!("### Nested Schema for `{title}`");
            let rest = attributes(&path, nested);
            text += &format!("\n<a id=\"nestedatt--{anchor}\"></a>\n{heading}\n{rest}");
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

/// An attribute of a block at this path.
fn line(path: &[&str], attribute: &Attribute) -> String {
    let (kind, nested) = match &attribute.kind {
        AttributeType::Value(kind) => (type_in_words(kind), String::new()),
        AttributeType::Nested(nesting, _) => {
            let kind = match nesting {
                Nesting::Single => "Attributes",
                Nesting::List => "Attributes List",
                Nesting::Map => "Attributes Map",
            };
            let anchor = [path, &[attribute.name.as_str()]].concat().join("--");
            let below = format!(" (see [below for nested schema](#nestedatt--{anchor}))");
            (kind.to_owned(), below)
        }
    };
    let note = |is_so, text| if is_so { text } else { "" };
    let sensitive = note(attribute.sensitive, ", Sensitive");
    let deprecated = note(attribute.deprecation.is_some(), ", Deprecated");
    let replace = note(
        attribute.requires_replace,
        " Requires replacement if changed.",
    );
    let Attribute {
        name, description, ..
    } = attribute;
    format!("- `{name}` ({kind}{sensitive}{deprecated}) {description}{replace}{nested}\n")
}

/// How a function is called, and what each argument means. Markdown counts on from the first.
fn function(name: &str, signature: &Signature) -> String {
    let in_words = |it: &Parameter| format!("{} {}", it.name, in_hcl(&it.kind));
    let explained = |it: &Parameter, how: &str| {
        let kind = type_in_words(&it.kind);
        format!("1. `{}` ({how}{kind}) {}\n", it.name, it.description)
    };
    let parameters = signature.parameters.iter();
    let mut called: Vec<String> = parameters.clone().map(in_words).collect();
    let mut arguments: String = parameters.map(|it| explained(it, "")).collect();
    if let Some(last) = &signature.variadic {
        called.push(in_words(last) + "...");
        arguments += &explained(last, "Variadic, ");
    }
    let call = format!(
        "{name}({}) {}",
        called.join(", "),
        in_hcl(&signature.returns)
    );
    let call = fenced("text", &call);
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
