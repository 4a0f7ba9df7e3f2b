//! Cases worth keeping, as files: each named by what it holds, so that the same case is there once.
//!
//! A case may be JSON written by hand, bytes, or a finding; new ones are written as JSON, which people
//! read and which survives more changes. Never runs a case but to see what it shows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::search::FeedbackSource;
use super::search::feedback::Feedback;
use super::windows::Windows;
use crate::finding::{self, Error, Stored};
use crate::scenario::Scenario;
use crate::simulation::{self, Fixture, Simulation, UnusedPart};
use crate::targets::Target;
use crate::types::Fingerprint;
use crate::vm::Instrumented;

/// What the files of cases end with; findings lie beside them and end with `.json` alone.
pub const CASE: &str = "case.json";

/// How many cases of others are taken at once: they are run again here.
const AT_ONCE: usize = 32;

/// A folder of cases.
#[derive(Clone, Debug)]
pub struct Corpus {
    folder: PathBuf,
}

/// What a corpus holds for a target as it is now.
#[derive(Debug, Default)]
pub struct Contents {
    /// Cases that fit the target, by file name.
    pub cases: Vec<(PathBuf, Scenario)>,
    /// Files that mean nothing to it any more, and why.
    pub unfit: Vec<(PathBuf, String)>,
}

impl Corpus {
    /// The corpus in a folder, which need not be there yet.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Reads every case and sees whether it fits the target: names of accounts and methods, and sizes.
    ///
    /// # Errors
    /// When the folder cannot be read. A file that is no case, or does not fit, is only told.
    pub fn read(&self, target: &Target) -> Result<Contents, Error> {
        Ok(read(self.files()?, target))
    }

    /// All files but hidden ones, by name. A folder that is not there has none.
    fn files(&self) -> Result<Vec<PathBuf>, Error> {
        let path = self.folder.clone();
        let error = |error| Error::File { what: "read", path: path.clone(), error };
        let entries = match std::fs::read_dir(&self.folder) {
            Err(reason) if reason.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(error)?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(error)?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !hidden && entry.path().is_file() {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }

    /// Keeps a case. Whether it was not there before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&self, scenario: &Scenario) -> Result<bool, Error> {
        let path = self.folder.join(name(scenario));
        if path.exists() {
            return Ok(false);
        }
        let error = |error| Error::File { what: "write", path: path.clone(), error };
        std::fs::create_dir_all(&self.folder).map_err(error)?;
        let text = scenario.to_json() + "\n";
        finding::place(&self.folder, &path, text.as_bytes()).map_err(error)?;
        Ok(true)
    }
}

/// Reads cases and sees which fit the target.
fn read(files: impl IntoIterator<Item = PathBuf>, target: &Target) -> Contents {
    let mut contents = Contents::default();
    for path in files {
        let scenario = match finding::read(&path) {
            Ok(Stored::Scenario(scenario)) => Ok(scenario),
            Ok(Stored::Finding(finding)) => Ok(finding.scenario),
            Err(error) => Err(error.to_string()),
        };
        let fitting = scenario.and_then(|scenario| {
            let fits = target.validate(&scenario).map_err(|error| error.to_string());
            fits.map(|()| scenario)
        });
        match fitting {
            Ok(scenario) => contents.cases.push((path, scenario)),
            Err(problem) => contents.unfit.push((path, problem)),
        }
    }
    contents
}

/// A case's file, with the steps and faults of the case that do not apply.
pub type UnusedIn = (PathBuf, Vec<UnusedPart>);

impl Contents {
    /// Runs the cases that fit. The files of those with steps or faults that do not apply: such a case runs as
    /// another one than its file says.
    ///
    /// # Errors
    /// If the machine fails, or a contract does something that is not simulated.
    pub fn unused(&self, simulation: Simulation<'_>) -> Result<Vec<UnusedIn>, simulation::Error> {
        let mut found = Vec::new();
        for (path, case) in &self.cases {
            let unused = simulation.run(case)?.unused(case);
            if !unused.is_empty() {
                found.push((path.clone(), unused));
            }
        }
        Ok(found)
    }
}

/// A corpus that others add to while this process does.
#[derive(Debug)]
pub struct Shared {
    corpus: Corpus,
    /// The files that this process has read or written.
    seen: BTreeSet<PathBuf>,
}

impl Shared {
    /// The corpus in a folder, with what it holds now.
    ///
    /// # Errors
    /// As [`Corpus::read`].
    pub fn open(folder: &Path, target: &Target) -> Result<(Self, Contents), Error> {
        let corpus = Corpus::at(folder);
        let files = corpus.files()?;
        let seen = files.iter().cloned().collect();
        Ok((Self { corpus, seen }, read(files, target)))
    }

    /// Keeps a case.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, scenario: &Scenario) -> Result<(), Error> {
        self.seen.insert(self.corpus.folder.join(name(scenario)));
        self.corpus.add(scenario).map(drop)
    }

    /// Some of the cases that others have added since this was last asked.
    ///
    /// # Errors
    /// When the folder cannot be read. What is no case, or does not fit, is left out.
    pub fn more(&mut self, target: &Target) -> Result<Vec<Scenario>, Error> {
        let files = self.corpus.files()?.into_iter();
        let new: Vec<_> = files.filter(|file| !self.seen.contains(file)).take(AT_ONCE).collect();
        self.seen.extend(new.iter().cloned());
        Ok(read(new, target).cases.into_iter().map(|(_, scenario)| scenario).collect())
    }
}

/// What a case's file is called: a fingerprint of what it holds.
#[must_use]
pub fn name(scenario: &Scenario) -> String {
    let fingerprint = Fingerprint::of(&scenario.to_bytes()).to_string();
    format!("{}.{CASE}", &fingerprint[..16])
}

/// Which of the cases to keep, so that together they still show all that all of them show: short ones
/// first. Indices, in rising order.
///
/// # Errors
/// When the machine fails.
pub fn minimise(
    stage: &Fixture,
    engine: &Instrumented,
    cases: &[Scenario],
) -> Result<Vec<usize>, simulation::Error> {
    let (mut feedback, mut windows) = (Feedback::new(&FeedbackSource::all()), Windows::default());
    engine.coverage().reset();
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|index| (cases[*index].to_bytes().len(), *index));
    let mut kept = Vec::new();
    for index in order {
        let ran = Simulation { stage, engine }.run(&cases[index])?;
        let new_window = windows.add(&ran);
        let novelty = feedback.consider(&ran.observation, engine.coverage(), &());
        if new_window || !novelty.slots.is_empty() {
            kept.push(index);
        }
    }
    kept.sort_unstable();
    Ok(kept)
}
