//! A letter as a message (RFC 5322 and MIME).
use groeilijn_domain::values::email::EmailAddress;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, SinglePart};
use lettre::{Address, Message};

use crate::error::MailError;
use crate::letter::{Letter, on_one_line};

/// A line of a message that is not encoded is no longer (RFC 5322, 2.1.1).
const MOST_BYTES_OF_A_LINE: usize = 998;

/// From whom all letters are, and how they are written down.
#[derive(Clone)]
pub(crate) struct Writer {
    from: Mailbox,
    domain: String,
}

impl Writer {
    pub(crate) fn new(from: &EmailAddress, name: &str) -> Result<Self, MailError> {
        let name = Some(on_one_line(name)).filter(|name| !name.is_empty());
        let address =
            address(from).map_err(|_| MailError::Settings("nothing can be sent from the address"))?;
        Ok(Self { from: Mailbox::new(name, address), domain: from.domain().as_str().to_owned() })
    }

    /// The domain of the sender.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// For a mail server, which may take nothing but ASCII: long lines are broken off and put together by the reader.
    pub(crate) fn for_server(&self, letter: &Letter) -> Result<Message, MailError> {
        self.write(letter, SinglePart::plain(letter.text.clone()))
    }

    /// For a file that people open themselves: a link stands in it as it is followed. A line that is too long for that is
    /// broken off all the same.
    pub(crate) fn for_file(&self, letter: &Letter) -> Result<Message, MailError> {
        let text = &letter.text;
        if text.contains(['\r', '\0']) || text.lines().any(|line| line.len() > MOST_BYTES_OF_A_LINE) {
            return self.for_server(letter);
        }
        let lines = text.replace('\n', "\r\n").into_bytes();
        let body = Body::dangerous_pre_encoded(lines, ContentTransferEncoding::EightBit);
        self.write(letter, SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body))
    }

    fn write(&self, letter: &Letter, part: SinglePart) -> Result<Message, MailError> {
        Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.id, self.domain)))
            .from(self.from.clone())
            .to(Mailbox::new(None, address(&letter.to)?))
            .subject(on_one_line(&letter.subject))
            // RFC 3834: keeps out-of-office messages from coming back.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .singlepart(part)
            .map_err(|_| MailError::Unwritable)
    }
}

fn address(address: &EmailAddress) -> Result<Address, MailError> {
    address.as_str().parse().map_err(|_| MailError::Unwritable)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn to() -> EmailAddress {
        EmailAddress::parse("fien@school.example").unwrap()
    }

    fn written(from_name: &str, subject: &str, text: &str) -> String {
        written_by(Writer::for_server, from_name, subject, text)
    }

    fn written_by(
        write: fn(&Writer, &Letter) -> Result<Message, MailError>,
        from_name: &str,
        subject: &str,
        text: &str,
    ) -> String {
        let from = EmailAddress::parse("post@groeilijn.example").unwrap();
        let letter = Letter { id: Uuid::nil(), to: to(), subject: subject.to_owned(), text: text.to_owned() };
        let message = write(&Writer::new(&from, from_name).unwrap(), &letter).unwrap();
        String::from_utf8(message.formatted()).unwrap()
    }

    #[test]
    fn a_link_in_a_file_stands_as_it_is_followed() {
        let link = format!("https://groeilijn.example/password#token={}", "Ab3_".repeat(11));
        let text = format!("Beste Fien Één,\n\n{link}\n\nTot ziens\n");
        let file = written_by(Writer::for_file, "Groeilijn", "Uw wachtwoord", &text);
        assert!(file.split("\r\n").any(|line| line == link), "{file}");
        assert!(
            file.contains("Beste Fien Één,") && file.contains("Content-Transfer-Encoding: 8bit"),
            "{file}"
        );
        assert_eq!(sorted(header_names(&file)), sorted(HEADERS.to_vec()));
        let endless = written_by(Writer::for_file, "Groeilijn", "Uw wachtwoord", &"a".repeat(2_000));
        assert!(endless.split("\r\n").all(|line| line.len() <= 998));
    }

    fn header_names(message: &str) -> Vec<&str> {
        let headers = message.split("\r\n\r\n").next().unwrap();
        let own_lines = headers.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        own_lines.map(|line| line.split(':').next().unwrap()).collect()
    }

    const HEADERS: [&str; 9] = [
        "Message-ID",
        "From",
        "To",
        "Subject",
        "Auto-Submitted",
        "MIME-Version",
        "Date",
        "Content-Type",
        "Content-Transfer-Encoding",
    ];

    fn sorted(mut names: Vec<&str>) -> Vec<&str> {
        names.sort_unstable();
        names
    }

    #[test]
    fn an_injected_header_stays_text() {
        let message = written(
            "Groei\"lijn\"\r\nBcc: x@evil.example",
            "Één\r\nBcc: x@evil.example\n\nweg",
            "Beste\n.\nTot ziens",
        );
        assert_eq!(sorted(header_names(&message)), sorted(HEADERS.to_vec()), "{message}");
    }

    proptest! {
        #[test]
        fn whatever_is_written_the_headers_are_ours(
            name in "(\\PC|[\\r\\n\\t\"<>:,;\\\\]){0,40}", subject in "(\\PC|[\\r\\n\\t:=?]){0,120}",
        ) {
            let message = written(&name, &subject, "tekst");
            prop_assert_eq!(sorted(header_names(&message)), sorted(HEADERS.to_vec()));
            prop_assert!(message.is_ascii());
            prop_assert!(message.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
        }
    }
}
