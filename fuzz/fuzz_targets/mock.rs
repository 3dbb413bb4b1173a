#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus {
    match realtimekit_fuzz::mock::run(input) {
        true => Corpus::Keep,
        false => Corpus::Reject,
    }
});
