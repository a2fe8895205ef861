//! How a value is written in the open format, and how it is kept.
//!
//! The format is a promise to others, so it is told here and not by the tables: a column may come to hold its value in
//! another way, and the value is still written as it was.

use groeilijn_domain::audit::entry::decode_objects;
use groeilijn_domain::values::bsn::refuse_bsn;
use groeilijn_domain::values::ids::check_new;
use groeilijn_engine::database::rows::{Cell, Kind};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

/// What a value is.
#[derive(Clone, Copy)]
pub enum Form {
    /// An id.
    Id,
    /// The id of who did something: the nil UUID of the operator, who has no account.
    Actor,
    /// A moment in UTC.
    Moment,
    /// A day.
    Day,
    /// A number that is not negative.
    Number,
    /// A number from nothing to this one.
    NumberTo(u8),
    /// Yes or no.
    Flag,
    /// A digest, in hexadecimals.
    Digest,
    /// A text of at most so many characters, and what is wrong with one that is none.
    Text(usize, Check),
    /// A member of a closed list.
    Code(Codes),
    /// Members of a closed list.
    CodeList(Codes),
    /// Texts.
    TextList(Check),
    /// A document.
    Json(&'static Json),
    /// What an entry of the audit log is about.
    Objects,
}

/// Says what is wrong with a text.
pub type Check = fn(&str) -> Result<(), String>;

/// The members of a closed list.
pub type Codes = fn() -> Vec<&'static str>;

/// A value that is kept as a text of its own form.
pub struct Json {
    /// Its JSON Schema.
    pub schema: fn() -> Value,
    /// Reads what is kept; `None` when it is not of its form.
    pub open: fn(&str) -> Option<Value>,
    /// What is to be kept, or what is wrong.
    pub close: fn(&Value) -> Result<String, String>,
}

/// What is wrong with a value of another type.
fn must_be(what: &str) -> String {
    format!("must be {what}")
}

impl Form {
    /// What a column in which it is not sealed holds.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Id | Self::Actor | Self::Digest | Self::Objects => Kind::Bytes,
            Self::Moment | Self::Number | Self::NumberTo(_) | Self::Flag => Kind::Integer,
            Self::Day
            | Self::Text(..)
            | Self::Code(_)
            | Self::CodeList(_)
            | Self::TextList(_)
            | Self::Json(_) => Kind::Text,
        }
    }

    /// The JSON Schema of the value, when it is there.
    pub fn schema(&self) -> Value {
        match self {
            Self::Id | Self::Actor => json!({"type": "string", "format": "uuid"}),
            Self::Moment => json!({"type": "string", "format": "date-time"}),
            Self::Day => json!({"type": "string", "format": "date"}),
            Self::Number => json!({"type": "integer", "minimum": 0}),
            Self::NumberTo(most) => json!({"type": "integer", "minimum": 0, "maximum": most}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Digest => json!({"type": "string", "pattern": "^([0-9a-f]{2})*$"}),
            Self::Text(most, _) => json!({"type": "string", "maxLength": most}),
            Self::Code(codes) => json!({"type": "string", "enum": codes()}),
            Self::CodeList(codes) => json!({"type": "array", "items": {"type": "string", "enum": codes()}}),
            Self::TextList(_) => json!({"type": "array", "items": {"type": "string"}}),
            Self::Json(document) => (document.schema)(),
            Self::Objects => json!({
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"kind": {"type": "string"}, "id": {"type": "string", "format": "uuid"}},
                    "required": ["kind", "id"],
                    "additionalProperties": false,
                },
            }),
        }
    }

    /// The value of what a column holds that is not empty; `None` when it is not of this form.
    pub fn open(&self, cell: &Cell) -> Option<Value> {
        match (self, cell) {
            (Self::Id | Self::Actor, Cell::Bytes(bytes)) => Some(json!(Uuid::from_slice(bytes).ok()?)),
            (Self::Moment, Cell::Integer(micros)) => {
                Some(json!(Timestamp::from_microsecond(*micros).ok()?.to_string()))
            }
            (Self::Number | Self::NumberTo(_), Cell::Integer(number)) => Some(json!(number)),
            (Self::Flag, Cell::Integer(flag)) => Some(json!(*flag != 0)),
            (Self::Digest, Cell::Bytes(bytes)) => Some(json!(hex::encode(bytes))),
            (Self::Objects, Cell::Bytes(bytes)) => {
                let objects = decode_objects(bytes)?.into_iter();
                let shown = objects.map(|(kind, id)| json!({"kind": kind.code(), "id": id}));
                Some(shown.collect())
            }
            (_, Cell::Text(text)) => self.open_text(text),
            _ => None,
        }
    }

    /// The value of a text that was sealed.
    pub fn open_text(&self, text: &str) -> Option<Value> {
        match self {
            Self::Number | Self::NumberTo(_) => Some(json!(text.parse::<i64>().ok()?)),
            Self::Flag => Some(json!(text.parse::<bool>().ok()?)),
            Self::Day | Self::Text(..) | Self::Code(_) => Some(json!(text)),
            Self::CodeList(_) | Self::TextList(_) => {
                Some(json!(text.split(',').filter(|each| !each.is_empty()).collect::<Vec<_>>()))
            }
            Self::Json(document) => (document.open)(text),
            Self::Id | Self::Actor | Self::Moment | Self::Digest | Self::Objects => None,
        }
    }

    /// What a column in which it is not sealed is to hold.
    ///
    /// # Errors
    /// What is wrong with the value.
    pub fn close(&self, value: &Value) -> Result<Cell, String> {
        match self {
            Self::Id => Ok(Cell::Bytes(id_of(value)?.into_bytes().to_vec())),
            Self::Actor => {
                let id = uuid_of(value)?;
                check_new(id).or_else(|refusal| if id.is_nil() { Ok(()) } else { Err(refusal.detail) })?;
                Ok(Cell::Bytes(id.into_bytes().to_vec()))
            }
            Self::Moment => {
                let moment: Option<Timestamp> = value.as_str().and_then(|text| text.parse().ok());
                let moment = moment.ok_or_else(|| must_be("a moment such as 2026-11-21T10:15:30Z"))?;
                Ok(Cell::Integer(moment.as_microsecond()))
            }
            Self::Number => number(value, i64::from(i32::MAX)),
            Self::NumberTo(most) => number(value, i64::from(*most)),
            Self::Flag => {
                Ok(Cell::Integer(i64::from(value.as_bool().ok_or_else(|| must_be("true or false"))?)))
            }
            Self::Digest => {
                let bytes = value.as_str().and_then(|text| hex::decode(text).ok());
                Ok(Cell::Bytes(bytes.ok_or_else(|| must_be("hexadecimals"))?))
            }
            Self::Objects => Err("is not taken in".to_owned()),
            _ => self.close_text(value).map(Cell::Text),
        }
    }

    /// The text that is to be sealed.
    ///
    /// # Errors
    /// What is wrong with the value.
    pub fn close_text(&self, value: &Value) -> Result<String, String> {
        let text = || value.as_str().ok_or_else(|| must_be("a text"));
        without_bsn(value)?;
        match self {
            Self::Number | Self::NumberTo(_) | Self::Flag => {
                self.close(value)?;
                Ok(value.to_string())
            }
            Self::Day => {
                text()?.parse::<Date>().map_err(|_| must_be("a day such as 2026-11-21"))?;
                Ok(text()?.to_owned())
            }
            Self::Text(most, check) => {
                if text()?.chars().count() > *most {
                    return Err(format!("must have at most {most} characters"));
                }
                check(text()?)?;
                Ok(text()?.to_owned())
            }
            Self::Code(codes) => {
                if codes().contains(&text()?) {
                    Ok(text()?.to_owned())
                } else {
                    Err(must_be("one of the codes in its schema"))
                }
            }
            Self::CodeList(codes) => list(value, |code| {
                if codes().contains(&code) { Ok(()) } else { Err(must_be("codes that are in its schema")) }
            }),
            Self::TextList(check) => list(value, check),
            Self::Json(document) => (document.close)(value),
            Self::Id | Self::Actor | Self::Moment | Self::Digest | Self::Objects => {
                Err("is never sealed".to_owned())
            }
        }
    }
}

fn number(value: &Value, most: i64) -> Result<Cell, String> {
    let number = value.as_i64().filter(|number| (0..=most).contains(number));
    number.map(Cell::Integer).ok_or_else(|| must_be(&format!("a whole number from 0 to {most}")))
}

fn list(value: &Value, check: impl Fn(&str) -> Result<(), String>) -> Result<String, String> {
    let each = value.as_array().ok_or_else(|| must_be("a list of texts"))?.iter();
    let texts: Vec<&str> =
        each.map(|each| each.as_str().ok_or_else(|| must_be("a list of texts"))).collect::<Result<_, _>>()?;
    for text in &texts {
        check(text)?;
        if text.is_empty() || text.contains(',') {
            return Err("must have no comma in a text, and none that is empty".to_owned());
        }
    }
    Ok(texts.join(","))
}

/// That no text in a value, and no name of a member, holds a citizen service number (C030), as in a body of the API.
fn without_bsn(value: &Value) -> Result<(), String> {
    let refused = |text: &str| refuse_bsn(text).map_err(|refusal| refusal.detail);
    match value {
        Value::String(text) => refused(text),
        Value::Array(values) => values.iter().try_for_each(without_bsn),
        Value::Object(members) => {
            members.iter().try_for_each(|(name, value)| refused(name).and_then(|()| without_bsn(value)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// The id that a value is.
///
/// # Errors
/// That it is none, or one that stands for nothing or for everything.
pub fn id_of(value: &Value) -> Result<Uuid, String> {
    let id = uuid_of(value)?;
    check_new(id).map_err(|refusal| refusal.detail)?;
    Ok(id)
}

fn uuid_of(value: &Value) -> Result<Uuid, String> {
    value.as_str().and_then(|text| Uuid::parse_str(text).ok()).ok_or_else(|| must_be("an id, a UUID"))
}

/// Any text is right.
pub fn any(_: &str) -> Result<(), String> {
    Ok(())
}

/// A text that `$name::parse` takes as it is.
macro_rules! text {
    ($most:expr, $name:ty) => {
        $crate::continuity::form::Form::Text($most, |text| {
            <$name>::parse(text).map(|_| ()).map_err(|refusal| refusal.detail)
        })
    };
    ($name:ty) => {
        text!(<$name>::MOST_CHARACTERS, $name)
    };
}

/// A member of the closed list `$name`.
macro_rules! code {
    ($name:ty) => {
        $crate::continuity::form::Form::Code(|| <$name>::ALL.iter().map(|member| member.code()).collect())
    };
}

/// Members of the closed list `$name`.
macro_rules! codes {
    ($name:ty) => {
        $crate::continuity::form::Form::CodeList(|| <$name>::ALL.iter().map(|member| member.code()).collect())
    };
}

pub(super) use {code, codes, text};

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: Form = Form::Text(5, any);
    /// A document of which nothing is asked.
    static NOTHING: Json =
        Json { schema: || json!({}), open: |_| None, close: |value| Ok(value.to_string()) };

    #[test]
    fn what_is_opened_closes_to_the_same() {
        for (form, cell) in [
            (Form::Id, Cell::Bytes(vec![7; 16])),
            (Form::Actor, Cell::Bytes(vec![7; 16])),
            (Form::Actor, Cell::Bytes(vec![0; 16])),
            (Form::Moment, Cell::Integer(1_795_000_000_123_456)),
            (Form::Day, Cell::Text("2026-02-28".to_owned())),
            (Form::Number, Cell::Integer(3)),
            (Form::Flag, Cell::Integer(1)),
            (Form::Digest, Cell::Bytes(vec![1, 255])),
            (LABEL, Cell::Text("vijfé".to_owned())),
            (Form::TextList(any), Cell::Text("a,b".to_owned())),
            (Form::TextList(any), Cell::Text(String::new())),
        ] {
            let value = form.open(&cell).unwrap();
            assert!(form.close(&value).unwrap() == cell, "{value}");
        }
        for (form, text) in [(Form::Number, "5"), (Form::Flag, "true"), (Form::Day, "2020-02-29")] {
            assert_eq!(form.close_text(&form.open_text(text).unwrap()).unwrap(), text);
        }
    }

    #[test]
    fn what_is_of_another_form_is_refused() {
        for (form, value) in [
            (Form::Id, json!("no")),
            (Form::Id, json!(Uuid::nil())),
            (Form::Id, json!(Uuid::max())),
            (Form::Actor, json!(Uuid::max())),
            (Form::Moment, json!("yesterday")),
            (Form::Day, json!("2026-02-30")),
            (Form::Number, json!(-1)),
            (Form::Number, json!(1.5)),
            (Form::Flag, json!("true")),
            (Form::Digest, json!("xyz")),
            (LABEL, json!("zes en meer")),
            (LABEL, json!(7)),
            (Form::Text(50, any), json!("Nummer 111222333.")),
            (Form::TextList(any), json!(["111222333"])),
            (Form::Json(&NOTHING), json!({"summary": ["111222333"]})),
            (Form::Json(&NOTHING), json!({"111222333": null})),
            (Form::Code(|| vec!["a"]), json!("b")),
            (Form::CodeList(|| vec!["a"]), json!(["a", "b"])),
            (Form::TextList(any), json!(["a,b"])),
            (Form::Objects, json!([])),
        ] {
            assert!(form.close(&value).is_err(), "{value}");
        }
    }
}
