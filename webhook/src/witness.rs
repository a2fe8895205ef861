//! Showing a checkpoint to a witness (C2SP tlog-witness), once, within some seconds.

use groeilijn_domain::audit::witness::Witness;
use ureq::Agent;

use crate::sender::configuration;

/// The most of an answer that is read, in bytes: some lines with signatures.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Shows checkpoints to witnesses, which the operator named: where they are is not looked at as it is with programs of
/// institutions.
#[derive(Clone)]
pub struct CheckpointSender {
    agent: Agent,
}

impl CheckpointSender {
    /// The certificates in `roots`, as PEM, vouch for witnesses in place of those of the public authorities.
    ///
    /// # Errors
    /// When there is no certificate in `roots`, in words.
    pub fn new(roots: Option<&[u8]>) -> Result<Self, String> {
        // A witness on this computer is reached without TLS; no other is, as its address was read.
        Ok(Self { agent: configuration(roots, false)?.new_agent() })
    }

    /// Sends a request, and gives the status and the text of the answer; `None` when nobody answered in time, or with something
    /// else than a short text. It blocks.
    pub fn show(&self, witness: &Witness, request: &str) -> Option<(u16, String)> {
        let sent = self.agent.post(witness.submission()).header("Content-Type", "text/plain").send(request);
        let mut answer = sent.ok()?;
        let text = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string().ok()?;
        Some((answer.status().as_u16(), text))
    }
}
