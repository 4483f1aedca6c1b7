//! CSV as rows: where each record begins, and how wide the columns are.

use super::json::Fault;
use super::row::{Role, Span, cells, clip};
use super::safe;
use csv::{ByteRecord, Reader, ReaderBuilder};

/// Records that decide how wide a column is.
const SAMPLE: usize = 1000;
/// Cells of a column at most; the last one is never cut.
const WIDEST: usize = 40;

/// The index of a CSV body.
pub(crate) struct Table {
    delimiter: u8,
    starts: Vec<u32>,
    widths: Vec<usize>,
}

impl Table {
    /// Indexes by RFC 4180. The fault is the first record with more or fewer fields than the header.
    pub fn new(bytes: &[u8]) -> (Table, Option<Fault>) {
        let delimiter = delimiter(bytes);
        let mut table = Table { delimiter, starts: Vec::new(), widths: Vec::new() };
        let (mut reader, mut record, mut fault) = (reader(delimiter, bytes), ByteRecord::new(), None);
        let mut columns = None;
        // The csv crate fails on files only, and on unequal records, which `flexible` allows.
        while reader.read_byte_record(&mut record).unwrap_or(false) {
            let at = record.position().map_or(0, |position| position.byte() as usize);
            table.starts.push(at as u32);
            let expected = *columns.get_or_insert(record.len());
            if record.len() != expected && fault.is_none() {
                let message = format!("{} fields here, {expected} in the header", record.len());
                fault = Some(Fault { at, message });
            }
            if table.starts.len() <= SAMPLE {
                table.measure(&record);
            }
        }
        table.starts.shrink_to_fit();
        (table, fault)
    }

    fn measure(&mut self, record: &ByteRecord) {
        self.widths.resize(self.widths.len().max(record.len()), 0);
        for (width, field) in self.widths.iter_mut().zip(record) {
            let size = field_spans(field, Role::Text).iter().map(|span| cells(&span.text)).sum::<usize>();
            *width = (*width).max(size.min(WIDEST));
        }
    }

    pub fn rows(&self) -> u64 {
        self.starts.len() as u64
    }

    /// The first byte of a record.
    pub fn start(&self, row: u64) -> usize {
        self.starts[row as usize] as usize
    }

    /// The record that byte `at` is in.
    pub fn row_of(&self, at: usize) -> u64 {
        self.starts.partition_point(|&start| start as usize <= at).saturating_sub(1) as u64
    }

    /// The bytes of a record, its line end included.
    pub fn record<'a>(&self, bytes: &'a [u8], row: u64) -> &'a [u8] {
        let end = self.starts.get(row as usize + 1).map_or(bytes.len(), |&next| next as usize);
        &bytes[self.start(row)..end]
    }

    pub fn spans(&self, bytes: &[u8], row: u64) -> Vec<Span> {
        let mut record = ByteRecord::new();
        let found = reader(self.delimiter, self.record(bytes, row)).read_byte_record(&mut record);
        let mut spans = Vec::new();
        if !found.unwrap_or(false) {
            return spans;
        }
        for (column, field) in record.iter().enumerate() {
            let last = column + 1 == record.len();
            let role = if row == 0 { Role::Key } else { Role::Text };
            let mut cell = field_spans(field, role);
            let mut size: usize = cell.iter().map(|span| cells(&span.text)).sum();
            let width = self.widths.get(column).copied().unwrap_or(0);
            if !last && size > width.max(1) {
                cell = clip(cell, 0, width.max(1) - 1);
                size = cell.iter().map(|span| cells(&span.text)).sum::<usize>() + 1;
                cell.push(Span::new("…", Role::Punctuation));
            }
            spans.append(&mut cell);
            if !last {
                spans.push(Span::new(" ".repeat(width.saturating_sub(size) + 2), Role::Punctuation));
            }
        }
        spans
    }
}

/// No field is drawn beyond this many bytes.
const DRAWN: usize = 64 * 1024;

fn field_spans(field: &[u8], role: Role) -> Vec<Span> {
    let mut spans = Vec::new();
    safe::push_bytes(&mut spans, &field[..field.len().min(DRAWN)], role);
    spans
}

fn reader(delimiter: u8, bytes: &[u8]) -> Reader<&[u8]> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes)
}

/// The one of `,`, `;`, tab and `|` that stands most often in the first line.
fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.split(|&b| b == b'\n').next().unwrap_or(bytes);
    let count = |d: &u8| memchr::memchr_iter(*d, line).count();
    // The last of equals wins: the comma.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(table: &Table, bytes: &[u8], row: u64) -> String {
        table.spans(bytes, row).into_iter().map(|span| span.text).collect()
    }

    #[test]
    fn columns_are_aligned_and_quotes_opened() {
        let bytes = b"Id,Name,City\r\n1,\"Acme, \"\"Inc\"\"\",Bonn\r\n22,B,\"two\nlines\"\r\n";
        let (table, fault) = Table::new(bytes);
        assert_eq!(fault, None);
        assert_eq!(table.rows(), 3);
        assert_eq!(drawn(&table, bytes, 0), "Id  Name         City");
        assert_eq!(drawn(&table, bytes, 1), "1   Acme, \"Inc\"  Bonn");
        assert_eq!(drawn(&table, bytes, 2), "22  B            two␊lines");
        assert_eq!(table.row_of(40), 2);
    }

    #[test]
    fn other_delimiters_are_seen() {
        let bytes = b"a;b;c\n1,5;2;3\n";
        let (table, _) = Table::new(bytes);
        assert_eq!(drawn(&table, bytes, 1), "1,5  2  3");
    }

    #[test]
    fn a_record_that_does_not_fit_the_header_is_reported_and_shown() {
        let bytes = b"a,b\n1\n1,2,3\n";
        let (table, fault) = Table::new(bytes);
        assert_eq!(fault, Some(Fault { at: 4, message: "1 fields here, 2 in the header".into() }));
        assert_eq!(drawn(&table, bytes, 2), "1  2  3");
    }

    #[test]
    fn a_long_field_is_cut_in_its_column() {
        let bytes = format!("{},b\n", "x".repeat(100));
        let (table, _) = Table::new(bytes.as_bytes());
        assert_eq!(drawn(&table, bytes.as_bytes(), 0), format!("{}…  b", "x".repeat(39)));
    }
}
