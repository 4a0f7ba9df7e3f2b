//! One campaign with its corpus: keeps what shows something new, and stops at what is not known.
//!
//! Never writes a finding.

use std::cell::RefCell;
use std::path::Path;

use super::{Error, Report};
use crate::campaign::corpus::Shared;
use crate::campaign::{CampaignOptions, Event, LoadedTarget};
use crate::finding::{self, Finding, Known};
use crate::targets::Target;

/// Runs a campaign until a limit is reached. Known bugs do not count as findings.
pub(super) fn run(
    loaded: &LoadedTarget,
    mut options: CampaignOptions,
    folder: Option<&Path>,
    mut on_event: impl FnMut(Event<'_>),
) -> Result<Report, Error> {
    let known = Known::load(loaded.folder())?;
    let is_known = |finding: &Finding| known.reason(&finding.fingerprint).is_some();
    let mut corpus = None;
    if let Some(folder) = folder {
        let (shared, contents) = Shared::open(folder, loaded.target())?;
        options.corpus.extend(contents.cases.into_iter().map(|(_, case)| case));
        corpus = Some(shared);
    }
    let most = options.budget.findings.take();
    let campaign = loaded.campaign(options);
    let (mut new, problem) = (0, RefCell::new(None));
    let (findings, mut statistics) = campaign.run_until(
        &mut |mut event| {
            let kept = corpus.as_mut().map(|corpus| keep(corpus, &mut event, loaded.target()));
            if let Some(Err(error)) = kept {
                problem.borrow_mut().get_or_insert(error);
            }
            on_event(event);
        },
        &mut |finding| {
            new += usize::from(!is_known(finding));
            most.is_some_and(|most| new >= most) || problem.borrow().is_some()
        },
    )?;
    if let Some(problem) = problem.into_inner() {
        return Err(problem.into());
    }
    let (known, findings): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_known);
    statistics.findings = findings.len();
    Ok(Report { findings, known, statistics })
}

/// Exchanges cases with the corpus, which other processes may use at the same time.
fn keep(corpus: &mut Shared, event: &mut Event<'_>, target: &Target) -> Result<(), finding::Error> {
    match event {
        Event::Kept(case) => corpus.add(case)?,
        Event::More(cases) => cases.extend(corpus.more(target)?),
        _ => {}
    }
    Ok(())
}
