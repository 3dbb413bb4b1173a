//! What not every Terraform has: tests that need it are left out elsewhere.

use std::{
    io::{self, Write},
    sync::LazyLock,
    thread,
};

use crate::support::{Workspace, terraform};

/// Something that not every Terraform has: what it is, the first minor version 1.x of Terraform
/// that has it, and that of OpenTofu, if any has.
pub(crate) struct Feature(
    pub(crate) &'static str,
    pub(crate) u32,
    pub(crate) Option<u32>,
);

pub(crate) const MOVED: Feature = Feature("moved blocks", 1, Some(6));
pub(crate) const OPTIONAL_ATTRIBUTES: Feature = Feature("optional object attributes", 3, Some(6));
pub(crate) const TERRAFORM_DATA: Feature = Feature("terraform_data", 4, Some(6));
pub(crate) const IMPORT_BLOCKS: Feature = Feature("import blocks", 5, Some(6));
pub(crate) const IMPORT_FOR_EACH: Feature = Feature("for_each of import blocks", 7, Some(7));
pub(crate) const MOCK_PROVIDER: Feature = Feature("mock_provider", 7, Some(8));
pub(crate) const RUN_REFERENCES: Feature = Feature("run in conditions of tests", 7, None);
pub(crate) const FUNCTIONS: Feature = Feature("functions of providers", 8, Some(7));
/// OpenTofu 1.11 fails with "BUG: Uninitialized function provider".
pub(crate) const FUNCTIONS_IN_IMPORTS: Feature =
    Feature("functions of providers in import blocks", 8, Some(12));
pub(crate) const MOVED_TYPES: Feature = Feature("moves between types", 8, Some(10));

/// Leaves the test that it stands in out if the Terraform on PATH does not have a [`Feature`].
macro_rules! requires {
    ($feature:expr) => {
        if !$crate::features::has(&$feature) {
            return;
        }
    };
}
pub(crate) use requires;

/// The version of the Terraform on PATH: `1.11.4`.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let version = Workspace::new().succeeds("version -json").json();
    version["terraform_version"].as_str().unwrap().to_owned()
});

/// Whether the Terraform on PATH has a feature; if not, says that the test is left out.
pub(crate) fn has(Feature(name, of_terraform, of_tofu): &Feature) -> bool {
    let minor: u32 = VERSION.split('.').nth(1).unwrap().parse().unwrap();
    let is_tofu = terraform().file_stem().unwrap() == "tofu";
    let product = if is_tofu { "OpenTofu" } else { "Terraform" };
    let first = if is_tofu {
        *of_tofu
    } else {
        Some(*of_terraform)
    };
    if first.is_some_and(|first| minor >= first) {
        return true;
    }
    let needs = match first {
        Some(first) => format!("{product} >= 1.{first}"),
        None => format!("Terraform >= 1.{of_terraform}"),
    };
    let current = thread::current();
    let test = current.name().unwrap_or_default();
    let found = format!("{product} v{}", *VERSION);
    // Straight to stderr: the test harness keeps what print! writes from a test that passes.
    let line = format!("LEFT OUT {test}: needs {needs} ({name}), found {found}\n");
    io::stderr().write_all(line.as_bytes()).unwrap();
    false
}
