//! Writes the inputs to start from: `cargo run --manifest-path fuzz/Cargo.toml --example seeds`.
//!
//! They are what is usual; what is not is for the fuzzer to find.

mod answers;
mod mock;
mod requests;
mod texts;
mod values;
mod wire;

use std::{fs, io, path::Path};

/// The webhook of the mock API's example.
const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

fn main() -> io::Result<()> {
    write("values", values::inputs())?;
    write("texts", texts::inputs())?;
    write("answers", answers::inputs())?;
    write("requests", requests::inputs())?;
    write("mock", mock::inputs())
}

fn write(target: &str, inputs: Vec<Vec<u8>>) -> io::Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(target);
    fs::remove_dir_all(&directory).ok();
    fs::create_dir_all(&directory)?;
    for (number, input) in inputs.iter().enumerate() {
        fs::write(directory.join(format!("{number:02}")), input)?;
    }
    Ok(())
}
