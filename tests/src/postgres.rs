//! A throw-away PostgreSQL cluster for this process, reached by a socket in its own folder.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use groeilijn_persistence::Error;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::url::DatabaseUrl;

/// The role that serves: it reads and writes rows, and is bound by row-level security.
pub const APPLICATION: &str = "groeilijn";

/// The role that owns the databases and migrates them.
pub const OWNER: &str = "groeilijn_owner";

/// The role that sees everything.
pub const SUPERUSER: &str = "postgres";

/// How long a cluster may take to come back.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes and starts a cluster, says so, and takes it away when its input ends: when this process is gone,
/// however it went.
const KEEPER: &str = r#"
    dir=$1 bin=$2 options=$3
    if "$bin/initdb" --pgdata="$dir/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C \
            --no-sync >"$dir/log" 2>&1 &&
        "$bin/pg_ctl" --pgdata="$dir/data" --log="$dir/log" --wait --silent --options="$options" start >/dev/null
    then
        echo ready
        cat >/dev/null
    else
        cat "$dir/log" >&2
    fi
    "$bin/pg_ctl" --pgdata="$dir/data" --mode=immediate --silent stop >/dev/null 2>&1
    rm -rf "$dir"
"#;

/// What the cluster that all tests of a process share is set to: nothing of it outlives the process.
const SHARED: &str = "-c synchronous_commit=off -c full_page_writes=off -c max_connections=500";

/// What a cluster of one test is set to, which is stopped and killed on the way: as installed.
const PRIVATE: &str = "-c synchronous_commit=on -c max_connections=100 -c wal_recycle=off";

/// A file system in memory, where Linux has one.
const MEMORY: &str = "/dev/shm";

/// How much room the cluster that all tests share wants, in MiB.
const ROOM_MB: u64 = 4 << 10;

/// A running cluster.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    /// What the server is started with.
    options: String,
    copies: AtomicU32,
    /// Its input stays open as long as this process lives.
    _keeper: Child,
}

/// The cluster of this process, started at the first call; `None` where PostgreSQL is not installed.
///
/// # Panics
/// When it is not installed and the environment variable `CI` is set: there nothing is skipped.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(|| installed().map(|programs| Cluster::start(programs, SHARED, in_memory()))).as_ref()
}

/// A cluster of one test, which may do to it what it likes; `None` where PostgreSQL is not installed.
///
/// # Panics
/// As [`cluster`].
pub fn private_cluster() -> Option<Cluster> {
    installed().map(|programs| Cluster::start(programs, PRIVATE, std::env::temp_dir()))
}

fn installed() -> Option<PathBuf> {
    programs().or_else(|| {
        eprintln!("SKIPPED: PostgreSQL is not installed here; get it with `apt-get install postgresql`");
        assert!(std::env::var_os("CI").is_none(), "PostgreSQL is required where CI is set");
        None
    })
}

/// Where PostgreSQL's programs are: the newest version that is installed, or those on the path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok().into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .max()
        .map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    newest
        .into_iter()
        .chain(on_path)
        .find(|folder| ["initdb", "pg_ctl"].iter().all(|name| folder.join(name).exists()))
}

/// Where files are kept in memory, if there is room for a cluster: each copy of a database is hundreds of small files, and
/// making them on a disk takes a third of the time of a test.
fn in_memory() -> PathBuf {
    let room =
        Command::new("df").args(["--output=avail", "--block-size=1M", MEMORY]).stderr(Stdio::null()).output();
    let room = room.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let megabytes = room.lines().last().and_then(|line| line.trim().parse::<u64>().ok());
    if megabytes >= Some(ROOM_MB) { PathBuf::from(MEMORY) } else { std::env::temp_dir() }
}

impl Cluster {
    fn start(programs: PathBuf, settings: &str, place: PathBuf) -> Self {
        let folder = tempfile::tempdir_in(place).unwrap().keep();
        let options = format!(
            "-k {} -c listen_addresses= -c fsync=off -c shared_buffers=32MB {settings}",
            folder.display()
        );
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).arg(&folder).arg(&programs).arg(&options).current_dir(&folder);
        // Its own process group, so that Ctrl-C does not end the keeper before its work is done.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some((user, group)) = unprivileged_user() {
            chown(&folder, Some(user), Some(group)).unwrap();
            command.uid(user).gid(group);
        }
        let mut keeper = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "PostgreSQL did not start");
        let cluster = Self { folder, programs, options, copies: AtomicU32::new(0), _keeper: keeper };
        for role in [APPLICATION, OWNER] {
            cluster.run(&format!("CREATE ROLE {role} LOGIN"));
        }
        cluster
    }

    /// The folder with all its files, the log included.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of a database for one of the roles.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres:///{database}?host={}&user={role}", self.folder.display())
    }

    /// Makes a role that can log in, unless there is one of this name.
    pub fn make_role(&self, name: &str, options: &str) {
        self.run(&format!(
            "DO $$ BEGIN CREATE ROLE {name} LOGIN {options}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        ));
    }

    /// Makes an empty database for the owner.
    pub fn create(&self, name: &str) {
        self.run(&format!("CREATE DATABASE {name} OWNER {OWNER}"));
    }

    /// Lets nobody connect to a database any more, so that it can be copied.
    pub fn close(&self, name: &str) {
        self.run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        self.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    }

    /// Lets the service connect to a database that was closed.
    pub fn open(&self, name: &str) {
        self.run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    }

    /// Copies a database and gives the name of the copy.
    pub fn copy(&self, template: &str) -> String {
        let name = format!("copy_{}", self.copies.fetch_add(1, Ordering::Relaxed));
        self.run(&format!("CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}"));
        name
    }

    /// Takes a copy away, whoever is still connected to it.
    pub fn forget(&self, copy: &str) {
        self.run(&format!("DROP DATABASE IF EXISTS {copy} WITH (FORCE)"));
    }

    /// Stops it: in good order (`fast`) or as a power cut would (`immediate`).
    pub fn stop(&self, mode: &str) {
        self.control(&["--mode", mode, "stop"]);
    }

    /// Starts it again as it was started before; it may not answer yet.
    pub fn start_again(&self) {
        let log = self.folder.join("log");
        self.control(&["--log", log.to_str().unwrap(), "--no-wait", "--options", &self.options, "start"]);
    }

    /// Waits until it answers.
    #[track_caller]
    pub fn wait_until_it_answers(&self) {
        let begun = Instant::now();
        while self.try_run("SELECT 1").is_err() {
            assert!(begun.elapsed() < PATIENCE, "PostgreSQL did not come back");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills one of the processes that work for the service (SIGKILL), upon which PostgreSQL ends all others too; `false`
    /// when there is none.
    pub fn kill_one(&self) -> bool {
        let pids = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
            let title = fs::read_to_string(entry.path().join("cmdline")).ok()?;
            let own = title.starts_with(&format!("postgres: {APPLICATION} "));
            (own && fs::read_link(entry.path().join("cwd")).ok()? == self.folder.join("data"))
                .then(|| entry.file_name())
        });
        let Some(pid) = pids.last() else { return false };
        Command::new("kill").arg("-KILL").arg(pid).status().unwrap().success()
    }

    /// Ends the connections of the service, the whole of it going on.
    pub fn hang_up(&self) {
        self.run(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{APPLICATION}'"
        ));
    }

    fn control(&self, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join("pg_ctl"));
        command.arg("--pgdata").arg(self.folder.join("data")).arg("--silent").args(arguments);
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = unprivileged_user() {
            command.uid(user).gid(group);
        }
        assert!(command.status().unwrap().success(), "pg_ctl {arguments:?}");
    }

    pub fn run(&self, statement: &str) {
        self.try_run(statement).unwrap();
    }

    fn try_run(&self, statement: &str) -> Result<(), Error> {
        let mut connection: AnyConnection =
            DatabaseUrl::parse(&self.url(SUPERUSER, "postgres"))?.connect()?;
        Ok(connection.batch_execute(statement)?)
    }
}

/// Whom PostgreSQL runs as when this is root, which it refuses: `postgres`, or else `nobody`.
fn unprivileged_user() -> Option<(u32, u32)> {
    let own = fs::metadata("/proc/self").unwrap();
    if std::os::unix::fs::MetadataExt::uid(&own) != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let ids = |wanted: &str| {
        users.lines().find_map(|line| {
            let fields: Vec<_> = line.split(':').collect();
            (fields.first() == Some(&wanted))
                .then(|| Some((fields[2].parse().ok()?, fields[3].parse().ok()?)))?
        })
    };
    ids("postgres").or_else(|| ids("nobody"))
}
