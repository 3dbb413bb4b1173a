//! Terraform, the provider, and [`Ran`]: what a command printed.

use std::{
    env, fmt, fs,
    path::{self, Path, PathBuf},
    process::Output,
    sync::LazyLock,
};

use serde_json::Value;

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) succeeded: bool,
    /// Standard output and standard error, without Terraform's frames and line breaks.
    pub(crate) text: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Self {
            succeeded: output.status.success(),
            text: in_one_line(&format!("{stdout} {stderr}")),
            stdout,
            stderr,
        }
    }
}

impl Ran {
    /// Fails unless all `words`, separated by ` | `, were printed, however Terraform broke lines.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        for part in words.split(" | ") {
            assert!(self.text.contains(part), "{part:?} is not said: {self}");
        }
        self
    }

    /// Fails if any of the `words`, separated by ` | `, was printed.
    #[track_caller]
    pub(crate) fn lacks(self, words: &str) -> Self {
        for part in words.split(" | ") {
            assert!(!self.text.contains(part), "{part:?} is said: {self}");
        }
        self
    }

    /// Fails unless one error or warning has all `words`, separated by ` | `.
    #[track_caller]
    pub(crate) fn reports(&self, words: &str) {
        let has_all = |report: &String| words.split(" | ").all(|part| report.contains(part));
        let is_reported = self.diagnostics().iter().any(has_all);
        assert!(is_reported, "{words:?} is not reported: {self}");
    }

    /// The errors and warnings, each in one line that starts with `Error: ` or `Warning: `.
    pub(crate) fn diagnostics(&self) -> Vec<String> {
        let printed = self.to_string();
        let lines = printed.lines();
        let lines: Vec<&str> = lines.map(|line| line.trim_start_matches("│ ")).collect();
        let is_first = |line: &str| line.starts_with("Error: ") || line.starts_with("Warning: ");
        let diagnostics = lines.chunk_by(|_, next| !is_first(next));
        let diagnostics = diagnostics.filter(|lines| is_first(lines[0]));
        let in_one_line = |lines: &[&str]| in_one_line(&lines.join(" "));
        diagnostics.map(in_one_line).collect()
    }

    /// Fails unless each row has an error or a warning with all its cells but the first.
    #[track_caller]
    pub(crate) fn reports_each<const N: usize>(&self, rows: &[[&str; N]]) {
        for row in rows {
            self.reports(&row[1..].join(" | "));
        }
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}\n{}", self.stdout, self.stderr)
    }
}

/// A text without Terraform's frames and line breaks.
fn in_one_line(text: &str) -> String {
    let words = text.split(|it: char| it.is_whitespace() || ['│', '╷', '╵'].contains(&it));
    words
        .filter(|it| !it.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The provider that Cargo built for the tests.
pub(crate) fn provider() -> &'static Path {
    static PROVIDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let built = env!("CARGO_BIN_EXE_terraform-provider-realtimekit");
        path::absolute(built).unwrap() // with a drive, if it was built for Windows elsewhere
    });
    &PROVIDER
}

/// Makes the provider that Cargo built also this file.
pub(crate) fn link_provider(file: &Path) {
    let linked = fs::hard_link(provider(), file);
    linked
        .or_else(|_| fs::copy(provider(), file).map(drop)) // on another file system
        .unwrap();
}

/// `terraform` or `tofu` of the first directory on PATH that has one.
pub(crate) fn terraform() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .flat_map(|directory| ["terraform", "tofu"].map(|name| directory.join(name)))
        .map(|file| file.with_extension(env::consts::EXE_EXTENSION))
        .find(|file| file.is_file());
    found.expect(
        "neither terraform nor tofu is on PATH, and these tests run one of them: install Terraform \
         (https://developer.hashicorp.com/terraform/install) or OpenTofu \
         (https://opentofu.org/docs/intro/install)",
    )
}
