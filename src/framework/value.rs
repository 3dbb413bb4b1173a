//! [`Value`]: what Terraform knows of an attribute; [`Object`]: values by name; [`Type`]: what a
//! value may be.

use std::{
    collections::BTreeMap,
    fmt,
    ops::{Deref, Index},
    sync::Arc,
};

use super::number::Number;

/// A value as Terraform computes with it. Which [`Type`] it has, the schema knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Nothing: absent from the configuration, or without a value.
    Null,
    /// Not known before the change is applied.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(String),
    /// A list.
    List(Vec<Value>),
    /// A set.
    Set(Set),
    /// A map from any keys to values of one type.
    Map(Object),
    /// An object with the attributes of its type.
    Object(Object),
}

impl Value {
    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether this is unknown as a whole; what it contains does not count.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether neither this nor anything in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Set(set) => set.iter().all(Self::is_wholly_known),
            Self::Map(values) | Self::Object(values) => values.values().all(Self::is_wholly_known),
        }
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The attributes, if this is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    /// As it would be written in HCL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Unknown => f.write_str("(known after apply)"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::String(text) => write!(f, "{text:?}"),
            Self::List(elements) => display_elements(f, elements),
            Self::Set(set) => display_elements(f, set),
            Self::Map(values) | Self::Object(values) if values.is_empty() => f.write_str("{}"),
            Self::Map(values) | Self::Object(values) => {
                let entries = values.iter().map(|(key, value)| format!("{key} = {value}"));
                write!(f, "{{ {} }}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn display_elements(f: &mut fmt::Formatter<'_>, elements: &[Value]) -> fmt::Result {
    let elements: Vec<String> = elements.iter().map(Value::to_string).collect();
    write!(f, "[{}]", elements.join(", "))
}

/// Implements the conversions of plain values.
macro_rules! value_from {
    ($($plain:ty: $value:ident => $made:expr;)+) => {
        $(impl From<$plain> for Value {
            fn from($value: $plain) -> Self {
                $made
            }
        })+
    };
}

value_from! {
    bool: value => Self::Bool(value);
    i64: value => Self::Number(value.into());
    Number: value => Self::Number(value);
    &str: value => Self::String(value.to_owned());
    String: value => Self::String(value);
}

/// The elements of a set: no duplicates, in an order that depends on them alone.
///
/// Elements that hold something unknown may turn out to differ, so they all stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set(Vec<Value>);

impl Set {
    /// Whether `element` is one of the elements.
    pub fn contains(&self, element: &Value) -> bool {
        self.0.binary_search(element).is_ok() // they are sorted
    }
}

impl Deref for Set {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0
    }
}

impl FromIterator<Value> for Set {
    fn from_iter<I: IntoIterator<Item = Value>>(elements: I) -> Self {
        let mut elements: Vec<Value> = elements.into_iter().collect();
        elements.sort_unstable();
        elements.dedup_by(|one, other| one == other && one.is_wholly_known());
        Self(elements)
    }
}

impl IntoIterator for Set {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The name of an attribute, or a key of a map. Cheap to clone: all objects of a schema share
/// its names.
pub type Name = Arc<str>;

/// The attributes of a resource, a data source, a provider block or a nested object; also the
/// elements of a map. In the order of the names.
///
/// Objects are small, and are made from what is in order already: a sorted list takes less work
/// than a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object(Vec<(Name, Value)>);

impl Object {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.find(name).ok()?;
        Some(&self.0[found].1)
    }

    /// The value of a name, to be changed; null if there was none.
    pub fn slot(&mut self, name: &str) -> &mut Value {
        let found = self.find(name).unwrap_or_else(|place| {
            self.0.insert(place, (name.into(), Value::Null));
            place
        });
        &mut self.0[found].1
    }

    /// Takes a value out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let found = self.find(name).ok()?;
        Some(self.0.remove(found).1)
    }

    /// The names and values; the values to be changed.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&Name, &mut Value)> {
        self.0.iter_mut().map(|(name, value)| (&*name, value))
    }

    /// The names.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Name> {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Where a name is, or has to be inserted.
    fn find(&self, name: &str) -> Result<usize, usize> {
        // Few names are of the same length, so most are told apart without a look at them.
        let few = &self.0[..self.0.len().min(16)];
        if let Some(found) = few.iter().position(|(known, _)| **known == *name) {
            return Ok(found);
        }
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }
}

impl Deref for Object {
    type Target = [(Name, Value)];

    fn deref(&self) -> &[(Name, Value)] {
        &self.0
    }
}

impl<N: Into<Name>> FromIterator<(N, Value)> for Object {
    /// Of several values of one name, the last one stays.
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(values: I) -> Self {
        let values = values.into_iter();
        sorted(values.map(|(name, value)| (name.into(), value)).collect())
    }
}

/// Apart from what it is collected from, or the program would hold a sort for each of those.
fn sorted(mut values: Vec<(Name, Value)>) -> Object {
    if !values.is_sorted_by(|one, next| one.0 < next.0) {
        values.reverse();
        values.sort_by(|one, other| one.0.cmp(&other.0));
        values.dedup_by(|one, other| one.0 == other.0);
    }
    Object(values)
}

impl<N: Into<Name>, const COUNT: usize> From<[(N, Value); COUNT]> for Object {
    fn from(values: [(N, Value); COUNT]) -> Self {
        values.into_iter().collect()
    }
}

impl IntoIterator for Object {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Index<&str> for Object {
    type Output = Value;

    /// The value of a name; a name without a value is as good as null.
    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

/// What kind of value an attribute takes (Terraform: type constraint).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `number`; validation accepts only whole numbers of 64 bits.
    Integer,
    /// `string`
    String,
    /// `list(…)`
    List(Box<Type>),
    /// `set(…)`
    Set(Box<Type>),
    /// `map(…)`
    Map(Box<Type>),
    /// `object({…})`
    Object(BTreeMap<Name, Type>),
}

impl Type {
    /// `list(element)`
    pub fn list(element: Type) -> Self {
        Self::List(Box::new(element))
    }

    /// `set(element)`
    pub fn set(element: Type) -> Self {
        Self::Set(Box::new(element))
    }

    /// `map(element)`
    pub fn map(element: Type) -> Self {
        Self::Map(Box::new(element))
    }

    /// `object({…})`
    pub fn object<N: Into<Name>>(attributes: impl IntoIterator<Item = (N, Type)>) -> Self {
        let attributes = attributes.into_iter();
        let mut types = BTreeMap::new(); // collecting would hold a sort for each type of iterator
        types.extend(attributes.map(|(name, kind)| (name.into(), kind)));
        Self::Object(types)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn order_and_duplicates_mean_nothing_in_a_set() {
        let one: Set = ["b", "a", "b"].map(Value::from).into_iter().collect();
        let other: Set = ["a", "b"].map(Value::from).into_iter().collect();

        assert_eq!(one, other);
    }

    #[test]
    fn two_unknown_elements_of_a_set_may_differ_and_both_stay() {
        let set: Set = [Value::Unknown, Value::Unknown].into_iter().collect();

        assert_eq!(set.len(), 2);
    }

    #[test]
    fn a_value_is_shown_as_in_hcl() {
        let set: Set = ["b", "a"].map(Value::from).into_iter().collect();
        let object = [
            ("events".to_owned(), Value::Set(set)),
            ("open".to_owned(), true.into()),
        ];

        let shown = Value::Object(object.into()).to_string();

        assert_eq!(shown, r#"{ events = ["a", "b"], open = true }"#);
    }

    #[test]
    fn an_object_with_an_unknown_attribute_is_not_wholly_known() {
        let object = Value::Object(Object::from([("id".to_owned(), Value::Unknown)]));

        assert!(!object.is_wholly_known());
        assert!(!object.is_unknown());
    }

    #[test]
    fn the_last_value_of_a_name_stays() {
        let object = Object::from([("b", 1.into()), ("a", 2.into()), ("b", 3.into())]);

        assert_eq!(object, Object::from([("a", 2.into()), ("b", 3.into())]));
    }

    #[test]
    fn a_slot_without_a_value_is_null() {
        let mut object = Object::from([("b", true.into())]);

        *object.slot("b") = false.into();

        assert_eq!(object.slot("a"), &Value::Null);
        assert_eq!(
            object,
            Object::from([("a", Value::Null), ("b", false.into())])
        );
    }

    proptest! {
        #[test]
        fn it_is_what_a_sorted_map_would_be(
            changes in proptest::collection::vec(("[a-d]{1,2}", any::<Option<bool>>()), 0..20),
        ) {
            let mut object = Object::new();
            let mut map = BTreeMap::new();
            for (name, value) in &changes {
                match value {
                    Some(value) => {
                        *object.slot(name) = (*value).into();
                        map.insert(name.clone(), Value::from(*value));
                    }
                    None => prop_assert_eq!(object.remove(name), map.remove(name)),
                }
                prop_assert_eq!(object.get(name), map.get(name));
            }
            prop_assert!(object.keys().map(|name| &**name).eq(map.keys()));
            prop_assert!(object.values().eq(map.values()));
            prop_assert_eq!(object, map.into_iter().collect::<Object>());
        }
    }
}
