//! Finds and reads recordings: `.json` files, compressed archives of them, and folders of both.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lzma_rust2::XzReader;
use rayon::prelude::*;

use super::Error;
use super::case::{Case, Contracts};
use crate::vm::ContractCode;

/// How an archive's name ends: one case a line, compressed.
const ARCHIVE: &str = ".jsonl.xz";

/// Where a case was read from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseSource {
    /// The file.
    pub path: PathBuf,
    /// Its line in an archive, from 1.
    pub line: Option<usize>,
    /// The case's own name; empty if it has none.
    pub name: String,
}

impl fmt::Display for CaseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if self.line.is_some() && !self.name.is_empty() {
            write!(f, ": {}", self.name)?;
        }
        Ok(())
    }
}

/// A case with the contracts that it names.
pub(super) struct Recording {
    pub(super) source: CaseSource,
    pub(super) case: Case,
    pub(super) contracts: Contracts,
}

/// The recordings of one archive, or of one folder of `.json` files.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) recordings: Vec<Recording>,
}

/// Reads a file, or everything in a folder and the folders in it, in the order of the names.
pub(super) fn read(path: &Path) -> Result<Vec<Group>, Error> {
    let mut groups = Vec::new();
    if path.is_dir() {
        read_folder(path, &mut groups)?;
    } else if is_archive(path) {
        groups.push(read_archive(path)?);
    } else {
        groups.push(Group { name: stem(path), recordings: vec![read_case(path)?] });
    }
    if groups.is_empty() {
        return Err(Error::Empty(path.to_owned()));
    }
    Ok(groups)
}

/// Reads one case from its own file, with the contracts that it names.
pub(super) fn read_case(path: &Path) -> Result<Recording, Error> {
    let text = std::fs::read_to_string(path).map_err(unreadable(path))?;
    let source = CaseSource { path: path.to_owned(), line: None, name: String::new() };
    parse(source, &text)?.with_contracts(&mut BTreeMap::new())
}

fn read_folder(folder: &Path, groups: &mut Vec<Group>) -> Result<(), Error> {
    let entries = std::fs::read_dir(folder).map_err(unreadable(folder))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable(folder))?;
    paths.sort();
    let cases: Vec<_> = paths
        .iter()
        .filter(|path| path.is_file() && path.extension().is_some_and(|ext| ext == "json"))
        .collect();
    if !cases.is_empty() {
        let recordings =
            cases.into_par_iter().map(|path| read_case(path)).collect::<Result<_, _>>()?;
        groups.push(Group { name: stem(folder), recordings });
    }
    for path in paths {
        if path.is_dir() {
            read_folder(&path, groups)?;
        } else if is_archive(&path) {
            groups.push(read_archive(&path)?);
        }
    }
    Ok(())
}

fn read_archive(path: &Path) -> Result<Group, Error> {
    let file = std::fs::File::open(path).map_err(unreadable(path))?;
    let lines = BufReader::new(XzReader::new(BufReader::new(file), true)).lines();
    let lines = lines.enumerate().map(|(index, line)| {
        line.map_err(|error| Error::Archive { path: path.to_owned(), line: index + 1, error })
    });
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    let cases = lines.par_iter().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let cases = cases.map(|(index, line)| {
        let source =
            CaseSource { path: path.to_owned(), line: Some(index + 1), name: String::new() };
        parse(source, line)
    });
    let cases = cases.collect::<Result<Vec<_>, _>>()?;
    if cases.is_empty() {
        return Err(Error::Empty(path.to_owned()));
    }
    let mut files = BTreeMap::new();
    let recordings =
        cases.into_iter().map(|case| case.with_contracts(&mut files)).collect::<Result<_, _>>()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(Group { name: name.trim_end_matches(ARCHIVE).to_owned(), recordings })
}

fn parse(mut source: CaseSource, text: &str) -> Result<Recording, Error> {
    match serde_json::from_str::<Case>(text) {
        Ok(case) => {
            source.name.clone_from(&case.name);
            Ok(Recording { source, case, contracts: Contracts::new() })
        }
        Err(error) => Err(Error::Format { case: Box::new(source), error }),
    }
}

impl Recording {
    /// Reads the contracts that the case names, each file once.
    fn with_contracts(mut self, files: &mut Contracts) -> Result<Self, Error> {
        for name in self.case.contract_files() {
            let code = match files.get(name) {
                Some(code) => Arc::clone(code),
                None => {
                    let code = self.read_contract(name)?;
                    files.insert(name.to_owned(), Arc::clone(&code));
                    code
                }
            };
            self.contracts.insert(name.to_owned(), code);
        }
        Ok(self)
    }

    /// A contract's file lies in the folder of the case or archive, or in the folder above.
    fn read_contract(&self, name: &str) -> Result<Arc<ContractCode>, Error> {
        let folders = self.source.path.ancestors().skip(1).take(2);
        let file = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
        let Some(file) = file else {
            let (case, contract) = (Box::new(self.source.clone()), name.to_owned());
            return Err(Error::Contract { case, contract });
        };
        let code = std::fs::read(&file).map_err(unreadable(&file))?;
        Ok(Arc::new(ContractCode::new(code, None)))
    }
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |error| Error::Read { path, error }
}

fn is_archive(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ARCHIVE))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
