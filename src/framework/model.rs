//! [`Model`]: attributes as the fields of a plain struct, and [`model!`] to make one.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    number::Number,
    value::{Name, Object, Value},
    value_error::ValueError,
};

/// A struct whose fields are attributes of a schema.
pub trait Model: Sized {
    /// The names of the attributes, one for each field.
    const FIELDS: &'static [&'static str];

    /// Takes the fields out of `object`; attributes without a field are left out. An error means
    /// that a field cannot hold the value: the model does not fit its schema.
    fn from_object(object: Object) -> Result<Self, ValueError>;

    /// The fields as attributes.
    fn into_object(self) -> Object;
}

/// A plain type that is the value of an attribute.
pub trait Field: Sized {
    /// Reads it; an error if `value` is of another kind.
    fn from_value(value: Value) -> Result<Self, ValueError>;

    /// Writes it.
    fn into_value(self) -> Value;
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
            ) -> Result<Self, $crate::framework::ValueError> {
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
        }
    };
}

/// Takes one field out of an object; an absent attribute is null.
pub fn take_field<F: Field>(object: &mut Object, attribute: &str) -> Result<F, ValueError> {
    let value = object.remove(attribute).unwrap_or(Value::Null);
    F::from_value(value).map_err(|error| error.within(attribute))
}

fn expected<T>(what: &str) -> Result<T, ValueError> {
    Err(ValueError::new(format_args!("expected {what}")))
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
    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::Unknown => Ok(Self::Unknown),
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
}

/// Any value, for an attribute that the provider treats as a whole.
impl Field for Value {
    fn from_value(value: Value) -> Result<Self, ValueError> {
        Ok(value)
    }

    fn into_value(self) -> Value {
        self
    }
}

/// Implements [`Field`] for plain types, each with the values that it can hold.
macro_rules! scalar_field {
    ($($plain:ty: $expected:literal, $value:pat => $read:expr;)+) => {
        $(impl Field for $plain {
            fn from_value(value: Value) -> Result<Self, ValueError> {
                let read = match value {
                    $value => $read,
                    _ => None,
                };
                read.map_or_else(|| expected($expected), Ok)
            }

            fn into_value(self) -> Value {
                self.into()
            }
        })+
    };
}

scalar_field! {
    bool: "a bool", Value::Bool(value) => Some(value);
    i64: "a whole number of 64 bits", Value::Number(number) => number.as_i64();
    Number: "a number", Value::Number(number) => Some(number);
    String: "a string", Value::String(text) => Some(text);
}

impl<T: Field> Field for Option<T> {
    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}

impl<T: Field> Field for Vec<T> {
    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::List(elements) => elements.into_iter().map(T::from_value).collect(),
            _ => expected("a list"),
        }
    }

    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect())
    }
}

impl<T: Field + Ord> Field for BTreeSet<T> {
    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Set(set) => set.into_iter().map(T::from_value).collect(),
            _ => expected("a set"),
        }
    }

    fn into_value(self) -> Value {
        Value::Set(self.into_iter().map(T::into_value).collect())
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    fn from_value(value: Value) -> Result<Self, ValueError> {
        let Value::Map(entries) = value else {
            return expected("a map");
        };
        let read = |(key, value): (Name, _)| Ok((key.as_ref().to_owned(), T::from_value(value)?));
        entries.into_iter().map(read).collect()
    }

    fn into_value(self) -> Value {
        let write = |(key, value): (_, T)| (key, value.into_value());
        Value::Map(self.into_iter().map(write).collect())
    }
}

/// A nested object as a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nested<M>(pub M);

impl<M: Model> Field for Nested<M> {
    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Object(object) => M::from_object(object).map(Self),
            _ => expected("an object"),
        }
    }

    fn into_value(self) -> Value {
        Value::Object(self.0.into_object())
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
        let nested = Nested::<Door>::from_value(Value::Object(object.clone())).unwrap_err();

        let error = Door::from_object(object).unwrap_err();

        assert_eq!(error, ValueError::new("expected a string").within("name"));
        assert_eq!(error, nested);
        assert_eq!(
            error.within("door").to_string(),
            "expected a string, at door.name"
        );
    }

    #[test]
    fn a_setting_tells_unset_from_unknown() {
        let cases = [
            (Value::Null, Ok(MaybeUnknown::Null)),
            (Value::Unknown, Ok(MaybeUnknown::Unknown)),
            ("x".into(), Ok(MaybeUnknown::Known("x".to_owned()))),
            (true.into(), expected("a string")),
        ];
        for (value, read) in cases {
            assert_eq!(MaybeUnknown::<String>::from_value(value), read);
        }
    }
}
