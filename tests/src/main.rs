//! The `groeilijn` command as it is, built beside its tests so that they can start it as a process of its own.

/// As in the command: what memory is used depends on it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    groeilijn_api::cli::run()
}
