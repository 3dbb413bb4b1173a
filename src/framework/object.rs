//! [`Object`]: values by name, in the order of their names.

use std::{ops::Index, sync::Arc};

use super::value::Value;

/// The name of an attribute, or a key of a map. Cheap to clone: all objects of a schema share
/// its names.
pub type Name = Arc<str>;

/// The attributes of a resource, a data source, a provider block or a nested object; also the
/// elements of a map.
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

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is a value of this name, null or not.
    pub fn contains_key(&self, name: &str) -> bool {
        self.find(name).is_ok()
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

    /// The names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names and values, in order; the values to be changed.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&Name, &mut Value)> {
        self.0.iter_mut().map(|(name, value)| (&*name, value))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Name> {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values, in the order of their names.
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
        values.sort_by(|one, other| one.0.cmp(&other.0));
        values.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                std::mem::swap(later, earlier);
            }
            is_same
        });
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

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
