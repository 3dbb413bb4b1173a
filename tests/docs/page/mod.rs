//! [`Page`]: the Markdown page of a provider, or of something that it offers. Pure: schema and
//! examples in, text out.
//!
//! The Registry shows such pages. Order and form are those of HashiCorp's generator for
//! providers in Go (terraform-plugin-docs), so readers find everything where they expect it:
//! front matter, description, example, schema, import. Attributes are sorted by name.

mod attributes;
mod function;
mod import;
mod tests;

use std::fmt::{self, Formatter};

use realtimekit::framework::{Signature, schema::Schema};

pub(crate) use self::import::{Identity, Import};

/// A page. It displays as Markdown.
#[derive(Debug, Clone)]
pub(crate) struct Page<'p> {
    /// What is described.
    pub(crate) subject: Subject,
    /// Name of the provider: `realtimekit`.
    pub(crate) provider: &'p str,
    /// What it means.
    pub(crate) content: Content<'p>,
    /// How it is used, in HCL.
    pub(crate) example: &'p str,
    /// How objects that exist are adopted; only of a resource.
    pub(crate) import: Option<Import<'p>>,
    /// How objects of other resource types are taken over, in HCL; only of a resource.
    pub(crate) moved: Option<&'p str>,
    /// How the page is made, for who is about to edit it.
    pub(crate) made_by: &'p str,
}

/// What a page describes, by its name in HCL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The provider block.
    Provider,
    /// A resource, by its type name.
    Resource(&'static str),
    /// A data source, by its type name.
    DataSource(&'static str),
    /// A list resource, by its type name.
    ListResource(&'static str),
    /// An action, by its type name.
    Action(&'static str),
    /// A function, by its name.
    Function(&'static str),
}

/// What there is to say.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content<'p> {
    /// What may be configured, and what is stored.
    Schema(&'p Schema),
    /// What is taken and returned.
    Signature(&'p Signature),
}

impl Subject {
    /// The name, what it is called in titles, and the name of its directories.
    fn words(self) -> Option<(&'static str, &'static str, &'static str)> {
        match self {
            Self::Provider => None,
            Self::Resource(name) => Some((name, "Resource", "resources")),
            Self::DataSource(name) => Some((name, "Data Source", "data-sources")),
            Self::ListResource(name) => Some((name, "List Resource", "list-resources")),
            Self::Action(name) => Some((name, "Action", "actions")),
            Self::Function(name) => Some((name, "function", "functions")),
        }
    }

    /// Where the examples are, from the root of the repository.
    pub(crate) fn examples(self) -> String {
        match self.words() {
            None => "examples/provider".to_owned(),
            Some((name, _, directory)) => format!("examples/{directory}/{name}"),
        }
    }

    /// The file of the example, among the others.
    pub(crate) fn example_file(self) -> &'static str {
        match self {
            Self::Provider => "provider.tf",
            Self::Resource(_) => "resource.tf",
            Self::DataSource(_) => "data-source.tf",
            Self::ListResource(_) => "list-resource.tfquery.hcl",
            Self::Action(_) => "action.tf",
            Self::Function(_) => "function.tf",
        }
    }
}

impl Content<'_> {
    /// The Markdown of which the front matter has the plain text.
    fn summary(&self) -> &str {
        match self {
            Self::Schema(schema) => &schema.description,
            Self::Signature(signature) => &signature.summary,
        }
    }

    fn description(&self) -> &str {
        match self {
            Self::Schema(schema) => &schema.description,
            Self::Signature(signature) => &signature.description,
        }
    }
}

impl Page<'_> {
    /// Where the Registry looks for the page, from the root of the repository.
    pub(crate) fn path(&self) -> String {
        let Some((name, _, directory)) = self.subject.words() else {
            return "docs/index.md".to_owned();
        };
        let prefix = match self.subject {
            Subject::Function(_) => String::new(), // it may be named after the provider
            _ => format!("{}_", self.provider),
        };
        let file = name.strip_prefix(&prefix).unwrap_or(name);
        format!("docs/{directory}/{file}.md")
    }

    fn front_matter(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            provider, made_by, ..
        } = self;
        let title = match self.subject.words() {
            None => format!("{provider} Provider"),
            Some((name, what, _)) => format!("{name} {what} - terraform-provider-{provider}"),
        };
        writeln!(f, "---\n# {made_by}\npage_title: {title:?}")?;
        if self.subject != Subject::Provider {
            writeln!(f, "subcategory: \"\"")?;
        }
        let summary = plain(self.content.summary()).replace("\n\n", "\n  ");
        writeln!(f, "description: |-\n  {summary}\n---")
    }

    fn title(&self) -> String {
        match (self.subject, self.subject.words()) {
            (_, None) => format!("{} Provider", self.provider),
            (Subject::Function(name), _) => format!("function: {name}"),
            (_, Some((name, what, _))) => format!("{name} ({what})"),
        }
    }

    fn content(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let made_by = self.made_by;
        match self.content {
            Content::Schema(schema) => {
                writeln!(f, "\n<!-- {made_by} -->\n## Schema")?;
                attributes::write(f, &schema.attributes)
            }
            Content::Signature(signature) => {
                let name = self.subject.words().map_or(self.provider, |words| words.0);
                writeln!(f, "\n## Signature\n\n<!-- {made_by} -->")?;
                function::write_signature(f, name, signature)?;
                writeln!(f, "\n## Arguments\n\n<!-- {made_by} -->")?;
                function::write_arguments(f, signature)
            }
        }
    }
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.front_matter(f)?;
        writeln!(f, "\n# {}\n\n{}", self.title(), self.content.description())?;
        writeln!(
            f,
            "\n## Example Usage\n\n{}",
            fenced("terraform", self.example)
        )?;
        self.content(f)?;
        if let Some(import) = &self.import {
            import.fmt(f)?;
        }
        self.moved.map_or(Ok(()), |block| write_moved(f, block))
    }
}

fn write_moved(f: &mut Formatter<'_>, block: &str) -> fmt::Result {
    let block = fenced("terraform", block);
    write!(
        f,
        "
## Move

In Terraform v1.8.0 and later, the [`moved` \
block](https://developer.hashicorp.com/terraform/language/moved) can take over objects that \
another resource type manages, for example:

{block}
"
    )
}

fn fenced(language: &str, code: &str) -> String {
    format!("```{language}\n{}\n```", code.trim())
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
