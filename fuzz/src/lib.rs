//! What the fuzz targets share: a measure of memory, and the parts of an input.

pub mod input;
pub mod memory;
pub mod names;
pub mod types;
