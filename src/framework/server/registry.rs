//! [`ProviderServer`]: a provider with everything that it offers, by name.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError, RwLock, atomic::AtomicBool},
};

use tokio_util::task::TaskTracker;

use super::{identity::Identity, schema_codec::SchemaCodec};
use crate::framework::{
    Configured, Diagnostics, DynAction, DynDataSource, DynListResource, DynResource, Function,
    Provider, Signature,
    declarations::{Role, contradictory, mismatches},
    schema::Schema,
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
    /// Hash of the last configuration of the provider, if there was one.
    pub(super) last_config: Mutex<Option<u64>>,
    /// The actions that are running.
    pub(super) tasks: TaskTracker,
}

/// Items of one kind by type name. Streams and spawned tasks share them with the server.
pub(super) type Entries<T> = BTreeMap<&'static str, Arc<Entry<T>>>;

/// A resource with its codecs.
pub(super) type ResourceEntry<C> = Entry<dyn DynResource<C>>;

/// A resource, data source, list resource or action with the codecs of its values.
pub(super) struct Entry<T: ?Sized> {
    pub(super) item: Box<T>,
    pub(super) codec: SchemaCodec,
    /// Only a resource may have an identity.
    pub(super) identity: Identity,
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
    /// The provider contradicts itself: a name is used twice, or a model cannot hold what its
    /// schema allows. A test that builds the server finds all of these.
    pub fn new(provider: P) -> Self {
        let problems = problems(&provider);
        assert!(
            problems.is_empty(),
            "the provider's declarations contradict each other:\n{}",
            problems.join("\n")
        );
        let resources = provider.resources().into_iter().map(|item| {
            let (codec, identity) = (item.schema().into(), item.identity().into());
            entry(item.type_name(), item, codec, identity)
        });
        let data_sources = provider.data_sources().into_iter().map(|item| {
            let codec = item.schema().into();
            entry(item.type_name(), item, codec, Identity::default())
        });
        let list_resources = provider.list_resources().into_iter().map(|item| {
            let codec = item.schema().into();
            entry(item.type_name(), item, codec, Identity::default())
        });
        let actions = provider.actions().into_iter().map(|item| {
            let codec = item.schema().into();
            entry(item.type_name(), item, codec, Identity::default())
        });
        let functions = provider.functions().into_iter().map(|item| {
            let signature = item.signature();
            (item.name(), FunctionEntry { item, signature })
        });
        Self {
            codec: provider.schema().never_stored().into(),
            resources: table(resources),
            data_sources: table(data_sources),
            list_resources: table(list_resources),
            actions: table(actions),
            functions: table(functions),
            configured: RwLock::new(None),
            cannot_defer: AtomicBool::new(false),
            last_config: Mutex::new(None),
            tasks: TaskTracker::new(),
            provider,
        }
    }

    /// The work that calls have started and that goes on when Terraform stops listening. A process
    /// should not end by itself before it is done.
    pub fn tasks(&self) -> TaskTracker {
        self.tasks.clone()
    }

    pub(super) fn resource(
        &self,
        name: &str,
    ) -> Result<&Arc<ResourceEntry<P::Client>>, Diagnostics> {
        self.resources
            .get(name)
            .ok_or_else(|| unsupported("resource", name))
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

/// What is wrong with the declarations of a provider, one problem in each line.
fn problems<P: Provider>(provider: &P) -> Vec<String> {
    let mut found = Problems::default();
    let schema = provider.schema().never_stored();
    let block = mismatches::<P::Config>(Role::ProviderConfig, &schema.attributes);
    found.add("provider", "", &schema, block);
    for item in provider.resources() {
        found.add(
            "resource",
            item.type_name(),
            &item.schema(),
            item.mismatches(),
        );
    }
    for item in provider.data_sources() {
        found.add(
            "data source",
            item.type_name(),
            &item.schema(),
            item.mismatches(),
        );
    }
    for item in provider.list_resources() {
        found.add(
            "list resource",
            item.type_name(),
            &item.schema(),
            item.mismatches(),
        );
    }
    for item in provider.actions() {
        found.add(
            "action",
            item.type_name(),
            &item.schema(),
            item.mismatches(),
        );
    }
    found.list
}

#[derive(Default)]
struct Problems {
    names: BTreeSet<(&'static str, &'static str)>,
    list: Vec<String>,
}

impl Problems {
    fn add(
        &mut self,
        what: &'static str,
        name: &'static str,
        schema: &Schema,
        mismatches: Vec<String>,
    ) {
        if !self.names.insert((what, name)) {
            self.list
                .push(format!("{what} {name}: the name is used twice"));
        }
        let found = contradictory(&schema.attributes)
            .into_iter()
            .chain(mismatches);
        self.list
            .extend(found.map(|problem| format!("{what} {name}: {problem}")));
    }
}

fn entry<T: ?Sized>(
    name: &'static str,
    item: Box<T>,
    codec: SchemaCodec,
    identity: Identity,
) -> (&'static str, Arc<Entry<T>>) {
    let entry = Entry {
        item,
        codec,
        identity,
    };
    (name, Arc::new(entry))
}

/// Collecting into a map would sort first, with code of its own for each type: 4 KB of the
/// program.
fn table<T>(entries: impl IntoIterator<Item = (&'static str, T)>) -> BTreeMap<&'static str, T> {
    let mut table = BTreeMap::new();
    table.extend(entries);
    table
}

/// The provider has no `what` of this name.
pub(super) fn unsupported(what: &str, name: &str) -> Diagnostics {
    Diagnostics::error(
        format!("Unsupported {what}"),
        format!("This version of the provider has no {what} {name:?}."),
    )
}
