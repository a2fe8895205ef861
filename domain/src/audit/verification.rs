//! Checking an audit log that was taken along, with public keys alone: line by line, in the memory that one line takes.
//!
//! What is found says what it means in one sentence. Nothing found means that the entries are those that were signed, and a
//! continuation of those of each older checkpoint that was given.

use jiff::{SignedDuration, Timestamp};

use super::checkpoint::{Checkpoint, origin};
use super::cosignature::{self, WitnessKey};
use super::export::{End, FORMAT, Header, ReadEntry, read_entry};
use super::finding::Finding;
use super::merkle::{Frontier, Hash};
use super::note::{PublicKey, VerifierKey};
use crate::values::ids::InstitutionId;

/// How many findings are told one by one.
const MOST: usize = 20;

/// How old the first entry that has its body is at least when there are entries before it that have none. A body ends
/// after two years; a hundred days are for a school in which nobody did anything for a summer.
const BODY_LASTS: SignedDuration = SignedDuration::from_hours((730 - 100) * 24);

/// Checks the signature of a key over a message.
pub type IsSigned = fn(&PublicKey, &[u8], &[u8]) -> bool;

/// What was proved of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// Whose log it is.
    pub institution: InstitutionId,
    /// How many entries it has.
    pub size: u64,
    /// How many of these have their body no more.
    pub ended: u64,
    /// The root of their tree.
    pub root: Hash,
    /// When the last entry was made; none when no entry has its body.
    pub last_at: Option<Timestamp>,
    /// The key that signed the checkpoint.
    pub key: VerifierKey,
    /// The witnesses that cosigned it of those that were asked for, and when each says that it did.
    pub witnessed: Vec<(String, Timestamp)>,
}

/// What came of checking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong, the first first.
    pub findings: Vec<Finding>,
    /// How many more findings there are.
    pub more: u64,
    /// What was proved, if nothing is wrong.
    pub proved: Option<Proved>,
}

/// Checks a log.
pub struct Verifier {
    keys: Vec<VerifierKey>,
    is_signed: IsSigned,
    /// Whose cosignatures the checkpoint at the end has to have.
    witnesses: Vec<WitnessKey>,
    witnessed: Vec<(String, Timestamp)>,
    /// Older checkpoints that are still to be met, with their names.
    older: Vec<(String, Checkpoint)>,
    lines: u64,
    institution: Option<InstitutionId>,
    tree: Frontier,
    /// The number that the next entry has to have.
    next: u64,
    /// Whether an entry is missing or out of order, so that the tree is no longer that of the log.
    is_torn: bool,
    /// How many entries the first line says that there are.
    said: u64,
    ended: u64,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    signed: Option<(Checkpoint, VerifierKey)>,
    is_over: bool,
    findings: Vec<Finding>,
    more: u64,
}

impl Verifier {
    /// Checks with these keys, which sign what `is_signed` says, and against these older checkpoints: what each is called
    /// here, and its note.
    pub fn new(keys: Vec<VerifierKey>, older: Vec<(String, String)>, is_signed: IsSigned) -> Self {
        let mut verifier = Self {
            keys,
            is_signed,
            witnesses: Vec::new(),
            witnessed: Vec::new(),
            older: Vec::new(),
            lines: 0,
            institution: None,
            tree: Frontier::default(),
            next: 0,
            is_torn: false,
            said: 0,
            ended: 0,
            first_at: None,
            last_at: None,
            signed: None,
            is_over: false,
            findings: Vec::new(),
            more: 0,
        };
        for (name, note) in older {
            match Checkpoint::open(&note, &verifier.keys, is_signed) {
                Ok((checkpoint, _)) => verifier.older.push((name, checkpoint)),
                Err(fault) => verifier.find(Finding::Older(name, fault)),
            }
        }
        verifier
    }

    /// Believes the checkpoint at the end under these keys alone: an older key may be one that was stolen since.
    #[must_use]
    pub fn ending_with(mut self, keys: Vec<VerifierKey>) -> Self {
        self.keys = keys;
        self
    }

    /// Believes the checkpoint at the end only when each of these witnesses cosigned it.
    #[must_use]
    pub fn witnessed_by(mut self, witnesses: Vec<WitnessKey>) -> Self {
        self.witnesses = witnesses;
        self
    }

    /// Takes the next line, without its line break.
    pub fn line(&mut self, line: &str) {
        self.lines += 1;
        let Some(institution) = self.institution else {
            if self.lines == 1 {
                self.begin(line);
            }
            return;
        };
        if self.is_over {
            if self.findings.last() != Some(&Finding::BehindTheEnd) {
                self.find(Finding::BehindTheEnd);
            }
        } else if let Some(entry) = read_entry(line, institution) {
            self.entry(entry);
        } else if let Ok(end) = serde_json::from_str::<End>(line) {
            self.end(&end, institution);
        } else {
            self.is_torn = true;
            self.find(Finding::Unreadable(self.lines));
        }
    }

    /// Nothing follows: what came of it.
    pub fn finish(mut self) -> Verdict {
        let Some(institution) = self.institution else {
            self.find(Finding::NoExport);
            return Verdict { findings: self.findings, more: self.more, proved: None };
        };
        if !self.is_over {
            self.find(Finding::BrokenOff(self.next));
        }
        self.look_for_hidden();
        for (older, checkpoint) in std::mem::take(&mut self.older) {
            if checkpoint.size > self.next {
                self.find(Finding::Shorter { older, had: checkpoint.size, has: self.next });
            }
        }
        let proved = self.signed.filter(|_| self.findings.is_empty()).map(|(checkpoint, key)| Proved {
            institution,
            size: checkpoint.size,
            ended: self.ended,
            root: checkpoint.root,
            last_at: self.last_at,
            key,
            witnessed: self.witnessed,
        });
        Verdict { findings: self.findings, more: self.more, proved }
    }

    /// Whether the bodies that are not there can have ended by now, in a log that is whole otherwise. Taking a log along is an
    /// entry in it, so its last one is of about now, and has its body.
    fn look_for_hidden(&mut self) {
        let ends_before = self.last_at.and_then(|last| last.checked_sub(BODY_LASTS).ok());
        let is_old = |first| ends_before.is_some_and(|ends_before| first <= ends_before);
        if self.findings.is_empty() && self.ended > 0 && !self.first_at.is_some_and(is_old) {
            self.find(Finding::HiddenEarly(self.ended, self.first_at));
        }
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < MOST {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }

    fn begin(&mut self, line: &str) {
        let header = serde_json::from_str::<Header>(line).ok();
        let Some(header) = header.filter(|header| header.format == FORMAT && header.first_sequence == 0)
        else {
            return;
        };
        let institution = InstitutionId::from_uuid(header.institution_id);
        self.institution = Some(institution);
        self.said = header.size;
        let own = origin(institution);
        if header.origin != own {
            self.find(Finding::OtherOrigin);
        }
        let others: Vec<_> = self.older.extract_if(.., |(_, older)| older.origin != own).collect();
        for (name, older) in others {
            self.find(Finding::OlderOfOtherLog(name, older.origin));
        }
    }

    fn entry(&mut self, entry: ReadEntry) {
        let sequence = entry.sequence;
        if sequence < self.next {
            self.is_torn = true;
            self.find(Finding::OutOfOrder(sequence));
            return;
        }
        if sequence > self.next {
            self.is_torn = true;
            self.find(Finding::Missing(self.next, sequence - 1));
        }
        self.next = sequence.saturating_add(1);
        match entry.body {
            None if self.first_at.is_some() => self.find(Finding::Hidden(sequence)),
            None => self.ended += 1,
            Some((hash, at)) => {
                if hash != entry.leaf_hash {
                    self.find(Finding::Altered(sequence));
                } else if self.last_at.is_some_and(|last| at < last) {
                    self.find(Finding::Earlier(sequence));
                }
                self.first_at = self.first_at.or(Some(at));
                self.last_at = self.last_at.max(Some(at));
            }
        }
        if !self.is_torn {
            self.tree.push(entry.leaf_hash);
            self.meet_older();
        }
    }

    /// Compares the tree with the older checkpoints of its size.
    fn meet_older(&mut self) {
        let size = self.tree.size();
        let met: Vec<_> = self.older.extract_if(.., |(_, older)| older.size == size).collect();
        for (name, older) in met {
            if older.root != self.tree.root() {
                self.find(Finding::NotAContinuation(name, size));
            }
        }
    }

    fn end(&mut self, end: &End, institution: InstitutionId) {
        self.is_over = true;
        let opened = Checkpoint::open(&end.checkpoint, &self.keys, self.is_signed);
        let (checkpoint, key) = match opened.map(|(checkpoint, key)| (checkpoint, key.clone())) {
            Ok(opened) => opened,
            Err(fault) => return self.find(Finding::Checkpoint(fault)),
        };
        for witness in std::mem::take(&mut self.witnesses) {
            match cosignature::in_note(&end.checkpoint, &witness, self.is_signed) {
                Ok(cosigned) => self.witnessed.push((witness.name().to_owned(), cosigned.at)),
                Err(fault) => self.find(Finding::NotWitnessed(witness.name().to_owned(), fault)),
            }
        }
        if checkpoint.origin != origin(institution) {
            return self.find(Finding::OtherLog(checkpoint.origin));
        }
        if checkpoint.size > self.next {
            self.find(Finding::Missing(self.next, checkpoint.size - 1));
        } else if checkpoint.size < self.next {
            self.find(Finding::Unsigned { signed: checkpoint.size, entries: self.next });
        } else if !self.is_torn && checkpoint.root != self.tree.root() {
            self.find(Finding::OtherRoot(checkpoint.size));
        }
        let signed = checkpoint.size;
        let other = [self.said, end.size].into_iter().find(|said| *said != signed);
        if let Some(said) = other {
            self.find(Finding::OtherSize { said, signed });
        }
        self.signed = Some((checkpoint, key));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::activity::ProcessingActivity;
    use crate::audit::checkpoint::{CheckpointFault, verifier_key};
    use crate::audit::cosignature::CosignatureFault;
    use crate::audit::entry::{ActorKind, AuditEntry, Outcome};
    use crate::audit::export::{line, line_of, line_of_ended};
    use crate::audit::merkle::root;
    use crate::audit::note;

    const SIZE: u64 = 9;

    fn institution() -> InstitutionId {
        InstitutionId::from_uuid(Uuid::from_u128(1))
    }

    fn entry(sequence: u64) -> AuditEntry<'static> {
        AuditEntry {
            sequence,
            occurred_at: Timestamp::from_second(sequence.cast_signed() * 200 * 86_400).unwrap(),
            institution: institution(),
            actor_kind: ActorKind::System,
            actor: None,
            session: None,
            address: None,
            trace_id: [3; 16],
            span_id: [4; 8],
            activity: ProcessingActivity::OperateService,
            operation: "work",
            objects: &[],
            outcome: Outcome::Success,
            change_digest: None,
            detail: None,
        }
    }

    fn leaves() -> Vec<Hash> {
        (0..SIZE).map(|sequence| entry(sequence).leaf_hash()).collect()
    }

    /// A signature of nothing but the key and the message, which is enough here.
    fn is_signed(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        signature == signature_of(key, message)
    }

    fn signature_of(key: &PublicKey, message: &[u8]) -> Vec<u8> {
        [key, message].concat()
    }

    fn key() -> VerifierKey {
        verifier_key(institution(), [7; 32]).unwrap()
    }

    fn signed(of: InstitutionId, size: u64, root: Hash) -> String {
        let text = Checkpoint { origin: origin(of), size, root }.text();
        let key = verifier_key(of, [7; 32]).unwrap();
        note::signed(&text, &key, &signature_of(key.public_key(), text.as_bytes()))
    }

    fn end(size: u64, root: Hash) -> String {
        let checkpoint = signed(institution(), size, root);
        line(&End { size, signed_at: "2026-11-21T10:15:30Z".to_owned(), checkpoint }).unwrap()
    }

    fn header() -> String {
        header_of(SIZE)
    }

    fn header_of(size: u64) -> String {
        line(&Header {
            format: FORMAT.to_owned(),
            institution_id: institution().as_uuid(),
            origin: origin(institution()),
            verifier_keys: vec![key().to_string()],
            first_sequence: 0,
            size,
        })
        .unwrap()
    }

    fn export() -> Vec<String> {
        let entries = (0..SIZE).map(|sequence| {
            let entry = entry(sequence);
            if sequence < 2 {
                line_of_ended(sequence, &entry.leaf_hash())
            } else {
                line_of(&entry, &entry.leaf_hash())
            }
        });
        let entries = entries.map(Option::unwrap);
        [header()].into_iter().chain(entries).chain([end(SIZE, root(&leaves()))]).collect()
    }

    fn verdict(lines: &[String], older: &[(u64, Hash)]) -> Verdict {
        let older = older.iter().map(|(size, root)| ("kept".to_owned(), signed(institution(), *size, *root)));
        let mut verifier = Verifier::new(vec![key()], older.collect(), is_signed);
        lines.iter().for_each(|line| verifier.line(line));
        verifier.finish()
    }

    fn found(lines: &[String]) -> Vec<Finding> {
        let verdict = verdict(lines, &[]);
        assert_eq!(verdict.proved.is_some(), verdict.findings.is_empty());
        verdict.findings
    }

    #[test]
    fn c090_a_log_as_it_was_signed_holds_and_continues_each_older_checkpoint() {
        let leaves = leaves();
        let older: Vec<_> = (1..=9).map(|size| (size, root(&leaves[..size as usize]))).collect();
        let verdict = verdict(&export(), &older);
        assert_eq!((verdict.findings, verdict.more), (Vec::new(), 0));
        let proved = verdict.proved.unwrap();
        assert_eq!((proved.size, proved.ended, proved.root), (SIZE, 2, root(&leaves)));
        assert_eq!((proved.institution, proved.key), (institution(), key()));
        assert_eq!(proved.last_at, Some(entry(8).occurred_at));
    }

    #[test]
    fn c090_an_edited_removed_moved_or_foreign_entry_is_found() {
        let mut edited = export();
        edited[5] = edited[5].replace("work", "rest");
        assert_eq!(found(&edited), [Finding::Altered(4)]);

        let mut hashed_anew = export();
        let other = AuditEntry { operation: "rest", ..entry(4) };
        hashed_anew[5] = line_of(&other, &other.leaf_hash()).unwrap();
        assert_eq!(found(&hashed_anew), [Finding::OtherRoot(SIZE)]);

        let mut removed = export();
        removed.drain(4..6);
        assert_eq!(found(&removed), [Finding::Missing(3, 4)]);

        let mut moved = export();
        moved.swap(4, 5);
        assert_eq!(found(&moved), [Finding::Missing(3, 3), Finding::OutOfOrder(3)]);

        let mut twice = export();
        twice.insert(5, twice[4].clone());
        assert_eq!(found(&twice), [Finding::OutOfOrder(3)]);

        let mut foreign = export();
        let theirs = AuditEntry { institution: InstitutionId::from_uuid(Uuid::from_u128(2)), ..entry(4) };
        foreign[5] = line_of(&theirs, &theirs.leaf_hash()).unwrap();
        assert_eq!(found(&foreign), [Finding::Altered(4), Finding::OtherRoot(SIZE)]);

        let mut earlier = export();
        let old = AuditEntry { occurred_at: Timestamp::UNIX_EPOCH, ..entry(4) };
        earlier[5] = line_of(&old, &old.leaf_hash()).unwrap();
        assert_eq!(found(&earlier), [Finding::Earlier(4), Finding::OtherRoot(SIZE)]);
    }

    #[test]
    fn c090_a_text_that_broke_off_or_was_added_to_is_found() {
        let whole = export();
        assert_eq!(found(&whole[..6]), [Finding::BrokenOff(5)]);
        assert_eq!(found(&whole[..1]), [Finding::BrokenOff(0)]);
        assert_eq!(found(&[]), [Finding::NoExport]);
        assert_eq!(found(&whole[1..]), [Finding::NoExport]);

        let mut cut = whole.clone();
        cut.drain(8..10);
        assert_eq!(found(&cut), [Finding::Missing(7, 8)]);

        let mut longer = whole.clone();
        longer.insert(10, line_of(&entry(SIZE), &entry(SIZE).leaf_hash()).unwrap());
        assert_eq!(found(&longer), [Finding::Unsigned { signed: 9, entries: 10 }]);

        let mut behind = whole.clone();
        behind.extend([whole[3].clone(), whole[4].clone()]);
        assert_eq!(found(&behind), [Finding::BehindTheEnd]);

        let mut garbled = whole.clone();
        garbled[5] = "{}".to_owned();
        assert_eq!(found(&garbled), [Finding::Unreadable(6), Finding::Missing(4, 4)]);
    }

    #[test]
    fn c090_a_checkpoint_that_nobody_signed_or_of_another_log_is_found() {
        let mut other_root = export();
        other_root[10] = end(SIZE, [1; 32]);
        assert_eq!(found(&other_root), [Finding::OtherRoot(SIZE)]);

        let mut changed = export();
        changed[10] = changed[10].replace("\\n9\\n", "\\n8\\n");
        let fault = CheckpointFault::Note(note::NoteFault::WrongSignature);
        assert_eq!(found(&changed), [Finding::Checkpoint(fault)]);

        let mut verifier = Verifier::new(Vec::new(), Vec::new(), is_signed);
        export().iter().for_each(|line| verifier.line(line));
        let fault = CheckpointFault::Note(note::NoteFault::UnknownKey);
        assert_eq!(verifier.finish().findings, [Finding::Checkpoint(fault)]);

        let other = InstitutionId::from_uuid(Uuid::from_u128(2));
        let theirs = verifier_key(other, [7; 32]).unwrap();
        let kept = ("kept".to_owned(), signed(other, 3, [0; 32]));
        let mut verifier = Verifier::new(vec![key(), theirs], vec![kept], is_signed);
        let mut of_other = export();
        of_other[0] = of_other[0].replacen(&origin(institution()), &origin(other), 1);
        let checkpoint = signed(other, SIZE, root(&leaves()));
        of_other[10] = line(&End { size: SIZE, signed_at: String::new(), checkpoint }).unwrap();
        of_other.iter().for_each(|line| verifier.line(line));
        assert_eq!(
            verifier.finish().findings,
            [
                Finding::OtherOrigin,
                Finding::OlderOfOtherLog("kept".to_owned(), origin(other)),
                Finding::OtherLog(origin(other)),
            ]
        );
    }

    #[test]
    fn c090_the_end_has_to_have_the_cosignature_of_each_witness_that_is_asked_for() {
        let [one, other] = ["w1", "w2"].map(|name| WitnessKey::new(name, [8; 32]).unwrap());
        let checkpoint = signed(institution(), SIZE, root(&leaves()));
        let text = note::text_of(&checkpoint).unwrap();
        let at: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        let cosigned = one.line(text, at, |message| signature_of(&[8; 32], message));
        let with = |cosignature: &str| {
            let checkpoint = format!("{checkpoint}{cosignature}\n");
            let mut lines = export();
            lines[10] = line(&End { size: SIZE, signed_at: String::new(), checkpoint }).unwrap();
            lines
        };
        let verdict = |lines: &[String], witnesses: &[&WitnessKey]| {
            let mut verifier = Verifier::new(vec![key()], Vec::new(), is_signed)
                .witnessed_by(witnesses.iter().copied().cloned().collect());
            lines.iter().for_each(|line| verifier.line(line));
            verifier.finish()
        };
        let missing = |name: &str| vec![Finding::NotWitnessed(name.to_owned(), CosignatureFault::Missing)];
        assert_eq!(verdict(&export(), &[]).findings, []);
        assert_eq!(verdict(&export(), &[&one]).findings, missing("w1"));
        assert_eq!(verdict(&with(&cosigned), &[&one, &other]).findings, missing("w2"));
        assert_eq!(verdict(&with(&cosigned), &[&one]).proved.unwrap().witnessed, [("w1".to_owned(), at)]);
        // That of another checkpoint.
        let foreign = one.line("another text\n", at, |message| signature_of(&[8; 32], message));
        let wrong = Finding::NotWitnessed("w1".to_owned(), CosignatureFault::Wrong);
        assert_eq!(verdict(&with(&foreign), &[&one]).findings, [wrong]);
    }

    #[test]
    fn c090_a_log_that_was_signed_anew_does_not_continue_the_checkpoint_that_was_kept() {
        let leaves = leaves();
        let kept = [(4, root(&leaves[..4])), (9, root(&leaves))];
        let mut altered = export();
        let other = AuditEntry { operation: "rest", ..entry(6) };
        altered[7] = line_of(&other, &other.leaf_hash()).unwrap();
        let mut anew = leaves.clone();
        anew[6] = other.leaf_hash();
        altered[10] = end(SIZE, root(&anew));
        assert_eq!(found(&altered), [], "by itself it holds");
        assert_eq!(verdict(&altered, &kept).findings, [Finding::NotAContinuation("kept".to_owned(), 9)]);

        let mut shorter = export();
        shorter.drain(8..11);
        shorter[0] = header_of(7);
        shorter.push(end(7, root(&leaves[..7])));
        assert_eq!(found(&shorter), [], "by itself it holds");
        let expected = Finding::Shorter { older: "kept".to_owned(), had: 9, has: 7 };
        assert_eq!(verdict(&shorter, &kept).findings, [expected]);
    }

    #[test]
    fn c090_what_was_hidden_as_if_it_had_ended_is_found() {
        let hidden = |sequences: std::ops::Range<usize>| {
            let mut lines = export();
            for sequence in sequences {
                let leaf = entry(sequence as u64).leaf_hash();
                lines[sequence + 1] = line_of_ended(sequence as u64, &leaf).unwrap();
            }
            found(&lines)
        };
        assert_eq!(hidden(8..9), [Finding::Hidden(8)]);
        assert_eq!(hidden(4..6), [Finding::Hidden(4), Finding::Hidden(5)]);
        // Two years before the last, which is of day 1600, is behind the fifth.
        assert_eq!(hidden(2..4), []);
        assert_eq!(hidden(2..7), [Finding::HiddenEarly(7, Some(entry(7).occurred_at))]);
        assert_eq!(hidden(2..9), [Finding::HiddenEarly(9, None)]);
    }

    #[test]
    fn c090_another_number_of_entries_or_another_form_of_a_line_is_found() {
        let mut said = export();
        said[0] = header_of(8);
        assert_eq!(found(&said), [Finding::OtherSize { said: 8, signed: 9 }]);
        let mut ends = export();
        ends[10] = ends[10].replacen("\"size\":9", "\"size\":8", 1);
        assert_eq!(found(&ends), [Finding::OtherSize { said: 8, signed: 9 }]);
        let mut finer = export();
        finer[5] = finer[5].replacen("00:00:00Z", "00:00:00.0000001Z", 1);
        assert_ne!(finer, export());
        assert_eq!(found(&finer), [Finding::Unreadable(6), Finding::Missing(4, 4)]);
    }

    #[test]
    fn what_is_found_everywhere_is_counted() {
        let mut all = export();
        all[1..10].iter_mut().for_each(|line| *line = "x".to_owned());
        let long: Vec<_> = all[..1].iter().cloned().chain((0..50).map(|_| "x".to_owned())).collect();
        let verdict = verdict(&long, &[]);
        assert_eq!((verdict.findings.len(), verdict.more, verdict.proved), (MOST, 31, None));
    }
}
