//! Lines of a body: where they begin, and the number of the one at hand, without reading what lies between.

use super::{Body, narrow, wide};

impl Body {
    /// How many lines there are; a line break at the very end begins none.
    #[must_use]
    pub fn lines(&self) -> u64 {
        let open = !self.is_empty() && self.byte(self.len() - 1) != Some(b'\n');
        self.breaks() + u64::from(open)
    }

    /// The number, from 0, of the line that holds the byte at `offset`.
    #[must_use]
    pub fn line_at(&self, offset: u64) -> u64 {
        let Some(chunk) = self.chunk(self.chunk_at(offset)) else {
            return self.breaks();
        };
        chunk.breaks + self.breaks_between(chunk.start, offset)
    }

    /// Where the line of this number, from 0, begins; the end of the body behind the last.
    #[must_use]
    pub fn line_start(&self, line: u64) -> u64 {
        let Some(before) = line.checked_sub(1) else {
            return 0;
        };
        let Some(chunk) = self.chunk_of_break(before).and_then(|number| self.chunk(number)) else {
            return 0;
        };
        let (mut left, mut at) = (before - chunk.breaks, chunk.start);
        for part in self.parts(chunk.start) {
            for found in memchr::memchr_iter(b'\n', &part) {
                if left == 0 {
                    return at + wide(found) + 1;
                }
                left -= 1;
            }
            at += wide(part.len());
            if at >= chunk.end {
                break;
            }
        }
        self.len()
    }

    /// Where the line that holds the byte at `offset` ends: at its line break, or at the end of the body.
    #[must_use]
    pub fn line_end(&self, offset: u64) -> u64 {
        let mut number = self.chunk_at(offset);
        let mut at = offset;
        while let Some(chunk) = self.chunk(number) {
            let after = self.chunk(number + 1).map_or(self.breaks(), |next| next.breaks);
            if after > chunk.breaks {
                while at < chunk.end {
                    let part = self.piece(at);
                    if part.is_empty() {
                        break;
                    }
                    if let Some(found) = memchr::memchr(b'\n', &part) {
                        return at + wide(found);
                    }
                    at += wide(part.len());
                }
            }
            at = chunk.end;
            number += 1;
        }
        self.len()
    }

    fn breaks_between(&self, start: u64, end: u64) -> u64 {
        let (mut at, mut count) = (start, 0);
        while at < end {
            let part = self.piece(at);
            if part.is_empty() {
                break;
            }
            let part = &part[..part.len().min(narrow(end - at))];
            count += wide(memchr::memchr_iter(b'\n', part).count());
            at += wide(part.len());
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_are_those_of_the_text(text in "(a{0,3}\n|[b\n]{0,9}|c{0,5000}){0,8}") {
            let mut body = Body::new();
            for piece in text.as_bytes().chunks(5_001) {
                body.push(Bytes::copy_from_slice(piece));
            }
            let starts: Vec<u64> =
                std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| wide(at) + 1)).collect();
            prop_assert_eq!(body.lines(), wide(text.lines().count()));
            for (number, start) in starts.iter().enumerate() {
                prop_assert_eq!(body.line_start(wide(number)), *start);
            }
            prop_assert_eq!(body.line_start(wide(starts.len())), wide(text.len()));
            for offset in (0..text.len()).step_by(13) {
                let line = text[..offset].matches('\n').count();
                prop_assert_eq!(body.line_at(wide(offset)), wide(line));
                let end = text[offset..].find('\n').map_or(text.len(), |found| offset + found);
                prop_assert_eq!(body.line_end(wide(offset)), wide(end));
            }
        }
    }
}
