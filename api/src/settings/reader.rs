//! What was given, in the file or the environment, and what is wrong with it.

use std::collections::BTreeMap;

use config::{Value, ValueKind};

use super::setting::Setting;

/// The settings that were given, by dotted name and as text; and what is wrong with them.
#[derive(Default)]
pub(super) struct Reader {
    given: BTreeMap<String, String>,
    mistakes: Vec<String>,
}

impl Reader {
    /// Reads nested tables of settings.
    pub(super) fn new(settings: Value) -> Self {
        let mut reader = Self::default();
        reader.flatten("", settings);
        reader
    }

    fn flatten(&mut self, name: &str, value: Value) {
        match value.kind {
            ValueKind::Table(table) => {
                for (key, value) in table {
                    let name = if name.is_empty() { key } else { format!("{name}.{key}") };
                    self.flatten(&name, value);
                }
            }
            ValueKind::Array(items) => {
                let items = items.into_iter().map(|item| item.into_string().unwrap_or_default());
                self.given.insert(name.to_owned(), items.collect::<Vec<_>>().join(","));
            }
            ValueKind::Nil => {}
            _ => {
                self.given.insert(name.to_owned(), value.into_string().unwrap_or_default());
            }
        }
    }

    /// Takes a setting. `None` when its value is refused, which is one of the mistakes that [`Self::finish`] tells.
    pub(super) fn take<T>(&mut self, setting: &Setting<T>) -> Option<T> {
        let given = self.given.remove(setting.name);
        let value = setting.parse(given.as_deref().unwrap_or(&setting.default));
        if value.is_none() {
            let mistake = format!("{}: the value is not right: {}", setting.name, setting.meaning());
            self.mistakes.push(mistake);
        }
        value
    }

    /// Every mistake: a setting that nobody took is one too.
    pub(super) fn finish(mut self) -> Vec<String> {
        self.mistakes.extend(self.given.keys().map(|name| format!("{name}: there is no such setting")));
        self.mistakes
    }
}
