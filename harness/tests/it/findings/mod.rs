//! Findings: shrinking, identity, report formats, and the folder that stores them.
//!
//! Never compares times, and never relies on what a campaign finds first.

mod conflict_graph;
mod false_alarms;
mod generated;
mod hostile_text;
mod hunt;
mod regressions;
mod report_formats;
mod schema;
mod shrinking;
mod store;
mod user_defined;
mod xml;
