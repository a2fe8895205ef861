//! The `groeilijn` command; everything is in the library.

fn main() -> std::process::ExitCode {
    groeilijn_api::cli::run()
}
