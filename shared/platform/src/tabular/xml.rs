//! The parts of a workbook: XML in a ZIP archive, read piece by piece. How much is unpacked is counted while it is
//! unpacked; what the archive says about itself counts for nothing.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use domain::say;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::grid::too_large;
use super::refusal::Refusal;
use super::workbook::broken;

/// Bytes of all parts together.
const MOST_UNPACKED: u64 = 160 << 20;
/// Bytes of one tag or one text.
const LONGEST_PIECE: u64 = 1 << 20;
/// Tags inside each other.
const DEEPEST: usize = 64;
/// Files in the archive.
const MOST_PARTS: u64 = 10_000;

pub struct Archive<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
    unpacked: Rc<Cell<u64>>,
}

/// A piece of XML; names are without their prefixes.
pub enum Piece<'p> {
    Open(&'p str, &'p BytesStart<'p>),
    /// A tag with nothing in it; no [`Piece::Close`] follows.
    Empty(&'p str, &'p BytesStart<'p>),
    Text(Cow<'p, str>),
    Close(&'p str),
}

/// Several attributes by their names, in one go.
pub fn attributes<const N: usize>(tag: &BytesStart<'_>, names: [&str; N]) -> [Option<String>; N] {
    let mut values = [const { None }; N];
    for found in tag.attributes().with_checks(false).flatten() {
        if let Some(value) = names.iter().position(|name| found.key.local_name().as_ref() == *name)
            && let Some(value) = values.get_mut(value)
        {
            *value = found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned);
        }
    }
    values
}

/// An attribute by its name without a prefix.
pub fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let found = attributes.with_checks(false).flatten().find(|found| found.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
}

impl<'b> Archive<'b> {
    pub fn open(bytes: &'b [u8]) -> Result<Self, Refusal> {
        check_directory(bytes)?;
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
        Ok(Self { zip, unpacked: Rc::default() })
    }

    /// A part by its name; some programs write other capitals and slashes.
    pub fn find(&self, name: &str) -> Option<usize> {
        let alike = |other: &str| other.replace('\\', "/").trim_start_matches('/').eq_ignore_ascii_case(name);
        let alike = || self.zip.file_names().position(|other| other.is_ok_and(|other| alike(&other)));
        self.zip.index_for_name_raw(name.as_bytes()).or_else(alike)
    }

    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Goes through a part and hands over every piece.
    pub fn walk(&mut self, part: usize, mut take: impl FnMut(Piece<'_>) -> Result<(), Refusal>) -> Result<(), Refusal> {
        let file = self.zip.by_index(part).map_err(|_| broken())?;
        // What is too large by its own account need not be unpacked first.
        if file.size() > MOST_UNPACKED {
            return Err(too_large());
        }
        let piece = Rc::<Cell<u64>>::default();
        let source = Counted { inner: BufReader::new(file), unpacked: self.unpacked.clone(), piece: piece.clone() };
        let mut reader = quick_xml::Reader::from_reader(source);
        let (mut buffer, mut depth) = (Vec::new(), 0_usize);
        loop {
            piece.set(0);
            buffer.clear();
            let event = reader.read_event_into(&mut buffer).map_err(|error| refusal_of(&error))?;
            match &event {
                Event::Start(tag) => {
                    depth += 1;
                    if depth > DEEPEST {
                        return Err(broken());
                    }
                    take(Piece::Open(tag.local_name().as_ref(), tag))?;
                }
                Event::Empty(tag) => take(Piece::Empty(tag.local_name().as_ref(), tag))?,
                Event::End(tag) => {
                    depth = depth.saturating_sub(1);
                    take(Piece::Close(tag.local_name().as_ref()))?;
                }
                Event::Text(text) => take(Piece::Text(text.xml10_content()))?,
                Event::CData(text) => take(Piece::Text(text.xml10_content()))?,
                Event::GeneralRef(entity) => {
                    let character = entity.resolve_char_ref().map_err(|_| broken())?.map(String::from);
                    let named = || resolve_predefined_entity(entity).map(str::to_owned);
                    take(Piece::Text(character.or_else(named).ok_or_else(broken)?.into()))?;
                }
                Event::Eof if depth > 0 => return Err(broken()),
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }
}

/// The directory of a large archive says how many files it has, and room is made for them before they are looked at.
fn check_directory(bytes: &[u8]) -> Result<(), Refusal> {
    const END_OF_LARGE_ARCHIVES: &[u8] = b"PK\x06\x06";
    let ends = bytes.windows(4).enumerate().filter(|(_, mark)| *mark == END_OF_LARGE_ARCHIVES);
    for (at, _) in ends {
        let count = bytes.get(at + 32..at + 40).and_then(|count| count.try_into().ok()).map(u64::from_le_bytes);
        if count.is_some_and(|count| count > MOST_PARTS) {
            return Err(broken());
        }
    }
    Ok(())
}

fn refusal_of(error: &quick_xml::Error) -> Refusal {
    match error {
        quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded => too_large(),
        quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => Refusal::of(say!(
            "文件中有一个单元格的内容过长，无法读取",
            "a cell of the file holds more text than can be read"
        )),
        _ => broken(),
    }
}

/// Ends the reading when more comes out than a table of people can be.
struct Counted<R> {
    inner: R,
    unpacked: Rc<Cell<u64>>,
    piece: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(into.len());
        let (Some(into), Some(available)) = (into.get_mut(..count), available.get(..count)) else { return Ok(0) };
        into.copy_from_slice(available);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.unpacked.get() > MOST_UNPACKED {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        if self.piece.get() > LONGEST_PIECE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.unpacked.set(self.unpacked.get() + count as u64);
        self.piece.set(self.piece.get() + count as u64);
        self.inner.consume(count);
    }
}
