//! The section "Import".

use std::fmt::{self, Formatter};

use super::{attributes, fenced};
use realtimekit::framework::schema::Attribute;

/// How objects that exist are adopted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Import<'p> {
    /// By an `import` block with an identity, if the resource has one.
    pub(crate) identity: Option<Identity<'p>>,
    /// By an `import` block with an id, in HCL.
    pub(crate) block: &'p str,
    /// By `terraform import`, as shell commands.
    pub(crate) command: &'p str,
}

/// How objects that exist are adopted by their identity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'p> {
    /// An `import` block, in HCL.
    pub(crate) block: &'p str,
    /// The attributes: required ones, and ones that an import may leave out.
    pub(crate) attributes: &'p [Attribute],
}

impl fmt::Display for Import<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\n## Import\n\nImport is supported using the following syntax:\n"
        )?;
        if let Some(identity) = &self.identity {
            by_block(f, "v1.12.0", "identity", identity.block)?;
            writeln!(f, "\n### Identity Schema")?;
            attributes::write_identity(f, identity.attributes)?;
        }
        by_block(f, "v1.5.0", "id", self.block)?;
        let command = fenced("shell", self.command);
        write!(
            f,
            "
The [`terraform import` \
command](https://developer.hashicorp.com/terraform/cli/commands/import) can be used, for example:

{command}
"
        )
    }
}

fn by_block(f: &mut Formatter<'_>, since: &str, attribute: &str, block: &str) -> fmt::Result {
    let block = fenced("terraform", block);
    write!(
        f,
        "
In Terraform {since} and later, the [`import` \
block](https://developer.hashicorp.com/terraform/language/import) can be used with the \
`{attribute}` attribute, for example:

{block}
"
    )
}
