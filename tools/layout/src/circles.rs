//! Circles in a graph of files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::graph::Needs;

/// How many names a line tells.
const MOST_NAMES: usize = 5;

/// Every circle, in words: the files in it, and the shortest way round with the names that tie it.
pub(crate) fn circles(needs: &Needs) -> Vec<String> {
    let reached: BTreeMap<&Path, BTreeSet<&Path>> =
        needs.keys().map(|file| (file.as_path(), reached_from(needs, file))).collect();
    let is_mutual = |a: &Path, b: &Path| {
        let reaches = |from: &Path, to: &Path| reached.get(from).is_some_and(|files| files.contains(to));
        reaches(a, b) && reaches(b, a)
    };
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for file in needs.keys() {
        if is_mutual(file, file) && !told.contains(file.as_path()) {
            let members: Vec<&Path> =
                needs.keys().map(PathBuf::as_path).filter(|other| is_mutual(file, other)).collect();
            told.extend(members.iter().copied());
            found.push(describe(needs, &members));
        }
    }
    found
}

/// The files that can be reached in one step or more.
fn reached_from<'a>(needs: &'a Needs, file: &Path) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&Path> = vec![file];
    while let Some(from) = waiting.pop() {
        for to in needs.get(from).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(to.as_path()) {
                waiting.push(to);
            }
        }
    }
    reached
}

fn describe(needs: &Needs, members: &[&Path]) -> String {
    let way =
        members.iter().filter_map(|start| way_round(needs, start)).min_by_key(Vec::len).unwrap_or_default();
    let mut text = format!("a circle of {} files", members.len());
    for pair in way.windows(2) {
        if let [from, to] = pair {
            let names = needs.get(*from).and_then(|needed| needed.get(*to));
            let _ = write!(text, "\n    {} needs {} for {}", from.display(), to.display(), list(names));
        }
    }
    let others: Vec<String> =
        members.iter().filter(|file| !way.contains(file)).map(|file| file.display().to_string()).collect();
    if !others.is_empty() {
        let _ = write!(text, "\n    also in it: {}", others.join(", "));
    }
    text
}

/// The shortest way from a file back to itself.
fn way_round<'a>(needs: &'a Needs, start: &'a Path) -> Option<Vec<&'a Path>> {
    let mut before: BTreeMap<&Path, &Path> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(from) = waiting.pop_front() {
        for to in needs.get(from).into_iter().flat_map(BTreeMap::keys).map(PathBuf::as_path) {
            if to == start {
                let mut way = vec![start, from];
                while let Some(earlier) =
                    way.last().filter(|file| **file != start).and_then(|file| before.get(file))
                {
                    way.push(earlier);
                }
                way.reverse();
                return Some(way);
            }
            if !before.contains_key(to) {
                before.insert(to, from);
                waiting.push_back(to);
            }
        }
    }
    None
}

fn list(names: Option<&BTreeSet<String>>) -> String {
    let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    let shown = names.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
