//! What the fuzz targets check, a measure of memory, and the parts of an input. The library's own
//! tests include the targets that need no process of their own, and replay their seeds.

pub mod answers;
pub mod input;
pub mod memory;
pub mod mock;
pub mod names;
pub mod texts;
pub mod types;
pub mod values;
