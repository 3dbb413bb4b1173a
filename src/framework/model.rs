//! [`Model`]: attributes as the fields of a plain struct, and [`model!`] to make one.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    number::Number,
    value::{Object, Value},
};

/// A struct whose fields are attributes of a schema.
pub trait Model: Sized {
    /// The names of the attributes, one for each field.
    const FIELDS: &'static [&'static str];

    /// Takes the fields out of `object`; attributes without a field are left out.
    ///
    /// # Errors
    /// A field cannot hold the value: the model does not fit its schema.
    fn from_object(object: Object) -> Result<Self, ModelError>;

    /// The fields as attributes.
    fn into_object(self) -> Object;

    /// What each field can hold, by the name of its attribute; `None` if that is not declared, as
    /// in a model written by hand.
    fn shapes() -> Option<Vec<(&'static str, Shape)>> {
        None
    }
}

/// A value that a model cannot hold. Models are checked against their schemas when a server is
/// built, so a value of the schema's type fits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("attribute {attribute:?} cannot be read as {expected}")]
pub struct ModelError {
    /// The attribute whose value does not fit.
    pub attribute: &'static str,
    /// What the field can hold.
    pub expected: &'static str,
}

/// A plain type that is the value of an attribute.
pub trait Field: Sized {
    /// What it is called in an error.
    const EXPECTED: &'static str;

    /// Reads it; `None` if `value` is of another kind.
    fn from_value(value: Value) -> Option<Self>;

    /// Writes it.
    fn into_value(self) -> Value;

    /// What it can hold.
    fn shape() -> Shape;
}

/// What a field of a model can hold.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The kind of its values.
    pub kind: ShapeKind,
    /// Whether it can be null.
    pub nullable: bool,
    /// Whether it can be unknown.
    pub unknowable: bool,
}

/// The kind of the values of a [`Shape`].
#[derive(Debug, Clone)]
pub enum ShapeKind {
    /// Any value.
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `number` without a fraction, in 64 bits
    Integer,
    /// `string`
    String,
    /// `list(…)`
    List(Box<Shape>),
    /// `set(…)`
    Set(Box<Shape>),
    /// `map(…)`
    Map(Box<Shape>),
    /// An object with the fields of a model.
    Object(Vec<(&'static str, Shape)>),
}

impl From<ShapeKind> for Shape {
    fn from(kind: ShapeKind) -> Self {
        Self {
            kind,
            nullable: false,
            unknowable: false,
        }
    }
}

/// The shape of the field that `_access` returns: a struct's fields have no types by name.
#[doc(hidden)]
pub fn shape_of<M, F: Field>(_access: fn(M) -> F) -> Shape {
    F::shape()
}

/// Declares a struct and implements [`Model`] for it, or implements it for a struct that is
/// declared elsewhere, with the fields listed; a forgotten one does not compile.
#[macro_export]
macro_rules! model {
    (
        $(#[$attribute:meta])*
        $access:vis struct $model:ident {
            $($(#[$field_attribute:meta])* $field_access:vis $field:ident: $type:ty),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        $access struct $model {
            $($(#[$field_attribute])* $field_access $field: $type),+
        }
        $crate::model!($model { $($field),+ });
    };
    ($model:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::framework::Model for $model {
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn from_object(
                mut object: $crate::framework::Object,
            ) -> Result<Self, $crate::framework::ModelError> {
                Ok(Self { $($field: $crate::framework::take_field(&mut object, stringify!($field))?),+ })
            }

            fn into_object(self) -> $crate::framework::Object {
                use $crate::framework::{Field, Name};
                static NAMES: ::std::sync::LazyLock<Vec<Name>> = ::std::sync::LazyLock::new(|| {
                    vec![$(Name::from(stringify!($field))),+]
                });
                let Self { $($field),+ } = self;
                let values = [$(Field::into_value($field)),+];
                NAMES.iter().cloned().zip(values).collect()
            }

            fn shapes() -> Option<Vec<(&'static str, $crate::framework::Shape)>> {
                Some(vec![
                    $((stringify!($field), $crate::framework::shape_of(|model: Self| model.$field))),+
                ])
            }
        }
    };
}

/// Takes one field out of an object; an absent attribute is null.
///
/// # Errors
/// The value is of another kind.
pub fn take_field<F: Field>(object: &mut Object, attribute: &'static str) -> Result<F, ModelError> {
    let value = object.remove(attribute).unwrap_or(Value::Null);
    F::from_value(value).ok_or(ModelError {
        attribute,
        expected: F::EXPECTED,
    })
}

/// An attribute that may be unknown: one of the provider block, or a computed one in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaybeUnknown<T> {
    /// Not set.
    Null,
    /// Set to something that is known only after other changes are applied.
    Unknown,
    /// Set.
    Known(T),
}

impl<T> MaybeUnknown<T> {
    /// The known value as `read` understands it; what it does not understand is null.
    pub fn and_then<U>(self, read: impl FnOnce(T) -> Option<U>) -> MaybeUnknown<U> {
        match self {
            Self::Null => MaybeUnknown::Null,
            Self::Unknown => MaybeUnknown::Unknown,
            Self::Known(value) => read(value).map_or(MaybeUnknown::Null, MaybeUnknown::Known),
        }
    }
}

impl<T: Field> Field for MaybeUnknown<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Null),
            Value::Unknown => Some(Self::Unknown),
            value => T::from_value(value).map(Self::Known),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown => Value::Unknown,
            Self::Known(value) => value.into_value(),
        }
    }

    fn shape() -> Shape {
        Shape {
            nullable: true,
            unknowable: true,
            ..T::shape()
        }
    }
}

/// Any value, for an attribute that the provider treats as a whole.
impl Field for Value {
    const EXPECTED: &'static str = "a value";

    fn from_value(value: Value) -> Option<Self> {
        Some(value)
    }

    fn into_value(self) -> Value {
        self
    }

    fn shape() -> Shape {
        Shape {
            nullable: true,
            unknowable: true,
            ..ShapeKind::Any.into()
        }
    }
}

/// Implements [`Field`] for plain types, each with the values that it can hold.
macro_rules! scalar_field {
    ($($plain:ty: $expected:literal, $shape:ident, $value:pat => $read:expr;)+) => {
        $(impl Field for $plain {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    $value => $read,
                    _ => None,
                }
            }

            fn into_value(self) -> Value {
                self.into()
            }

            fn shape() -> Shape {
                ShapeKind::$shape.into()
            }
        })+
    };
}

scalar_field! {
    bool: "a bool", Bool, Value::Bool(value) => Some(value);
    i64: "a whole number of 64 bits", Integer, Value::Number(number) => number.as_i64();
    Number: "a number", Number, Value::Number(number) => Some(number);
    String: "a string", String, Value::String(text) => Some(text);
}

impl<T: Field> Field for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }

    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }

    fn shape() -> Shape {
        Shape {
            nullable: true,
            ..T::shape()
        }
    }
}

impl<T: Field> Field for Vec<T> {
    const EXPECTED: &'static str = "a list";

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::List(elements) => elements.into_iter().map(T::from_value).collect(),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect())
    }

    fn shape() -> Shape {
        ShapeKind::List(Box::new(T::shape())).into()
    }
}

impl<T: Field + Ord> Field for BTreeSet<T> {
    const EXPECTED: &'static str = "a set";

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Set(set) => set.into_iter().map(T::from_value).collect(),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        Value::Set(self.into_iter().map(T::into_value).collect())
    }

    fn shape() -> Shape {
        ShapeKind::Set(Box::new(T::shape())).into()
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    const EXPECTED: &'static str = "a map";

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Map(entries) => entries
                .into_iter()
                .map(|(key, value)| Some((key.as_ref().to_owned(), T::from_value(value)?)))
                .collect(),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        let entries = self
            .into_iter()
            .map(|(key, value)| (key, value.into_value()));
        Value::Map(entries.collect())
    }

    fn shape() -> Shape {
        ShapeKind::Map(Box::new(T::shape())).into()
    }
}

/// A nested object as a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nested<M>(pub M);

impl<M: Model> Field for Nested<M> {
    const EXPECTED: &'static str = "an object";

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Object(object) => M::from_object(object).ok().map(Self),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        Value::Object(self.0.into_object())
    }

    fn shape() -> Shape {
        M::shapes().map_or(ShapeKind::Any, ShapeKind::Object).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Door {
        name: String,
        open: Option<bool>,
        keys: BTreeSet<String>,
    }
    model!(Door { name, open, keys });

    fn door() -> Door {
        Door {
            name: "front".into(),
            open: None,
            keys: BTreeSet::from(["brass".into()]),
        }
    }

    #[test]
    fn a_model_becomes_an_object_and_back() {
        assert_eq!(Door::from_object(door().into_object()), Ok(door()));
        assert_eq!(Door::FIELDS, ["name", "open", "keys"]);
    }

    #[test]
    fn attributes_without_a_field_are_left_out() {
        let mut object = door().into_object();
        *object.slot("id") = Value::Unknown;

        assert_eq!(Door::from_object(object), Ok(door()));
    }

    #[test]
    fn a_value_of_another_kind_names_its_attribute() {
        let mut object = door().into_object();
        *object.slot("name") = Value::Unknown;

        let error = Door::from_object(object).unwrap_err();

        assert_eq!(
            error,
            ModelError {
                attribute: "name",
                expected: "a string"
            }
        );
    }

    #[test]
    fn a_setting_tells_unset_from_unknown() {
        assert_eq!(
            MaybeUnknown::<String>::from_value(Value::Null),
            Some(MaybeUnknown::Null)
        );
        assert_eq!(
            MaybeUnknown::<String>::from_value(Value::Unknown),
            Some(MaybeUnknown::Unknown)
        );
        assert_eq!(
            MaybeUnknown::<String>::from_value("x".into()),
            Some(MaybeUnknown::Known("x".to_owned()))
        );
        assert_eq!(MaybeUnknown::<String>::from_value(true.into()), None);
    }
}
