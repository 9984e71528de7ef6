//! The search for canaries in what was received: raw, and through every wrapping that [`super::decode`] knows.

use std::ops::Range;

use super::tokens::{JOINT, Runs, TOKEN, in_token};
use super::{Canaries, Entry, Hit, LENGTH, SHORTEST, Stands, Writing, decode, is_generated};

/// How many wrappings may lie in one another.
const DEPTH: u8 = 3;

/// How many bytes one scan decodes in all: an archive may hold a thousand times its size.
const DECODED: usize = 64 << 20;

impl<P: Stands> Canaries<P> {
    /// Every canary in `haystack`, letters in any case: raw, JSON- or XML-escaped, percent-encoded, in base64 and hexadecimal, in
    /// ZIP and gzip files, and in one another up to three deep. Generated canaries are found inside longer words, too;
    /// others only as whole tokens. Ordered by where they stand; each value in the plainest writing that it was found in.
    pub fn scan(&self, haystack: &[u8]) -> Vec<Hit<'_, P>> {
        let mut scan = Scan {
            canaries: self,
            hits: Vec::new(),
            left: DECODED,
            spare: Vec::new(),
        };
        scan.layer(haystack, Frame::PLAIN, DEPTH);
        tidy(scan.hits)
    }
}

/// Keeps each value in its plainest writing, in order of place.
fn tidy<P>(mut hits: Vec<Hit<'_, P>>) -> Vec<Hit<'_, P>> {
    if hits.iter().any(|h| h.writing != Writing::Plain) {
        hits.sort_by_key(|h| (h.provenance.as_ptr(), h.writing, h.at));
        let mut last: Option<(*const _, Writing, usize)> = None;
        hits.retain(|h| {
            let this = (h.provenance.as_ptr(), h.writing, h.at);
            let keep = last.is_none_or(|(value, writing, at)| {
                value != this.0 || (writing == this.1 && at != this.2)
            });
            if keep {
                last = Some(this);
            }
            keep
        });
    }
    hits.sort_by_key(|h| h.at);
    hits
}

struct Scan<'a, P> {
    canaries: &'a Canaries<P>,
    hits: Vec<Hit<'a, P>>,
    /// How many bytes may still be decoded.
    left: usize,
    /// Buffers to decode into, used again.
    spare: Vec<Vec<u8>>,
}

/// How many tokens are asked about together: their looks into memory need not wait for one another.
const BATCH: usize = 16;

/// Tokens that were found and not looked at yet, with their hash where they may be known.
#[derive(Default)]
struct Batch {
    tokens: [(Range<usize>, Option<u64>); BATCH],
    number: usize,
}

/// How the text of a layer lies in the haystack.
#[derive(Clone, Copy)]
struct Frame {
    writing: Writing,
    /// Where hits are said to be, whatever their place in the layer.
    fixed: Option<usize>,
}

impl Frame {
    const PLAIN: Self = Self {
        writing: Writing::Plain,
        fixed: None,
    };

    fn within(self, writing: Writing, fixed: Option<usize>) -> Self {
        if self.writing == Writing::Plain {
            Self { writing, fixed }
        } else {
            Self {
                fixed: self.fixed.or(fixed),
                ..self
            }
        }
    }
}

impl<P: Stands> Scan<'_, P> {
    fn layer(&mut self, text: &[u8], frame: Frame, depth: u8) {
        if depth > 0
            && let Some(files) = decode::archive(text, self.left)
        {
            for file in files {
                self.inner(&file, frame.within(Writing::Archive, Some(0)), depth);
            }
            return;
        }
        let mut batch = Batch::default();
        for run in Runs::new(text, TOKEN | JOINT) {
            if run.classes & JOINT != 0 {
                self.joined(&mut batch, text, run.at, frame, depth);
            } else {
                self.put(&mut batch, text, run.at, frame, depth);
            }
        }
        self.flush(&mut batch, text, frame, depth);
        self.generated(text, frame);
        if depth > 0 && memchr::memchr3(b'\\', b'%', b'&', text).is_some() {
            if let Some(plain) = decode::json_unescape(text) {
                self.inner(&plain, frame.within(Writing::JsonEscaped, None), depth);
            }
            if let Some(plain) = decode::xml_unescape(text) {
                self.inner(&plain, frame.within(Writing::XmlEscaped, None), depth);
            }
            if let Some(plain) = decode::percent(text) {
                self.inner(&plain, frame.within(Writing::Percent, None), depth);
            }
        }
    }

    fn inner(&mut self, text: &[u8], frame: Frame, depth: u8) {
        if let Some(left) = self.left.checked_sub(text.len()) {
            self.left = left;
            self.layer(text, frame, depth - 1);
        }
    }

    /// A run that holds `+` or `/`: tokens between them, or standard base64 as a whole.
    fn joined(
        &mut self,
        batch: &mut Batch,
        text: &[u8],
        at: Range<usize>,
        frame: Frame,
        depth: u8,
    ) {
        for part in Runs::new(&text[at.clone()], TOKEN) {
            let part = at.start + part.at.start..at.start + part.at.end;
            self.put(batch, text, part, frame, depth);
        }
        self.base64(text, at, false, frame, depth);
    }

    fn put(&mut self, batch: &mut Batch, text: &[u8], at: Range<usize>, frame: Frame, depth: u8) {
        let known = self.canaries.known(&text[at.clone()]);
        batch.tokens[batch.number] = (at, known);
        batch.number += 1;
        if batch.number == BATCH {
            self.flush(batch, text, frame, depth);
        }
    }

    fn flush(&mut self, batch: &mut Batch, text: &[u8], frame: Frame, depth: u8) {
        for (at, known) in &batch.tokens[..batch.number] {
            self.token(text, at.clone(), *known, frame, depth);
        }
        batch.number = 0;
    }

    fn token(
        &mut self,
        text: &[u8],
        at: Range<usize>,
        known: Option<u64>,
        frame: Frame,
        depth: u8,
    ) {
        if known.is_some_and(|hash| self.found(text, at.clone(), hash, frame)) {
            return;
        }
        if depth > 0 && !is_dashed_uuid(&text[at.clone()]) {
            self.hexadecimal(&text[at.clone()], at.start, frame, depth);
            self.base64(text, at, true, frame, depth);
        }
    }

    fn look_up(&mut self, text: &[u8], at: Range<usize>, frame: Frame) {
        if let Some(hash) = self.canaries.known(&text[at.clone()]) {
            self.found(text, at, hash, frame);
        }
    }

    fn found(&mut self, text: &[u8], at: Range<usize>, hash: u64, frame: Frame) -> bool {
        let before = self.hits.len();
        let start = at.start;
        for entry in self.canaries.matching(text, at, hash) {
            self.hits.push(hit(entry, start, frame));
        }
        self.hits.len() > before
    }

    /// Generated canaries inside longer tokens; those that are tokens were looked up as such.
    fn generated(&mut self, text: &[u8], frame: Frame) {
        for start in memchr::memchr2_iter(b'z', b'Z', text) {
            let end = start + LENGTH;
            if text.get(start..end).is_some_and(is_generated) {
                let joined = |byte: Option<&u8>| byte.is_some_and(|&b| in_token(b));
                let before = start.checked_sub(1).and_then(|at| text.get(at));
                if joined(before) || joined(text.get(end)) {
                    self.look_up(text, start..end, frame);
                }
            }
        }
    }

    fn hexadecimal(&mut self, token: &[u8], start: usize, frame: Frame, depth: u8) {
        let digits = token
            .strip_prefix(b"0x")
            .or_else(|| token.strip_prefix(b"x"));
        let digits = digits.unwrap_or(token);
        if digits.len() < 2 * SHORTEST
            || !digits.len().is_multiple_of(2)
            || !digits.iter().all(u8::is_ascii_hexdigit)
        {
            return;
        }
        self.uuid(token, start, frame);
        let mut buffer = self.spare.pop().unwrap_or_default();
        if decode::hexadecimal(digits, &mut buffer) {
            self.inner(&buffer, frame.within(Writing::Hex, Some(start)), depth);
        }
        self.spare.push(buffer);
    }

    /// 32 digits may be a UUID without its dashes.
    fn uuid(&mut self, digits: &[u8], start: usize, frame: Frame) {
        if digits.len() != 32 {
            return;
        }
        let mut dashed = [b'-'; 36];
        for (to, from) in [
            (0, 0..8),
            (9, 8..12),
            (14, 12..16),
            (19, 16..20),
            (24, 20..32),
        ] {
            dashed[to..to + from.len()].copy_from_slice(&digits[from]);
        }
        let frame = Frame {
            fixed: frame.fixed.or(Some(start)),
            ..frame
        };
        self.look_up(&dashed, 0..36, frame);
    }

    fn base64(&mut self, text: &[u8], at: Range<usize>, url: bool, frame: Frame, depth: u8) {
        let run = &text[at.clone()];
        if depth > 0 && decode::may_be_base64(run) {
            let mut buffer = self.spare.pop().unwrap_or_default();
            if decode::base64(run, url, &mut buffer) {
                let frame = frame.within(Writing::Base64, Some(at.start));
                self.inner(&buffer, frame, depth);
            }
            self.spare.push(buffer);
        }
    }
}

/// Whether a token has the shape of a UUID: it wraps nothing.
fn is_dashed_uuid(token: &[u8]) -> bool {
    token.len() == 36 && [8, 13, 18, 23].into_iter().all(|at| token[at] == b'-')
}

fn hit<P>(entry: &Entry<P>, start: usize, frame: Frame) -> Hit<'_, P> {
    Hit {
        provenance: &entry.places,
        at: frame.fixed.unwrap_or(start),
        writing: frame.writing,
    }
}
