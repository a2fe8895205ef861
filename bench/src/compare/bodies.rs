//! What connections cost that announce a body and send one byte of it.

use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::Error;
use super::output::{progress, say, verdict};
use super::programs::Programs;
use super::schools::{self, School};
use super::servers::Server;
use super::stop::Stop;

/// How many connections announce a body at one moment.
const CONNECTIONS: u64 = 2000;

/// The body that is announced, in bytes: as large as one may be.
const ANNOUNCED: usize = 1 << 20;

/// The body that a stranger announces, in bytes.
const ANNOUNCED_BY_STRANGERS: usize = 4 << 10;

/// By how much the memory may grow, in KiB.
const MOST_GROWN: u64 = 100 << 10;

/// How long the server has to read what was sent, and less than a body may take.
const TIME_TO_READ: Duration = Duration::from_secs(3);

/// Measures both on the database in a folder and prints them; tells whether what is required is reached.
pub(super) fn measure(programs: &Programs, folder: &Path, stop: &Stop) -> Result<bool, Error> {
    progress(format_args!("measuring bodies that do not come"))?;
    let server = Server::behind_proxy(programs, folder, stop)?;
    let schools = schools::of_ours(&server.address)?;
    let strangers = grown_by(&server, stop, stranger)?;
    let members = grown_by(&server, stop, |number| member(&schools, number))?;
    let mut is_reached = true;
    for (who, grown) in [("who are not logged in", strangers), ("of members", members)] {
        let reached = grown <= MOST_GROWN;
        is_reached &= reached;
        say(format_args!(
            "\n{CONNECTIONS} connections {who} announce a body and send a byte: memory {} MiB more, of {} | {}",
            grown >> 10,
            MOST_GROWN >> 10,
            verdict(reached),
        ))?;
    }
    Ok(is_reached)
}

/// By how much the memory grows at most, in KiB, with connections that all send what `request` says.
fn grown_by(server: &Server, stop: &Stop, request: impl Fn(u64) -> String) -> Result<u64, Error> {
    let failed = |error| Error::of("announce a body", error);
    let address = server.address.trim_start_matches("http://");
    server.process.forget_peak()?;
    let before = server.process.memory_kib()?;
    let mut connections = Vec::new();
    for number in 0..CONNECTIONS {
        stop.check()?;
        let mut connection = TcpStream::connect(address).map_err(failed)?;
        // Whoever is refused at once may have closed it already.
        let _ = connection.write_all(request(number).as_bytes());
        connections.push(connection);
    }
    thread::sleep(TIME_TO_READ);
    let grown = server.process.peak_memory_kib()?.saturating_sub(before);
    drop(connections);
    Ok(grown)
}

/// A login of somebody on a network of their own: there is nothing else that keeps a network from taking much.
fn stranger(number: u64) -> String {
    let [.., high, low] = number.to_be_bytes();
    head("/v1/sessions", &format!("X-Forwarded-For: 10.9.{high}.{low}"), ANNOUNCED_BY_STRANGERS)
}

/// A note of a teacher of one of the schools.
fn member(schools: &[School], number: u64) -> String {
    let place = usize::try_from(number).unwrap_or_default() % schools.len().max(1);
    let school = schools.get(place);
    let pupil = school.and_then(|school| school.pupils.first()).map(ToString::to_string).unwrap_or_default();
    let token = school.map(|school| school.token.as_str()).unwrap_or_default();
    head(&format!("/v1/pupils/{pupil}/notes"), &format!("Authorization: Bearer {token}"), ANNOUNCED)
}

/// The head of a request, and the first byte of its body.
fn head(path: &str, header: &str, bytes: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: groeilijn.example\r\n{header}\r\n\
         Content-Type: application/json\r\nContent-Length: {bytes}\r\n\r\n{{"
    )
}
