cargo run --example demo
