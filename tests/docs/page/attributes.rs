//! The section "Schema": attributes, in groups by who sets them, and nested ones below.

use std::fmt::{self, Formatter};

use realtimekit::framework::{
    Type,
    schema::{Attribute, AttributeType, Nesting, Presence},
};

/// The attributes of a block, and below them those of the blocks in it.
pub(super) fn write(f: &mut Formatter<'_>, all: &[Attribute]) -> fmt::Result {
    attributes(f, &Block::root(all))
}

/// The attributes of an identity: what an import must say, and what it may.
pub(super) fn write_identity(f: &mut Formatter<'_>, all: &[Attribute]) -> fmt::Result {
    let block = Block::root(all);
    for group in ["Required", "Optional"] {
        let mut members = block.group(group).peekable();
        if members.peek().is_some() {
            writeln!(f, "\n#### {group}\n")?;
        }
        for attribute in members {
            line(f, attribute, None)?;
        }
    }
    Ok(())
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
        let AttributeType::Nested(_, attributes) = &attribute.kind else {
            return None;
        };
        let path = self.path.iter().copied().chain([attribute.name.as_str()]);
        Some(Self::at(path.collect(), attributes))
    }

    fn group(&self, group: &str) -> impl Iterator<Item = &'b Attribute> {
        let members = self.attributes.iter().copied();
        members.filter(move |one| group_of(one) == group)
    }

    fn anchor(&self) -> String {
        format!("nestedatt--{}", self.path.join("--"))
    }
}

fn attributes(f: &mut Formatter<'_>, block: &Block<'_>) -> fmt::Result {
    for group in ["Required", "Optional", "Read-Only"] {
        let mut members = block.group(group).peekable();
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

fn kind_in_words(kind: &AttributeType) -> String {
    match kind {
        AttributeType::Value(kind) => type_in_words(kind),
        AttributeType::Nested(Nesting::Single, _) => "Attributes".to_owned(),
        AttributeType::Nested(Nesting::List, _) => "Attributes List".to_owned(),
        AttributeType::Nested(Nesting::Map, _) => "Attributes Map".to_owned(),
    }
}

/// A type as a title.
pub(super) fn type_in_words(kind: &Type) -> String {
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
