//! What is no text: what it is by its first bytes, and a hex dump.

use super::row::{Role, Span};

/// Bytes a row.
const ROW: usize = 16;

/// How kinds of files begin: offset, bytes, name.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "PNG image"),
    (0, b"\xff\xd8\xff", "JPEG image"),
    (0, b"GIF87a", "GIF image"),
    (0, b"GIF89a", "GIF image"),
    (8, b"WEBPVP8", "WebP image"),
    (0, b"II*\0", "TIFF image"),
    (0, b"MM\0*", "TIFF image"),
    (0, b"%PDF-", "PDF document"),
    (0, b"PK\x03\x04", "ZIP archive (also Office documents and packages)"),
    (0, b"PK\x05\x06", "ZIP archive, empty"),
    (0, b"\x1f\x8b\x08", "GZIP data"),
    (0, b"BZh", "BZIP2 data"),
    (0, b"\xfd7zXZ\0", "XZ data"),
    (0, b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office document (before 2007)"),
    (4, b"ftyp", "MP4 or QuickTime file"),
    (0, b"OggS", "Ogg file"),
    (0, b"ID3", "MP3 audio"),
    (0, b"wOF2", "WOFF2 font"),
    (0, b"SQLite format 3\0", "SQLite database"),
    (0, b"\x7fELF", "ELF program"),
    (0, b"\0asm", "WebAssembly"),
];

/// What the bytes are, if they begin as a known kind of file does.
pub(crate) fn what(bytes: &[u8]) -> Option<String> {
    let begins = |at: usize, magic: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(magic));
    let (.., name) = MAGIC.iter().find(|(at, magic, _)| begins(*at, magic))?;
    Some(match dimensions(bytes) {
        Some((width, height)) => format!("{name}, {width} × {height}"),
        None => (*name).into(),
    })
}

/// Width and height of a PNG, GIF or JPEG, in pixels.
fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let be = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some((be(16)?, be(20)?)),
        [b'G', b'I', b'F', _, _, _, w0, w1, h0, h1, ..] => {
            Some((u16::from_le_bytes([*w0, *w1]).into(), u16::from_le_bytes([*h0, *h1]).into()))
        }
        [0xff, 0xd8, ..] => jpeg_dimensions(bytes),
        _ => None,
    }
}

/// A JPEG says its size in its "start of frame" segment.
fn jpeg_dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let short = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let mut at = 2;
    while *bytes.get(at)? == 0xff {
        if matches!(*bytes.get(at + 1)?, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf) {
            return Some((short(at + 7)?, short(at + 5)?));
        }
        at += 2 + short(at + 2)? as usize;
    }
    None
}

pub(crate) fn rows(bytes: &[u8]) -> u64 {
    bytes.len().div_ceil(ROW) as u64
}

pub(crate) fn start(row: u64) -> usize {
    row as usize * ROW
}

pub(crate) fn row_of(at: usize) -> u64 {
    (at / ROW) as u64
}

/// `00000010  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  ·PNG····`.
pub(crate) fn spans(bytes: &[u8], row: u64) -> Vec<Span> {
    let start = start(row);
    let shown = &bytes[start..(start + ROW).min(bytes.len())];
    let mut hex = String::with_capacity(3 * ROW + 3);
    for at in 0..ROW {
        match shown.get(at) {
            Some(byte) => hex.push_str(&format!("{byte:02x} ")),
            None => hex.push_str("   "),
        }
        if at == ROW / 2 - 1 {
            hex.push(' ');
        }
    }
    hex.push(' ');
    let visible = |&b: &u8| if matches!(b, 0x20..=0x7e) { char::from(b) } else { '·' };
    vec![
        Span::new(format!("{start:08x}  "), Role::Muted),
        Span::new(hex, Role::Number),
        Span::new(shown.iter().map(visible).collect::<String>(), Role::Text),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_tell_their_size() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0";
        assert_eq!(what(png).unwrap(), "PNG image, 640 × 480");
        let jpeg = b"\xff\xd8\xff\xe0\0\x04AB\xff\xc0\0\x11\x08\x01\xe0\x02\x80";
        assert_eq!(what(jpeg).unwrap(), "JPEG image, 640 × 480");
        assert_eq!(what(b"GIF89a\x80\x02\xe0\x01").unwrap(), "GIF image, 640 × 480");
        assert_eq!(what(b"\xff\xd8\xff\xe0\0\0").unwrap(), "JPEG image");
        assert_eq!(what(b"%PDF-1.7").unwrap(), "PDF document");
        assert_eq!(what(b"hello"), None);
    }

    #[test]
    fn a_jpeg_segment_of_no_length_ends_the_search() {
        assert_eq!(dimensions(b"\xff\xd8\xff\xe0\0\0\0\0"), None);
    }

    #[test]
    fn the_last_row_keeps_its_columns() {
        let text: Vec<String> =
            spans(b"0123456789abcdef\x1bA", 1).into_iter().map(|span| span.text).collect();
        assert_eq!(text[0], "00000010  ");
        assert_eq!(text[1].len(), 3 * ROW + 2);
        assert_eq!(text[2], "·A");
    }
}
