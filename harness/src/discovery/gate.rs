//! What stands before a method's arguments: who may call it, and with which deposit.
//!
//! Only reads what a contract says; that it is so is found out by calling it.

/// Why a method goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// Only the contract itself may call it.
    Private,
    /// It takes no deposit.
    NoDeposit,
    /// It wants exactly one yoctoNEAR.
    OneYocto,
    /// It wants the result of a promise.
    Results,
}

/// Which gate a failure is, if any: in the words of near-sdk and of those who follow it.
pub(super) fn gate(failure: &str) -> Option<Gate> {
    let text = failure.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["is private", "can come only from itself", "only be called by the contract itself"]) {
        Some(Gate::Private)
    } else if has(&["doesn't accept deposit", "does not accept deposit", "is not payable"]) {
        Some(Gate::NoDeposit)
    } else if has(&["yoctonear", "1 yocto", "one yocto", "yocto attached"]) {
        Some(Gate::OneYocto)
    } else if has(&[
        "callback computation",
        "deserialize callback",
        "promise result",
        "promise_result",
        "invalidpromiseindex",
        "expected a callback",
        "is a callback",
        "called as a callback",
    ]) {
        Some(Gate::Results)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gates_of_near_sdk_and_near_sdk_py_are_known() {
        for (failure, known) in [
            ("Method on_withdrawn is private", Some(Gate::Private)),
            ("Method withdraw doesn't accept deposit", Some(Gate::NoDeposit)),
            ("Function is private", Some(Gate::Private)),
            ("Function is not payable", Some(Gate::NoDeposit)),
            ("Requires attached deposit of exactly 1 yoctoNEAR", Some(Gate::OneYocto)),
            ("Callback computation 0 was not successful", Some(Gate::Results)),
            ("This function can only be called as a callback", Some(Gate::Results)),
            ("Callbacks can only be called by the contract itself", Some(Gate::Private)),
            ("You have less than that", None),
        ] {
            assert_eq!(gate(failure), known, "{failure}");
        }
    }
}
