//! Two devices that work without a network and a server, held against a model: whatever is sent late, twice, or in another
//! order, nothing is lost and nothing is overwritten that its author did not see.

use std::collections::{BTreeMap, VecDeque};

use groeilijn_tests::class::Class;
use groeilijn_tests::{Client, both_databases};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

/// How many sequences are played, of [`STEPS`] steps each; the environment variable `OFFLINE_SEQUENCES` says otherwise.
const SEQUENCES: u32 = 4;

/// How many steps a sequence has.
const STEPS: usize = 125;

/// How many devices there are.
const DEVICES: usize = 2;

/// What somebody does at a device, or what happens to what it sent.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A note is written.
    Write { device: usize },
    /// A note that the device knows is changed.
    Change { device: usize, which: usize },
    /// What was done is sent.
    Send { device: usize, fate: Fate },
    /// A copy that was held up arrives.
    Arrive { which: usize },
    /// The device reads everything anew, once it has nothing left to send.
    Refresh { device: usize },
}

/// What becomes of a batch on its way.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Answered,
    /// It arrives, and the reply is lost.
    Unanswered,
    /// It arrives twice.
    Doubled,
    /// It does not arrive yet, and the device knows no better than to send it again.
    HeldUp,
}

fn step() -> impl Strategy<Value = Step> {
    let device = 0..DEVICES;
    let fate = prop_oneof![
        4 => Just(Fate::Answered), 2 => Just(Fate::Unanswered), 1 => Just(Fate::Doubled), 2 => Just(Fate::HeldUp),
    ];
    prop_oneof![
        2 => device.clone().prop_map(|device| Step::Write { device }),
        6 => (device.clone(), any::<usize>()).prop_map(|(device, which)| Step::Change { device, which }),
        4 => (device.clone(), fate).prop_map(|(device, fate)| Step::Send { device, fate }),
        2 => any::<usize>().prop_map(|which| Step::Arrive { which }),
        2 => device.prop_map(|device| Step::Refresh { device }),
    ]
}

/// Something that was done at a device and is still to be sent.
#[derive(Debug, Clone)]
struct Pending {
    note: Uuid,
    text: String,
    /// The tag of what its author saw; `None` for a note that is new.
    seen: Option<String>,
}

/// What a device shows of a note.
#[derive(Debug, Clone, PartialEq)]
struct Copy {
    text: String,
    /// `None` until the service has told one.
    tag: Option<String>,
}

#[derive(Default)]
struct Device {
    copies: BTreeMap<Uuid, Copy>,
    pending: VecDeque<Pending>,
}

/// What the service has to hold: each note with every text that was accepted and its tag, in order.
#[derive(Default)]
struct Model {
    notes: BTreeMap<Uuid, Vec<(String, String)>>,
}

/// One sequence that is played.
struct Play<'a> {
    teacher: &'a Client,
    pupil: String,
    devices: [Device; DEVICES],
    held_up: Vec<Vec<Pending>>,
    model: Model,
    /// Every text that somebody wrote, once; the number makes each another one.
    written: u32,
    /// Texts that a device was told of as refused, with what stood in their place, and gave up.
    given_up: Vec<String>,
}

impl<'a> Play<'a> {
    fn new(class: &'a Class) -> Self {
        let pupil = class.child("Sem", "2022-05-04");
        Self {
            teacher: &class.teacher.client,
            pupil,
            devices: Default::default(),
            held_up: Vec::new(),
            model: Model::default(),
            written: 0,
            given_up: Vec::new(),
        }
    }

    fn play(&mut self, step: Step) {
        match step {
            Step::Write { device } => {
                let note = self.teacher.time().uuid();
                let text = self.new_text();
                let device = &mut self.devices[device];
                device.copies.insert(note, Copy { text: text.clone(), tag: None });
                device.pending.push_back(Pending { note, text, seen: None });
            }
            Step::Change { device, which } => {
                let known = self.devices[device].copies.len();
                if known == 0 {
                    return;
                }
                let text = self.new_text();
                let device = &mut self.devices[device];
                let (note, copy) = device.copies.iter_mut().nth(which % known).unwrap();
                copy.text = text.clone();
                // What is changed again before it was sent still rests on what was seen first.
                let waiting = device.pending.iter().any(|pending| pending.note == *note);
                let seen = copy.tag.clone().filter(|_| !waiting);
                device.pending.push_back(Pending { note: *note, text, seen });
            }
            Step::Send { device, fate } => self.send(device, fate),
            Step::Arrive { which } => {
                if !self.held_up.is_empty() {
                    let late = self.held_up.swap_remove(which % self.held_up.len());
                    self.arrive(&late);
                }
            }
            Step::Refresh { device } => {
                if self.devices[device].pending.is_empty() {
                    self.devices[device].copies = self.read_all();
                }
            }
        }
    }

    fn new_text(&mut self) -> String {
        self.written += 1;
        format!("Bouwt toren {}.", self.written)
    }

    fn send(&mut self, device: usize, fate: Fate) {
        let batch: Vec<_> = self.devices[device].pending.iter().cloned().collect();
        if batch.is_empty() {
            return;
        }
        match fate {
            Fate::HeldUp => self.held_up.push(batch),
            Fate::Unanswered => drop(self.arrive(&batch)),
            Fate::Answered | Fate::Doubled => {
                let results = self.arrive(&batch);
                if matches!(fate, Fate::Doubled) {
                    self.arrive(&batch);
                }
                self.learn(device, &batch, &results);
            }
        }
    }

    /// A batch arrives: each result has to be the one that the model foretells.
    fn arrive(&mut self, batch: &[Pending]) -> Vec<Value> {
        let mut operations = Vec::new();
        let mut last = BTreeMap::new();
        for (index, pending) in batch.iter().enumerate() {
            let path = format!("/v1/notes/{}", pending.note);
            let body = json!({ "text": pending.text });
            operations.push(match (last.insert(pending.note, index), &pending.seen) {
                (Some(earlier), _) => {
                    json!({"method": "PATCH", "path": path, "after": earlier, "body": body})
                }
                (None, Some(tag)) => json!({"method": "PATCH", "path": path, "ifMatch": tag, "body": body}),
                (None, None) => json!({
                    "method": "POST", "path": format!("/v1/pupils/{}/notes", self.pupil),
                    "idempotencyKey": pending.note, "body": {"id": pending.note, "text": pending.text},
                }),
            });
        }
        let reply = self.teacher.post("/v1/batches", &json!({ "operations": operations })).expect(200).json();
        let results = reply["results"].as_array().unwrap().clone();
        // Of each note the tag that the operation before left behind, or nothing when it did not succeed.
        let mut left: BTreeMap<Uuid, Option<String>> = BTreeMap::new();
        for (pending, result) in batch.iter().zip(&results) {
            let foretold = self.model.take(pending, &mut left, result);
            assert_eq!(result["status"], foretold, "{pending:?}: {result}");
            if foretold == 412 {
                let (text, tag) = self.model.notes[&pending.note].last().unwrap();
                assert_eq!(
                    (&result["current"]["body"]["text"], &result["entityTag"]),
                    (&json!(text), &json!(tag))
                );
            }
        }
        results
    }

    /// The device learns what became of what it sent.
    fn learn(&mut self, device: usize, batch: &[Pending], results: &[Value]) {
        let device = &mut self.devices[device];
        device.pending.clear();
        for (pending, result) in batch.iter().zip(results) {
            let shown = if result["status"] == 412 { &result["current"]["body"] } else { &result["body"] };
            if result["status"] == 424 {
                self.given_up.push(pending.text.clone());
                continue;
            }
            let (text, tag) = (shown["text"].as_str().unwrap(), result["entityTag"].as_str().unwrap());
            if result["status"] == 412 && text != pending.text {
                self.given_up.push(pending.text.clone());
            }
            device.copies.insert(pending.note, Copy { text: text.to_owned(), tag: Some(tag.to_owned()) });
        }
    }

    fn read_all(&self) -> BTreeMap<Uuid, Copy> {
        let notes = self.teacher.list(&format!("/v1/pupils/{}/notes", self.pupil));
        let copy = |note: &Value| {
            let text = |field: &str| note[field].as_str().unwrap().to_owned();
            (text("id").parse().unwrap(), Copy { text: text("text"), tag: Some(text("etag")) })
        };
        notes.iter().map(copy).collect()
    }

    /// Everything arrives at last, everybody looks, and all is equal.
    fn finish(mut self) {
        for device in 0..DEVICES {
            self.send(device, Fate::Answered);
        }
        for late in std::mem::take(&mut self.held_up) {
            self.arrive(&late);
        }
        let stored = self.read_all();
        let latest = self.model.notes.iter().map(|(note, texts)| {
            let (text, tag) = texts.last().unwrap().clone();
            (*note, Copy { text, tag: Some(tag) })
        });
        assert_eq!(stored, latest.collect());
        // Nothing is lost: each text was accepted and is there still, or somebody saw what stood in its place.
        let mut kept = Vec::new();
        for (note, texts) in &self.model.notes {
            let revisions = self.teacher.list(&format!("/v1/notes/{note}/revisions"));
            let read: Vec<_> = revisions.iter().map(|revision| revision["text"].as_str().unwrap()).collect();
            let earlier: Vec<_> =
                texts[..texts.len() - 1].iter().rev().map(|(text, _)| text.as_str()).collect();
            assert_eq!(read, earlier);
            kept.extend(texts.iter().map(|(text, _)| text.clone()));
        }
        for number in 1..=self.written {
            let text = format!("Bouwt toren {number}.");
            let times = kept.iter().filter(|kept| **kept == text).count();
            assert!(
                times == 1 || times == 0 && self.given_up.contains(&text),
                "{text} is there {times} times"
            );
        }
    }
}

impl Model {
    /// Takes a change as the service has to, and gives the status that it has to answer.
    fn take(&mut self, pending: &Pending, left: &mut BTreeMap<Uuid, Option<String>>, result: &Value) -> u16 {
        let new_tag = || result["entityTag"].as_str().unwrap_or_default().to_owned();
        let seen = match left.get(&pending.note) {
            Some(None) => return 424,
            Some(tag) => tag.clone(),
            None => pending.seen.clone(),
        };
        let texts = self.notes.entry(pending.note).or_default();
        let (status, tag) = match seen {
            None if texts.is_empty() => (201, Some(new_tag())),
            // The creation was done before: what comes after it changes what it made, and nothing that came later.
            None => (201, texts.first().map(|(_, tag)| tag.clone())),
            Some(tag) if texts.last().is_some_and(|(_, last)| *last == tag) => (200, Some(new_tag())),
            Some(_) => (412, None),
        };
        if status == 200 || texts.is_empty() {
            texts.push((pending.text.clone(), new_tag()));
        }
        left.insert(pending.note, tag);
        status
    }
}

both_databases! {
    fn c003_two_devices_without_a_network_and_the_server_end_equal(server: Server) {
        let class = server.class();
        let sequences = std::env::var("OFFLINE_SEQUENCES").map_or(SEQUENCES, |count| count.parse().unwrap());
        // A sequence that fails takes a server's time for each attempt to make it shorter.
        let config = Config { cases: sequences, max_shrink_iters: 20, failure_persistence: None, ..Config::default() };
        let rng = TestRng::deterministic_rng(config.rng_algorithm);
        TestRunner::new_with_rng(config, rng)
            .run(&prop::collection::vec(step(), STEPS), |steps| {
                let mut play = Play::new(&class);
                steps.into_iter().for_each(|step| play.play(step));
                play.finish();
                Ok(())
            })
            .unwrap();
    }
}
