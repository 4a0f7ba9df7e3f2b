//! Maps operators to source lines, if a contract was built with debug information (DWARF).
//!
//! The information is not trusted: what cannot be read is ignored.

use addr2line::gimli::{Dwarf, EndianSlice, Error, LittleEndian, SectionId};
use wasmparser::{Parser, Payload};

/// A line of a source file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceLine {
    /// The file, as it was named to the compiler.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
}

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The lines of a contract's code.
pub(super) struct Lines<'a>(addr2line::Context<Slice<'a>>);

impl<'a> Lines<'a> {
    /// `None` if the contract has no debug information.
    pub(super) fn of(code: &'a [u8]) -> Option<Self> {
        let section = |id: SectionId| {
            let found = custom_section(code, id.name()).unwrap_or_default();
            Ok::<_, Error>(EndianSlice::new(found, LittleEndian))
        };
        custom_section(code, SectionId::DebugInfo.name())?;
        let dwarf = Dwarf::load(section).ok()?;
        addr2line::Context::from_dwarf(dwarf).ok().map(Self)
    }

    /// The line of the operator at this offset from the beginning of the code section.
    pub(super) fn at(&self, offset: u64) -> Option<SourceLine> {
        let location = self.0.find_location(offset).ok()??;
        let line = location.line.filter(|line| *line > 0)?;
        Some(SourceLine { file: location.file?.to_owned(), line })
    }
}

fn custom_section<'a>(code: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let payloads = Parser::new(0).parse_all(code).map_while(Result::ok);
    payloads.into_iter().find_map(|payload| match payload {
        Payload::CustomSection(section) if section.name() == name => Some(section.data()),
        _ => None,
    })
}
