cargo run --bin realtimekit-mock-api
