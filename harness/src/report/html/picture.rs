//! A picture of time as SVG: receipts as boxes on the lanes of their accounts, promises as arrows,
//! windows shaded, what came in between in red, what failed crossed.
//!
//! Needs the page's style; says the same in words to those who cannot see it.

use std::fmt::Write as _;

use super::escape;
use super::layout::{Area, Direction, Layout};
use crate::finding::story::{Act, Course, End, Moment};
use crate::report::amount::near;
use crate::report::harmless;
use crate::report::tree::{call, ending, heard};
use crate::types::OperationId;

/// How wide a character is at most, as text usually is and where it is made smaller, in pixels.
const CHARACTER: u32 = 7;
const SMALL_CHARACTER: u32 = 6;

/// Operations have this many colours before they repeat.
const COLOURS: u32 = 6;

/// What all pictures of a page share.
pub(super) fn definitions() -> &'static str {
    "<svg class=\"definitions\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\
     <marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
     <path d=\"M0 1L7 4L0 7z\"/></marker></defs></svg>\n"
}

/// The picture.
pub(super) fn svg(course: &Course, direction: Direction, title: &str) -> String {
    let layout = Layout::of(course, direction);
    let mut out = String::new();
    draw(&mut out, course, &layout, title).expect("memory takes it");
    out
}

fn draw(out: &mut String, course: &Course, layout: &Layout<'_>, title: &str) -> std::fmt::Result {
    let Layout { width, height, .. } = layout;
    // A narrow window may make it smaller, as long as it can still be read.
    let least = width * 3 / 4;
    writeln!(
        out,
        "<svg role=\"img\" style=\"min-width:{least}px\" aria-label=\"{}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">",
        escape(title)
    )?;
    lanes(out, layout)?;
    blocks(out, layout)?;
    windows(out, course, layout)?;
    arrows(out, course, layout)?;
    for (moment, area) in course.moments.iter().zip(&layout.boxes) {
        receipt(out, course, moment, *area)?;
    }
    writeln!(out, "</svg>")
}

fn lanes(out: &mut String, layout: &Layout<'_>) -> std::fmt::Result {
    for (index, account) in layout.lanes.iter().enumerate() {
        let Area { x, y, width, height } = layout.lane(index);
        let parity = if index % 2 == 0 { "even" } else { "odd" };
        writeln!(
            out,
            "<rect class=\"lane {parity}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        )?;
        let (text_x, text_y, anchor, room) = match layout.direction {
            Direction::Across => (8, y + height / 2 + 4, "start", layout.before_time),
            Direction::Down => (x + width / 2, 18, "middle", width),
        };
        let (name, size) = fit(account.as_str(), room);
        writeln!(
            out,
            "<text class=\"account{size}\" x=\"{text_x}\" y=\"{text_y}\" text-anchor=\"{anchor}\">{name}<title>{account}</title></text>"
        )?;
    }
    Ok(())
}

fn blocks(out: &mut String, layout: &Layout<'_>) -> std::fmt::Result {
    for block in &layout.blocks {
        let from = block.from;
        let (line, x, y, anchor) = match layout.direction {
            Direction::Across => {
                (format!("M{from} 0V{}", layout.height), from + block.length / 2, 17, "middle")
            }
            Direction::Down => (format!("M0 {from}H{}", layout.width), 4, from + 16, "start"),
        };
        writeln!(out, "<path class=\"grid\" d=\"{line}\"/>")?;
        let word = if layout.direction == Direction::Across { "block " } else { "" };
        writeln!(
            out,
            "<text class=\"block\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{word}{}</text>",
            block.height
        )?;
    }
    Ok(())
}

fn windows(out: &mut String, course: &Course, layout: &Layout<'_>) -> std::fmt::Result {
    let position = |name: &crate::types::ReceiptName| {
        course.moments.iter().position(|moment| !moment.transaction && moment.name == *name)
    };
    for window in &course.windows {
        let (Some(from), Some(to)) = (position(&window.opens), position(&window.closes)) else {
            continue;
        };
        let Area { x, y, width, height } = layout.between(from, to);
        writeln!(
            out,
            "<rect class=\"window {}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"><title>window of operation {}: from {} to {}</title></rect>",
            colour(window.opens.operation),
            window.opens.operation,
            escape(&window.place.opened_by),
            escape(&window.place.closed_by)
        )?;
    }
    Ok(())
}

fn arrows(out: &mut String, course: &Course, layout: &Layout<'_>) -> std::fmt::Result {
    for (index, moment) in course.moments.iter().enumerate() {
        let to = layout.boxes[index];
        let earlier = &course.moments[..index];
        let maker = earlier.iter().rposition(|cause| made(cause, moment));
        if let Some(maker) = maker {
            arrow(out, "arrow", path(layout.direction, layout.boxes[maker], to))?;
        }
        for name in &moment.waits_for {
            let answer = earlier.iter().rposition(|c| !c.transaction && c.name == *name);
            if let Some(answer) = answer {
                arrow(out, "arrow answer", path(layout.direction, layout.boxes[answer], to))?;
            }
        }
    }
    Ok(())
}

/// Whether `cause` made `moment`: the receipt one level up, or the transaction.
fn made(cause: &Moment, moment: &Moment) -> bool {
    if cause.name.operation != moment.name.operation || moment.transaction {
        return false;
    }
    match moment.name.path.split_last() {
        Some((_, path)) => !cause.transaction && cause.name.path == path,
        None => cause.transaction,
    }
}

fn arrow(out: &mut String, class: &str, path: String) -> std::fmt::Result {
    writeln!(out, "<path class=\"{class}\" d=\"{path}\" marker-end=\"url(#arrow)\"/>")
}

/// From the end of one box to the beginning of the other, along the axis of time.
fn path(direction: Direction, from: Area, to: Area) -> String {
    match direction {
        Direction::Across => {
            let (x1, y1) = (from.x + from.width, from.y + from.height / 2);
            let (x2, y2) = (to.x, to.y + to.height / 2);
            let bend = if x2 > x1 + 60 && y1 == y2 { from.height / 2 + 26 } else { 0 };
            if bend > 0 {
                // Around what stands between them on the same lane.
                let low = y1 + bend;
                return format!("M{x1} {y1}C{} {low} {} {low} {x2} {y2}", x1 + 24, x2 - 24);
            }
            format!("M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}", x1 + 20, x2.saturating_sub(20))
        }
        Direction::Down => {
            let (x1, y1) = (from.x + from.width / 2, from.y + from.height);
            let (x2, y2) = (to.x + to.width / 2, to.y);
            if y2 > y1 + 40 && x1 == x2 {
                let right = x1 + from.width / 2 + 8;
                return format!("M{x1} {y1}C{right} {} {right} {} {x2} {y2}", y1 + 20, y2 - 20);
            }
            format!("M{x1} {y1}C{x1} {} {x2} {} {x2} {y2}", y1 + 16, y2.saturating_sub(16))
        }
    }
}

fn receipt(out: &mut String, course: &Course, moment: &Moment, area: Area) -> std::fmt::Result {
    let Area { x, y, width, height } = area;
    let operation = moment.name.operation;
    let failed = matches!(moment.end, End::Failure { .. });
    let mut class = format!("receipt {}", colour(operation));
    let marks = [
        (course.comes_between(operation), " between"),
        (failed, " failed"),
        (moment.forced, " forced"),
        (moment.transaction, " transaction"),
    ];
    marks.iter().filter(|(is, _)| *is).for_each(|(_, name)| class.push_str(name));
    let round = if moment.transaction { height / 2 } else { 5 };
    writeln!(out, "<g class=\"{class}\"><title>{}</title>", escape(&words(moment)))?;
    writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>"
    )?;
    if failed {
        let (right, bottom) = (x + width, y + height);
        writeln!(
            out,
            "<path class=\"cross\" d=\"M{x} {y}L{right} {bottom}M{right} {y}L{x} {bottom}\"/>"
        )?;
    }
    let (first, second) = lines(moment);
    let middle = x + width / 2;
    for (offset, class, text) in [(18, "name", first), (34, "small", second)] {
        let (text, size) = fit(&text, width);
        writeln!(
            out,
            "<text class=\"{class}{size}\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{text}</text>",
            y + offset
        )?;
    }
    writeln!(out, "</g>")
}

/// Text escaped and made to fit: as it is, smaller, or cut. Second the class that makes it smaller.
fn fit(text: &str, width: u32) -> (String, &'static str) {
    let room = width.saturating_sub(8);
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let most = usize::try_from(room / SMALL_CHARACTER).unwrap_or(usize::MAX).saturating_sub(1);
    let class = if length.saturating_mul(CHARACTER) <= room { "" } else { " tight" };
    (escape(&harmless(text, most)), class)
}

fn colour(operation: OperationId) -> String {
    format!("op{}", operation.0 % COLOURS)
}

/// All that a box stands for, in words.
fn words(moment: &Moment) -> String {
    if moment.transaction {
        return format!("operation {}: {} signs", moment.name.operation, moment.account);
    }
    format!(
        "receipt {}, block {}: {}{} {}",
        moment.name,
        moment.block,
        call(moment),
        heard(moment),
        ending(&moment.end)
    )
}

/// The two lines in a box.
fn lines(moment: &Moment) -> (String, String) {
    let name = name(moment);
    if moment.transaction {
        let refused = matches!(moment.end, End::Failure { .. });
        let second = if refused { "refused" } else { "signs" };
        return (name, format!("{}: {second}", moment.name.operation));
    }
    let second = match (&moment.end, moment.acts.last()) {
        (End::Failure { .. }, _) if moment.forced => "made to fail".to_owned(),
        (End::Failure { reason }, _) => {
            format!("✗ {}", crate::trace::text::own_words(reason))
        }
        (_, Some(Act::Transfer { amount })) => near(*amount),
        (_, Some(Act::Call { deposit, .. })) if !deposit.is_zero() => {
            format!("with {}", near(*deposit))
        }
        _ if !moment.hears.is_empty() => {
            let heard = moment.hears.iter().map(|heard| if heard.is_some() { "✓" } else { "✗" });
            format!("hears {}", heard.collect::<Vec<_>>().join(" "))
        }
        (end, _) => ending(end),
    };
    (name, second)
}

/// What a receipt does, the most telling of its actions first.
fn name(moment: &Moment) -> String {
    let call = moment.acts.iter().find(|act| matches!(act, Act::Call { .. }));
    let name = match call.or(moment.acts.first()) {
        Some(Act::Call { method, .. }) => method.as_str(),
        Some(Act::Transfer { .. }) if moment.from.is_system() => "refund",
        Some(Act::Transfer { .. }) => "transfer",
        Some(Act::Other { name }) => name,
        None => "data",
    };
    match moment.acts.len() {
        0 | 1 => name.to_owned(),
        more => format!("{name} +{}", more - 1),
    }
}
