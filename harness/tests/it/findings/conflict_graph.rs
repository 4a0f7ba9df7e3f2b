//! A finding that no serial order explains comes with a cycle of conflicts.

use super::hunt::FOUND;

#[test]
fn each_profit_is_explained_by_a_cycle() {
    let findings = FOUND.values().flatten();
    let orders: Vec<_> = findings
        .map(|finding| &finding.violation)
        .filter(|violation| ["profit", "serial"].contains(&&*violation.invariant))
        .collect();
    assert!(orders.len() >= 5, "{orders:#?}");
    for violation in orders {
        let details = &violation.details;
        let edges: Vec<_> = details.iter().filter(|line| line.starts_with("operation ")).collect();
        assert!(edges.len() >= 2, "{violation:#?}");
        // Each edge starts where the one before ends, and the last ends where the first starts.
        let numbers = |line: &str| -> Vec<String> {
            let words: Vec<_> = line.split(' ').collect();
            let pairs = words.windows(2).filter(|pair| pair[0] == "operation");
            pairs.map(|pair| pair[1].to_owned()).collect()
        };
        for (index, line) in edges.iter().enumerate() {
            let next = edges[(index + 1) % edges.len()];
            assert_eq!(numbers(line)[1], numbers(next)[0], "{details:#?}");
        }
    }
}
