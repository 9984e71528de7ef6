//! Decoding bodies by `Content-Encoding`, within bounds: a few bytes may unpack to many.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// The body with its codings taken off, the last applied first, and whether anything is missing: cut at the limit, broken, or
/// in a coding that we do not know.
pub fn decoded(codings: &str, body: Vec<u8>, limit: usize) -> (Vec<u8>, bool) {
    let mut body = body;
    let mut cut = false;
    for coding in codings.split(',').rev() {
        let coding = coding.trim().to_ascii_lowercase();
        if matches!(coding.as_str(), "" | "identity") || body.is_empty() {
            continue;
        }
        match one(&coding, &body, limit) {
            Some((out, missing)) => {
                body = out;
                cut |= missing;
            }
            None => return (body, true),
        }
    }
    (body, cut)
}

fn one(coding: &str, body: &[u8], limit: usize) -> Option<(Vec<u8>, bool)> {
    Some(match coding {
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(body), limit),
        "br" => read(brotli_decompressor::Decompressor::new(body, 4096), limit),
        "deflate" => {
            // Half of the world sends it without its zlib wrapping.
            let (out, missing) = read(ZlibDecoder::new(body), limit);
            if out.is_empty() && missing {
                read(DeflateDecoder::new(body), limit)
            } else {
                (out, missing)
            }
        }
        _ => return None,
    })
}

/// Up to `limit` bytes, what came before a break included.
fn read(mut from: impl Read, limit: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut piece = [0; 16 << 10];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return (out, false),
            Ok(n) => {
                let room = limit - out.len();
                out.extend_from_slice(&piece[..n.min(room)]);
                if n > room {
                    return (out, true);
                }
            }
            Err(_) => return (out, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    fn encoded(coding: &str, body: &[u8]) -> Vec<u8> {
        let fast = Compression::fast();
        match coding {
            "gzip" => {
                let mut to = GzEncoder::new(Vec::new(), fast);
                to.write_all(body).unwrap();
                to.finish().unwrap()
            }
            "zlib" => {
                let mut to = ZlibEncoder::new(Vec::new(), fast);
                to.write_all(body).unwrap();
                to.finish().unwrap()
            }
            "raw" => {
                let mut to = DeflateEncoder::new(Vec::new(), fast);
                to.write_all(body).unwrap();
                to.finish().unwrap()
            }
            _ => {
                let mut out = Vec::new();
                brotli::CompressorWriter::new(&mut out, 4096, 5, 22)
                    .write_all(body)
                    .unwrap();
                out
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(body in prop::collection::vec(any::<u8>(), 1..2000)) {
            for (how, named) in [("gzip", "gzip"), ("zlib", "deflate"), ("raw", "deflate"), ("br", "BR")] {
                let got = decoded(named, encoded(how, &body), 4096);
                prop_assert_eq!(got, (body.clone(), false));
            }
            let twice = encoded("br", &encoded("gzip", &body));
            prop_assert_eq!(decoded("gzip, br", twice, 8192), (body, false));
        }
    }

    #[test]
    fn a_bomb_is_cut_at_the_limit() {
        let bomb = encoded("gzip", &vec![0; 2 << 20]);
        assert!(bomb.len() < 100_000);
        let (body, cut) = decoded("gzip", bomb, 1000);
        assert_eq!((body.len(), cut), (1000, true));
    }

    #[test]
    fn what_cannot_be_read_is_said_to_be_missing() {
        let mut packed = encoded("gzip", b"hello hello hello hello");
        packed.truncate(packed.len() - 6);
        assert!(decoded("gzip", packed, 1000).1);
        assert_eq!(decoded("zstd", b"x".to_vec(), 10), (b"x".to_vec(), true));
        assert_eq!(decoded("", b"x".to_vec(), 10), (b"x".to_vec(), false));
        assert_eq!(
            decoded("identity", b"x".to_vec(), 10),
            (b"x".to_vec(), false)
        );
    }
}
