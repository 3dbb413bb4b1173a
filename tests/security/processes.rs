//! What `/proc` tells of other processes.

use std::{fs, path::PathBuf};

use crate::terraform::provider;

/// The providers of a process group, whoever their parent is by now.
pub(crate) fn providers_of(group: u32) -> Vec<u32> {
    let (group, program) = (group.to_string(), provider().to_str().unwrap());
    // The group is the fifth field, and the command before it may hold anything.
    let is_in_group = |id: u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default();
        fields.split_whitespace().nth(2) == Some(&group)
    };
    let is_provider = |id: u32| {
        let line = fs::read(format!("/proc/{id}/cmdline"));
        line.is_ok_and(|line| line.starts_with(program.as_bytes()))
    };
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|&id| is_in_group(id) && is_provider(id))
        .collect()
}

/// The memory that a process has in RAM, in KiB.
#[track_caller]
pub(crate) fn resident(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}

/// How many files and sockets a process has open; only root is told, unless it is in debug mode.
#[track_caller]
pub(crate) fn open_files(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/fd")).unwrap().count()
}

/// The sockets of providers below a directory for temporary files.
pub(crate) fn sockets_below(directory: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().flatten();
    let is_plugin = |name: &str| name.starts_with("plugin-");
    let plugins = entries.filter(|entry| is_plugin(&entry.file_name().to_string_lossy()));
    plugins.map(|entry| entry.path().join("socket")).collect()
}
