//! Compiles `proto/` to Rust with protox, so that no installed `protoc` is needed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let files = protox::compile(
        ["tfplugin6.proto", "plugin.proto", "health.proto"],
        ["proto"],
    )?;
    tonic_prost_build::configure()
        .generate_default_stubs(true) // an RPC we leave out answers `Unimplemented`
        .build_client(true) // the tests play Terraform's part
        .build_transport(false) // nor does the library dial anything itself
        .compile_fds(files)?;
    Ok(())
}
