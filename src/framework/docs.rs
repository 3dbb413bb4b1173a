//! [`Page`]: the Markdown page of a provider, a resource or a data source. Pure: schema and
//! examples in, text out.
//!
//! The Registry shows such pages. Order and form are those of HashiCorp's generator for
//! providers in Go (terraform-plugin-docs), so readers find everything where they expect it:
//! front matter, description, example, schema, import. Attributes are sorted by name.

use std::fmt::{self, Formatter};

use super::{
    schema::{Attribute, Kind, Nesting, Presence, Schema},
    value::Type,
};

/// A page. It displays as Markdown.
#[derive(Debug, Clone)]
pub struct Page<'p> {
    /// What is described.
    pub subject: Subject,
    /// Name of the provider: `realtimekit`.
    pub provider: &'p str,
    /// What may be configured, and what it means.
    pub schema: &'p Schema,
    /// How it is used, in HCL.
    pub example: &'p str,
    /// How objects that exist are adopted; only of a resource.
    pub import: Option<Import<'p>>,
    /// How the page is made, for who is about to edit it.
    pub made_by: &'p str,
}

/// What a page describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The provider block.
    Provider,
    /// A resource, by its type name.
    Resource(&'static str),
    /// A data source, by its type name.
    DataSource(&'static str),
}

/// How objects that exist are adopted.
#[derive(Debug, Clone, Copy)]
pub struct Import<'p> {
    /// By an `import` block, in HCL.
    pub block: &'p str,
    /// By `terraform import`, as shell commands.
    pub command: &'p str,
}

impl Page<'_> {
    /// Where the Registry looks for the page, from the root of the repository.
    pub fn path(&self) -> String {
        let file = |type_name: &str| {
            let prefix = format!("{}_", self.provider);
            format!(
                "{}.md",
                type_name.strip_prefix(&prefix).unwrap_or(type_name)
            )
        };
        match self.subject {
            Subject::Provider => "docs/index.md".to_owned(),
            Subject::Resource(name) => format!("docs/resources/{}", file(name)),
            Subject::DataSource(name) => format!("docs/data-sources/{}", file(name)),
        }
    }

    fn front_matter(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            provider, made_by, ..
        } = self;
        let title = match self.subject {
            Subject::Provider => format!("{provider} Provider"),
            Subject::Resource(name) => format!("{name} Resource - terraform-provider-{provider}"),
            Subject::DataSource(name) => {
                format!("{name} Data Source - terraform-provider-{provider}")
            }
        };
        writeln!(f, "---\n# {made_by}\npage_title: {title:?}")?;
        if self.subject != Subject::Provider {
            writeln!(f, "subcategory: \"\"")?;
        }
        let summary = self
            .schema
            .description
            .split("\n\n")
            .next()
            .unwrap_or_default();
        writeln!(f, "description: |-\n  {}\n---", plain(summary))
    }

    fn title(&self) -> String {
        match self.subject {
            Subject::Provider => format!("{} Provider", self.provider),
            Subject::Resource(name) => format!("{name} (Resource)"),
            Subject::DataSource(name) => format!("{name} (Data Source)"),
        }
    }
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.front_matter(f)?;
        writeln!(f, "\n# {}\n\n{}", self.title(), self.schema.description)?;
        writeln!(
            f,
            "\n## Example Usage\n\n{}",
            fenced("terraform", self.example)
        )?;
        writeln!(f, "\n<!-- {} -->\n## Schema", self.made_by)?;
        attributes(f, &Block::root(&self.schema.attributes))?;
        match &self.import {
            Some(import) => import.fmt(f),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Import<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let block = fenced("terraform", self.block);
        let command = fenced("shell", self.command);
        write!(
            f,
            "
## Import

Import is supported using the following syntax:

In Terraform v1.5.0 and later, the [`import` \
block](https://developer.hashicorp.com/terraform/language/import) can be used with the `id` \
attribute, for example:

{block}

The [`terraform import` \
command](https://developer.hashicorp.com/terraform/cli/commands/import) can be used, for example:

{command}
"
        )
    }
}

/// Attributes that stand together, and the path to them.
struct Block<'b> {
    path: Vec<&'b str>,
    attributes: Vec<&'b Attribute>,
}

impl<'b> Block<'b> {
    fn root(attributes: &'b [Attribute]) -> Self {
        Self::at(Vec::new(), attributes)
    }

    fn at(path: Vec<&'b str>, attributes: &'b [Attribute]) -> Self {
        let mut attributes: Vec<_> = attributes.iter().collect();
        attributes.sort_unstable_by_key(|attribute| &attribute.name);
        Self { path, attributes }
    }

    /// The block that a nested attribute holds.
    fn nested(&self, attribute: &'b Attribute) -> Option<Self> {
        let Kind::Nested(_, attributes) = &attribute.kind else {
            return None;
        };
        let path = self.path.iter().copied().chain([attribute.name.as_str()]);
        Some(Self::at(path.collect(), attributes))
    }

    fn anchor(&self) -> String {
        format!("nestedatt--{}", self.path.join("--"))
    }
}

fn attributes(f: &mut Formatter<'_>, block: &Block<'_>) -> fmt::Result {
    for group in ["Required", "Optional", "Read-Only"] {
        let mut members = block
            .attributes
            .iter()
            .filter(|one| group_of(one) == group)
            .peekable();
        match (members.peek().is_some(), block.path.is_empty()) {
            (true, true) => writeln!(f, "\n### {group}\n")?,
            (true, false) => writeln!(f, "\n{group}:\n")?,
            (false, _) => {}
        }
        for attribute in members {
            line(f, attribute, block.nested(attribute).as_ref())?;
        }
    }
    for nested in block
        .attributes
        .iter()
        .filter_map(|attribute| block.nested(attribute))
    {
        writeln!(f, "\n<a id=\"{}\"></a>", nested.anchor())?;
        writeln!(f, "### Nested Schema for `{}`", nested.path.join("."))?;
        attributes(f, &nested)?;
    }
    Ok(())
}

fn group_of(attribute: &Attribute) -> &'static str {
    match attribute.presence {
        Presence::Required => "Required",
        Presence::Optional | Presence::OptionalComputed => "Optional",
        Presence::Computed => "Read-Only",
    }
}

fn line(f: &mut Formatter<'_>, attribute: &Attribute, nested: Option<&Block<'_>>) -> fmt::Result {
    let Attribute {
        name,
        kind,
        description,
        ..
    } = attribute;
    write!(f, "- `{name}` ({}", kind_in_words(kind))?;
    if attribute.sensitive {
        write!(f, ", Sensitive")?;
    }
    if attribute.deprecation.is_some() {
        write!(f, ", Deprecated")?;
    }
    write!(f, ") {description}")?;
    if attribute.requires_replace {
        write!(f, " Requires replacement if changed.")?;
    }
    if let Some(nested) = nested {
        write!(f, " (see [below for nested schema](#{}))", nested.anchor())?;
    }
    writeln!(f)
}

fn kind_in_words(kind: &Kind) -> String {
    match kind {
        Kind::Value(kind) => type_in_words(kind),
        Kind::Nested(Nesting::Single, _) => "Attributes".to_owned(),
        Kind::Nested(Nesting::List, _) => "Attributes List".to_owned(),
        Kind::Nested(Nesting::Map, _) => "Attributes Map".to_owned(),
    }
}

fn type_in_words(kind: &Type) -> String {
    match kind {
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", type_in_words(element)),
        Type::Set(element) => format!("Set of {}", type_in_words(element)),
        Type::Map(element) => format!("Map of {}", type_in_words(element)),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Object(_) => "Object".to_owned(),
    }
}

fn fenced(language: &str, code: &str) -> String {
    format!("```{language}\n{}\n```", code.trim())
}

/// Markdown without its marks: links become their text.
fn plain(markdown: &str) -> String {
    let mut parts = markdown.split("](");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text += part.split_once(')').map_or(part, |(_url, rest)| rest);
    }
    text.replace(['[', '`', '*'], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::schema::{computed, optional, required};

    fn schema() -> Schema {
        let rule = vec![
            required("port", Type::Number, "Port."),
            computed("hits", Type::Number, "How often it was used."),
        ];
        Schema::new(
            "Lets [requests](https://example.com/r) in, by `port`.\n\nAt most 9.",
            [
                optional("rules", Kind::Nested(Nesting::List, rule), "The rules."),
                required("name", Type::String, "A name.").requires_replace(),
                optional("tags", Type::map(Type::String), "Labels.").or_computed(),
                optional("key", Type::String, "A key.").sensitive(),
                computed("id", Type::String, "An identifier."),
            ],
        )
    }

    fn page<'p>(subject: Subject, schema: &'p Schema, import: Option<Import<'p>>) -> Page<'p> {
        Page {
            subject,
            provider: "wall",
            schema,
            example: "resource \"wall_gate\" \"one\" {}\n",
            import,
            made_by: "made by a test",
        }
    }

    #[test]
    fn a_page_has_the_sections_in_the_registrys_order() {
        let import = Import {
            block: "import {}\n",
            command: "terraform import wall_gate.one 1\n",
        };

        let text = page(Subject::Resource("wall_gate"), &schema(), Some(import)).to_string();

        let expected = r#"---
# made by a test
page_title: "wall_gate Resource - terraform-provider-wall"
subcategory: ""
description: |-
  Lets requests in, by port.
---

# wall_gate (Resource)

Lets [requests](https://example.com/r) in, by `port`.

At most 9.

## Example Usage

```terraform
resource "wall_gate" "one" {}
```

<!-- made by a test -->
## Schema

### Required

- `name` (String) A name. Requires replacement if changed.

### Optional

- `key` (String, Sensitive) A key.
- `rules` (Attributes List) The rules. (see [below for nested schema](#nestedatt--rules))
- `tags` (Map of String) Labels.

### Read-Only

- `id` (String) An identifier.

<a id="nestedatt--rules"></a>
### Nested Schema for `rules`

Required:

- `port` (Number) Port.

Read-Only:

- `hits` (Number) How often it was used.

## Import

Import is supported using the following syntax:

In Terraform v1.5.0 and later, the [`import` block](https://developer.hashicorp.com/terraform/language/import) can be used with the `id` attribute, for example:

```terraform
import {}
```

The [`terraform import` command](https://developer.hashicorp.com/terraform/cli/commands/import) can be used, for example:

```shell
terraform import wall_gate.one 1
```
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn anchors_of_deeper_blocks_name_the_whole_way() {
        let inner = Kind::Nested(Nesting::Map, vec![computed("c", Type::Bool, "C.")]);
        let outer = Kind::Nested(Nesting::Single, vec![computed("b", inner, "B.")]);
        let schema = Schema::new("Nested.", [computed("a", outer, "A.")]);

        let text = page(Subject::DataSource("wall_gate"), &schema, None).to_string();

        assert!(text.contains(
            "- `b` (Attributes Map) B. (see [below for nested schema](#nestedatt--a--b))"
        ));
        assert!(text.ends_with(
            "<a id=\"nestedatt--a--b\"></a>\n### Nested Schema for `a.b`\n\nRead-Only:\n\n- `c` (Boolean) C.\n"
        ));
    }

    #[test]
    fn a_page_is_where_the_registry_looks_for_it() {
        let schema = schema();
        let path = |subject| page(subject, &schema, None).path();

        assert_eq!(path(Subject::Provider), "docs/index.md");
        assert_eq!(
            path(Subject::Resource("wall_gate")),
            "docs/resources/gate.md"
        );
        assert_eq!(
            path(Subject::DataSource("wall_gate")),
            "docs/data-sources/gate.md"
        );
    }

    #[test]
    fn the_page_of_a_provider_is_named_after_it_and_has_no_category() {
        let text = page(Subject::Provider, &schema(), None).to_string();

        assert!(text.contains("page_title: \"wall Provider\"\ndescription: |-\n"));
        assert!(text.contains("\n# wall Provider\n"));
    }
}
