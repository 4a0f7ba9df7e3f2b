//! `interloper corpus`: shows, checks, merges and minimises folders of cases.
//!
//! Removes only files that this program named itself.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Found, LoadedTarget, Result, TargetArguments, output};
use crate::campaign::corpus::{Contents, Corpus, minimise, name};
use crate::finding::{self, Stored};
use crate::report::harmless;
use crate::scenario::Scenario;

/// Shows, checks, merges and minimises folders of cases.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 done, 2 error.

Examples:
  interloper corpus show fuzz/corpus/vault/0123456789abcdef
  interloper corpus show corpus/vault/0123456789abcdef.case.json --bytes case.bin
  interloper corpus check corpus/vault --target vault
  interloper corpus merge corpus/vault nightly/corpus/vault fuzz/corpus/vault --target vault
  interloper corpus minimise corpus/vault --target vault")]
pub(super) struct CorpusCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prints a case as JSON.
    Show {
        /// A case in JSON or in its binary form, or a finding.
        file: PathBuf,
        /// Writes the binary form, as libFuzzer uses it, to this file instead.
        #[arg(long, value_name = "FILE")]
        bytes: Option<PathBuf>,
    },
    /// Counts the cases that fit the target as it is now, and names the others. Runs those that fit, and names
    /// their steps and faults that do not apply.
    Check {
        /// The corpus.
        folder: PathBuf,
        #[command(flatten)]
        on: On,
    },
    /// Adds cases from other folders, if they show something new.
    Merge {
        /// The corpus to add to.
        into: PathBuf,
        /// The folders to add from.
        #[arg(required = true)]
        from: Vec<PathBuf>,
        #[command(flatten)]
        on: On,
    },
    /// Removes cases that add nothing to what shorter cases show. Findings stay.
    Minimise {
        /// The corpus.
        folder: PathBuf,
        #[command(flatten)]
        on: On,
    },
}

/// Which target the cases are for.
#[derive(Debug, Args)]
struct On {
    /// The target: a name from `interloper list`, or a folder with a `target.toml`.
    #[arg(long)]
    target: String,
    /// The build of the target to run.
    #[arg(long, value_name = "NAME")]
    build: Option<String>,
}

impl On {
    fn load(&self) -> Result<LoadedTarget> {
        let arguments = TargetArguments {
            target: self.target.clone(),
            build: self.build.clone(),
            contract: Vec::new(),
            protocol_version: crate::chain::NEWEST_VERSION,
        };
        arguments.load()
    }
}

impl CorpusCommand {
    pub(super) fn run(&self) -> Result {
        match &self.what {
            What::Show { file, bytes } => show(file, bytes.as_deref())?,
            What::Check { folder, on } => {
                must_be_there(folder)?;
                let loaded = on.load()?;
                let contents = Corpus::at(folder).read(loaded.target())?;
                tell(folder, &contents);
                tell_unused(&contents, &loaded)?;
            }
            What::Merge { into, from, on } => {
                from.iter().try_for_each(|folder| must_be_there(folder))?;
                merge(into, from, &on.load()?)?;
            }
            What::Minimise { folder, on } => {
                must_be_there(folder)?;
                shorten(folder, &on.load()?)?;
            }
        }
        Ok(Found::Nothing)
    }
}

/// A misspelt folder is not an empty corpus.
fn must_be_there(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let folder = folder.display();
    Err(format!("{folder} is not a folder\n  help: give a folder of cases, as `interloper fuzz --corpus` writes it")
        .into())
}

fn show(file: &Path, bytes: Option<&Path>) -> Result<()> {
    let scenario = match finding::read(file)? {
        Stored::Finding(finding) => finding.scenario,
        Stored::Scenario(scenario) => scenario,
    };
    match bytes {
        None => output::result(&scenario.to_json()),
        Some(path) => std::fs::write(path, scenario.to_bytes())
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?,
    }
    Ok(())
}

fn tell(folder: &Path, contents: &Contents) {
    let (fit, all) = (contents.cases.len(), contents.cases.len() + contents.unfit.len());
    output::result(&format!("{}: {fit} of {all} cases fit the target", folder.display()));
    for (path, problem) in &contents.unfit {
        output::result(&format!("  {}: {}", path.display(), harmless(problem, 300)));
    }
}

/// Counts and names the cases that do not run as their files say.
fn tell_unused(contents: &Contents, loaded: &LoadedTarget) -> Result<()> {
    let unused = contents.unused(loaded.pristine_checker().simulation)?;
    let parts: usize = unused.iter().map(|(_, parts)| parts.len()).sum();
    if parts > 0 {
        output::result(&format!(
            "{parts} steps and faults in {} cases do not apply:",
            unused.len()
        ));
    }
    for (path, parts) in &unused {
        for part in parts {
            output::result(&format!("  {}: {}", path.display(), harmless(&part.to_string(), 300)));
        }
    }
    Ok(())
}

fn keep(loaded: &LoadedTarget, cases: &[Scenario]) -> Result<Vec<usize>> {
    Ok(minimise(loaded.fixture(), &loaded.engines().instrumented, cases)?)
}

fn merge(into: &Path, from: &[PathBuf], loaded: &LoadedTarget) -> Result<()> {
    let corpus = Corpus::at(into);
    let own = corpus.read(loaded.target())?;
    let had = own.cases.len();
    let mut cases: Vec<_> = own.cases.into_iter().map(|(_, scenario)| scenario).collect();
    let mut others = Vec::new();
    for folder in from {
        let contents = Corpus::at(folder).read(loaded.target())?;
        tell(folder, &contents);
        others.extend(contents.cases.into_iter().map(|(_, scenario)| scenario));
    }
    cases.append(&mut others);
    let mut added = 0;
    for index in keep(loaded, &cases)?.into_iter().filter(|index| *index >= had) {
        added += usize::from(corpus.add(&cases[index])?);
    }
    output::result(&format!("{}: {had} cases, {added} added", into.display()));
    Ok(())
}

/// Removes only files that this program named itself.
fn shorten(folder: &Path, loaded: &LoadedTarget) -> Result<()> {
    let contents = Corpus::at(folder).read(loaded.target())?;
    tell(folder, &contents);
    let cases: Vec<_> = contents.cases.iter().map(|(_, scenario)| scenario.clone()).collect();
    let kept = keep(loaded, &cases)?;
    let mut removed = 0;
    for (index, (path, scenario)) in contents.cases.iter().enumerate() {
        let own = path.file_name().is_some_and(|file| file.to_string_lossy() == name(scenario));
        if own && kept.binary_search(&index).is_err() {
            std::fs::remove_file(path)
                .map_err(|error| format!("cannot remove {}: {error}", path.display()))?;
            removed += 1;
        }
    }
    output::result(&format!(
        "{}: {removed} removed, {} left",
        folder.display(),
        cases.len() - removed
    ));
    Ok(())
}
