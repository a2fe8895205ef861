//! On which line of a file something stands. A line ends with `\n`, `\r\n` or `\r`, as the programs show it that the file is
//! opened with.

/// Counts the lines of a text from front to back.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self { text, counted: 0, line: 1 }
    }

    /// The line, from 1, on which the byte at `position` stands. Asked for an earlier position than before, it is the line
    /// of that one.
    pub(super) fn at(&mut self, position: usize) -> u64 {
        let end = position.min(self.text.len());
        let bytes = self.text.get(self.counted..end).unwrap_or_default();
        let ends = (self.counted..).zip(bytes).filter(|&(at, &byte)| self.ends_line(at, byte)).count();
        self.line += ends as u64;
        self.counted = end.max(self.counted);
        self.line
    }

    /// The line on which the first byte stands at or after `position` that ends no line.
    pub(super) fn of_content(&mut self, position: usize) -> u64 {
        let rest = self.text.get(position..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.at(position + blank)
    }

    fn ends_line(&self, at: usize, byte: u8) -> bool {
        byte == b'\n' || byte == b'\r' && self.text.get(at + 1) != Some(&b'\n')
    }
}

/// The line, from 1, on which the byte at `position` stands.
pub(super) fn line_at(text: &[u8], position: usize) -> u64 {
    Lines::of(text).at(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_on_any_system() {
        for (text, expected) in [
            (&b"a\nb\n\nc"[..], [1, 1, 2, 2, 3, 4]),
            (b"a\r\nb\rc", [1, 1, 1, 2, 2, 3]),
            (b"\r\r\n\r\r", [1, 2, 2, 3, 4, 5]),
        ] {
            let mut lines = Lines::of(text);
            for (position, expected) in expected.into_iter().enumerate() {
                assert_eq!(lines.at(position), expected, "{position}");
                assert_eq!(line_at(text, position), expected, "{position}");
            }
        }
        assert_eq!(Lines::of(b"a\r\n\r\nb").of_content(2), 3);
    }
}
