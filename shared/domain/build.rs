//! Lists the schemes under `schemes/`, so that no code has to name them.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=schemes");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let mut files: Vec<_> = fs::read_dir(Path::new(&root).join("schemes"))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let toml = fs::read_to_string(file)?;
        let code = code_of(&toml).ok_or_else(|| io::Error::other(format!("{} has no code", file.display())))?;
        // Relative to the crate: a build folder may be shared by checkouts of which one goes away.
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let path = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/schemes/{name}\")");
        writeln!(list, "    ({code:?}, include_str!({path})),").map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("shipped.rs"), list)
}

/// The value of the line `code = "…"` at the top of a scheme.
fn code_of(toml: &str) -> Option<&str> {
    let line = toml.lines().find(|line| line.starts_with("code = "))?;
    line.split('"').nth(1)
}
