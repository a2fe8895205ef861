//! Rust source as trees of tokens: comments are gone, and brackets hold what is between them.

use std::iter::Peekable;
use std::str::Chars;

/// A token, or a bracketed group of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    /// An identifier or keyword, and the line that it is on.
    Word(String, usize),
    /// The content of a string literal, and the line on which it begins.
    Text(String, usize),
    /// `::`.
    Separator,
    /// Any other single character of punctuation.
    Sign(char),
    /// A number, a character or a lifetime.
    Literal,
    /// A group, by its opening bracket.
    Group(char, Vec<Tree>),
}

/// Reads a file. Brackets that do not match end the group they are in: rustc complains about those.
pub(crate) fn trees(source: &str) -> Vec<Tree> {
    Lexer { rest: source.chars().peekable(), line: 1 }.until_closed()
}

struct Lexer<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    fn next_if(&mut self, expected: char) -> bool {
        let found = self.rest.peek() == Some(&expected);
        if found {
            self.next();
        }
        found
    }

    /// The character after the next one.
    fn second(&self) -> Option<char> {
        self.rest.clone().nth(1)
    }

    fn until_closed(&mut self) -> Vec<Tree> {
        let mut found = Vec::new();
        while let Some(next) = self.next() {
            match next {
                ')' | ']' | '}' => break,
                '(' | '[' | '{' => found.push(Tree::Group(next, self.until_closed())),
                '/' if self.next_if('/') => self.line_comment(),
                '/' if self.next_if('*') => self.block_comment(),
                '"' => found.push(self.string()),
                '\'' => found.push(self.character_or_lifetime()),
                ':' if self.next_if(':') => found.push(Tree::Separator),
                _ if next.is_whitespace() => {}
                _ if next.is_ascii_digit() => found.push(self.number()),
                _ if is_of_word(next) => found.push(self.word(next)),
                _ => found.push(Tree::Sign(next)),
            }
        }
        found
    }

    fn line_comment(&mut self) {
        while self.rest.peek().is_some_and(|next| *next != '\n') {
            self.next();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 1;
        while depth > 0 {
            match self.next() {
                None => break,
                Some('*') if self.next_if('/') => depth -= 1,
                Some('/') if self.next_if('*') => depth += 1,
                Some(_) => {}
            }
        }
    }

    /// The rest of a string in which a backslash escapes.
    fn string(&mut self) -> Tree {
        let line = self.line;
        let mut text = String::new();
        while let Some(next) = self.next().filter(|next| *next != '"') {
            text.push(next);
            if next == '\\' {
                text.extend(self.next());
            }
        }
        Tree::Text(text, line)
    }

    /// The rest of a raw string, of which the opening hashes were counted.
    fn raw_string(&mut self, hashes: usize) -> Tree {
        let line = self.line;
        let end = format!("\"{}", "#".repeat(hashes));
        let mut text = String::new();
        while let Some(next) = self.next() {
            text.push(next);
            if text.ends_with(&end) {
                text.truncate(text.len() - end.len());
                break;
            }
        }
        Tree::Text(text, line)
    }

    fn character_or_lifetime(&mut self) -> Tree {
        let is_character = self.rest.peek() == Some(&'\\') || self.second() == Some('\'');
        if is_character {
            while let Some(next) = self.next().filter(|next| *next != '\'') {
                if next == '\\' {
                    self.next();
                }
            }
        } else {
            self.word_from(String::new());
        }
        Tree::Literal
    }

    fn number(&mut self) -> Tree {
        loop {
            self.word_from(String::new());
            let has_fraction =
                self.rest.peek() == Some(&'.') && self.second().is_some_and(|c| c.is_ascii_digit());
            if !has_fraction {
                return Tree::Literal;
            }
            self.next();
        }
    }

    /// A word, or what it is a prefix of: a string, a byte or a raw identifier.
    fn word(&mut self, first: char) -> Tree {
        let line = self.line;
        let word = self.word_from(first.to_string());
        match (word.as_str(), self.rest.peek()) {
            ("b" | "c", Some('"')) => {
                self.next();
                self.string()
            }
            ("b", Some('\'')) => {
                self.next();
                self.character_or_lifetime()
            }
            ("r" | "br" | "cr", Some('"' | '#')) => {
                let mut hashes = 0;
                while self.next_if('#') {
                    hashes += 1;
                }
                if self.next_if('"') {
                    self.raw_string(hashes)
                } else {
                    Tree::Word(self.word_from("r#".to_owned()), line)
                }
            }
            _ => Tree::Word(word, line),
        }
    }

    fn word_from(&mut self, mut word: String) -> String {
        while let Some(next) = self.rest.next_if(|next| is_of_word(*next)) {
            word.push(next);
        }
        word
    }
}

fn is_of_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> String {
        fn collect(trees: &[Tree], found: &mut Vec<String>) {
            for tree in trees {
                match tree {
                    Tree::Word(word, line) => found.push(format!("{word}:{line}")),
                    Tree::Group(_, inner) => collect(inner, found),
                    Tree::Text(..) | Tree::Separator | Tree::Sign(_) | Tree::Literal => {}
                }
            }
        }
        let mut found = Vec::new();
        collect(&trees(source), &mut found);
        found.join(" ")
    }

    #[test]
    fn what_is_in_comments_strings_and_literals_is_no_word() {
        let source = r##"
            a // b [`c`]
            /* d /* e */ f */ g
            "h \" i" b"j" r#"k " l"# 'm' '\'' 'n: b'o' 1.5e3 0..p
            {q('{', "}")} r
        "##;
        assert_eq!(words(source), "a:2 g:3 p:4 q:5 r:5");
    }

    #[test]
    fn brackets_hold_what_is_between_them_and_paths_have_separators() {
        let word = |word: &str| Tree::Word(word.to_owned(), 1);
        let group = Tree::Group('{', vec![word("b"), Tree::Sign(','), word("r#type")]);
        assert_eq!(trees("a::{b, r#type};"), [word("a"), Tree::Separator, group, Tree::Sign(';')]);
        assert_eq!(trees(r#"r"x" "y""#), [Tree::Text("x".to_owned(), 1), Tree::Text("y".to_owned(), 1)]);
    }
}
