//! Bodies as they were before they were compressed for the wire.
//!
//! Done here and not by the HTTP client, which would hide how many bytes really came.

use super::BODY_LIMIT;
use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// What orgdeck accepts, as `Accept-Encoding` says it.
pub(super) const ACCEPTED: &str = "gzip, deflate";

/// The most a deflate stream can grow: 258 bytes out of two bits, plus a little.
const MOST_GROWTH: usize = 1032;

/// Takes off the encodings that `Content-Encoding` names, last one first. Where one does not fit the bytes,
/// what could be read is returned (or, if that is nothing, the bytes as they came), with a sentence about it.
pub(super) fn decode(encodings: &str, wire: Bytes) -> (Bytes, Option<String>) {
    let mut body = wire;
    for encoding in encodings.rsplit(',').map(str::trim) {
        if body.is_empty() {
            break;
        }
        let (decoded, problem) = match encoding.to_ascii_lowercase().as_str() {
            "" | "identity" => continue,
            "gzip" | "x-gzip" => inflate(MultiGzDecoder::new(&*body), &body, "gzip", gzip_size(&body)),
            "deflate" if looks_like_zlib(&body) => inflate(ZlibDecoder::new(&*body), &body, "deflate", None),
            "deflate" => inflate(DeflateDecoder::new(&*body), &body, "deflate", None),
            other => (
                body.clone(),
                Some(format!(
                    "the body is encoded as {other:?}, which orgdeck cannot read; it is shown as it came"
                )),
            ),
        };
        body = decoded;
        if problem.is_some() {
            return (body, problem);
        }
    }
    (body, None)
}

fn inflate(decoder: impl Read, wire: &Bytes, name: &str, expected: Option<usize>) -> (Bytes, Option<String>) {
    let most = usize::try_from(BODY_LIMIT).unwrap_or(usize::MAX);
    let guess = expected.unwrap_or(wire.len().saturating_mul(4));
    let mut out = Vec::with_capacity(guess.min(wire.len().saturating_mul(MOST_GROWTH)).min(most));
    let result = decoder.take(BODY_LIMIT + 1).read_to_end(&mut out);
    match result {
        Ok(_) if out.len() > most => {
            out.truncate(most);
            (out.into(), Some("the body is larger than 1 GB; the rest is left out".into()))
        }
        Ok(_) => {
            out.shrink_to_fit();
            (out.into(), None)
        }
        Err(_) if out.is_empty() => (
            wire.clone(),
            Some(format!("the answer says that its body is {name}, but it is not; it is shown as it came")),
        ),
        Err(_) => {
            let so_far = out.len();
            (out.into(), Some(format!("the {name} body breaks off or is damaged after {so_far} bytes")))
        }
    }
}

/// A gzip stream ends with its decompressed length, modulo 4 GB: a hint, not a promise.
///
/// Source: RFC 1952, ISIZE.
fn gzip_size(wire: &[u8]) -> Option<usize> {
    let tail: [u8; 4] = wire.last_chunk::<4>().copied()?;
    usize::try_from(u32::from_le_bytes(tail)).ok()
}

/// `deflate` means zlib by the standard, but some servers send it bare.
///
/// Source: RFC 1950: the low four bits of the first byte are 8, and the first two bytes are a multiple of 31.
fn looks_like_zlib(wire: &[u8]) -> bool {
    matches!(wire, [first, second, ..]
        if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use proptest::prelude::*;
    use std::io::Write;

    fn gzip(plain: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap().into()
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back(plain in proptest::collection::vec(any::<u8>(), 1..2_000)) {
            let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
            zlib.write_all(&plain).unwrap();
            let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
            bare.write_all(&plain).unwrap();
            let bare = bare.finish().unwrap();
            prop_assume!(!looks_like_zlib(&bare));
            prop_assert_eq!(decode("gzip", gzip(&plain)), (Bytes::from(plain.clone()), None));
            prop_assert_eq!(decode("deflate", zlib.finish().unwrap().into()), (Bytes::from(plain.clone()), None));
            prop_assert_eq!(decode("deflate", bare.into()), (Bytes::from(plain.clone()), None));
            prop_assert_eq!(decode("gzip, X-GZIP", gzip(&gzip(&plain))), (Bytes::from(plain), None));
        }

        #[test]
        fn nothing_panics(wire in proptest::collection::vec(any::<u8>(), 0..500), encoding in "gzip|deflate|br|,,") {
            let _ = decode(&encoding, wire.into());
        }
    }

    #[test]
    fn what_is_no_gzip_is_shown_as_it_came() {
        let (body, problem) = decode("gzip", Bytes::from_static(b"<html>proxy</html>"));
        assert_eq!(body, "<html>proxy</html>");
        assert!(problem.unwrap().contains("it is not"));
    }

    #[test]
    fn a_cut_gzip_keeps_its_beginning() {
        let plain = "the beginning ".repeat(10_000);
        let wire = gzip(plain.as_bytes());
        let (body, problem) = decode("gzip", wire.slice(..wire.len() / 2));
        assert!(!body.is_empty() && plain.as_bytes().starts_with(&body));
        assert!(problem.unwrap().contains("breaks off"));
    }

    #[test]
    fn an_unknown_encoding_is_named() {
        let (body, problem) = decode("br", Bytes::from_static(b"\x01\x02"));
        assert_eq!(&body[..], b"\x01\x02");
        assert!(problem.unwrap().contains("\"br\""));
    }
}
