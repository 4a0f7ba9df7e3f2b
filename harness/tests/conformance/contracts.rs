//! Cases about contracts: code, gas, refunds and yields.

use near_primitives_core::hash::CryptoHash;
use serde_json::{Value, json};

use crate::program::{
    IDLE_CONTRACT, NEAR, NEWEST_PUPPET, Op, PUPPET, TERAGAS, bytes, case, create, log, op_call,
    run, run_with, staking_key, steps_case, transaction,
};

pub(crate) fn redeploy() -> Value {
    let program = [
        create("p0.near"),
        op_call(0, &[log("before")], 0),
        Op::Deploy { promise: 0, code: IDLE_CONTRACT.to_vec() },
        op_call(0, &[log("never logged")], 0),
    ];
    let fails = [
        create("p1.near"),
        Op::Deploy { promise: 0, code: IDLE_CONTRACT.to_vec() },
        Op::Transfer { promise: 0, amount: NEAR },
        Op::Stake { promise: 0, amount: 500 * NEAR, public_key: staking_key() },
    ];
    let after = |puppet| run(puppet, &[log("the puppet is still there")]);
    let first = vec![run("p0.near", &program), run("p1.near", &fails)];
    let last = vec![after("p0.near"), after("p1.near")];
    steps_case(88, PUPPET, vec![first, last])
}

pub(crate) fn global_of_account() -> Value {
    let uses = |signer: &str| {
        let action = json!({ "UseGlobalContract": {
            "contract_identifier": { "account_id": "alice.near" },
        } });
        transaction(signer, signer, &[action])
    };
    let deploy =
        transaction("alice.near", "alice.near", &[json!({ "deploy_global_contract": PUPPET })]);
    let called = run("bob.near", &[log("it is a puppet"), Op::RecordContext]);
    let replaced = run(
        "p0.near",
        &[
            create("p0.near"),
            Op::DeployGlobal { promise: 0, code: IDLE_CONTRACT.to_vec(), by_account: true },
            create("p1.near"),
            op_call(
                1,
                &[create("p1.near"), Op::UseGlobalOf { promise: 0, account: "p0.near".to_owned() }],
                0,
            ),
        ],
    );
    let back = transaction("bob.near", "bob.near", &[json!({ "deploy_contract": PUPPET })]);
    let idle = run("p1.near", &[log("not logged")]);
    let steps = [vec![uses("bob.near"), deploy], vec![uses("bob.near")]];
    let later = [vec![called.clone(), replaced], vec![back], vec![called, idle]];
    steps_case(88, PUPPET, [steps.to_vec(), later.to_vec()].concat())
}

pub(crate) fn global_with_hash() -> Value {
    let code_hash = CryptoHash::hash_bytes(IDLE_CONTRACT).0.to_vec();
    let deploy = run(
        "p0.near",
        &[
            create("p0.near"),
            Op::DeployGlobal { promise: 0, code: IDLE_CONTRACT.to_vec(), by_account: false },
            create("p1.near"),
            Op::DeployGlobal { promise: 1, code: IDLE_CONTRACT.to_vec(), by_account: false },
        ],
    );
    let uses = |puppet| {
        run(
            puppet,
            &[
                create(puppet),
                Op::UseGlobal { promise: 0, code_hash: code_hash.clone() },
                op_call(0, &[log("not logged")], 0),
            ],
        )
    };
    steps_case(84, PUPPET, vec![vec![uses("p1.near"), deploy], vec![uses("p0.near")]])
}

pub(crate) fn gas_weights() -> Value {
    let weighted = |promise, weight| Op::Call {
        promise,
        method: "run".to_owned(),
        args: bytes(&[Op::RecordContext]),
        deposit: 0,
        gas: 5 * TERAGAS,
        weight,
    };
    let program = [
        create("p0.near"),
        weighted(0, 3),
        create("p1.near"),
        weighted(1, 0),
        create("p2.near"),
        weighted(2, 1),
    ];
    case(88, PUPPET, vec![vec![run("p0.near", &program)]])
}

pub(crate) fn refund_to() -> Value {
    let told = |program: &[Op]| {
        run_with(
            "p0.near",
            &[
                create("p1.near"),
                Op::RefundTo { promise: 0, account: "bob.near".to_owned() },
                op_call(0, program, NEAR),
            ],
            2 * NEAR,
        )
    };
    let fails = told(&[Op::RecordRefundTo, Op::Panic("give it to bob".to_owned())]);
    case(88, PUPPET, vec![vec![told(&[Op::RecordRefundTo]), fails]])
}

pub(crate) fn yields() -> Value {
    let wait = |key: &[u8]| Op::Yield {
        method: "callback".to_owned(),
        args: bytes(&[Op::RecordResults, log("resumed")]),
        gas: 20 * TERAGAS,
        weight: 0,
        key: key.to_vec(),
    };
    let resume = |key: &[u8]| Op::Resume { key: key.to_vec(), data: b"data".to_vec() };
    let yields = run("p0.near", &[wait(b"a"), wait(b"b"), Op::ReturnPromise { promise: 1 }]);
    let at_once = run("p1.near", &[wait(b"c"), resume(b"c")]);
    let resumes = run("p0.near", &[resume(b"b"), resume(b"b")]);
    steps_case(88, PUPPET, vec![vec![yields, at_once], vec![resumes]])
}

pub(crate) fn yields_with_ids() -> Value {
    let (order, other) = (vec![1; 32], vec![2; 32]);
    let wait = |id: &[u8]| Op::YieldWithId {
        method: "callback".to_owned(),
        args: bytes(&[Op::RecordResults]),
        gas: 20 * TERAGAS,
        weight: 0,
        id: id.to_vec(),
    };
    let resume = |id: &[u8]| Op::ResumeById { id: id.to_vec(), data: b"by its id".to_vec() };
    let first = run("p0.near", &[wait(&order), wait(&order), wait(&other)]);
    let other_account = run("p1.near", &[resume(&order)]);
    let resumed = run("p0.near", &[resume(&order)]);
    let again = run("p0.near", &[wait(&order), resume(&order)]);
    let steps = vec![vec![first], vec![other_account, resumed], vec![again]];
    steps_case(88, NEWEST_PUPPET, steps)
}
