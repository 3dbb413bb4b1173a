//! [`Schema`]: the attributes of a block, one line each: name, type, words and plan behavior.
//!
//! Blocks are left out: nested attributes do all they can, and may be null or computed.

use super::{
    diagnostics::Diagnostics,
    value::{Object, Type, Value},
};

/// What a practitioner may write in a block, and what Terraform stores of it.
#[derive(Debug, Clone)]
pub struct Schema {
    /// What the block is, in Markdown.
    pub description: String,
    /// The version of the stored state; 0 until an attribute changes its meaning.
    pub version: i64,
    /// The attributes.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// A schema of version 0.
    pub fn new(
        description: impl Into<String>,
        attributes: impl IntoIterator<Item = Attribute>,
    ) -> Self {
        Self {
            description: description.into(),
            version: 0,
            attributes: attributes.into_iter().collect(),
        }
    }

    /// The same for a block that is configured only, where a default is no computed value.
    ///
    /// Panics if an attribute, also a nested one, is computed: nothing is stored.
    #[must_use]
    pub fn never_stored(mut self) -> Self {
        never_stored(&mut self.attributes);
        self
    }

    /// The type of the whole block.
    pub fn object_type(&self) -> Type {
        object_type(&self.attributes)
    }
}

fn never_stored(attributes: &mut [Attribute]) {
    for attribute in attributes {
        let Attribute { name, presence, .. } = attribute;
        assert!(
            *presence != Presence::Computed,
            "{name} is computed, but nothing is stored"
        );
        if *presence == Presence::OptionalComputed {
            *presence = Presence::Optional;
        }
        if let AttributeType::Nested(_, inner) = &mut attribute.kind {
            never_stored(inner);
        }
    }
}

/// The type of an object with these attributes.
pub fn object_type(attributes: &[Attribute]) -> Type {
    let types = attributes
        .iter()
        .map(|attribute| (attribute.name.as_str(), attribute.kind.to_type()));
    Type::object(types)
}

/// One attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// As in HCL.
    pub name: String,
    /// What it holds.
    pub kind: AttributeType,
    /// Who sets it.
    pub presence: Presence,
    /// What it means, in Markdown.
    pub description: String,
    /// Whether Terraform hides it from its output.
    pub sensitive: bool,
    /// What to use instead, if it should not be used any more.
    pub deprecation: Option<String>,
    /// Where its planned value comes from when the configuration has none.
    pub default: Option<DefaultValue>,
    /// Whether a change means another object.
    pub requires_replace: bool,
    /// Whether an update leaves it as it is.
    pub use_state_for_unknown: bool,
    /// Whether only Terraform stores it, so that its change leaves computed attributes as they are.
    pub local: bool,
    /// What is checked of a configured value.
    pub validators: Vec<Validator>,
}

/// What an attribute holds.
#[derive(Debug, Clone)]
pub enum AttributeType {
    /// A value of a type.
    Value(Type),
    /// One or more objects whose attributes have words and behavior of their own.
    Nested(Nesting, Vec<Attribute>),
}

impl AttributeType {
    /// The type of the value.
    pub fn to_type(&self) -> Type {
        match self {
            Self::Value(kind) => kind.clone(),
            Self::Nested(Nesting::Single, attributes) => object_type(attributes),
            Self::Nested(Nesting::List, attributes) => Type::list(object_type(attributes)),
            Self::Nested(Nesting::Map, attributes) => Type::map(object_type(attributes)),
        }
    }
}

/// How many objects a nested attribute holds. Sets are left out: their elements have no
/// address, so nothing could be planned for an attribute in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// One.
    Single,
    /// A list of them.
    List,
    /// A map of them.
    Map,
}

/// Who sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The configuration must.
    Required,
    /// The configuration may.
    Optional,
    /// The provider does.
    Computed,
    /// The configuration may, otherwise the provider does.
    OptionalComputed,
}

impl Presence {
    /// Whether the provider may set it.
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }
}

/// Where a planned value comes from when the configuration has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    /// Always this value.
    Value(Value),
    /// What the provider block says for the attribute of the same name; an error if nothing.
    /// The text tells how else to set it.
    Provider(String),
}

/// Checks one known, non-null value; the framework adds the path.
pub type Validator = fn(&Value) -> Diagnostics;

/// An attribute that the configuration must set.
pub fn required(name: &str, kind: impl Into<AttributeType>, description: &str) -> Attribute {
    Attribute::new(name, kind.into(), Presence::Required, description)
}

/// An attribute that the configuration may set.
pub fn optional(name: &str, kind: impl Into<AttributeType>, description: &str) -> Attribute {
    Attribute::new(name, kind.into(), Presence::Optional, description)
}

/// An attribute that the provider sets.
pub fn computed(name: &str, kind: impl Into<AttributeType>, description: &str) -> Attribute {
    Attribute::new(name, kind.into(), Presence::Computed, description)
}

impl From<Type> for AttributeType {
    fn from(kind: Type) -> Self {
        Self::Value(kind)
    }
}

impl Attribute {
    fn new(name: &str, kind: AttributeType, presence: Presence, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            presence,
            description: description.to_owned(),
            sensitive: false,
            deprecation: None,
            default: None,
            requires_replace: false,
            use_state_for_unknown: false,
            local: false,
            validators: Vec::new(),
        }
    }

    /// The attributes of its objects, if it is nested.
    pub fn nested(&self) -> &[Attribute] {
        match &self.kind {
            AttributeType::Nested(_, attributes) => attributes,
            AttributeType::Value(_) => &[],
        }
    }

    /// Whether it is sensitive or has a sensitive attribute at any depth.
    pub fn holds_sensitive(&self) -> bool {
        self.sensitive || self.nested().iter().any(Self::holds_sensitive)
    }

    /// Without a configured value it is planned as `value`.
    /// Panics if the attribute is not optional.
    #[must_use]
    pub fn default(self, value: impl Into<Value>) -> Self {
        self.with_default(DefaultValue::Value(value.into()))
    }

    /// Without a configured value it follows the provider block's attribute of the same name.
    /// `otherwise` tells how to set it if the provider block does not.
    /// Panics if the attribute is not optional.
    #[must_use]
    pub fn default_from_provider(self, otherwise: &str) -> Self {
        self.with_default(DefaultValue::Provider(otherwise.to_owned()))
    }

    /// The configuration may set it; otherwise the provider does.
    /// Panics if the attribute is not optional: a required or computed one has no such choice.
    #[must_use]
    pub fn or_computed(mut self) -> Self {
        let is_optional = matches!(
            self.presence,
            Presence::Optional | Presence::OptionalComputed
        );
        let name = &self.name;
        assert!(
            is_optional,
            "only an optional attribute can have a default or be computed too: {name}"
        );
        self.presence = Presence::OptionalComputed;
        self
    }

    /// A change plans another object.
    #[must_use]
    pub fn requires_replace(mut self) -> Self {
        self.requires_replace = true;
        self
    }

    /// An update leaves it as it is, so a plan shows the value and not "known after apply".
    #[must_use]
    pub fn use_state_for_unknown(mut self) -> Self {
        self.use_state_for_unknown = true;
        self
    }

    /// Only Terraform stores it: a change of it alone is not sent to the API.
    #[must_use]
    pub fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// Terraform hides it from its output.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Adds a check.
    #[must_use]
    pub fn validate(mut self, validator: Validator) -> Self {
        self.validators.push(validator);
        self
    }

    // Terraform accepts a planned value that the configuration does not have only for
    // computed attributes.
    fn with_default(self, default: DefaultValue) -> Self {
        Self {
            default: Some(default),
            ..self.or_computed()
        }
    }
}

/// What the provider block says for attributes that follow it, by name.
pub type ProviderDefaults = Object;
