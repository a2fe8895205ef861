//! The `groeilijn` command as it is, built beside its tests so that they can start it as a process of its own.

fn main() -> std::process::ExitCode {
    groeilijn_api::cli::run()
}
