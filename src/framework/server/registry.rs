//! [`ProviderServer`]: a provider with everything that it offers, by name.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock, atomic::AtomicBool},
};

use tokio_util::task::TaskTracker;

use super::{identity::Identity, schema_codec::SchemaCodec, wire::to_proto};
use crate::framework::{
    Configured, Diagnostics, DynAction, DynDataSource, DynListResource, DynResource, Function,
    IdentitySchema, Object, Provider, Signature,
    declarations::{Role, contradictory, mismatches},
    schema::Schema,
};
use crate::proto::tfplugin6 as proto;

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

/// What resources, data sources, list resources and actions have in common.
pub(super) trait Item {
    /// What it is called in messages.
    const KIND: &'static str;

    fn type_name(&self) -> &'static str;
    fn schema(&self) -> Schema;
    fn mismatches(&self) -> Vec<String>;
    fn validate(&self, config: &Object) -> Diagnostics;
    fn identity(&self) -> Option<IdentitySchema>;
}

macro_rules! items {
    ($($twin:ident: $kind:literal, $this:ident => $identity:expr;)+) => {
        $(impl<C> Item for dyn $twin<C> {
            const KIND: &'static str = $kind;

            fn type_name(&self) -> &'static str {
                $twin::type_name(self)
            }

            fn schema(&self) -> Schema {
                $twin::schema(self)
            }

            fn mismatches(&self) -> Vec<String> {
                $twin::mismatches(self)
            }

            fn validate(&self, config: &Object) -> Diagnostics {
                $twin::validate(self, config)
            }

            fn identity(&self) -> Option<IdentitySchema> {
                let $this = self;
                $identity
            }
        })+
    };
}

items! {
    DynResource: "resource", resource => DynResource::identity(resource);
    DynDataSource: "data source", _data_source => None;
    DynListResource: "list resource", _list_resource => None;
    DynAction: "action", _action => None;
}

impl<T: Item + ?Sized> Entry<T> {
    /// What is wrong with a configuration, as far as it is known.
    pub(super) fn validate(&self, config: &Object) -> Diagnostics {
        let mut found = self.codec.validate(config);
        found.extend(self.item.validate(config));
        found
    }

    /// The same of a configuration in a message.
    pub(super) fn validate_message(
        &self,
        config: Option<&proto::DynamicValue>,
    ) -> Result<Vec<proto::Diagnostic>, Diagnostics> {
        let config = self.codec.read_config(config)?;
        Ok(to_proto::diagnostics(self.validate(&config)))
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
    /// The provider contradicts itself: a name is used twice, or a model cannot hold what its
    /// schema allows. A test that builds the server finds all of these.
    pub fn new(provider: P) -> Self {
        let problems = problems(&provider);
        assert!(
            problems.is_empty(),
            "the provider's declarations contradict each other:\n{}",
            problems.join("\n")
        );
        let functions = provider.functions().into_iter().map(|item| {
            let signature = item.signature();
            (item.name(), FunctionEntry { item, signature })
        });
        Self {
            codec: provider.schema().never_stored().into(),
            resources: entries(provider.resources()),
            data_sources: entries(provider.data_sources()),
            list_resources: entries(provider.list_resources()),
            actions: entries(provider.actions()),
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
        find(&self.resources, name)
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
    let schema = provider.schema().never_stored();
    let mismatches = mismatches::<P::Config>(Role::ProviderConfig, &schema.attributes);
    let mut found = problems_of("provider", &schema, mismatches);
    found.extend(problems_of_items(&provider.resources()));
    found.extend(problems_of_items(&provider.data_sources()));
    found.extend(problems_of_items(&provider.list_resources()));
    found.extend(problems_of_items(&provider.actions()));
    found
}

fn problems_of_items<T: Item + ?Sized>(items: &[Box<T>]) -> Vec<String> {
    let mut found = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let what = format!("{} {}", T::KIND, item.type_name());
        let mut earlier = items[..position].iter();
        if earlier.any(|other| other.type_name() == item.type_name()) {
            found.push(format!("{what}: the name is used twice"));
        }
        found.extend(problems_of(&what, &item.schema(), item.mismatches()));
    }
    found
}

fn problems_of(what: &str, schema: &Schema, mismatches: Vec<String>) -> Vec<String> {
    let found = contradictory(&schema.attributes).into_iter();
    let found = found.chain(mismatches);
    found.map(|problem| format!("{what}: {problem}")).collect()
}

fn entries<T: Item + ?Sized>(items: Vec<Box<T>>) -> Entries<T> {
    let entries = items.into_iter().map(|item| {
        let (codec, identity) = (item.schema().into(), item.identity().into());
        let name = item.type_name();
        (
            name,
            Arc::new(Entry {
                item,
                codec,
                identity,
            }),
        )
    });
    table(entries)
}

/// Collecting into a map would sort first, with code of its own for each type: 4 KB of the
/// program.
fn table<T>(entries: impl IntoIterator<Item = (&'static str, T)>) -> BTreeMap<&'static str, T> {
    let mut table = BTreeMap::new();
    table.extend(entries);
    table
}

/// The item of this name.
///
/// # Errors
/// The provider has none.
pub(super) fn find<'e, T: Item + ?Sized>(
    entries: &'e Entries<T>,
    name: &str,
) -> Result<&'e Arc<Entry<T>>, Diagnostics> {
    entries.get(name).ok_or_else(|| {
        let what = T::KIND;
        Diagnostics::error(
            format!("Unsupported {what}"),
            format!("This version of the provider has no {what} {name:?}."),
        )
    })
}
