//! What the kernel tells of running processes (Linux: proc(5)).

use std::{fs, time::Duration};

/// Processes that were seen below another one, and what each of them had used when seen last.
#[derive(Default)]
pub(crate) struct Watch(Vec<(u32, Usage)>);

/// What a process has used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    /// Most memory that was resident at once, in KiB.
    pub(crate) peak: u64,
}

impl Watch {
    /// Looks at the children of `parent`, as far as there are any.
    pub(crate) fn look(&mut self, parent: u32) {
        for child in children(parent) {
            let Some(usage) = usage(child) else { continue };
            match self.0.iter_mut().find(|(known, _)| *known == child) {
                Some((_, known)) => *known = usage,
                None => self.0.push((child, usage)),
            }
        }
    }

    /// The time of all of them, and the memory of the largest.
    pub(crate) fn total(&self) -> Usage {
        Usage {
            cpu: self.0.iter().map(|(_, usage)| usage.cpu).sum(),
            peak: self
                .0
                .iter()
                .map(|(_, usage)| usage.peak)
                .max()
                .unwrap_or_default(),
        }
    }
}

/// What a process has used; `None` if it is gone.
pub(crate) fn usage(pid: u32) -> Option<Usage> {
    let cpu = match threads(pid).filter_map(|thread| nanoseconds(&thread)).sum() {
        0 => return None,
        nanoseconds => Duration::from_nanos(nanoseconds),
    };
    let peak = status(pid, "VmHWM")?;
    Some(Usage { cpu, peak })
}

/// A field of a process's status, in KiB.
pub(crate) fn status(pid: u32, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let mut lines = status.lines();
    let value = lines.find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    value.split_whitespace().next()?.parse().ok()
}

/// The time of a process, its ended threads included, to a hundredth of a second.
pub(crate) fn coarse_cpu(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(10 * ticks))
}

fn children(pid: u32) -> Vec<u32> {
    let of_threads =
        threads(pid).filter_map(|thread| fs::read_to_string(thread + "/children").ok());
    let all: Vec<String> = of_threads.collect();
    let words = all.iter().flat_map(|children| children.split_whitespace());
    words.filter_map(|child| child.parse().ok()).collect()
}

/// The directories of a process's threads.
fn threads(pid: u32) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten();
    entries
        .flatten()
        .map(|entry| entry.path().to_string_lossy().into_owned())
}

/// How long a thread has run.
fn nanoseconds(thread: &str) -> Option<u64> {
    let statistics = fs::read_to_string(format!("{thread}/schedstat")).ok()?;
    statistics.split_whitespace().next()?.parse().ok()
}
