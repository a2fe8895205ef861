//! Who wants to exhaust the service: what is announced and not sent, what is sent slowly, and what is asked too often.

mod bodies;
mod senders;
mod uploads;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};

/// A connection on which a body was announced.
struct Slow {
    connection: TcpStream,
    answer: BufReader<TcpStream>,
}

impl Slow {
    /// Announces a body of so many bytes, and sends none of it.
    fn announce(address: SocketAddr, path: &str, token: &str, headers: &str, bytes: usize) -> Self {
        let mut connection = TcpStream::connect(address).unwrap();
        write!(
            connection,
            "POST {path} HTTP/1.1\r\nHost: groeilijn.example\r\nAuthorization: Bearer {token}\r\n{headers}\r\n\
             Content-Length: {bytes}\r\nExpect: 100-continue\r\n\r\n",
        )
        .unwrap();
        let answer = BufReader::new(connection.try_clone().unwrap());
        Self { connection, answer }
    }

    /// Sends a JSON body along with its head.
    fn whole(address: SocketAddr, path: &str, body: &str) -> Self {
        let mut connection = TcpStream::connect(address).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: groeilijn.example\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        connection.write_all((head + body).as_bytes()).unwrap();
        let answer = BufReader::new(connection.try_clone().unwrap());
        Self { connection, answer }
    }

    /// Announces a JSON body and sends its first byte.
    fn json(address: SocketAddr, path: &str, token: &str, bytes: usize) -> Self {
        let mut slow = Self::announce(address, path, token, "Content-Type: application/json", bytes);
        slow.go_on();
        slow.send(b"{");
        slow
    }

    /// Waits until the service asks for the body.
    fn go_on(&mut self) {
        let mut line = String::new();
        self.answer.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
        self.answer.read_line(&mut String::new()).unwrap();
    }

    /// Sends a part of the body.
    fn send(&mut self, part: &[u8]) {
        self.connection.write_all(part).unwrap();
    }

    /// The status of the answer, when it comes.
    fn status(mut self) -> u16 {
        let mut line = String::new();
        self.answer.read_line(&mut line).unwrap();
        line.split(' ').nth(1).unwrap_or_default().parse().unwrap_or_default()
    }
}
