//! Tests of windows, accesses and conflicts, on cases put together by hand.

use std::sync::Arc;

use near_primitives::action::FunctionCallAction;
use near_primitives::errors::{ActionError, ActionErrorKind, FunctionCallError, TxExecutionError};
use near_primitives::receipt::{ActionReceipt, Receipt, ReceiptEnum, ReceiptV0};
use near_primitives::transaction::{Action, ExecutionStatus};

use super::*;
use crate::chain::{AccountRecord, Cause, NEWEST_VERSION, Outcome, Protocol, World, key_of};
use crate::types::{AccountId, CryptoHash, Gas, NearToken, OperationId};
use crate::vm::Touch;

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn empty_world() -> World {
    World::new(Protocol::new(NEWEST_VERSION).unwrap().into())
}

/// An account with one key of state.
fn record(value: &str) -> Option<Arc<AccountRecord>> {
    let (mut world, account) = (empty_world(), id("vault.near"));
    world.add_account(account.clone(), NearToken::from_near(1), None);
    world.add_state(&account, [(&b"key"[..], value.as_bytes())]);
    world.record(&account)
}

/// A call of a method, with a deposit.
fn call(predecessor: &str, account: &str, method: &str, deposit: u128) -> Receipt {
    let action = FunctionCallAction {
        method_name: method.to_owned(),
        args: Vec::new(),
        gas: Gas::from_teragas(10),
        deposit: NearToken::from_yoctonear(deposit),
    };
    Receipt::V0(ReceiptV0 {
        predecessor_id: id(predecessor),
        receiver_id: id(account),
        receipt_id: CryptoHash::default(),
        receipt: ReceiptEnum::Action(ActionReceipt {
            signer_id: id("alice.near"),
            signer_public_key: key_of(&id("alice.near")),
            gas_price: NearToken::from_yoctonear(1),
            output_data_receivers: Vec::new(),
            input_data_ids: Vec::new(),
            actions: vec![Action::FunctionCall(Box::new(action))],
        }),
    })
}

/// A receipt of this name that ran on the vault, without touching anything.
fn ran(name: &str, receipt: Receipt, results: Vec<Option<Arc<[u8]>>>) -> Event {
    let outcome = Outcome {
        name: name.parse().unwrap(),
        id: CryptoHash::hash_bytes(name.as_bytes()),
        executor: receipt.receiver_id().clone(),
        cause: Cause::Receipt { receipt: Arc::new(receipt), results, forced: false },
        block: 1,
        status: ExecutionStatus::SuccessValue(Vec::new()),
        logs: Vec::new(),
        gas_burnt: Gas::from_gas(0),
        tokens_burnt: NearToken::from_yoctonear(0),
        receipts: Vec::new(),
        touched: Vec::new(),
    };
    Event { outcome, before: record("0"), after: record("0"), world: None }
}

fn vault(name: &str) -> Event {
    ran(name, call("alice.near", "vault.near", "method", 0), Vec::new())
}

fn touching(name: &str, write: bool, after: &str) -> Event {
    let mut event = vault(name);
    event.outcome.touched.push(Touch { key: b"key"[..].into(), write });
    event.after = record(after);
    event
}

fn case(events: Vec<Event>) -> Observation {
    let parties = Parties { under_test: [id("vault.near")].into(), ..Parties::default() };
    Observation {
        parties: Arc::new(parties),
        calls: Vec::new(),
        events,
        start: empty_world(),
        end: empty_world(),
        held_at_start: Arc::default(),
        holdings: Arc::default(),
        complete: true,
    }
}

fn operations(cycle: Option<Vec<Conflict<'_>>>) -> Option<Vec<(u32, u32)>> {
    let pair = |conflict: &Conflict<'_>| (conflict.first.operation.0, conflict.second.operation.0);
    cycle.map(|cycle| cycle.iter().map(pair).collect())
}

#[test]
fn a_write_of_the_same_value_and_a_failed_receipt_change_nothing() {
    let changed = |event: &Event| event.accesses().map(|access| access.changed).collect::<Vec<_>>();
    assert_eq!(changed(&touching("0", true, "1")), [true]);
    assert_eq!(changed(&touching("0", true, "0")), [false]);
    assert_eq!(changed(&touching("0", false, "1")), [false]);
    let mut failed = touching("0", true, "1");
    failed.outcome.status = ExecutionStatus::Failure(TxExecutionError::ActionError(ActionError {
        index: None,
        kind: ActionErrorKind::DelegateActionExpired,
    }));
    assert_eq!(changed(&failed), [false]);
}

#[test]
fn changes_of_keys_have_both_values() {
    let event = touching("0", true, "1");
    let changes = key_changes(event.before.as_deref(), event.after.as_deref());
    let expected = KeyChange { key: b"key", before: Some(b"0"), after: Some(b"1") };
    assert_eq!(changes, [expected]);
    assert!(event.changed_state() && !vault("0").changed_state());
    assert_eq!(key_changes(None, event.after.as_deref())[0].before, None);
    assert_eq!(event.changed_keys().collect::<Vec<_>>(), [b"key"]);
}

#[test]
fn operations_one_after_the_other_form_no_cycle() {
    let seen = case(vec![touching("0", true, "1"), touching("1", true, "2")]);
    let graph = ConflictGraph::of(&seen);
    assert_eq!(graph.conflicts(OperationId(0), OperationId(1)).len(), 1);
    assert!(graph.conflicts(OperationId(1), OperationId(0)).is_empty());
    assert!(graph.cycle().is_none());
}

#[test]
fn a_change_between_two_reads_is_a_cycle() {
    let read = |name| touching(name, false, "0");
    let seen = case(vec![read("0"), touching("1", true, "1"), read("0.0")]);
    let graph = ConflictGraph::of(&seen);
    assert_eq!(operations(graph.cycle()), Some(vec![(0, 1), (1, 0)]));
    let through = |name: &str| graph.cycle_through(&|account| account.as_str() == name);
    assert!(through("vault.near").is_some());
    assert!(through("token.near").is_none());
}

#[test]
fn reads_alone_conflict_with_nothing() {
    let read = |name| touching(name, false, "0");
    let seen = case(vec![read("0"), read("1"), read("0.0")]);
    assert!(ConflictGraph::of(&seen).cycle().is_none());
}

#[test]
fn a_cycle_may_go_through_three_operations() {
    let mut seen = case(vec![touching("0", false, "0"), touching("1", true, "1")]);
    // 0 before 1 by `key`, 1 before 2 by `more`, 2 before 0 by `other`, which only they touch.
    for (event, keys) in [("1.0", "more"), ("2", "more"), ("2.0", "other"), ("0.0", "other")] {
        let mut event = touching(event, true, "1");
        event.outcome.touched[0].key = keys.as_bytes().into();
        let (mut world, account) = (empty_world(), id("vault.near"));
        world.add_account(account.clone(), NearToken::from_near(1), None);
        world.add_state(&account, [(keys.as_bytes(), &b"1"[..])]);
        event.after = world.record(&account);
        seen.events.push(event);
    }
    let cycle = operations(ConflictGraph::of(&seen).cycle());
    assert_eq!(cycle, Some(vec![(0, 1), (1, 2), (2, 0)]));
}

#[test]
fn deposits_commute_unless_the_contract_reads_its_balance() {
    let deposit =
        |name: &str| ran(name, call("alice.near", "vault.near", "deposit", 5), Vec::new());
    let mut seen = case(vec![deposit("0"), deposit("1"), deposit("0.0")]);
    assert!(ConflictGraph::of(&seen).cycle().is_none());
    let readers = [id("vault.near")].into();
    seen.parties = Arc::new(Parties { balance_readers: readers, ..(*seen.parties).clone() });
    let graph = ConflictGraph::of(&seen);
    assert_eq!(operations(graph.cycle()), Some(vec![(0, 1), (1, 0)]));
    assert_eq!(
        graph.conflicts(OperationId(0), OperationId(1))[0].resource,
        Resource::Balance { account: &id("vault.near") }
    );
}

#[test]
fn a_receipt_that_lacked_balance_has_read_it() {
    let deposit =
        |name: &str| ran(name, call("alice.near", "vault.near", "deposit", 5), Vec::new());
    let mut failed = vault("1");
    let kind = ActionErrorKind::FunctionCallError(FunctionCallError::ExecutionError(
        "Exceeded the account balance.".to_owned(),
    ));
    failed.outcome.status =
        ExecutionStatus::Failure(TxExecutionError::ActionError(ActionError { index: None, kind }));
    let seen = case(vec![deposit("0"), failed, deposit("0.0")]);
    assert_eq!(operations(ConflictGraph::of(&seen).cycle()), Some(vec![(0, 1), (1, 0)]));
}

/// The vault after a payment that leaves it this much.
fn paying(name: &str, left: NearToken) -> [Event; 2] {
    let mut pays = vault(name);
    let paid = ran(&format!("{name}.0"), call("vault.near", "bob.near", "method", 5), Vec::new());
    pays.outcome.receipts.push(paid.outcome.id);
    let (mut world, account) = (empty_world(), id("vault.near"));
    world.add_account(account.clone(), left, None);
    pays.after = world.record(&account);
    [pays, paid]
}

#[test]
fn a_payment_reads_the_balance_only_if_it_needed_what_others_brought() {
    let deposit = NearToken::from_near(1).as_yoctonear();
    let deposit =
        |name: &str| ran(name, call("alice.near", "vault.near", "deposit", deposit), Vec::new());
    let cycle = |left| {
        let [pays, paid] = paying("1", left);
        let mut seen = case(vec![deposit("0"), pays, paid, deposit("0.0")]);
        seen.end.add_account(id("vault.near"), left, None);
        operations(ConflictGraph::of(&seen).cycle())
    };
    assert_eq!(cycle(NearToken::from_near(2)), None);
    assert_eq!(cycle(NearToken::from_millinear(900)), Some(vec![(0, 1), (1, 0)]));
}

#[test]
fn whoever_makes_an_account_conflicts_with_who_finds_it() {
    let mut makes = vault("1");
    makes.before = None;
    let seen = case(vec![vault("0"), makes, vault("0.0")]);
    assert_eq!(operations(ConflictGraph::of(&seen).cycle()), Some(vec![(0, 1), (1, 0)]));
    let seen = case(vec![vault("0"), vault("1"), vault("0.0")]);
    assert!(ConflictGraph::of(&seen).cycle().is_none());
}

#[test]
fn another_call_may_have_resumed_a_yield() {
    let mut resumed = vault("0.0");
    let Cause::Receipt { receipt, .. } = &mut resumed.outcome.cause else { panic!("a receipt") };
    let receipt = Arc::make_mut(receipt);
    let ReceiptEnum::Action(action) = receipt.receipt().clone() else { panic!("an action") };
    *receipt.receipt_mut() = ReceiptEnum::PromiseYield(action);
    let seen = case(vec![vault("0"), vault("1"), resumed]);
    assert_eq!(operations(ConflictGraph::of(&seen).cycle()), Some(vec![(0, 1), (1, 0)]));
}

#[test]
fn a_window_is_visited_by_receipts_of_others_on_its_account() {
    let callback = call("vault.near", "vault.near", "on_paid", 0);
    let elsewhere = ran("2", call("alice.near", "token.near", "method", 0), Vec::new());
    let refund = ran("3", call("system", "vault.near", "method", 0), Vec::new());
    let events = vec![
        vault("0"),
        vault("0.0"),
        vault("1"),
        elsewhere,
        refund,
        ran("0.1", callback, vec![Some(Arc::from(&b""[..])), None]),
        vault("4"),
    ];
    let seen = case(events);
    let windows = windows(&seen);
    let [window] = &windows[..] else { panic!("one window: {windows:?}") };
    assert_eq!((&*window.place.opened_by, &*window.place.closed_by), ("method", "on_paid"));
    assert_eq!(window.place.answer, PromiseOutcome::Mixed);
    // The refund went to the vault and not to the signer, so it is a payment like any other.
    assert_eq!(window.visitors, [OperationId(1), OperationId(3)]);
    let spans: Vec<_> = window_spans(&seen).collect();
    assert_eq!((spans[0].visits().count(), spans[0].meanwhile().count()), (2, 3));
    let ran: Vec<_> =
        seen.events.iter().map(|event| (&event.outcome.name, &event.outcome.executor)).collect();
    let visited: Vec<_> = (0..ran.len()).filter(|at| window.is_visited_at(&ran, *at)).collect();
    assert_eq!(visited, [2, 4]);
}
