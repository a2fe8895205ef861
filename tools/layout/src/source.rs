//! What one module says: what it defines, what it brings into scope and what it names.

use std::collections::BTreeSet;

use crate::lexer::Tree;

/// A path, by its segments; the first may be `crate`, `self` or `super`.
pub(crate) type Path = Vec<String>;

/// A name that a `use` brings into scope.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The name here; `*` for a glob.
    pub(crate) name: String,
    /// What it stands for; of a glob the module.
    pub(crate) path: Path,
    /// Whether others may take it from here.
    pub(crate) is_reexport: bool,
}

/// A module within another one.
#[derive(Debug)]
pub(crate) struct Child {
    /// Its name.
    pub(crate) name: String,
    /// What is between its braces; `None` when it has a file of its own.
    pub(crate) inline: Option<Module>,
}

/// A word or text of the code, and the line it is on.
pub(crate) type Placed = (String, usize);

/// A module without its tests.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// The items that it defines, as far as they can be seen: macros may make more.
    pub(crate) items: BTreeSet<String>,
    /// The `macro_rules!` among them.
    pub(crate) macros: BTreeSet<String>,
    /// What is brought into scope.
    pub(crate) bindings: Vec<Binding>,
    /// The modules in it.
    pub(crate) children: Vec<Child>,
    /// The paths of more than one segment in its code.
    pub(crate) paths: Vec<Path>,
    /// The single words in its code, fields and methods aside.
    pub(crate) words: BTreeSet<String>,
    /// The macros that are called by a single name.
    pub(crate) calls: BTreeSet<String>,
    /// Whether a macro is called where items stand, which may define anything.
    pub(crate) may_define_more: bool,
    /// The names of those modules.
    pub(crate) module_names: Vec<Placed>,
    /// The names of the tables in a `table!`.
    pub(crate) tables: Vec<Placed>,
    /// Every word in it.
    pub(crate) all_words: Vec<Placed>,
    /// Every string in it.
    pub(crate) all_texts: Vec<Placed>,
}

const ITEMS: [&str; 8] = ["fn", "struct", "enum", "union", "trait", "type", "const", "static"];

/// Where a run of tokens stands: only between items is `fn` a definition of the module.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    BetweenItems,
    Inside,
}

impl Module {
    /// Reads the tokens of a file.
    pub(crate) fn read(trees: &[Tree]) -> Self {
        let mut module = Self::default();
        module.scan(trees, Place::BetweenItems);
        module
    }

    fn scan(&mut self, trees: &[Tree], place: Place) {
        let mut rest = trees;
        let mut before = Before::default();
        let mut is_reexport = false;
        while let Some((first, after)) = rest.split_first() {
            let here = before;
            before = before.then(first);
            rest = match (first, after) {
                (Tree::Sign('#'), [Tree::Sign('!'), Tree::Group('[', attribute), after @ ..]) => {
                    if is_test_only(attribute) {
                        return;
                    }
                    self.attribute(attribute);
                    after
                }
                (Tree::Sign('#'), [Tree::Group('[', attribute), after @ ..]) => {
                    self.attribute(attribute);
                    if is_test_only(attribute) { after_item(after) } else { after }
                }
                (Tree::Word(word, _), [Tree::Group('(', _), after @ ..]) if word == "pub" => {
                    is_reexport = true;
                    after
                }
                (Tree::Word(word, _), _) if word == "pub" => {
                    is_reexport = true;
                    after
                }
                (Tree::Word(word, _), [Tree::Word(..) | Tree::Separator | Tree::Group('{', _), ..])
                    if word == "use" =>
                {
                    let end = after.iter().position(|tree| *tree == Tree::Sign(';')).unwrap_or(after.len());
                    let (imported, after) = after.split_at(end);
                    self.import(imported, &[], is_reexport);
                    self.note_words(imported);
                    is_reexport = false;
                    after
                }
                (Tree::Word(word, _), [Tree::Word(name, line), after @ ..])
                    if word == "mod" && place == Place::BetweenItems =>
                {
                    is_reexport = false;
                    self.child(name, *line, after)
                }
                (
                    Tree::Word(word, _),
                    [Tree::Sign('!'), Tree::Word(name, _), Tree::Group(_, rules), after @ ..],
                ) if word == "macro_rules" => {
                    self.macros.insert(name.clone());
                    self.scan(rules, Place::Inside);
                    after
                }
                (Tree::Word(word, _), [Tree::Word(name, line), ..])
                    if place == Place::BetweenItems && ITEMS.contains(&word.as_str()) =>
                {
                    self.items.insert(name.clone());
                    self.all_words.push((name.clone(), *line));
                    is_reexport = false;
                    // `const fn name` defines at its second keyword.
                    if ITEMS.contains(&name.as_str()) { after } else { after.get(1..).unwrap_or_default() }
                }
                // A path from the root of the crate; any other word behind the sign is a macro's own.
                (Tree::Sign('$'), [Tree::Word(word, _), ..]) if word == "crate" => after,
                (Tree::Sign('$'), [Tree::Word(..), after @ ..]) => after,
                (Tree::Separator, _) => after_segments(after),
                (Tree::Word(word, line), _) => {
                    self.all_words.push((word.clone(), *line));
                    self.path(word, after, here, place)
                }
                (Tree::Group(_, inner), _) => {
                    self.scan(inner, Place::Inside);
                    after
                }
                (Tree::Text(text, line), _) => {
                    self.all_texts.push((text.clone(), *line));
                    after
                }
                (Tree::Sign(_) | Tree::Literal, _) => after,
            };
        }
    }

    /// A path that begins with `first`, or a single word; returns what comes after it.
    fn path<'a>(&mut self, first: &str, after: &'a [Tree], here: Before, place: Place) -> &'a [Tree] {
        let mut path = vec![first.to_owned()];
        let mut rest = after;
        while let [Tree::Separator, Tree::Word(word, line), after @ ..] = rest {
            path.push(word.clone());
            self.all_words.push((word.clone(), *line));
            rest = after;
        }
        let (input, after) = match rest {
            [Tree::Sign('!'), Tree::Group(_, input), after @ ..] => (Some(input), after),
            _ => (None, rest),
        };
        if here.is_member() {
            // A field or method: what it belongs to is not known here.
        } else if path.len() > 1 {
            self.words.insert(first.to_owned());
            self.paths.push(path.clone());
        } else {
            self.words.insert(first.to_owned());
            if input.is_some() {
                self.calls.insert(first.to_owned());
            }
        }
        if let Some(input) = input {
            if path.last().is_some_and(|name| name == "table") {
                self.table(input);
            }
            self.may_define_more |= place == Place::BetweenItems;
            self.scan(input, place);
        }
        after
    }

    fn table(&mut self, input: &[Tree]) {
        for pair in input.windows(2) {
            if let [Tree::Word(name, line), Tree::Group('(' | '{', _)] = pair {
                self.tables.push((name.clone(), *line));
            }
        }
    }

    /// A module in this one; returns what comes after it.
    fn child<'a>(&mut self, name: &str, line: usize, after: &'a [Tree]) -> &'a [Tree] {
        self.module_names.push((name.to_owned(), line));
        let (inline, after) = match after {
            [Tree::Group('{', content), after @ ..] => (Some(Self::read(content)), after),
            _ => (None, after),
        };
        self.children.push(Child { name: name.to_owned(), inline });
        after
    }

    /// Paths in an attribute, also those that serde has in strings.
    fn attribute(&mut self, attribute: &[Tree]) {
        if let [Tree::Word(name, _), Tree::Sign('='), ..] = attribute
            && name == "doc"
        {
            return;
        }
        self.scan(attribute, Place::Inside);
        let mut texts = Vec::new();
        collect_texts(attribute, &mut texts);
        for text in texts {
            let path: Path = text.split("::").map(str::to_owned).collect();
            let is_path =
                |segment: &String| segment.chars().all(|letter| letter == '_' || letter.is_alphanumeric());
            if path.len() > 1 && path.iter().all(is_path) {
                self.paths.push(path);
            }
        }
    }

    /// One tree of a `use`, below `prefix`.
    fn import(&mut self, tree: &[Tree], prefix: &[String], is_reexport: bool) {
        let mut path = prefix.to_vec();
        let mut rest = tree;
        loop {
            match rest {
                [Tree::Word(word, _), Tree::Separator, after @ ..] => {
                    path.push(word.clone());
                    rest = after;
                }
                [Tree::Separator, after @ ..] => rest = after,
                [Tree::Group('{', branches), ..] => {
                    for branch in branches.split(|tree| *tree == Tree::Sign(',')) {
                        self.import(branch, &path, is_reexport);
                    }
                    return;
                }
                [Tree::Sign('*'), ..] => {
                    self.bindings.push(Binding { name: "*".to_owned(), path, is_reexport });
                    return;
                }
                [Tree::Word(word, _), after @ ..] => {
                    if word != "self" || path.is_empty() {
                        path.push(word.clone());
                    }
                    let name = match after {
                        [Tree::Word(_, _), Tree::Word(renamed, _), ..] => Some(renamed),
                        _ => path.last(),
                    };
                    let name = name.cloned().unwrap_or_default();
                    self.bindings.push(Binding { name, path, is_reexport });
                    return;
                }
                _ => return,
            }
        }
    }

    fn note_words(&mut self, trees: &[Tree]) {
        for tree in trees {
            match tree {
                Tree::Word(word, line) => self.all_words.push((word.clone(), *line)),
                Tree::Group(_, inner) => self.note_words(inner),
                Tree::Text(..) | Tree::Separator | Tree::Sign(_) | Tree::Literal => {}
            }
        }
    }
}

/// The two tokens before the present one, as far as they matter.
#[derive(Clone, Copy, Default)]
struct Before {
    dots: u8,
}

impl Before {
    fn then(self, tree: &Tree) -> Self {
        Self { dots: if *tree == Tree::Sign('.') { self.dots.saturating_add(1) } else { 0 } }
    }

    /// Whether what follows is a field or method; after two dots it ends a range.
    fn is_member(self) -> bool {
        self.dots == 1
    }
}

/// Whether an attribute keeps what it is on for tests: `cfg(test)` or `cfg(all(test, …))`.
fn is_test_only(attribute: &[Tree]) -> bool {
    let [Tree::Word(cfg, _), Tree::Group('(', condition)] = attribute else { return false };
    let is_test = |tree: &Tree| matches!(tree, Tree::Word(word, _) if word == "test");
    cfg == "cfg"
        && match condition.as_slice() {
            [only] => is_test(only),
            [Tree::Word(all, _), Tree::Group('(', conditions)] => {
                all == "all" && conditions.iter().any(is_test)
            }
            _ => false,
        }
}

/// What comes after an item, statement, field or arm, with the attributes that it still has.
fn after_item(mut rest: &[Tree]) -> &[Tree] {
    let (mut ends_with_braces, mut ends_with_comma) = (true, true);
    while let Some((first, after)) = rest.split_first() {
        match first {
            Tree::Sign(';') => return after,
            Tree::Sign(',') if ends_with_comma => return after,
            Tree::Group('{', _) if ends_with_braces => return after,
            Tree::Word(word, _) => match word.as_str() {
                // The last keyword tells: `const fn` has a body, a constant ends with a semicolon.
                "use" | "const" | "static" | "type" | "let" => {
                    (ends_with_braces, ends_with_comma) = (false, false);
                }
                "fn" | "impl" | "mod" | "struct" | "enum" | "trait" => {
                    (ends_with_braces, ends_with_comma) = (true, false);
                }
                _ => {}
            },
            _ => {}
        }
        rest = after;
    }
    rest
}

/// What comes after the segments of a path whose beginning is not a word, such as `<T as Trait>::Output`.
fn after_segments(mut rest: &[Tree]) -> &[Tree] {
    while let [Tree::Word(..), after @ ..] = rest {
        let [Tree::Separator, further @ ..] = after else { return after };
        rest = further;
    }
    rest
}

fn collect_texts<'a>(trees: &'a [Tree], found: &mut Vec<&'a str>) {
    for tree in trees {
        match tree {
            Tree::Text(text, _) => found.push(text),
            Tree::Group(_, inner) => collect_texts(inner, found),
            Tree::Word(..) | Tree::Separator | Tree::Sign(_) | Tree::Literal => {}
        }
    }
}
