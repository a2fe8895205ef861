//! Which file needs which: the modules of one target, and the names in them followed to where they are defined.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path as FilePath, PathBuf};

use crate::lexer;
use crate::source::{Module, Path};

/// How many re-exports may stand behind each other: more is a circle of re-exports.
const MOST_REEXPORTS: u8 = 32;

/// Reads the files of a crate; tests give one made up.
pub(crate) trait Files {
    /// The content of a file; `None` when it is not there.
    fn read(&self, path: &FilePath) -> Option<String>;
}

/// A module where it stands.
struct Node {
    module: Module,
    /// The number of its file.
    file: usize,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
}

/// The modules of one library, program or test, and the files that they are in.
#[derive(Default)]
pub(crate) struct Target {
    nodes: Vec<Node>,
    files: Vec<PathBuf>,
    /// For each module those of which globs bring everything into it, directly or through others.
    globs: Vec<Vec<usize>>,
}

/// For each file what it needs of which other file.
pub(crate) type Needs = BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<String>>>;

/// What a path leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Module(usize),
    /// An item that the module defines.
    Item(usize),
    /// Something of another crate.
    Outside,
}

/// What a path is followed for, where a module and an item have the same name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Module,
    Item,
}

impl Target {
    /// Reads everything that is reached from `root` outside tests.
    ///
    /// # Errors
    /// When a file is not there, in words.
    pub(crate) fn read(root: &FilePath, files: &impl Files) -> Result<Self, String> {
        let mut target = Self::default();
        let folder = root.parent().unwrap_or(FilePath::new(""));
        target.file(root.to_owned(), folder, None, files)?;
        target.globs = (0..target.nodes.len()).map(|number| target.reached_by_globs(number)).collect();
        Ok(target)
    }

    /// The files, in the order in which they were reached.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The modules, each with its file.
    pub(crate) fn modules(&self) -> impl Iterator<Item = (&FilePath, &Module)> {
        self.nodes.iter().filter_map(|node| Some((self.files.get(node.file)?.as_path(), &node.module)))
    }

    /// Adds the module in a file, of which the children are in `folder`.
    fn file(
        &mut self,
        path: PathBuf,
        folder: &FilePath,
        parent: Option<usize>,
        files: &impl Files,
    ) -> Result<usize, String> {
        let source = files.read(&path).ok_or_else(|| format!("{}: cannot be read", path.display()))?;
        self.files.push(path);
        self.module(Module::read(&lexer::trees(&source)), self.files.len() - 1, folder, parent, files)
    }

    fn module(
        &mut self,
        mut module: Module,
        file: usize,
        folder: &FilePath,
        parent: Option<usize>,
        files: &impl Files,
    ) -> Result<usize, String> {
        let children = std::mem::take(&mut module.children);
        let number = self.nodes.len();
        self.nodes.push(Node { module, file, parent, children: BTreeMap::new() });
        for child in children {
            let below = folder.join(&child.name);
            let added = match child.inline {
                Some(inline) => self.module(inline, file, &below, Some(number), files)?,
                None => {
                    let paths = [folder.join(format!("{}.rs", child.name)), below.join("mod.rs")];
                    let path = paths.into_iter().find(|path| files.read(path).is_some());
                    let path = path.ok_or_else(|| format!("{}: no file for this module", below.display()))?;
                    self.file(path, &below, Some(number), files)?
                }
            };
            if let Some(node) = self.nodes.get_mut(number) {
                node.children.insert(child.name, added);
            }
        }
        Ok(number)
    }

    /// Which file needs which other one, and for what.
    pub(crate) fn needs(&self) -> Needs {
        let mut needs = Needs::new();
        for (number, node) in self.nodes.iter().enumerate() {
            for (owner, name) in self.needed_by(number, &node.module) {
                let files = (
                    self.files.get(node.file),
                    self.nodes.get(owner).and_then(|owner| self.files.get(owner.file)),
                );
                if let (Some(from), Some(to)) = files
                    && from != to
                {
                    needs.entry(from.clone()).or_default().entry(to.clone()).or_default().insert(name);
                }
            }
        }
        needs
    }

    /// The modules that define what this one names, with the names.
    fn needed_by(&self, number: usize, module: &Module) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        let mut note = |path: &Path| {
            if let Some((Found::Item(owner), name)) = self.follow(number, path, Wanted::Item, 0) {
                found.push((owner, name.to_owned()));
            }
        };
        for binding in &module.bindings {
            // A name that is passed on and not used here is needed by whoever takes it.
            if binding.name == "*" || !binding.is_reexport || module.words.contains(&binding.name) {
                note(&binding.path);
            }
        }
        module.paths.iter().for_each(&mut note);
        for glob in module.bindings.iter().filter(|binding| binding.name == "*") {
            found.extend(self.through_glob(number, module, &glob.path, glob.is_reexport));
        }
        for name in &module.calls {
            found.extend(self.unnamed_macro(number, name).map(|owner| (owner, format!("{name}!"))));
        }
        found
    }

    /// What a module uses of what a glob brings in.
    fn through_glob(
        &self,
        number: usize,
        module: &Module,
        path: &Path,
        is_reexport: bool,
    ) -> Vec<(usize, String)> {
        let Some(of) = self.follow_to_module(number, path, 0) else { return Vec::new() };
        let mut found: Vec<_> = module
            .words
            .iter()
            .filter(|word| !module.items.contains(*word))
            .filter(|word| !module.bindings.iter().any(|binding| binding.name == **word))
            .filter_map(|word| match self.lookup(of, word, Wanted::Item, 1) {
                Some(Found::Item(owner)) => Some((owner, word.clone())),
                _ => None,
            })
            .collect();
        // What a macro makes has no names here: the glob itself must do.
        if !is_reexport && self.nodes.get(of).is_some_and(|node| node.module.may_define_more) {
            found.push((of, "*".to_owned()));
        }
        found
    }

    /// The module of a macro that is in scope without an import, because it stands above in the tree.
    fn unnamed_macro(&self, number: usize, name: &str) -> Option<usize> {
        let mut at = number;
        while let Some(parent) = self.nodes.get(at)?.parent {
            if self.nodes.get(parent)?.module.macros.contains(name) {
                return Some(parent);
            }
            at = parent;
        }
        None
    }

    /// Where a path leads that stands in a module, and the segment that leads there: what comes after an item belongs
    /// to the item.
    fn follow<'p>(
        &self,
        number: usize,
        path: &'p [String],
        wanted: Wanted,
        depth: u8,
    ) -> Option<(Found, &'p str)> {
        let (first, rest) = path.split_first()?;
        let wanted_at = |left: usize| if left == 0 { wanted } else { Wanted::Module };
        let mut at = match first.as_str() {
            "crate" => Found::Module(0),
            "self" => Found::Module(number),
            "super" => Found::Module(self.nodes.get(number)?.parent?),
            name => self.lookup(number, name, wanted_at(rest.len()), depth)?,
        };
        let mut last = first;
        for (place, name) in rest.iter().enumerate() {
            let Found::Module(of) = at else { break };
            at = match name.as_str() {
                "super" => Found::Module(self.nodes.get(of)?.parent?),
                name => self
                    .lookup(of, name, wanted_at(rest.len() - place - 1), depth)
                    .or_else(|| self.exported_macro(of, name))
                    .unwrap_or_else(|| Found::Item(self.maker(of))),
            };
            last = name;
        }
        Some((at, last))
    }

    /// The module that a path leads to that stands in a module.
    fn follow_to_module(&self, number: usize, path: &[String], depth: u8) -> Option<usize> {
        match self.follow(number, path, Wanted::Module, depth)? {
            (Found::Module(found), _) => Some(found),
            (Found::Item(_) | Found::Outside, _) => None,
        }
    }

    /// What a name stands for in a module; `None` when that cannot be seen.
    fn lookup(&self, number: usize, name: &str, wanted: Wanted, depth: u8) -> Option<Found> {
        let through_globs = || {
            let mut globs = self.globs.get(number)?.iter();
            globs.find_map(|of| self.lookup_by_name(*of, name, wanted, depth))
        };
        self.lookup_by_name(number, name, wanted, depth).or_else(through_globs)
    }

    /// What a name stands for that a module itself gives a meaning.
    fn lookup_by_name(&self, number: usize, name: &str, wanted: Wanted, depth: u8) -> Option<Found> {
        let node = self.nodes.get(number).filter(|_| depth < MOST_REEXPORTS)?;
        let child = node.children.get(name).map(|child| Found::Module(*child));
        if wanted == Wanted::Module && child.is_some() {
            return child;
        }
        if node.module.items.contains(name) || node.module.macros.contains(name) {
            return Some(Found::Item(number));
        }
        if let Some(named) = node.module.bindings.iter().find(|binding| binding.name == name) {
            let found = self.follow(number, &named.path, wanted, depth + 1);
            return Some(found.map_or(Found::Outside, |(found, _)| found));
        }
        child
    }

    /// The modules of which everything is brought into a module. Beyond the first, a glob counts when it is a
    /// re-export, or stands in a module around this one.
    fn reached_by_globs(&self, number: usize) -> Vec<usize> {
        let mut reached = vec![number];
        let mut next = 0;
        while let Some(at) = reached.get(next).copied() {
            next += 1;
            let bindings = self.nodes.get(at).map(|node| node.module.bindings.as_slice()).unwrap_or_default();
            for glob in bindings.iter().filter(|binding| binding.name == "*") {
                if (glob.is_reexport || self.is_within(number, at))
                    && let Some(of) = self.follow_to_module(at, &glob.path, 0)
                    && !reached.contains(&of)
                {
                    reached.push(of);
                }
            }
        }
        reached.split_off(1)
    }

    /// Whether a module is another one or stands in it.
    fn is_within(&self, number: usize, outer: usize) -> bool {
        let mut at = Some(number);
        while let Some(module) = at.filter(|module| *module != outer) {
            at = self.nodes.get(module).and_then(|node| node.parent);
        }
        at.is_some()
    }

    /// The module where a macro must have made what cannot be seen in `of`: one that it re-exports all of, or itself.
    fn maker(&self, of: usize) -> usize {
        let bindings = self.nodes.get(of).map(|node| node.module.bindings.as_slice()).unwrap_or_default();
        let globs = bindings.iter().filter(|binding| binding.name == "*" && binding.is_reexport);
        let mut makers = globs
            .filter_map(|glob| self.follow_to_module(of, &glob.path, 1))
            .filter(|child| self.nodes.get(*child).is_some_and(|node| node.module.may_define_more));
        makers.next().filter(|_| makers.next().is_none()).unwrap_or(of)
    }

    /// A macro that is exported, which is found at the root.
    fn exported_macro(&self, of: usize, name: &str) -> Option<Found> {
        let owner = self.nodes.iter().position(|node| of == 0 && node.module.macros.contains(name));
        owner.map(Found::Item)
    }
}
