//! Where everything in a picture of time stands: a lane for each account, a place for each moment.
//!
//! Never draws.

use std::collections::BTreeMap;

use crate::finding::story::{Course, Moment};
use crate::types::{AccountId, ReceiptName};

/// Which way time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From left to right, a row for each account.
    Across,
    /// From top to bottom, a column for each account.
    Down,
}

pub(super) const BOX_HEIGHT: u32 = 44;

/// A rectangle, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// A block: where it begins along the axis of time and how much of it it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) height: u64,
    pub(super) from: u32,
    pub(super) length: u32,
}

/// Where everything stands.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub(super) direction: Direction,
    pub(super) lanes: Vec<&'a AccountId>,
    pub(super) blocks: Vec<Block>,
    /// For each moment, in the course's order.
    pub(super) boxes: Vec<Area>,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Where time begins; the names of lanes stand before it.
    pub(super) before_time: u32,
}

/// Lengths that depend on the direction: between the beginnings of two places along the axis of time,
/// between lanes, before the first of each, and of a box. Nine places fit across a usual screen, and
/// three lanes across a telephone.
struct Measures {
    step: u32,
    lane: u32,
    before_time: u32,
    before_lanes: u32,
    width: u32,
}

impl Measures {
    fn of(direction: Direction) -> Self {
        match direction {
            Direction::Across => {
                Self { step: 138, lane: 88, before_time: 112, before_lanes: 26, width: 122 }
            }
            Direction::Down => {
                Self { step: 70, lane: 112, before_time: 34, before_lanes: 28, width: 102 }
            }
        }
    }
}

impl<'a> Layout<'a> {
    pub(super) fn of(course: &'a Course, direction: Direction) -> Self {
        let measures = Measures::of(direction);
        let lanes = lanes(course);
        let (places, blocks) = places(course, &measures);
        let areas = course.moments.iter().zip(&places).map(|(moment, place)| {
            let lane = lanes.iter().position(|id| **id == moment.account).unwrap_or_default();
            area(direction, &measures, *place, to_u32(lane))
        });
        let boxes: Vec<_> = areas.collect();
        let along = blocks.last().map_or(measures.before_time, |b| b.from + b.length) + 8;
        let beyond = measures.before_lanes + to_u32(lanes.len()) * measures.lane;
        let (width, height) = match direction {
            Direction::Across => (along, beyond),
            Direction::Down => (beyond, along),
        };
        let before_time = measures.before_time;
        Self { direction, lanes, blocks, boxes, width, height, before_time }
    }

    /// The lane of an account, over the whole time.
    pub(super) fn lane(&self, index: usize) -> Area {
        let measures = Measures::of(self.direction);
        let start = measures.before_lanes + to_u32(index) * measures.lane;
        match self.direction {
            Direction::Across => Area { x: 0, y: start, width: self.width, height: measures.lane },
            Direction::Down => Area { x: start, y: 0, width: measures.lane, height: self.height },
        }
    }

    /// The part of a lane from one moment to another.
    pub(super) fn between(&self, from: usize, to: usize) -> Area {
        let (from, to) = (self.boxes[from], self.boxes[to]);
        let margin = 7;
        match self.direction {
            Direction::Across => Area {
                x: from.x,
                y: to.y - margin,
                width: (to.x + to.width).saturating_sub(from.x),
                height: to.height + 2 * margin,
            },
            Direction::Down => Area {
                x: to.x - margin,
                y: from.y,
                width: to.width + 2 * margin,
                height: (to.y + to.height).saturating_sub(from.y),
            },
        }
    }
}

/// The accounts that run anything, signers before contracts, each in the order in which it first does.
fn lanes(course: &Course) -> Vec<&AccountId> {
    let mut lanes: Vec<&AccountId> = Vec::new();
    let transactions = course.moments.iter().filter(|moment| moment.transaction);
    let receipts = course.moments.iter().filter(|moment| !moment.transaction);
    for moment in transactions.chain(receipts) {
        if !lanes.contains(&&moment.account) {
            lanes.push(&moment.account);
        }
    }
    lanes
}

/// Where along the axis of time each moment stands. In one block moments of different accounts stand
/// side by side, unless one caused the other.
fn places(course: &Course, measures: &Measures) -> (Vec<u32>, Vec<Block>) {
    let mut places = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut slots: BTreeMap<&ReceiptName, u32> = BTreeMap::new();
    let mut taken: BTreeMap<&AccountId, u32> = BTreeMap::new();
    for moment in &course.moments {
        if blocks.last().is_none_or(|block| block.height != moment.block) {
            let from = blocks.last().map_or(measures.before_time, |b| b.from + b.length);
            blocks.push(Block { height: moment.block, from, length: 0 });
            slots.clear();
            taken.clear();
        }
        let block = blocks.last_mut().expect("one was pushed where there was none");
        let cause = slots.iter().filter(|(name, _)| caused(name, moment)).map(|(_, slot)| slot + 1);
        let free = taken.get(&moment.account).map_or(0, |last| last + 1);
        let slot = cause.max().unwrap_or(0).max(free);
        taken.insert(&moment.account, slot);
        slots.insert(&moment.name, slot);
        block.length = block.length.max((slot + 1) * measures.step);
        places.push(block.from + slot * measures.step);
    }
    (places, blocks)
}

/// Whether `name` made `moment`'s receipt, or is its transaction.
fn caused(name: &ReceiptName, moment: &Moment) -> bool {
    name.operation == moment.name.operation && moment.name.path.starts_with(&name.path)
}

fn area(direction: Direction, measures: &Measures, place: u32, lane: u32) -> Area {
    let across = measures.before_lanes + lane * measures.lane;
    let (width, height) = (measures.width, BOX_HEIGHT);
    match direction {
        Direction::Across => {
            let (x, y) = (place + 8, across + (measures.lane - height) / 2);
            Area { x, y, width, height }
        }
        Direction::Down => {
            let (x, y) = (across + (measures.lane - width) / 2, place + 13);
            Area { x, y, width, height }
        }
    }
}

fn to_u32(index: usize) -> u32 {
    u32::try_from(index).expect("a picture has few lanes")
}
