//! Checks the layout of the code: `make layout`. No crate has a circle among its files, the crates depend on each
//! other in one way, and the engine under `persistence` names no resource.
//!
//! A file needs another one when it names what that one defines: in a `use`, in a path or in a macro. A re-export is
//! followed to where the name is defined, so a façade needs nothing of what it only passes on. Tests, comments and
//! documentation are left out. What is not named is not seen: calling a method, for one.

mod circles;
mod crates;
mod graph;
mod lexer;
mod rules;
mod source;
#[cfg(test)]
mod tests;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::crates::Disk;
use crate::graph::Target;

fn main() -> ExitCode {
    let root = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let (told, code) = match check(&root) {
        Ok(Outcome { wrong, files }) if wrong.is_empty() => {
            (format!("layout: {files} files, no circle"), ExitCode::SUCCESS)
        }
        Ok(Outcome { wrong, .. }) => (wrong.join("\n"), ExitCode::FAILURE),
        Err(why) => (why, ExitCode::FAILURE),
    };
    match writeln!(io::stdout(), "{told}") {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}

/// What a check shows.
struct Outcome {
    /// What is wrong, in words.
    wrong: Vec<String>,
    /// How many files were looked at.
    files: usize,
}

/// Checks the workspace in a folder.
///
/// # Errors
/// When it cannot be read, in words.
fn check(root: &Path) -> Result<Outcome, String> {
    let crates = crates::crates(root, &Disk)?;
    let mut outcome = Outcome { wrong: Vec::new(), files: 0 };
    if !crates.iter().any(|found| found.name == rules::ENGINE) {
        outcome
            .wrong
            .push(format!("there is no crate groeilijn-{}, so nothing holds its wall", rules::ENGINE));
    }
    for found in &crates {
        outcome.wrong.extend(rules::wrong_dependencies(found));
        let roots = crates::roots(&found.folder);
        if roots.is_empty() {
            return Err(format!("{}: no src/lib.rs and no src/main.rs", found.folder.display()));
        }
        for path in roots {
            let target = Target::read(&path, &Disk)?;
            outcome.files += target.files().len();
            let circles = circles::circles(&target.needs());
            outcome
                .wrong
                .extend(circles.into_iter().map(|circle| format!("groeilijn-{}: {circle}", found.name)));
            if found.name == rules::ENGINE {
                outcome
                    .wrong
                    .extend(target.modules().flat_map(|(file, module)| rules::breaches(file, module)));
            }
        }
    }
    Ok(outcome)
}
