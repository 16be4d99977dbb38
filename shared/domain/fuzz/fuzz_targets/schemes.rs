//! What `Scheme::parse` accepts is computed, whatever is given within its bounds.
#![no_main]

#[path = "../../tests/it/generate.rs"]
mod generate;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    generate::try_out(bytes);
});
