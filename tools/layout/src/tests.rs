//! The checks on small trees that are made up.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::check;
use crate::circles::circles;
use crate::crates::Crate;
use crate::graph::{Files, Target};
use crate::rules::{breaches, wrong_dependencies};

/// Files by their paths.
struct Made(BTreeMap<&'static str, &'static str>);

impl Files for Made {
    fn read(&self, path: &Path) -> Option<String> {
        self.0.get(path.to_str()?).map(|source| (*source).to_owned())
    }
}

fn target<const N: usize>(files: [(&'static str, &'static str); N]) -> Target {
    Target::read(Path::new("lib.rs"), &Made(files.into())).unwrap()
}

/// What each file needs, as `a.rs>b.rs:name`.
fn needs<const N: usize>(files: [(&'static str, &'static str); N]) -> String {
    let mut found = Vec::new();
    for (from, needed) in target(files).needs() {
        for (to, names) in needed {
            let names: Vec<String> = names.into_iter().collect();
            found.push(format!("{}>{}:{}", from.display(), to.display(), names.join(",")));
        }
    }
    found.join(" ")
}

#[test]
fn a_circle_is_found_and_its_shortest_way_is_told() {
    let found = circles(
        &target([
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::B; pub struct A(B);"),
            ("b.rs", "use crate::c::{self, C}; pub struct B(C); fn f() { c::g(); }"),
            ("c.rs", "pub struct C; pub fn g() { let _ = super::a::A::new(); super::b::B::new(); }"),
            ("d.rs", "use crate::a::A; fn f(a: A) {}"),
        ])
        .needs(),
    );
    let [circle] = found.as_slice() else { panic!("{found:?}") };
    let told =
        "a circle of 3 files\n    b.rs needs c.rs for C, g\n    c.rs needs b.rs for B\n    also in it: a.rs";
    assert_eq!(circle, told);
}

#[test]
fn what_only_looks_like_a_circle_is_none() {
    let files = [
        ("lib.rs", "pub mod a; pub use a::A; #[cfg(test)] mod tests; pub(crate) use a::*;"),
        (
            "a.rs",
            "//! [`crate::b::B`]
            mod b; // use crate::b::C;
            pub use b::B;
            pub struct A { /* super::x */ b: u8 }
            #[cfg(test)] use b::C;
            #[cfg(test)] mod tests { use super::b::C; }
            #[cfg(test)] fn f<T, U>() { b::g() }",
        ),
        ("a/b.rs", "use crate::A; pub struct B(A, &'static str); const S: &str = \"crate::b::C\";"),
    ];
    assert_eq!(needs(files), "a/b.rs>a.rs:A");
    assert!(circles(&target(files).needs()).is_empty());
}

#[test]
fn a_name_is_followed_through_reexports_to_the_file_that_defines_it() {
    let files = [
        ("lib.rs", "mod a; mod facade; use facade::One;"),
        ("a.rs", "use crate::facade::{One, Two as Second, Made}; use crate::facade::three; fn f() { three::deep() }"),
        ("facade/mod.rs", "mod one; mod two; mod made; mod three_ { } pub use one::One; pub use two::*; pub(crate) use made::*;
            pub(crate) use one::three;"),
        ("facade/one.rs", "pub struct One; pub mod three;"),
        ("facade/one/three.rs", "pub(crate) fn deep() {}"),
        ("facade/two.rs", "pub enum Two { A }"),
        ("facade/made.rs", "make! { Made }"),
    ];
    let expected = "a.rs>facade/made.rs:Made a.rs>facade/one/three.rs:deep a.rs>facade/one.rs:One \
        a.rs>facade/two.rs:Two lib.rs>facade/one.rs:One";
    assert_eq!(needs(files), expected);
}

#[test]
fn what_a_facade_uses_itself_it_needs() {
    let files = [
        (
            "lib.rs",
            "mod run; mod load; pub use run::run; pub use load::Load; fn f(load: Load) { load.run(); }",
        ),
        ("run.rs", "pub fn run() {}"),
        ("load.rs", "pub struct Load;"),
    ];
    assert_eq!(needs(files), "lib.rs>load.rs:Load");
}

#[test]
fn names_in_macros_attributes_and_globs_count() {
    let files = [
        ("lib.rs", "#[macro_use] mod made; mod a; mod b; mod c; mod d;"),
        (
            "made.rs",
            "macro_rules! make { ($name:ident) => { $crate::a::A::$name($crate::b::b!()); mod a { mod b {} } }; }",
        ),
        (
            "a.rs",
            "#[serde(with = \"super::b::serialised\")] pub struct A; fn f() { println!(\"{}\", super::c::C) }",
        ),
        (
            "b.rs",
            "pub mod serialised { } macro_rules! b { () => {} } pub(crate) use b; item! { pub struct FromMacro; }",
        ),
        (
            "c.rs",
            "use super::b::*; pub const C: FromMacro = FromMacro; fn f() { for i in 0..super::d::LAST {} }",
        ),
        ("d.rs", "pub const LAST: u8 = 1; fn f() { crate::make!(x) }"),
    ];
    let expected =
        "a.rs>c.rs:C c.rs>b.rs:*,FromMacro c.rs>d.rs:LAST d.rs>made.rs:make made.rs>a.rs:A made.rs>b.rs:b";
    assert_eq!(needs(files), expected);
}

#[test]
fn globs_that_lead_back_to_each_other_come_to_an_end() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; pub use a::*; pub use b::*; pub use c::*;"),
        ("a.rs", "use super::*; pub use crate::b::*; pub struct A(B);"),
        ("b.rs", "use super::*; pub use crate::c::*; pub use crate::a::*; pub struct B(absent::C);"),
        ("c.rs", "use super::*; pub use crate::a::*; pub use crate::b::*; pub struct D;"),
    ];
    assert_eq!(needs(files), "a.rs>b.rs:B");
}

#[test]
fn a_module_without_a_file_is_an_error() {
    let why = Target::read(Path::new("lib.rs"), &Made([("lib.rs", "mod a;")].into())).err();
    assert_eq!(why.as_deref(), Some("a: no file for this module"));
}

#[test]
fn a_crate_depends_only_on_those_below_it() {
    let depends = |name: &str, on: &[&str]| {
        let dependencies = on.iter().map(|name| (*name).to_owned()).collect();
        wrong_dependencies(&Crate { name: name.to_owned(), folder: PathBuf::new(), dependencies })
    };
    assert!(depends("persistence", &["domain", "engine"]).is_empty());
    for wrong in ["persistence", "api", "mail"] {
        assert_eq!(
            depends("engine", &["domain", wrong]),
            [format!("groeilijn-engine depends on groeilijn-{wrong}, and may only depend on: domain")]
        );
    }
    assert_eq!(depends("domain", &["engine"]).len(), 1);
    assert_eq!(depends("new", &[]).len(), 1);
}

#[test]
fn the_engine_names_no_resource() {
    let broken = |source: &'static str| -> Vec<String> {
        let target = target([("lib.rs", source)]);
        target.modules().flat_map(|(file, module)| breaches(file, module)).collect()
    };
    for sound in [
        "// a Pupil\nfn group_commit(notes: u8) { let user = \"pupil\"; }",
        "use groeilijn_domain::values::ids::InstitutionId; struct Sealed(InstitutionId);",
        "use groeilijn_domain::access::principal::Actor; fn entry(by: UserId) {}",
        "diesel::table! { data_key (id) { id -> Binary, } }",
        "#[cfg(test)] mod tests { struct Pupil; }",
        "const Q: &str = \"SELECT id FROM data_key\"; struct Placeholder; enum Important {}",
    ] {
        assert_eq!(broken(sound), [""; 0], "{sound}");
    }
    for (wrong, why) in [
        ("\nstruct NewPupil;", "lib.rs:2: the type NewPupil names a resource, pupil"),
        ("use x::PupilId as Id;", "lib.rs:1: the type PupilId names a resource, pupil"),
        (
            "diesel::table! { user_note (id) { id -> Binary, } }",
            "lib.rs:1: the table user_note names a resource, note",
        ),
        ("const Q: &str = \"DELETE FROM pupils\";", "lib.rs:1: the table pupils names a resource, pupil"),
        ("mod groups { }", "lib.rs:1: the module groups names a resource, group"),
        (
            "use groeilijn_domain::children::{eck_id::EckId};",
            "lib.rs:1: groeilijn_domain::children::eck_id::EckId is of an area of the domain",
        ),
    ] {
        assert_eq!(broken(wrong), [format!("{why}; the engine knows none")], "{wrong}");
    }
}

/// A workspace on disk with one crate, the engine.
fn workspace(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = std::env::temp_dir().join(format!("groeilijn-layout-{}-{name}", std::process::id()));
    let manifest = "[package]\nname = \"groeilijn-engine\"\n";
    let workspace = "[workspace]\nmembers = [\n    \"engine\",\n]\n";
    for (path, content) in [("Cargo.toml", workspace), ("engine/Cargo.toml", manifest)].iter().chain(files) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    root
}

#[test]
fn a_whole_workspace_passes_or_fails() {
    let sound = workspace("sound", &[("engine/src/lib.rs", "mod a;"), ("engine/src/a.rs", "pub struct A;")]);
    let outcome = check(&sound).unwrap();
    assert_eq!((outcome.wrong, outcome.files), (Vec::<String>::new(), 2));
    let broken = workspace(
        "broken",
        &[
            ("engine/src/lib.rs", "mod a; use a::A; pub fn f() {}"),
            ("engine/src/a.rs", "pub struct Pupil; fn f() { crate::f() }"),
        ],
    );
    let wrong = check(&broken).unwrap().wrong;
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].starts_with("groeilijn-engine: a circle of 2 files"), "{wrong:?}");
    assert!(wrong[1].contains("the type Pupil names a resource"), "{wrong:?}");
    fs::remove_dir_all(sound).unwrap();
    fs::remove_dir_all(broken).unwrap();
}
