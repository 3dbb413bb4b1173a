//! Standard output and standard error.

use std::io::{self, Write};

pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// A closed standard error is no reason to stop.
pub(crate) fn print_error(line: &str) {
    writeln!(io::stderr().lock(), "{line}").ok();
}
