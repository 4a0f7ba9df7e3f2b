//! What a compiled contract contains: its exports and imports, and the string literals in its data.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{DataKind, ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef};

use super::inspect::InvalidContract;

/// Longer runs of characters are not taken for a string literal.
const MAX_TEXT: usize = 256;
/// How many different string literals are kept.
const MAX_TEXTS: usize = 20_000;
/// This many literals in a row are not a coincidence.
const SHORTEST_ROW: usize = 6;
/// How far apart a literal's address and its length may be loaded, in instructions.
const APART: usize = 3;

/// What a compiled contract contains.
#[derive(Clone, Debug, Default)]
pub struct ModuleInfo {
    /// Exported functions, and whether each is a method: without parameters and results.
    pub exports: BTreeMap<String, bool>,
    /// Imported functions: module and name.
    pub imports: BTreeSet<(String, String)>,
    /// How many functions the code defines.
    pub functions: usize,
    /// Bytes of code.
    pub code_bytes: usize,
    /// Bytes of data.
    pub data_bytes: usize,
    /// Names of custom sections, with their lengths in bytes.
    pub custom: Vec<(String, usize)>,
    /// String literals: those that the code refers to by address and length, as Rust does, and those that end in
    /// a zero or stand alone, as in other languages. In alphabetical order.
    pub texts: BTreeSet<String>,
}

/// What has been read of the module so far.
#[derive(Default)]
struct Reader<'c> {
    anatomy: ModuleInfo,
    /// Whether each type has neither parameters nor results.
    plain: Vec<bool>,
    /// The type of each function, imported ones first.
    types: Vec<u32>,
    exported: Vec<(&'c str, u32)>,
    bodies: Vec<FunctionBody<'c>>,
    data: Vec<(u32, &'c [u8])>,
    ended: bool,
}

impl ModuleInfo {
    /// Reads a contract.
    ///
    /// # Errors
    /// If the code is not a complete WebAssembly module.
    pub fn of(code: &[u8]) -> Result<Self, InvalidContract> {
        let invalid = |error: wasmparser::BinaryReaderError| InvalidContract::new(&error);
        let mut reader = Reader::default();
        for payload in Parser::new(0).parse_all(code) {
            let payload = payload.map_err(invalid)?;
            reader.take(payload).map_err(invalid)?;
        }
        if !reader.ended {
            return Err(InvalidContract::new(&"it ends too early"));
        }
        reader.finish().map_err(invalid)
    }

    /// Whether the contract imports this host function.
    #[must_use]
    pub fn imports(&self, name: &str) -> bool {
        self.imports.iter().any(|(module, function)| module == "env" && function == name)
    }

    /// The exported methods, in alphabetical order.
    pub fn methods(&self) -> impl Iterator<Item = &str> {
        self.exports.iter().filter(|(_, method)| **method).map(|(name, _)| name.as_str())
    }
}

impl<'c> Reader<'c> {
    fn take(&mut self, payload: Payload<'c>) -> wasmparser::Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for kind in section.into_iter_err_on_gc_types() {
                    let kind = kind?;
                    self.plain.push(kind.params().is_empty() && kind.results().is_empty());
                }
            }
            Payload::ImportSection(section) => {
                for import in section {
                    let import = import?;
                    if let TypeRef::Func(kind) = import.ty {
                        self.types.push(kind);
                        let name = (import.module.to_owned(), import.name.to_owned());
                        self.anatomy.imports.insert(name);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for kind in section {
                    self.types.push(kind?);
                    self.anatomy.functions += 1;
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.exported.push((export.name, export.index));
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                self.anatomy.code_bytes += body.range().len();
                self.bodies.push(body);
            }
            Payload::DataSection(section) => {
                for data in section {
                    self.segment(&data?)?;
                }
            }
            Payload::CustomSection(section) => {
                self.anatomy.custom.push((section.name().to_owned(), section.data().len()));
            }
            Payload::End(_) => self.ended = true,
            _ => {}
        }
        Ok(())
    }

    fn segment(&mut self, data: &wasmparser::Data<'c>) -> wasmparser::Result<()> {
        self.anatomy.data_bytes += data.data.len();
        if let DataKind::Active { offset_expr, .. } = &data.kind
            && let Ok(Operator::I32Const { value }) = offset_expr.get_operators_reader().read()
        {
            self.data.push((value.cast_unsigned(), data.data));
        }
        Ok(())
    }

    fn finish(mut self) -> wasmparser::Result<ModuleInfo> {
        for (name, function) in std::mem::take(&mut self.exported) {
            let kind = self.types.get(function as usize);
            let plain = kind.and_then(|kind| self.plain.get(*kind as usize)).copied();
            self.anatomy.exports.insert(name.to_owned(), plain.unwrap_or(false));
        }
        for body in std::mem::take(&mut self.bodies) {
            self.texts_of(&body)?;
        }
        self.texts_of_tables();
        self.texts_that_stand_alone();
        self.texts_in_a_row();
        Ok(self.anatomy)
    }

    /// Literals whose address and length are constants near each other.
    fn texts_of(&mut self, body: &FunctionBody<'_>) -> wasmparser::Result<()> {
        let mut recent: Vec<(usize, u32)> = Vec::new();
        for (at, operator) in body.get_operators_reader()?.into_iter().enumerate() {
            let value = match operator? {
                Operator::I32Const { value } => u64::from(value.cast_unsigned()),
                // An address and a length that are stored together.
                Operator::I64Const { value } => {
                    let pair = value.cast_unsigned();
                    self.text((pair & 0xffff_ffff) as u32, (pair >> 32) as usize);
                    continue;
                }
                _ => continue,
            };
            let value = u32::try_from(value).unwrap_or(u32::MAX);
            recent.retain(|(earlier, _)| at - earlier <= APART);
            for (_, other) in recent.clone() {
                self.text(other, value as usize);
                self.text(value, other as usize);
            }
            recent.push((at, value));
        }
        Ok(())
    }

    /// Literals whose address and length are adjacent in the data.
    fn texts_of_tables(&mut self) {
        for (_, bytes) in self.data.clone() {
            let words: Vec<u32> = bytes
                .chunks_exact(4)
                .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
                .collect();
            for pair in words.windows(2) {
                self.text(pair[0], pair[1] as usize);
            }
        }
    }

    /// Literals delimited by bytes that are not printable.
    fn texts_that_stand_alone(&mut self) {
        for (_, bytes) in self.data.clone() {
            for run in bytes.split(|byte| !(0x20..0x7f).contains(byte)) {
                if (3..=MAX_TEXT).contains(&run.len()) {
                    self.keep(run);
                }
            }
        }
    }

    /// Consecutive literals, each preceded by twice its length: QuickJS stores a program's names so.
    fn texts_in_a_row(&mut self) {
        for (_, bytes) in self.data.clone() {
            let mut rest = bytes;
            while !rest.is_empty() {
                let row = row(rest);
                let length: usize = row.iter().map(|text| text.len() + 1).sum();
                if row.len() >= SHORTEST_ROW {
                    row.iter().for_each(|text| self.keep(text));
                    rest = &rest[length..];
                } else {
                    rest = &rest[1..];
                }
            }
        }
    }

    fn text(&mut self, address: u32, length: usize) {
        if !(1..=MAX_TEXT).contains(&length) {
            return;
        }
        let found = self.data.iter().find_map(|(start, bytes)| {
            let begin = usize::try_from(address.checked_sub(*start)?).ok()?;
            bytes.get(begin..begin.checked_add(length)?)
        });
        if let Some(bytes) = found {
            self.keep(bytes);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.anatomy.texts.len() >= MAX_TEXTS {
            return;
        }
        if let Ok(text) = std::str::from_utf8(bytes)
            && text.chars().all(|letter| !letter.is_control())
            && !self.anatomy.texts.contains(text)
        {
            self.anatomy.texts.insert(text.to_owned());
        }
    }
}

/// The literals at the beginning, each preceded by twice its length.
fn row(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut row, mut rest) = (Vec::new(), bytes);
    while let Some((twice, behind)) = rest.split_first() {
        let length = usize::from(twice / 2);
        let text = behind.get(..length).filter(|_| twice % 2 == 0 && (2..128).contains(twice));
        let Some(text) = text.filter(|text| text.iter().all(u8::is_ascii_graphic)) else { break };
        row.push(text);
        rest = &behind[length..];
    }
    row
}
