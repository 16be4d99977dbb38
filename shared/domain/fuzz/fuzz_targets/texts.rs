//! No text makes the reader of schemes panic: it is a scheme, or it is told what is wrong with it, and where.
#![no_main]

use domain::Locale;
use domain::scheme::Scheme;
use domain::words::explain;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match Scheme::parse(text) {
        Ok(scheme) => drop(explain(&scheme, Locale::ZhCn)),
        Err(problems) => assert!(!problems.is_empty() && problems.iter().all(|problem| problem.line > 0)),
    }
});
