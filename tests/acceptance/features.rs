//! What not every Terraform has: tests that need it are left out elsewhere.

use std::{
    env,
    io::{self, Write},
    process::Command,
    sync::OnceLock,
    thread,
};

use crate::support::terraform;

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

/// Whether the Terraform on PATH has a feature; if not, says that the test is left out.
pub(crate) fn has(Feature(name, terraform, tofu): &Feature) -> bool {
    let found = version();
    let (product, version) = found.split_once(" v1.").expect(found);
    let (minor, _) = version.split_once('.').expect(found);
    let (needed, needs) = match (product, tofu) {
        ("OpenTofu", Some(tofu)) => (Some(*tofu), format!("OpenTofu >= 1.{tofu}")),
        ("OpenTofu", None) => (None, format!("Terraform >= 1.{terraform}")),
        _ => (Some(*terraform), format!("Terraform >= 1.{terraform}")),
    };
    if needed.is_some_and(|needed| minor.parse::<u32>().expect(found) >= needed) {
        return true;
    }
    let current = thread::current();
    let test = current.name().unwrap_or_default();
    // Straight to stderr: the test harness keeps what print! writes from a test that passes.
    let line = format!("LEFT OUT {test}: needs {needs} ({name}), found {found}\n");
    io::stderr().write_all(line.as_bytes()).unwrap();
    false
}

/// The first line of `terraform version`: `Terraform v1.11.4`.
fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut command = Command::new(terraform());
        // Without TF_CLI_CONFIG_FILE, since a warning about it would come first.
        command.arg("version").env_clear();
        command.envs(env::vars_os().filter(|(name, _)| name == "PATH"));
        command
            .env("CHECKPOINT_DISABLE", "1")
            .env("HOME", env::temp_dir());
        let stdout = String::from_utf8(command.output().unwrap().stdout).unwrap();
        stdout.lines().next().unwrap_or_default().to_owned()
    })
}
