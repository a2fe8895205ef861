//! The crates of the workspace: where they are, what they depend on and what they are built of.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::graph::Files;

/// What the names of our crates begin with.
const PREFIX: &str = "groeilijn-";

/// A crate of the workspace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Crate {
    /// Its name without the prefix.
    pub(crate) name: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// Which of our crates it depends on, in any kind of build, without the prefix.
    pub(crate) dependencies: BTreeSet<String>,
}

/// The files on disk.
pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Option<String> {
        fs::read_to_string(path).ok()
    }
}

/// All crates of the workspace in `root`, in the order in which it names its members.
///
/// # Errors
/// When a manifest cannot be read, in words.
pub(crate) fn crates(root: &Path, files: &impl Files) -> Result<Vec<Crate>, String> {
    let workspace = manifest(&root.join("Cargo.toml"), files)?;
    let members = workspace
        .split_once("members = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(members, _)| members.split(',').map(|member| member.trim().trim_matches('"')))
        .ok_or("Cargo.toml: no members")?;
    members
        .filter(|member| !member.is_empty())
        .map(|member| {
            let folder = root.join(member);
            let manifest = manifest(&folder.join("Cargo.toml"), files)?;
            read(folder, &manifest)
        })
        .collect()
}

fn manifest(path: &Path, files: &impl Files) -> Result<String, String> {
    files.read(path).ok_or_else(|| format!("{}: cannot be read", path.display()))
}

fn read(folder: PathBuf, manifest: &str) -> Result<Crate, String> {
    let mut section = String::new();
    let mut name = None;
    let mut dependencies = BTreeSet::new();
    for line in manifest.lines() {
        let line = line.split_once('#').map_or(line, |(before, _)| before).trim();
        if let Some(header) = line.strip_prefix('[') {
            header.trim_matches(['[', ']']).clone_into(&mut section);
        }
        if section == "package" && line.starts_with("name") {
            name = name.or_else(|| ours(line));
        } else if section.contains("dependencies") {
            dependencies.extend(ours(line));
        }
    }
    let name = name.ok_or_else(|| format!("{}: its name does not begin with {PREFIX}", folder.display()))?;
    Ok(Crate { name, folder, dependencies })
}

/// The name of one of our crates in a line, without the prefix.
fn ours(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(PREFIX)?;
    Some(rest.chars().take_while(|letter| *letter == '-' || letter.is_ascii_alphanumeric()).collect())
}

/// The roots of what is built of a crate: its library, its programs and its tests.
pub(crate) fn roots(folder: &Path) -> Vec<PathBuf> {
    let sources = folder.join("src");
    let mut roots = vec![sources.join("lib.rs"), sources.join("main.rs")];
    for programs in [sources.join("bin"), folder.join("tests")] {
        let entries = fs::read_dir(programs).into_iter().flatten().flatten().map(|entry| entry.path());
        roots.extend(entries.map(|path| if path.is_dir() { path.join("main.rs") } else { path }));
    }
    roots.retain(|path| path.is_file() && path.extension().is_some_and(|extension| extension == "rs"));
    roots.sort();
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_tells_what_a_crate_depends_on() {
        let manifest = "
            [package]
            name = \"groeilijn-persistence\"
            description = \"groeilijn-mail\"
            [dependencies]
            groeilijn-domain.workspace = true
            # groeilijn-api is above this one
            renamed = { package = \"groeilijn-engine\", path = \"engine\" }
            serde.workspace = true
            [dev-dependencies.groeilijn-tests]
            path = \"../tests\"
            [lints]
            groeilijn-bench = true
        ";
        let found = read(PathBuf::from("persistence"), manifest).unwrap();
        assert_eq!(found.name, "persistence");
        assert_eq!(found.dependencies, ["domain", "engine", "tests"].map(str::to_owned).into());
        assert!(read(PathBuf::from("x"), "[package]\nname = \"x\"").is_err());
    }
}
