//! Writes the inputs to start from:
//! `RUSTFLAGS="--cfg fuzzing" cargo run --manifest-path fuzz/Cargo.toml --example seeds`.
//!
//! They are ordinary inputs, numbered. What the fuzzer finds is named after a hash, and stays.

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
    fs::create_dir_all(&directory)?;
    for file in fs::read_dir(&directory)? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.parse::<u8>().is_ok() {
            fs::remove_file(&path)?;
        }
    }
    for (number, input) in inputs.iter().enumerate() {
        fs::write(directory.join(format!("{number:02}")), input)?;
    }
    Ok(())
}
