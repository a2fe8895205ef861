//! A file system of a few megabytes, which a test can fill.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A file system in memory. It is taken down when this is dropped.
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// Mounts it; `None` where this process may not mount anything.
    ///
    /// # Panics
    /// When it may and cannot, and the environment variable `CI` is set: there nothing is skipped without need.
    pub fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        let told = match mounted {
            Ok(mounted) if mounted.status.success() => return Some(Self { folder }),
            Ok(mounted) => String::from_utf8_lossy(&mounted.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        eprintln!("SKIPPED: no file system can be mounted here: {told}");
        assert!(
            std::env::var_os("CI").is_none() || !may_mount(),
            "a file system is required where CI is set and this process may mount one: {told}"
        );
        None
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves not one byte free.
    pub fn fill(&self) {
        let mut filler = File::options().create(true).append(true).open(self.filler()).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Makes room again.
    pub fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> std::path::PathBuf {
        self.path().join("filler")
    }
}

/// Whether this process has the right to mount (`CAP_SYS_ADMIN`): not as any user but root, nor in most containers.
fn may_mount() -> bool {
    const CAP_SYS_ADMIN: u32 = 21;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    effective
        .and_then(|rights| u64::from_str_radix(rights.trim(), 16).ok())
        .is_some_and(|rights| rights >> CAP_SYS_ADMIN & 1 == 1)
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a program may be about to end.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
