//! Witnesses (C2SP tlog-witness): they see each checkpoint of a log, and cosign what continues the one that they saw before. So a
//! log that is rewritten or forked needs their help to be believed.
//!
//! What a witness is told is the name of a log, how many entries it has, the root of their tree, and hashes that prove that it
//! continues what the witness saw.

use std::net::IpAddr;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;

use super::cosignature::{Cosignature, WitnessKey, among};
use super::merkle::Hash;
use super::note::PublicKey;

/// Where a witness is, and the key that checks what it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    address: String,
    key: WitnessKey,
}

impl Witness {
    /// Where checkpoints are sent to.
    pub fn submission(&self) -> String {
        format!("{}/add-checkpoint", self.address)
    }

    /// The key that checks its cosignatures.
    pub fn key(&self) -> &WitnessKey {
        &self.key
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        self.key.name()
    }
}

/// Written `address key`: the address that its calls begin with, `https://` unless it is on this computer, and a key as C2SP writes
/// verifier keys.
impl FromStr for Witness {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, key) = text.trim().split_once(' ').ok_or(())?;
        let key = WitnessKey::parse(key).ok_or(())?;
        let is_encrypted = address.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
        let fits =
            address.bytes().all(|byte| byte.is_ascii_graphic()) && !address.contains(['@', '#', '?', '\\']);
        if !fits || !(is_encrypted || is_on_this_computer(address)) {
            return Err(());
        }
        Ok(Self { address: address.trim_end_matches('/').to_owned(), key })
    }
}

fn is_on_this_computer(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// What a witness is sent that saw `old` entries of a log: a proof that the log of a checkpoint continues them, and that checkpoint.
pub fn request(old: u64, proof: &[Hash], note: &str) -> String {
    let proof: String = proof.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
    format!("old {old}\n{proof}\n{note}")
}

/// What a witness answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// It cosigned the checkpoint.
    Cosigned(Cosignature),
    /// It saw so many entries of the log, and not as many as it was told.
    Saw(u64),
    /// It does not accept the checkpoint: it does not know the log or its key, or the log does not continue what it saw.
    Refused,
    /// Nothing that can be used.
    Unclear,
}

/// What the answer of a witness means to the checkpoint of which `text` is the text.
pub fn answer(
    (status, body): (u16, &str),
    text: &str,
    key: &WitnessKey,
    is_signed: impl Fn(&PublicKey, &[u8], &[u8]) -> bool,
) -> WitnessAnswer {
    match status {
        200 => {
            among(text, body.lines(), key, is_signed).map_or(WitnessAnswer::Unclear, WitnessAnswer::Cosigned)
        }
        409 => size(body).map_or(WitnessAnswer::Unclear, WitnessAnswer::Saw),
        403 | 404 | 422 => WitnessAnswer::Refused,
        _ => WitnessAnswer::Unclear,
    }
}

fn size(body: &str) -> Option<u64> {
    let number = body.strip_suffix('\n').unwrap_or(body);
    let size: u64 = number.parse().ok()?;
    (size.to_string() == number).then_some(size)
}

/// How long to wait after the `tried`th attempt (from 1) that brought nothing.
pub fn pause_after(tried: u32) -> SignedDuration {
    const MINUTES: [i64; 6] = [1, 2, 4, 8, 16, 32];
    let again = usize::try_from(tried.saturating_sub(1)).unwrap_or(usize::MAX);
    SignedDuration::from_mins(MINUTES.get(again).copied().unwrap_or(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> WitnessKey {
        WitnessKey::new("witness.example/w1", [7; 32]).unwrap()
    }

    #[test]
    fn c053_a_witness_is_reached_over_https_or_on_this_computer() {
        let read = |address: &str| format!("{address} {}", key()).parse::<Witness>();
        for (address, submission) in [
            ("https://witness.example", "https://witness.example/add-checkpoint"),
            ("https://witness.example/logs/", "https://witness.example/logs/add-checkpoint"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/add-checkpoint"),
            ("http://[::1]:8080/", "http://[::1]:8080/add-checkpoint"),
            ("http://[::1]", "http://[::1]/add-checkpoint"),
        ] {
            let witness = read(address).unwrap();
            assert_eq!((witness.submission().as_str(), witness.name()), (submission, "witness.example/w1"));
        }
        for wrong in [
            "http://witness.example",
            "http://127.0.0.1.example",
            "http://10.0.0.1",
            "https://",
            "ftp://witness.example",
            "https://a@witness.example",
            "https://witness.example?a",
            "https://witness.example#a",
            "witness.example",
            "",
        ] {
            assert_eq!(read(wrong), Err(()), "{wrong}");
        }
        assert_eq!("https://witness.example".parse::<Witness>(), Err(()));
        assert_eq!("https://witness.example key".parse::<Witness>(), Err(()));
    }

    #[test]
    fn a_request_has_the_form_of_the_specification() {
        let note = "log\n2\nBQUF\n\n\u{2014} log AAAA\n";
        assert_eq!(request(0, &[], note), format!("old 0\n\n{note}"));
        let hash = STANDARD.encode([5; 32]);
        assert_eq!(request(1, &[[5; 32], [5; 32]], note), format!("old 1\n{hash}\n{hash}\n\n{note}"));
    }

    #[test]
    fn an_answer_is_taken_for_what_it_says() {
        let text = "log\n2\nBQUF\n";
        let line = key().line(text, "2026-11-21T09:00:00Z".parse().unwrap(), |_| vec![1; 64]);
        let read = |status, body: &str, holds| answer((status, body), text, &key(), |_, _, _| holds);
        let body = format!("{line}\n");
        assert!(matches!(read(200, &body, true), WitnessAnswer::Cosigned(found) if found.line == line));
        assert_eq!(read(200, &body, false), WitnessAnswer::Unclear);
        assert_eq!(read(200, "", true), WitnessAnswer::Unclear);
        assert_eq!(read(409, "17\n", true), WitnessAnswer::Saw(17));
        for wrong in ["", "017\n", "-1\n", "+1\n", "1\n2\n", "99999999999999999999\n"] {
            assert_eq!(read(409, wrong, true), WitnessAnswer::Unclear, "{wrong:?}");
        }
        for status in [403, 404, 422] {
            assert_eq!(read(status, "", true), WitnessAnswer::Refused);
        }
        for status in [201, 301, 400, 429, 500, 503] {
            assert_eq!(read(status, &body, true), WitnessAnswer::Unclear);
        }
    }

    #[test]
    fn a_witness_that_does_not_answer_is_asked_ever_less_often() {
        let minutes: Vec<_> = (0..9).map(|tried| pause_after(tried).as_mins()).collect();
        assert_eq!(minutes, [1, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert!([64, 65, u32::MAX].into_iter().all(|tried| pause_after(tried).as_mins() == 60));
    }
}
