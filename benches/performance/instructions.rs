//! How many instructions a piece of work takes, as valgrind's callgrind counts them.

use std::{
    env, io,
    process::{Child, Command, Stdio},
};

use crate::{
    Error,
    table::{row, table},
    work,
};

/// Work of this size is compared with ten times as much.
const SIZE: usize = 100;

/// Counts all work, and says how it grows.
///
/// # Errors
/// Something takes more than eleven times the instructions for ten times the size.
pub(crate) fn report() -> Result<String, Error> {
    let mut rows = vec![row(["work", "N = 100", "N = 1,000", "times"])];
    let mut beyond = Vec::new();
    for (index, (name, _)) in work::ALL.iter().enumerate() {
        let [small, large] = [count(index, SIZE)?, count(index, 10 * SIZE)?];
        let times = large as f64 / small as f64;
        rows.push(row([
            name,
            &small.to_string(),
            &large.to_string(),
            &format!("{times:.1}"),
        ]));
        if times > 11.0 {
            beyond.push(*name);
        }
    }
    let text = table(&rows);
    if beyond.is_empty() {
        Ok(text)
    } else {
        Err(format!("{text}\nThese grow faster than their size: {beyond:?}").into())
    }
}

pub(crate) fn is_possible() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok()
}

/// What the work alone takes, without what makes it ready.
fn count(index: usize, size: usize) -> Result<u64, Error> {
    let [whole, ready] = ["do", "ready"].map(|what| start(index, size, what)); // both at once
    let [whole, ready] = [counted(whole?)?, counted(ready?)?];
    whole
        .checked_sub(ready)
        .ok_or_else(|| "less than nothing was done".into())
}

fn start(index: usize, size: usize, what: &str) -> io::Result<Child> {
    Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["work", &index.to_string(), &size.to_string(), what])
        .stderr(Stdio::piped())
        .spawn()
}

fn counted(child: Child) -> Result<u64, Error> {
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    match collected {
        Some((_, count)) if output.status.success() => Ok(count.trim().parse()?),
        _ => Err(format!("valgrind did not count: {said}").into()),
    }
}
