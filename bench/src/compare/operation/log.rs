//! An audit log of a busy school over some years: how long it takes to take it along and to check it, beside the plain
//! digest of the same bytes; and how long a proof and a child's entries take in one ten times as long.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{ActorKind, AuditEntry, Object, ObjectKind, Outcome, encode_objects};
use groeilijn_domain::audit::merkle::Frontier;
use groeilijn_domain::values::ids::{InstitutionId, SessionId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use super::super::Error;
use super::super::output::{progress, say, verdict};
use super::super::programs::{Programs, groeilijn};
use super::super::schools::{self, get, read};
use super::super::servers::Server;
use super::super::stop::Stop;
use super::timed;
use crate::outside;

/// How many children are named in turn.
const CHILDREN: u64 = 250;

/// Milliseconds since 1970 of the first child's id: somewhere in 2026.
const BEGINNING: u64 = 1_780_000_000_000;

/// How many entries are entered in one transaction.
const TOGETHER: u64 = 100_000;

/// How many entries a block of the index has.
const BLOCK: u64 = 256;

/// How often each question is asked.
const QUESTIONS: u64 = 100;

/// How much longer than the plain digest of the same bytes checking may take.
const MOST_TIMES: f64 = 15.0;

/// How long an answer about a long log may take, as a rule.
const MOST_FOR_AN_ANSWER: Duration = Duration::from_millis(50);

/// How long a network address and a detail are, sealed.
const SEALED: usize = 97;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    origin: String,
    verifier_keys: Vec<String>,
    checkpoint: Option<Checkpoint>,
}

#[derive(Deserialize)]
struct Checkpoint {
    size: u64,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    occurred_at: Timestamp,
}

#[derive(Deserialize)]
struct Exposure {
    entries: u64,
}

/// Who asked for everything in the log.
const ACTOR: Uuid = Uuid::from_u128(0x0199_9999_0000_7000_8000_0000_0000_0002);

fn failed(error: impl std::fmt::Display) -> Error {
    Error::of("the audit log", error)
}

/// Has the log of the first school in a folder grow to so many entries.
pub(in super::super) fn fill(
    programs: &Programs,
    folder: &Path,
    entries: u64,
    stop: &Stop,
) -> Result<(), Error> {
    let server = Server::of_build("ours", &programs.ours, folder, stop)?;
    let token = schools::administrator_of_ours(&server.address, 0)?;
    let log: Log = read("the audit log", &mut get(&server.address, "/v1/audit-log", &token)?)?;
    let institution = log.origin.rsplit('/').next().and_then(|id| Uuid::parse_str(id).ok());
    let institution = institution.ok_or_else(|| failed("names no institution"))?;
    drop(server);
    let mut data = Connection::open(folder.join("data.sqlite")).map_err(failed)?;
    data.execute_batch("PRAGMA synchronous = OFF").map_err(failed)?;
    let mut tree = kept(&data, institution)?;
    while tree.size() < entries {
        stop.check()?;
        let until = entries.min(tree.size() + TOGETHER);
        let transaction = data.transaction().map_err(failed)?;
        enter(&transaction, institution, &mut tree, until).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    data.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").map_err(failed)
}

/// The tree as it is.
fn kept(data: &Connection, institution: Uuid) -> Result<Frontier, Error> {
    let mut tree = Frontier::default();
    let mut leaves = data
        .prepare("SELECT leaf_hash FROM audit_entry WHERE institution_id = ? ORDER BY sequence")
        .map_err(failed)?;
    let leaves =
        leaves.query_map([institution.as_bytes()], |row| row.get::<_, [u8; 32]>(0)).map_err(failed)?;
    for leaf in leaves {
        tree.push(leaf.map_err(failed)?);
    }
    Ok(tree)
}

/// One of the children, with an id as the service makes them: one of zeros and some digits may pass for a citizen service
/// number, and is refused in a query.
fn child(number: u64) -> Uuid {
    Builder::from_unix_timestamp_millis(BEGINNING + number % CHILDREN, &[0xab; 10]).into_uuid()
}

/// Enters reads of one child after another until the tree has so many entries.
fn enter(data: &Connection, institution: Uuid, tree: &mut Frontier, until: u64) -> rusqlite::Result<()> {
    let mut insert = data.prepare_cached(
        "INSERT INTO audit_entry (institution_id, sequence, occurred_at, actor_kind, actor_id, session_id, address, \
         trace_id, span_id, activity, operation, objects, outcome, leaf_hash) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let mut index = data.prepare_cached(
        "INSERT INTO audit_object (institution_id, block, kind, object_id, sequence) VALUES (?, ?, ?, ?, ?)",
    )?;
    let sealed = [7; SEALED];
    let actor = ACTOR;
    let mut at = outside::now().as_microsecond();
    while tree.size() < until {
        let sequence = tree.size();
        at += 1;
        let child = child(sequence);
        let objects: [Object; 1] = [(ObjectKind::Pupil, child)];
        let entry = AuditEntry {
            sequence,
            occurred_at: Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH),
            institution: InstitutionId::from_uuid(institution),
            actor_kind: ActorKind::InstitutionUser,
            actor: Some(actor),
            session: Some(SessionId::from_uuid(actor)),
            address: Some(&sealed),
            trace_id: u128::from(sequence).to_be_bytes(),
            span_id: sequence.to_be_bytes(),
            activity: ProcessingActivity::FollowDevelopment,
            operation: "readPupil",
            objects: &objects,
            outcome: Outcome::Success,
            change_digest: None,
            detail: None,
        };
        let leaf = entry.leaf_hash();
        let mut stored = Vec::new();
        encode_objects(&objects, &mut stored);
        insert.execute(params![
            institution.as_bytes(),
            number(sequence),
            at,
            entry.actor_kind.code(),
            actor.as_bytes(),
            actor.as_bytes(),
            sealed,
            entry.trace_id,
            entry.span_id,
            entry.activity.code(),
            entry.operation,
            stored,
            entry.outcome.code(),
            leaf,
        ])?;
        let kind = ObjectKind::Pupil as u8;
        let (block, sequence) = (number(sequence / BLOCK), number(sequence));
        index.execute(params![institution.as_bytes(), block, kind, child.as_bytes(), sequence])?;
        tree.push(leaf);
    }
    data.execute(
        "UPDATE audit_tree SET size = ?1, indexed = ?1, frontier = ?2, last_at = ?3 WHERE institution_id = ?4",
        params![number(tree.size()), tree.to_bytes(), at, institution.as_bytes()],
    )?;
    Ok(())
}

/// A number as the database keeps it.
fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Measures the log of the first school in a folder, which has so many entries, and prints what was found; tells whether
/// that is as required.
pub(in super::super) fn measure(
    programs: &Programs,
    folder: &Path,
    entries: u64,
    is_taken_along: bool,
    stop: &Stop,
) -> Result<bool, Error> {
    progress(format_args!("measuring an audit log of {entries} entries"))?;
    let begun = Instant::now();
    let server = Server::of_build("ours", &programs.ours, folder, stop)?;
    let token = schools::administrator_of_ours(&server.address, 0)?;
    let log = || read::<Log>("the audit log", &mut get(&server.address, "/v1/audit-log", &token)?);
    while log()?.checkpoint.is_none_or(|checkpoint| checkpoint.size < entries) {
        stop.check()?;
        thread::sleep(Duration::from_millis(50));
    }
    say(format_args!(
        "\nan audit log of {entries} entries\n{:<44} {:>9.1} s",
        "until a log that was never signed is",
        begun.elapsed().as_secs_f64()
    ))?;
    let proof =
        |number: u64| format!("/v1/audit-log/inclusion-proof?sequence={}", number * (entries / QUESTIONS));
    let entries_of = |number: u64| format!("/v1/audit-entries?limit=100&pupilId={}", child(number));
    let mut is_reached = answered(&server.address, &token, "the proof that an entry is in it", proof)?;
    is_reached &= answered(&server.address, &token, "who saw a child: the first page", entries_of)?;
    touched(&server.address, &token, &log()?.origin, entries)?;
    if is_taken_along {
        let key = log()?.verifier_keys.pop().unwrap_or_default();
        is_reached &= taken_along(programs, folder, &server, &token, &key, stop)?;
    }
    Ok(is_reached)
}

/// Asks some questions, one after another.
fn answered(address: &str, token: &str, what: &str, path: impl Fn(u64) -> String) -> Result<bool, Error> {
    let mut took = Vec::new();
    for number in 0..QUESTIONS {
        let begun = Instant::now();
        let mut reply = get(address, &path(number), token)?;
        reply.body_mut().read_to_vec().map_err(failed)?;
        took.push(begun.elapsed());
    }
    took.sort();
    let median = took.get(took.len() / 2).copied().unwrap_or(Duration::MAX);
    let slowest = took.last().copied().unwrap_or(Duration::MAX);
    let is_reached = median <= MOST_FOR_AN_ANSWER;
    say(format_args!(
        "{what:<44} {:>9.1} ms | slowest {:.1} ms | {}",
        median.as_secs_f64() * 1e3,
        slowest.as_secs_f64() * 1e3,
        verdict(is_reached)
    ))?;
    Ok(is_reached)
}

/// Most entries that one search for whom something touched goes through, and room for those that others make meanwhile.
const MOST_TOUCHED: u64 = 900_000;

/// Works out whom the one account touched that all entries are of, in more of them than a school has in a month.
fn touched(address: &str, token: &str, origin: &str, entries: u64) -> Result<(), Error> {
    let newest = "/v1/audit-entries?operation=readPupil&limit=1";
    let newest: Page = read(newest, &mut get(address, newest, token)?)?;
    let until = newest.items.first().map_or(Timestamp::UNIX_EPOCH, |entry| entry.occurred_at);
    // No two of them have the same microsecond.
    let microseconds = number(MOST_TOUCHED.min(entries / 2));
    let from = until - SignedDuration::from_micros(microseconds);
    let institution = origin.rsplit('/').next().unwrap_or_default();
    let begun = Instant::now();
    let mut reply = ureq::post(format!("{address}/v1/institutions/{institution}/_exposure"))
        .header("Authorization", format!("Bearer {token}"))
        .send_json(serde_json::json!({ "actorId": ACTOR, "from": from, "until": until }))
        .map_err(failed)?;
    let exposure: Exposure = read("whom an account touched", &mut reply)?;
    say(format_args!(
        "{:<44} {:>9.1} s | {} entries",
        "whom an account touched",
        begun.elapsed().as_secs_f64(),
        exposure.entries
    ))
}

/// Takes the log along into a file, and checks that, beside the plain digest of the same bytes.
fn taken_along(
    programs: &Programs,
    folder: &Path,
    server: &Server,
    token: &str,
    key: &str,
    stop: &Stop,
) -> Result<bool, Error> {
    let path = folder.join("log.ndjson");
    let begun = Instant::now();
    let mut reply = get(&server.address, "/v1/audit-log/export", token)?;
    let mut file = File::create(&path).map_err(Error::at(&path))?;
    let mut body = reply.body_mut().with_config().limit(u64::MAX).reader();
    let bytes = io::copy(&mut body, &mut file).map_err(Error::at(&path))?;
    let exported = begun.elapsed();

    let digested = digest(&path)?.min(digest(&path)?);
    let mut command = groeilijn(&programs.ours, folder);
    let checked = timed(command.args(["audit", "verify"]).arg(&path).args(["--key", key]), stop)?;
    let lines = count_lines(&path)?;
    let rate = |took: Duration| f64::from(u32::try_from(lines).unwrap_or(u32::MAX)) / took.as_secs_f64();
    let times = checked.as_secs_f64() / digested.as_secs_f64();
    let is_reached = times <= MOST_TIMES;
    say(format_args!(
        "{:<44} {:>9.1} s | {:.0} entries/s",
        "exported, over HTTP",
        exported.as_secs_f64(),
        rate(exported)
    ))?;
    say(format_args!(
        "{:<44} {:>9.1} s | {} MB",
        "SHA-256 of the same bytes",
        digested.as_secs_f64(),
        bytes / 1_000_000
    ))?;
    say(format_args!(
        "{:<44} {:>9.1} s | {:.0} entries/s | {times:.1} times SHA-256 | {}",
        "checked with groeilijn audit verify",
        checked.as_secs_f64(),
        rate(checked),
        verdict(is_reached)
    ))?;
    Ok(is_reached)
}

/// How long the digest of a file takes.
fn digest(path: &Path) -> Result<Duration, Error> {
    let begun = Instant::now();
    let mut file = File::open(path).map_err(Error::at(path))?;
    let (mut digest, mut piece) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut piece).map_err(Error::at(path))?;
        if read == 0 {
            break;
        }
        digest.update(piece.get(..read).unwrap_or_default());
    }
    let _ = digest.finalize();
    Ok(begun.elapsed())
}

fn count_lines(path: &Path) -> Result<usize, Error> {
    use io::BufRead as _;
    let file = File::open(path).map_err(Error::at(path))?;
    Ok(io::BufReader::new(file).split(b'\n').count())
}
