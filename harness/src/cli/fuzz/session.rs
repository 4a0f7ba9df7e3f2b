//! What `interloper fuzz` does with the events of its campaign: writes, then prints.
//!
//! Never decides what a finding is.

use std::path::{Path, PathBuf};

use indicatif::ProgressBar;

use super::{
    Found, Fuzz, LoadedTarget, Result, note_fallback, note_goals, note_missing_account,
    note_observations, output, progress, show, summary,
};
use crate::campaign::corpus::Shared;
use crate::campaign::windows::Windows;
use crate::campaign::{Event, FindingSink, Kept, Statistics};
use crate::finding::{self, Finding};
use crate::report;

/// How many combinations that were never tried are named.
const MOST_UNTRIED: usize = 8;

/// Where a process of a fleet reports, besides the folder of findings.
#[derive(Default)]
pub(super) struct Outlets {
    /// The file that holds its statistics.
    pub(super) statistics: Option<PathBuf>,
    /// Where copies of its findings go, for another process to show them.
    pub(super) copies: Option<PathBuf>,
}

/// A campaign that is running.
pub(super) struct Session<'a> {
    pub(super) options: &'a Fuzz,
    pub(super) loaded: &'a LoadedTarget,
    pub(super) outlets: Outlets,
    pub(super) corpus: Option<Shared>,
    pub(super) sink: FindingSink,
    /// What was kept so far.
    pub(super) shown: Vec<Finding>,
    pub(super) bar: ProgressBar,
}

impl Session<'_> {
    /// Does what an event asks for. Returns how many new findings it brought.
    pub(super) fn on_event(&mut self, event: Event<'_>) -> Result<usize> {
        let bar = self.bar.clone();
        match event {
            Event::Progress(statistics) => {
                bar.set_message(progress(statistics));
                self.note(statistics)?;
            }
            Event::Kept(scenario) => {
                if let Some(corpus) = &mut self.corpus {
                    corpus.add(scenario)?;
                }
            }
            Event::More(cases) => {
                if let Some(corpus) = &mut self.corpus {
                    cases.extend(corpus.more(self.loaded.target())?);
                }
            }
            Event::Fallback(fallback) => bar.suspend(|| note_fallback(fallback)),
            Event::MissingAccount(account) => bar.suspend(|| note_missing_account(account)),
            Event::Windows(windows) => bar.suspend(|| self.note_windows(windows)),
            Event::Found(finding) => return bar.suspend(|| self.keep(finding)),
        }
        Ok(0)
    }

    /// Keeps a finding before it shows it: what is on a screen can be lost.
    fn keep(&mut self, finding: &Finding) -> Result<usize> {
        let kept = self.sink.keep(finding).inspect_err(|_| {
            output::result(&report::text(finding, None));
            output::result(&finding::to_json(finding));
        })?;
        match kept {
            Kept::Known(reason) => {
                output::note(&format!(
                    "{} in {}: known, {}",
                    finding.fingerprint.short(),
                    finding.violation.method,
                    report::harmless(reason, 200)
                ));
                return Ok(0);
            }
            Kept::Written(written) if self.outlets.copies.is_none() => {
                show(finding, &written, &self.shown);
            }
            Kept::Written(_) => {}
        }
        self.shown.push(finding.clone());
        Ok(1)
    }

    /// Writes down and says how the campaign went.
    pub(super) fn end(self, findings: &[Finding], statistics: &Statistics) -> Result {
        self.bar.finish_and_clear();
        self.sink.count_repeats(findings)?;
        let news = self.sink.new_ones(findings).len();
        self.note(&Statistics { findings: news, ..statistics.clone() })?;
        summary(self.loaded, findings, statistics);
        // A process of a fleet leaves this to the one that started it.
        if self.outlets.statistics.is_none() {
            note_observations(statistics, self.options.observations);
            note_goals(self.loaded.target(), statistics, &self.options.findings)?;
        }
        Ok(if news > 0 { Found::Something } else { Found::Nothing })
    }

    /// Leaves the statistics where the process that started this one reads them.
    fn note(&self, statistics: &Statistics) -> Result<()> {
        let Some(path) = &self.outlets.statistics else { return Ok(()) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let text = serde_json::to_string(statistics)?;
        finding::place(folder.unwrap_or(Path::new(".")), path, text.as_bytes())
            .map_err(|error| format!("cannot write {}: {error}", path.display()).into())
    }

    /// The whole table if that is asked for, otherwise what is missing in it.
    fn note_windows(&self, windows: &Windows) {
        let target = self.loaded.target();
        if self.options.interleavings {
            output::note(windows.text(target).trim_end());
            return;
        }
        let untried = windows.untried(target);
        let named = untried.iter().take(MOST_UNTRIED);
        let named: Vec<_> = named.map(|(window, method)| format!("{method} in {window}")).collect();
        let more = untried.len() - named.len();
        if !named.is_empty() {
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            output::note(&format!("never tried: {}{more}", named.join("; ")));
        }
    }
}
