//! A provider of two resources, written as a user of the framework would write it: a shelf with
//! every kind of attribute, and a book whose state was stored in other ways before.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use realtimekit::{
    framework::{
        ApplyError, Configured, Diagnostics, DynDataSource, DynResource, Field, ImportTarget,
        MaybeUnknown, MoveSource, Nested, Object, Provider, Resource, StateMover, StateUpgrader,
        Type, Value, WithWarnings,
        schema::{AttributeType, Nesting, ProviderDefaults, Schema, computed, optional, required},
    },
    model,
};

type Stored<S> = Result<WithWarnings<S>, ApplyError<S>>;
type Found<S> = Result<WithWarnings<S>, Diagnostics>;

/// The API: the shelves by id.
#[derive(Clone, Default)]
pub(crate) struct Library(Arc<Mutex<BTreeMap<String, Shelf>>>);

#[derive(Default)]
pub(crate) struct LibraryProvider(Library);

model! {
    pub(crate) struct LibraryConfig {
        building: MaybeUnknown<String>,
    }
}

impl Provider for LibraryProvider {
    type Client = Library;
    type Config = LibraryConfig;

    fn schema(&self) -> Schema {
        let building = optional("building", Type::String, "Default building.").default("Main");
        Schema::new("A library.", [building])
    }

    fn configure(
        &self,
        config: LibraryConfig,
        _terraform_version: &str,
    ) -> Result<Configured<Library>, Diagnostics> {
        let building = config.building.into_value();
        Ok(Configured {
            client: Ok(self.0.clone()),
            defaults: [("building", building)].into(),
        })
    }

    fn stop(&self, _: &Library) {}

    fn resources(&self) -> Vec<Box<dyn DynResource<Library>>> {
        vec![Box::new(ShelfResource), Box::new(BookResource)]
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<Library>>> {
        Vec::new()
    }
}

pub(crate) struct ShelfResource;

model! {
    pub(crate) struct ShelfPlan {
        building: String,
        name: String,
        /// The library chooses a floor if the configuration does not.
        floor: MaybeUnknown<i64>,
        labels: Option<BTreeMap<String, String>>,
        code: Option<String>,
        bins: Option<Vec<Nested<BinPlan>>>,
    }
}

model! {
    #[derive(Clone)]
    pub(crate) struct Shelf {
        id: String,
        building: String,
        name: String,
        floor: i64,
        labels: Option<BTreeMap<String, String>>,
        code: Option<String>,
        bins: Option<Vec<Nested<Bin>>>,
    }
}

model! {
    pub(crate) struct BinPlan {
        size: i64,
    }
}

model! {
    #[derive(Clone)]
    pub(crate) struct Bin {
        size: i64,
        serial: String,
    }
}

impl ShelfPlan {
    fn into_shelf(self, id: String) -> Shelf {
        let bin = |Nested(BinPlan { size }): Nested<BinPlan>| {
            let serial = format!("{id}/{size}");
            Nested(Bin { size, serial })
        };
        Shelf {
            building: self.building,
            name: self.name,
            floor: match self.floor {
                MaybeUnknown::Known(floor) => floor,
                MaybeUnknown::Null | MaybeUnknown::Unknown => 1,
            },
            labels: self.labels,
            code: self.code,
            bins: self.bins.map(|bins| bins.into_iter().map(bin).collect()),
            id,
        }
    }
}

impl Library {
    fn store(&self, shelf: Shelf) -> WithWarnings<Shelf> {
        let id = shelf.id.clone();
        self.0.lock().unwrap().insert(id, shelf.clone());
        shelf.with_warnings()
    }
}

impl Shelf {
    fn with_warnings(self) -> WithWarnings<Self> {
        let mut found = WithWarnings::from(self);
        if found.value.floor > 9 {
            found.warnings = Diagnostics::warning("High Shelf", "Bring a ladder.").at("floor");
        }
        found
    }
}

impl Resource for ShelfResource {
    type Client = Library;
    type Plan = ShelfPlan;
    type State = Shelf;

    fn type_name(&self) -> &'static str {
        "library_shelf"
    }

    fn schema(&self) -> Schema {
        let bin = vec![
            required("size", Type::Integer, "Size in liters."),
            computed("serial", Type::String, "Serial number."),
        ];
        Schema::new(
            "A shelf.",
            [
                computed("id", Type::String, "Identifier.").use_state_for_unknown(),
                optional("building", Type::String, "Building.")
                    .default_from_provider("Set `building`.")
                    .requires_replace(),
                required("name", Type::String, "Name."),
                optional("floor", Type::Integer, "Floor.")
                    .or_computed()
                    .use_state_for_unknown(),
                optional("labels", Type::map(Type::String), "Labels."),
                optional("code", Type::String, "Code of its lock.").sensitive(),
                optional("bins", AttributeType::Nested(Nesting::List, bin), "Bins."),
            ],
        )
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        if config["code"].is_null() || !config["labels"].is_null() {
            return Diagnostics::new();
        }
        Diagnostics::error("Unlabeled Lock", "A locked shelf needs labels: set them.").at("labels")
    }

    async fn create(&self, library: &Library, plan: ShelfPlan) -> Stored<Shelf> {
        let id = format!("shelf-{}", library.0.lock().unwrap().len() + 1);
        Ok(library.store(plan.into_shelf(id)))
    }

    async fn read(&self, library: &Library, state: Shelf) -> Found<Option<Shelf>> {
        let found = library.0.lock().unwrap().get(&state.id).cloned();
        Ok(match found {
            Some(shelf) => shelf.with_warnings().map(Some),
            None => None.into(),
        })
    }

    async fn update(&self, library: &Library, state: Shelf, plan: ShelfPlan) -> Stored<Shelf> {
        Ok(library.store(plan.into_shelf(state.id)))
    }

    async fn delete(&self, library: &Library, state: Shelf) -> Result<(), Diagnostics> {
        library.0.lock().unwrap().remove(&state.id);
        Ok(())
    }

    async fn import(
        &self,
        library: &Library,
        _: &ProviderDefaults,
        target: ImportTarget,
    ) -> Found<Shelf> {
        let found = match &target {
            ImportTarget::Id(id) => library.0.lock().unwrap().get(id).cloned(),
            ImportTarget::Identity(_) => None,
        };
        let shelf = found.ok_or_else(|| Diagnostics::error("No Such Shelf", "Check the ID."))?;
        Ok(WithWarnings {
            value: shelf,
            warnings: Diagnostics::warning("Imported Shelf", "Count its books."),
        })
    }
}

/// Its state has an attribute of any type, and the API answers with one of the wrong type.
pub(crate) struct BookResource;

model! {
    pub(crate) struct BookPlan {
        title: String,
    }
}

model! {
    pub(crate) struct Book {
        title: String,
        note: Value,
    }
}

model! {
    /// Version 2: the title was called a name.
    struct BookWithName {
        name: String,
    }
}

/// The version of a book's schema.
pub(crate) const TODAY: i64 = 3;

impl Book {
    fn untouched(title: &str) -> Self {
        let (title, note) = (title.to_owned(), Value::Null);
        Self { title, note }
    }
}

impl Resource for BookResource {
    type Client = Library;
    type Plan = BookPlan;
    type State = Book;

    fn type_name(&self) -> &'static str {
        "library_book"
    }

    fn schema(&self) -> Schema {
        let attributes = [
            required("title", Type::String, "Title."),
            computed("note", Type::String, "Note."),
        ];
        Schema {
            version: TODAY,
            ..Schema::new("A book.", attributes)
        }
    }

    fn state_upgraders(&self) -> Vec<StateUpgrader<Book>> {
        let attributes = [("name", Type::String)];
        vec![StateUpgrader::new(2, attributes, |old: BookWithName| {
            if old.name == "?" {
                return Err(Diagnostics::error("Strange Name", "Look it up.").at("title"));
            }
            Ok(Book::untouched(&old.name))
        })]
    }

    fn state_movers(&self) -> Vec<StateMover<Book>> {
        vec![StateMover::new("shop_book", |source: &MoveSource| {
            let name = source.state.get("name").and_then(|name| name.as_str());
            let name = name.ok_or_else(|| source.refused("It has no name."))?;
            Ok(Book::untouched(name))
        })]
    }

    async fn create(&self, _: &Library, plan: BookPlan) -> Stored<Book> {
        let book = Book {
            title: plan.title,
            note: true.into(),
        };
        Ok(book.into())
    }

    async fn read(&self, _: &Library, state: Book) -> Found<Option<Book>> {
        Ok(Some(state).into())
    }

    async fn update(&self, library: &Library, _: Book, plan: BookPlan) -> Stored<Book> {
        Resource::create(self, library, plan).await
    }

    async fn delete(&self, _: &Library, _: Book) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn import(&self, _: &Library, _: &ProviderDefaults, _: ImportTarget) -> Found<Book> {
        Err(Diagnostics::error("No Such Book", "Check the ID."))
    }
}
