//! What the operator is told when a part of the installation is missing or cannot be used: which setting says where it
//! is, where that is, and what to do.

use groeilijn_persistence::database::outage::Outage;
use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_persistence::{Error, Misfit, Part};

use crate::root_key;
use crate::settings::Settings;

/// Tells which setting leads to what is wrong.
pub(crate) fn of_setting(name: &'static str) -> impl FnOnce(Error) -> Error {
    move |error| Error::internal(format!("{name}: {error}"))
}

/// The same error with the settings that it is about, for the operator to read.
pub(crate) fn explained(settings: &Settings, error: Error) -> Error {
    let places = Places::of(settings);
    match error {
        // What is wrong with it is told with where it is.
        Error::Part(Part::RootKey, error) => {
            Error::internal(format!("{}: {error}", root_key::setting(&settings.keys).0))
        }
        Error::Part(part, error) => {
            let is_recoverable = part == Part::Keys && !settings.keys.second_url.is_empty();
            let remedy = if is_recoverable {
                format!("{}{RECOVERY}", remedy(&error))
            } else {
                remedy(&error).to_owned()
            };
            Error::internal(format!("{}: {error}{remedy}", places.of_part(part)))
        }
        Error::Misfit(misfit) => Error::internal(places.of_misfit(misfit)),
        error => error,
    }
}

const RECOVERY: &str = "; when it is lost, take away what is left of it and run `groeilijn keys recover`, which makes it anew from keys.second_url";

/// What to do about what passes by itself when others end it, which at the start is nobody.
fn remedy(error: &Error) -> &'static str {
    match error {
        Error::Unavailable(Outage::ReadOnly) => {
            "; whoever runs groeilijn must be able to write the file, its folder, and the -wal and -shm beside it"
        }
        Error::Unavailable(Outage::Lost) => {
            "; see that the server runs, or that whoever runs groeilijn may use the file and its folder"
        }
        _ => "",
    }
}

/// Where the settings say that everything is, without passwords.
struct Places {
    data: String,
    keys: String,
    second_keys: String,
    /// The setting that says where the root key is, and what it says.
    root_key: (&'static str, String),
}

impl Places {
    fn of(settings: &Settings) -> Self {
        let shown = |url: &str| DatabaseUrl::parse(url).map(|url| url.to_string()).unwrap_or_default();
        Self {
            data: shown(&settings.database.url),
            keys: shown(&settings.keys.url),
            second_keys: shown(&settings.keys.second_url),
            root_key: root_key::setting(&settings.keys),
        }
    }

    fn of_part(&self, part: Part) -> String {
        match part {
            Part::Data => format!("database.url ({})", self.data),
            Part::Keys => format!("keys.url ({})", self.keys),
            Part::SecondKeys => format!("keys.second_url ({})", self.second_keys),
            Part::RootKey => format!("{} ({})", self.root_key.0, self.root_key.1),
        }
    }

    fn of_misfit(&self, misfit: Misfit) -> String {
        let parts = [Part::Data, Part::Keys, Part::SecondKeys, Part::RootKey];
        let [data, keys, second, root] = parts.map(|part| self.of_part(part));
        match misfit {
            Misfit::OneDatabase => format!(
                "{data} and {keys} must be two databases, and each hold nothing of the other; name another one"
            ),
            Misfit::KeysLost => format!(
                "{keys} holds no keys, while {data} holds data that nothing but its own keys opens; restore the key \
                 store from its newest backup. No keys are made beside data: nobody could log in with them"
            ),
            Misfit::DataLost => format!(
                "{data} is empty, while {keys} holds the keys of an installation; restore the data from its newest \
                 backup, or name other keys for a new installation"
            ),
            Misfit::RootKeyLost => format!(
                "{root} is not there, while {keys} holds keys that nothing but their own root key opens; put it back \
                 from the copy in the safe, or from Vault's backup"
            ),
            Misfit::OtherRootKey => format!(
                "{root} is not the root key of {keys}; put the one back that belongs to it, from the copy in the safe \
                 or from Vault's backup"
            ),
            Misfit::OtherKeys => format!(
                "{keys} is not the key store of {data}; restore the one that belongs to it from its newest backup, or \
                 name the data that belongs to these keys"
            ),
            Misfit::SecondAhead => format!(
                "{second} knows keys, or that keys were destroyed, of which {keys} does not: that one was lost or put \
                 back from before. Do not go on without the second: run `groeilijn keys recover`, which makes the first \
                 what the second is. When it is the second that is wrong, move it away after that, and `groeilijn init` \
                 makes it anew"
            ),
            Misfit::FirstAhead => format!(
                "{keys} knows keys, or that keys were destroyed, of which {second} does not, so it is not made anew from \
                 that one; what was destroyed in either is destroyed in both now. When it is the first that is wrong, \
                 move it away, and run this again"
            ),
        }
    }
}
