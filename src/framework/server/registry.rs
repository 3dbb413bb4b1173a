//! [`ProviderServer`]: a provider with everything that it offers, by name.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64},
    },
};

use tokio_util::task::TaskTracker;

use super::{identity::Identity, schema_codec::SchemaCodec};
use crate::framework::{
    Configured, Declaration, Diagnostics, DynAction, DynDataSource, DynListResource, DynResource,
    Function, Provider, Signature, declaration::Role, schema::Schema,
};

/// Serves a [`Provider`] to Terraform.
pub struct ProviderServer<P: Provider> {
    pub(super) provider: P,
    pub(super) codec: SchemaCodec,
    pub(super) resources: Entries<dyn DynResource<P::Client>>,
    pub(super) data_sources: Entries<dyn DynDataSource<P::Client>>,
    pub(super) list_resources: Entries<dyn DynListResource<P::Client>>,
    pub(super) actions: Entries<dyn DynAction<P::Client>>,
    pub(super) functions: BTreeMap<&'static str, FunctionEntry>,
    /// Made anew by each `ConfigureProvider`: in debug mode there are many in one process.
    pub(super) configured: RwLock<Option<Arc<Configured<P::Client>>>>,
    /// Whether Terraform offers deferrals that it cannot handle.
    pub(super) cannot_defer: AtomicBool,
    /// Hash of the last configuration of the provider; 0 before the first.
    pub(super) last_config: AtomicU64,
    /// The actions that are running.
    pub(super) tasks: TaskTracker,
}

/// A resource, data source, list resource or action with the codecs of its values.
pub(super) struct Entry<T: ?Sized> {
    pub(super) item: Box<T>,
    pub(super) codec: SchemaCodec,
    /// Only a resource may have an identity.
    pub(super) identity: Identity,
}

/// Items of one kind by type name. Streams and spawned tasks share them with the server.
pub(super) struct Entries<T: ?Sized> {
    /// What an item is called in messages.
    kind: &'static str,
    by_name: BTreeMap<&'static str, Arc<Entry<T>>>,
}

impl<T: ?Sized> Entries<T> {
    fn new(kind: &'static str, items: Vec<Box<T>>, declared: fn(&T) -> Declaration) -> Self {
        let mut by_name = BTreeMap::new();
        for item in items {
            let declared = declared(&item);
            let name = declared.type_name;
            let entry = Entry {
                item,
                codec: declared.schema.into(),
                identity: declared.identity.into(),
            };
            let earlier = by_name.insert(name, Arc::new(entry));
            assert!(earlier.is_none(), "{kind} {name}: the name is used twice");
        }
        Self { kind, by_name }
    }

    /// `listed` is the schema of the resource that a list resource is of.
    fn assert_sound<'r>(
        &self,
        declared: fn(&T) -> Declaration,
        listed: impl Fn(&str) -> Option<&'r Schema>,
    ) {
        for (name, entry) in &self.by_name {
            declared(&entry.item).assert_sound(self.kind, listed(name));
        }
    }

    /// The item of this name, if the provider has one.
    pub(super) fn find(&self, name: &str) -> Result<&Arc<Entry<T>>, Diagnostics> {
        self.by_name.get(name).ok_or_else(|| {
            let what = self.kind;
            Diagnostics::error(
                format!("Unsupported {what}"),
                format!("This version of the provider has no {what} {name:?}."),
            )
        })
    }

    /// A message for each item, made from its name.
    pub(super) fn named<M>(&self, message: fn(String) -> M) -> Vec<M> {
        self.iter().map(|(name, _)| message(name)).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (String, &Entry<T>)> {
        let entries = self.by_name.iter();
        entries.map(|(name, entry)| ((*name).to_owned(), &**entry))
    }

    /// The schema of each item, by its name.
    pub(super) fn schemas<M>(&self, message: fn(&Schema) -> M) -> HashMap<String, M> {
        let schemas = self.iter();
        schemas
            .map(|(name, entry)| (name, message(&entry.codec.schema)))
            .collect()
    }
}

/// A function with its signature.
pub(super) struct FunctionEntry {
    pub(super) item: Box<dyn Function>,
    pub(super) signature: Signature,
}

impl<P: Provider> ProviderServer<P> {
    /// A server that is ready to be asked for its schema.
    ///
    /// # Panics
    /// A name is used twice.
    pub fn new(provider: P) -> Self {
        let mut functions = BTreeMap::new(); // collecting would sort first, with code for each type
        functions.extend(provider.functions().into_iter().map(|item| {
            let signature = item.signature();
            (item.name(), FunctionEntry { item, signature })
        }));
        let (resources, sources) = (provider.resources(), provider.data_sources());
        let (lists, actions) = (provider.list_resources(), provider.actions());
        Self {
            codec: provider.schema().never_stored().into(),
            resources: Entries::new("resource", resources, |it| it.declaration()),
            data_sources: Entries::new("data source", sources, |it| it.declaration()),
            list_resources: Entries::new("list resource", lists, |it| it.declaration()),
            actions: Entries::new("action", actions, |it| it.declaration()),
            functions,
            configured: RwLock::new(None),
            cannot_defer: AtomicBool::new(false),
            last_config: AtomicU64::new(0),
            tasks: TaskTracker::new(),
            provider,
        }
    }

    /// For a test of the provider: tries every model with values that its schema allows.
    ///
    /// # Panics
    /// A model cannot hold what its schema allows, or a schema contradicts itself.
    pub fn assert_sound(&self) {
        let block = Declaration::new("block", self.codec.schema.clone());
        let block = block.model::<P::Config>(Role::ProviderConfig);
        block.assert_sound("provider", None);
        let none = |_: &str| None;
        let listed = |name: &str| {
            let resource = self.resources.by_name.get(name)?;
            resource.identity.exists().then_some(&resource.codec.schema)
        };
        self.resources.assert_sound(|it| it.declaration(), none);
        self.data_sources.assert_sound(|it| it.declaration(), none);
        self.list_resources
            .assert_sound(|it| it.declaration(), listed);
        self.actions.assert_sound(|it| it.declaration(), none);
    }

    /// The work that calls have started and that goes on when Terraform stops listening. A process
    /// should not end by itself before it is done.
    pub fn tasks(&self) -> TaskTracker {
        self.tasks.clone()
    }

    pub(super) fn configured(&self) -> Result<Arc<Configured<P::Client>>, Diagnostics> {
        let configured = self
            .configured
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        configured.clone().ok_or_else(|| {
            Diagnostics::error(
                "Provider Not Configured",
                "Terraform asked for an operation before it configured the provider. This is a \
                 bug in Terraform.",
            )
        })
    }
}
