//! The `groeilijn` command; everything is in the library.

/// Rows come as many small owned values, which this allocator hands out faster than the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    groeilijn_api::cli::run()
}
