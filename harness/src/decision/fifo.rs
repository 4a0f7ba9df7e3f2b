//! First in, first out: what happens when nobody interferes.
//!
//! Never looks at what it chooses from.

use super::{Chooser, Label, Site};

/// Always takes option 0, the one that came up first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fifo;

impl Chooser for Fifo {
    fn choose(&mut self, _: Site, _: &[Label]) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::test_util::{letters, run};

    #[test]
    fn what_came_up_first_happens_first() {
        assert_eq!(letters(&run(&mut Fifo, &["ab", "cd", "e"])), "acebd");
    }
}
