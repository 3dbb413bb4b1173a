//! A resource without an identity: a book, whose state was stored in other ways before.

use realtimekit::framework::{
    Diagnostics, ImportTarget, MoveSource, Resource, StateMover, StateUpgrader, Type, Value, model,
    schema::{ProviderDefaults, Schema, computed, required},
};

use crate::fake_provider::{Found, House, Stored};

pub(crate) const BOOK: &str = "house_book";

/// The version of a book's schema.
pub(crate) const TODAY: i64 = 3;

/// Its state has an attribute of any type, and a new book gets one of the wrong type.
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

impl Book {
    fn untouched(title: &str) -> Self {
        let (title, note) = (title.to_owned(), Value::Null);
        Self { title, note }
    }
}

impl Resource for BookResource {
    type Client = House;
    type Plan = BookPlan;
    type State = Book;

    fn type_name(&self) -> &'static str {
        BOOK
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

    async fn create(&self, _: &House, BookPlan { title }: BookPlan) -> Stored<Book> {
        let note = true.into();
        Ok(Book { title, note }.into())
    }

    async fn read(&self, _: &House, state: Book) -> Found<Option<Book>> {
        Ok(Some(state).into())
    }

    async fn update(&self, house: &House, _: Book, plan: BookPlan) -> Stored<Book> {
        Resource::create(self, house, plan).await
    }

    async fn delete(&self, _: &House, _: Book) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn import(&self, _: &House, _: &ProviderDefaults, target: ImportTarget) -> Found<Book> {
        match target {
            ImportTarget::Id(title) => Ok(Book::untouched(&title).into()),
            ImportTarget::Identity(_) => Err(Diagnostics::error("No Such Book", "Use its title.")),
        }
    }
}
