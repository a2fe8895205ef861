//! What a letter is, and what all letters have in common: the greeting and the signature. What each says is in
//! [`letters`](crate::letters).
use groeilijn_domain::values::email::EmailAddress;
use uuid::Uuid;

/// A name that is longer is cut off: no letter needs more of it.
pub(crate) const MAX_NAME: usize = 200;

/// One letter to one person. It holds a name and sometimes a link that opens an account, so it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Stays the same when the letter is sent again: its Message-ID is made of it.
    pub id: Uuid,
    /// To whom.
    pub to: EmailAddress,
    /// What the letter is about; the same for everybody.
    pub subject: String,
    /// The text, in lines.
    pub text: String,
}

impl Letter {
    /// A letter that greets `name` and has these paragraphs.
    pub(crate) fn write(
        id: Uuid,
        to: EmailAddress,
        subject: &str,
        name: &str,
        paragraphs: &[String],
    ) -> Self {
        let name = on_one_line(name);
        let greeting = if name.is_empty() { "Goedendag,".to_owned() } else { format!("Beste {name},") };
        let text = format!("{greeting}\n\n{}\n\nGroeilijn\n", paragraphs.join("\n\n"));
        Self { id, to, subject: subject.to_owned(), text }
    }
}

/// Without line breaks and control characters, so that a name cannot pass for a paragraph of the letter or, in
/// a header, for another header.
pub(crate) fn on_one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !turns_text_around(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_NAME)
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A link without anything that would break it off or turn it around.
pub(crate) fn one_word(link: &str) -> String {
    link.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !turns_text_around(*c)).collect()
}

/// The marks that change the direction of what follows them show a reader another text than was written.
pub(crate) const fn turns_text_around(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
