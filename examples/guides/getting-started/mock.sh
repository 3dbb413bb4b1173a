cargo run --bin realtimekit-mock-api -- --mode live
