//! Letters to a mail server that speaks SMTP over a socket.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod server;

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use groeilijn_domain::values::email::EmailAddress;
use groeilijn_mail::{Letter, MailError, Security, SmtpSettings, Transport};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::server::{Conduct, LOGIN, Server};

const ID: Uuid = Uuid::from_u128(0x0192_3b6e_7c00_7000_8000_0000_0000_0001);

fn settings(port: u16, security: Security) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        security,
        username: None,
        password: None,
        from: EmailAddress::parse("post@groeilijn.example").unwrap(),
        from_name: "Groeilijn, één lijn".to_owned(),
        extra_root: None,
        timeout: Duration::from_secs(10),
    }
}

fn trusting(server: &Server, security: Security) -> SmtpSettings {
    SmtpSettings { extra_root: Some(server.authority.clone()), ..settings(server.port, security) }
}

fn with_login(settings: SmtpSettings, password: &str) -> SmtpSettings {
    let password = Some(Zeroizing::new(password.to_owned()));
    SmtpSettings { username: Some(LOGIN.0.to_owned()), password, ..settings }
}

fn letter() -> Letter {
    let to = EmailAddress::parse("fien@school.example").unwrap();
    let link =
        "https://groeilijn.example/wachtwoord#0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijkl";
    Letter::set_password(ID, to, "Fien \"Één\"\r\n.\r\nBcc: x", link, "2026-11-21T09:00:00Z".parse().unwrap())
}

async fn send(settings: &SmtpSettings) -> Result<(), MailError> {
    Transport::smtp(settings).unwrap_or_else(|error| panic!("{error}")).send(&letter()).await
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    let server = Server::start(Conduct::default());
    send(&settings(server.port, Security::None)).await.unwrap();
    let heard = server.heard();
    assert_eq!(heard.in_clear[0], "EHLO groeilijn.example");
    let [received] = heard.letters.as_slice() else { panic!("{} letters", heard.letters.len()) };
    assert_eq!(received.from, "post@groeilijn.example");
    assert_eq!(received.to, ["fien@school.example"]);
    // SMTP ends a message with an empty line of its own.
    assert_eq!(received.text().trim_end(), letter().text.trim_end());
    assert!(received.message.is_ascii());
    let headers = received.headers();
    assert_eq!(headers["To"], "fien@school.example");
    assert_eq!(headers["Subject"], "Kies uw wachtwoord voor Groeilijn");
    assert_eq!(headers["Message-ID"], format!("<{ID}@groeilijn.example>"));
    assert_eq!(headers["Content-Type"], "text/plain; charset=utf-8");
    assert_eq!(headers["MIME-Version"], "1.0");
    assert_eq!(headers["Auto-Submitted"], "auto-generated");
    assert!(
        headers["From"].starts_with("=?utf-8?b?") && headers["From"].ends_with(" <post@groeilijn.example>")
    );
    assert!(headers.contains_key("Date") && !headers.contains_key("Bcc"));
}

#[tokio::test]
async fn one_transport_sends_several_letters_at_once() {
    let server = Server::start(Conduct::default());
    let transport = Transport::smtp(&settings(server.port, Security::None)).ok().unwrap();
    let letter = letter();
    let (first, second, third) =
        tokio::join!(transport.send(&letter), transport.send(&letter), transport.send(&letter));
    assert_eq!([first, second, third], [Ok(()), Ok(()), Ok(())]);
    assert_eq!(server.heard().letters.len(), 3);
}

#[tokio::test]
async fn tls_is_with_a_server_that_is_trusted_and_no_other() {
    for (security, conduct) in [
        (Security::Tls, Conduct { tls_from_the_start: true, ..Conduct::default() }),
        (Security::StartTls, Conduct { start_tls: true, ..Conduct::default() }),
    ] {
        let server = Server::start(conduct);
        let refused = send(&settings(server.port, security)).await.unwrap_err();
        assert_eq!(refused, MailError::Unreachable, "{security:?}");
        assert!(!refused.is_permanent());
        let other = Server::start(Conduct::default());
        let wrong_root =
            SmtpSettings { extra_root: Some(other.authority), ..settings(server.port, security) };
        assert_eq!(send(&wrong_root).await, Err(MailError::Unreachable), "{security:?}");
        let wrong_host = SmtpSettings { host: "localhost".to_owned(), ..trusting(&server, security) };
        assert_eq!(send(&wrong_host).await, Err(MailError::Unreachable), "{security:?}");
        assert!(server.heard().letters.is_empty());

        send(&trusting(&server, security)).await.unwrap();
        let heard = server.heard();
        assert_eq!(heard.letters.len(), 1);
        assert!(heard.in_clear.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"));
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_said_in_clear() {
    let server = Server::start(Conduct::default());
    let refused = send(&with_login(trusting(&server, Security::StartTls), LOGIN.1)).await.unwrap_err();
    assert_eq!(refused, MailError::Unreachable);
    assert!(!refused.is_permanent());
    let heard = server.heard();
    assert!(heard.letters.is_empty() && heard.logins.is_empty());
    assert!(
        heard.in_clear.iter().all(|line| line.starts_with("EHLO") || line == "QUIT"),
        "{:?}",
        heard.in_clear
    );
}

#[tokio::test]
async fn a_login_is_used_when_it_is_given() {
    let server = Server::start(Conduct { start_tls: true, login: true, ..Conduct::default() });
    send(&with_login(trusting(&server, Security::StartTls), LOGIN.1)).await.unwrap();
    let heard = server.heard();
    assert_eq!(heard.logins, [(LOGIN.0.to_owned(), LOGIN.1.to_owned())]);
    assert_eq!(heard.letters.len(), 1);

    let wrong = send(&with_login(trusting(&server, Security::StartTls), "Fictief-2")).await.unwrap_err();
    assert_eq!(wrong, MailError::Login(535));
    assert!(!wrong.is_permanent(), "the letter is to be kept until the settings are right");
    assert_eq!(server.heard().letters.len(), 1);
}

#[tokio::test]
async fn a_server_that_takes_no_login_gets_no_letter_from_one_who_has_to_log_in() {
    let server = Server::start(Conduct { tls_from_the_start: true, ..Conduct::default() });
    let refused = send(&with_login(trusting(&server, Security::Tls), LOGIN.1)).await;
    assert_eq!(refused, Err(MailError::Unreachable));
    assert!(server.heard().letters.is_empty());
}

#[tokio::test]
async fn a_reply_tells_whether_to_try_again_and_nothing_of_whom_it_was_about() {
    for (code, error) in [
        (450, MailError::Postponed(450)),
        (421, MailError::Postponed(421)),
        (550, MailError::Refused(550)),
        (554, MailError::Refused(554)),
    ] {
        for conduct in [
            Conduct { at_recipient: Some(code), ..Conduct::default() },
            Conduct { at_end: Some(code), ..Conduct::default() },
        ] {
            let server = Server::start(conduct);
            let refused = send(&settings(server.port, Security::None)).await.unwrap_err();
            assert_eq!(refused, error);
            assert_eq!(refused.is_permanent(), code >= 500);
            for shown in [refused.to_string(), format!("{refused:?}")] {
                assert!(shown.contains(&code.to_string()));
                assert!(!shown.contains("fien") && !shown.contains("not for"), "{shown}");
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_or_says_nothing_is_tried_again() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let hasty = SmtpSettings { timeout: Duration::from_millis(200), ..settings(port, Security::None) };
    let silent = send(&hasty).await.unwrap_err();
    assert_eq!(silent, MailError::TimedOut);
    assert!(!silent.is_permanent());
    drop(listener);
    let absent = send(&settings(port, Security::None)).await.unwrap_err();
    assert_eq!(absent, MailError::Unreachable);
    assert!(!absent.is_permanent());
}

#[test]
fn settings_that_are_not_right_are_refused_before_anything_is_sent() {
    let at = |host: &str| SmtpSettings { host: host.to_owned(), ..settings(25, Security::None) };
    for host in ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST"] {
        assert!(Transport::smtp(&at(host)).is_ok(), "{host}");
    }
    for host in ["mail.example", "192.0.2.1", "0.0.0.0", "localhost.example", "127.0.0.1.example", ""] {
        assert!(matches!(Transport::smtp(&at(host)).err(), Some(MailError::Settings(_))), "{host}");
    }
    let begin = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for wrong in [
        SmtpSettings { extra_root: Some(b"no certificate".to_vec()), ..settings(465, Security::Tls) },
        SmtpSettings { extra_root: Some(begin.to_vec()), ..settings(465, Security::Tls) },
        SmtpSettings { username: Some("groeilijn".to_owned()), ..settings(465, Security::Tls) },
        SmtpSettings {
            password: Some(Zeroizing::new("Fictief-1".to_owned())),
            ..settings(465, Security::Tls)
        },
    ] {
        assert!(matches!(Transport::smtp(&wrong).err(), Some(MailError::Settings(_))));
    }
}
