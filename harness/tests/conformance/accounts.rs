//! Cases about accounts and keys: how they come and go, and who may do what to them.

use std::collections::{BTreeMap, BTreeSet};

use near_crypto::{ED25519PublicKey, PublicKeyHandle};
use near_primitives::action::GlobalContractIdentifier;
use near_primitives::deterministic_account_id::{
    DeterministicAccountStateInit, DeterministicAccountStateInitV1,
};
use near_primitives::universal_state_init::{
    RawStateInit, UniversalStateInit, UniversalStateInitV1,
};
use near_primitives::utils::{derive_near_deterministic_account_id, derive_universal_account_id};
use near_primitives_core::hash::CryptoHash;
use serde_json::{Value, json};

use crate::program::{
    IDLE_CONTRACT, NEAR, NEWEST_PUPPET, Op, PUPPET, case, create, key, log, op_call, run,
    staking_key, steps_case, then, transaction, transfer,
};

pub(crate) fn accounts() -> Value {
    let (sub, taken) = ("sub.alice.near", "sub.p0.near");
    let public_key = format!("ed25519:{}", bs58::encode([9; 32]).into_string());
    let made = transaction(
        "alice.near",
        sub,
        &[
            json!({ "CreateAccount": {} }),
            transfer(20 * NEAR),
            json!({ "AddKey": {
            "public_key": public_key,
            "access_key": { "nonce": 0, "permission": "FullAccess" },
        } }),
            json!({ "deploy_contract": PUPPET }),
        ],
    );
    let by_contract = run(
        "p0.near",
        &[
            create(taken),
            Op::CreateAccount { promise: 0 },
            Op::Transfer { promise: 0, amount: NEAR },
            create(taken),
            Op::CreateAccount { promise: 1 },
            create("not.mine.near"),
            Op::CreateAccount { promise: 2 },
            create("short"),
            Op::CreateAccount { promise: 3 },
        ],
    );
    let used = run(
        sub,
        &[
            Op::RecordContext,
            create(sub),
            Op::DeleteAccount { promise: 0, beneficiary: "bob.near".to_owned() },
        ],
    );
    let not_allowed = run(
        "p0.near",
        &[create("p1.near"), Op::DeleteAccount { promise: 0, beneficiary: "p0.near".to_owned() }],
    );
    let missing_beneficiary = run(
        "p2.near",
        &[
            create("p2.near"),
            op_call(0, &[log("still there")], 0),
            Op::DeleteAccount { promise: 0, beneficiary: "nobody.near".to_owned() },
        ],
    );
    steps_case(
        85,
        PUPPET,
        vec![vec![made, by_contract], vec![used, not_allowed, missing_beneficiary]],
    )
}

pub(crate) fn implicit_accounts() -> Value {
    let ids = [
        "0101010101010101010101010101010101010101010101010101010101010101",
        "0x0101010101010101010101010101010101010101",
        "0s0101010101010101010101010101010101010101",
        "0u00000000000000000000000000000000000000000000000000000",
        "missing.near",
    ];
    let ids = ids.map(|id| if id.starts_with("0u") { &id[..54] } else { id });
    let transfers = ids.map(|id| transaction("alice.near", id, &[transfer(NEAR)]));
    let batched = ids.map(|id| {
        let id = id.replace('1', "2");
        transaction("alice.near", &id, &[transfer(NEAR), transfer(NEAR)])
    });
    let calls = ids.map(|id| run(id, &[]));
    case(88, PUPPET, vec![transfers.into(), batched.into(), calls.into()])
}

pub(crate) fn deleted_before_callback() -> Value {
    let program = [
        create("p0.near"),
        op_call(0, &[Op::Return(vec![1])], 0),
        then(0, "p1.near"),
        op_call(1, &[Op::RecordResults], NEAR),
        create("p1.near"),
        op_call(2, &[log("nearly gone")], 0),
        Op::DeleteAccount { promise: 2, beneficiary: "bob.near".to_owned() },
        Op::ReturnPromise { promise: 1 },
    ];
    case(88, PUPPET, vec![vec![run("p1.near", &program)]])
}

pub(crate) fn deterministic_accounts() -> Value {
    let hash = CryptoHash::hash_bytes(IDLE_CONTRACT);
    let entries = vec![(b"color".to_vec(), b"red".to_vec()), (b"size".to_vec(), vec![1; 800])];
    let init = DeterministicAccountStateInit::V1(DeterministicAccountStateInitV1 {
        code: GlobalContractIdentifier::CodeHash(hash),
        data: entries.iter().cloned().collect(),
    });
    let id = derive_near_deterministic_account_id(&init).to_string();
    let code_hash = hash.0.to_vec();
    let init = |promise, amount| Op::StateInit {
        promise,
        code_hash: code_hash.clone(),
        amount,
        entries: entries.clone(),
    };
    let deploy = run(
        "p0.near",
        &[
            create("p0.near"),
            Op::DeployGlobal { promise: 0, code: IDLE_CONTRACT.to_vec(), by_account: false },
        ],
    );
    let too_early = run("p1.near", &[create(&id), init(0, NEAR)]);
    let too_little = run("p1.near", &[create(&id), init(0, 10)]);
    let twice = run(
        "p1.near",
        &[create(&id), init(0, NEAR), op_call(0, &[], 0), create(&id), init(1, NEAR)],
    );
    let elsewhere = run("p1.near", &[create("p2.near"), init(0, NEAR)]);
    let other_account = run(
        "p1.near",
        &[create(&id), init(0, NEAR), Op::AddFullKey { promise: 0, public_key: key(1), nonce: 0 }],
    );
    let transfer = transaction("bob.near", &id, &[transfer(NEAR)]);
    let steps = [vec![too_early], vec![deploy], vec![too_little], vec![twice, elsewhere]];
    steps_case(88, PUPPET, [steps.to_vec(), vec![vec![other_account, transfer]]].concat())
}

pub(crate) fn universal_accounts() -> Value {
    let handle = |number| PublicKeyHandle::ED25519(ED25519PublicKey([number; 32]));
    let init = |code, entries: &[(&[u8], &[u8])], keys: &[u8]| {
        UniversalStateInit::V1(UniversalStateInitV1 {
            code,
            data: entries
                .iter()
                .map(|(key, value)| (key.to_vec(), value.to_vec()))
                .collect::<BTreeMap<_, _>>(),
            access_keys: keys.iter().map(|number| handle(*number)).collect::<BTreeSet<_>>(),
        })
        .to_raw()
    };
    let keys_only = init(None, &[], &[1, 2]);
    let code = GlobalContractIdentifier::AccountId("p2.near".parse().expect("an account id"));
    let with_code = init(Some(code), &[(b"key", &[3; 900])], &[]);
    let ids = [&keys_only, &with_code].map(|raw| derive_universal_account_id(raw).to_string());
    let op = |promise, state_init: &[u8], amount| Op::UniversalStateInit {
        promise,
        state_init: state_init.to_vec(),
        amount,
    };
    let publish = run(
        "p2.near",
        &[
            create("p2.near"),
            Op::DeployGlobal { promise: 0, code: IDLE_CONTRACT.to_vec(), by_account: true },
        ],
    );
    let transfers_first = transaction("bob.near", &ids[0], &[transfer(NEAR), transfer(NEAR)]);
    let not_yet = run("p0.near", &[create(&ids[0]), op_call(0, &[], 0)]);
    let make = run(
        "p0.near",
        &[
            create(&ids[0]),
            op(0, &keys_only.0, NEAR),
            create(&ids[1]),
            op(1, &with_code.0, NEAR),
            op_call(1, &[], 0),
        ],
    );
    let again = run("p0.near", &[create(&ids[1]), op(0, &with_code.0, NEAR)]);
    let malformed_id = derive_universal_account_id(&RawStateInit(vec![9; 40])).to_string();
    let malformed = run("p0.near", &[create(&malformed_id), op(0, &[9; 40], NEAR)]);
    let elsewhere = run("p0.near", &[create(&ids[0]), op(0, &with_code.0, NEAR)]);
    let steps = [vec![publish, transfers_first], vec![not_yet], vec![make]];
    let last = vec![again, malformed, elsewhere];
    steps_case(88, NEWEST_PUPPET, [steps.to_vec(), vec![last]].concat())
}

pub(crate) fn keys() -> Value {
    let add = run(
        "p0.near",
        &[
            create("p0.near"),
            Op::AddFullKey { promise: 0, public_key: key(1), nonce: 5 },
            Op::AddCallKey {
                promise: 0,
                public_key: key(2),
                allowance: NEAR,
                receiver: "p1.near".to_owned(),
                methods: "run,callback".to_owned(),
            },
        ],
    );
    let on_itself = |op| run("p0.near", &[create("p0.near"), op]);
    let delete = |number| Op::DeleteKey { promise: 0, public_key: key(number) };
    let again = Op::AddFullKey { promise: 0, public_key: key(2), nonce: 0 };
    let foreign = run("p1.near", &[create("p0.near"), delete(1)]);
    let later = vec![on_itself(delete(1)), on_itself(again), on_itself(delete(7)), foreign];
    steps_case(86, PUPPET, vec![vec![add], later])
}

pub(crate) fn gas_keys() -> Value {
    let add = run(
        "p0.near",
        &[
            create("p0.near"),
            Op::AddGasKey { promise: 0, public_key: key(1), nonces: 3 },
            Op::TransferToGasKey { promise: 0, public_key: key(1), amount: NEAR / 2 },
            Op::AddGasKey { promise: 0, public_key: key(2), nonces: 1 },
            Op::TransferToGasKey { promise: 0, public_key: key(2), amount: 2 * NEAR },
        ],
    );
    let from_outside = run(
        "p1.near",
        &[
            create("p0.near"),
            Op::TransferToGasKey { promise: 0, public_key: key(1), amount: NEAR / 4 },
        ],
    );
    let too_many = run(
        "p2.near",
        &[create("p2.near"), Op::AddGasKey { promise: 0, public_key: key(3), nonces: 1025 }],
    );
    let delete = |number| {
        run("p0.near", &[create("p0.near"), Op::DeleteKey { promise: 0, public_key: key(number) }])
    };
    let unknown_key = run(
        "p1.near",
        &[create("p0.near"), Op::TransferToGasKey { promise: 0, public_key: key(7), amount: NEAR }],
    );
    let middle = vec![from_outside, too_many, unknown_key];
    steps_case(88, NEWEST_PUPPET, vec![vec![add], middle, vec![delete(1), delete(2)]])
}

pub(crate) fn stake() -> Value {
    let stake = |amount| Op::Stake { promise: 0, amount, public_key: staking_key() };
    let on_itself = |puppet, op| run(puppet, &[create(puppet), op]);
    let gone = Op::DeleteAccount { promise: 0, beneficiary: "bob.near".to_owned() };
    let unsuitable = Op::Stake { promise: 0, amount: NEAR, public_key: key(1) };
    let first = vec![
        on_itself("p0.near", stake(10 * NEAR)),
        on_itself("p1.near", stake(0)),
        on_itself("p1.near", stake(1000 * NEAR)),
        on_itself("p2.near", unsuitable),
    ];
    let later = vec![on_itself("p0.near", stake(4 * NEAR)), on_itself("p0.near", gone)];
    steps_case(87, PUPPET, vec![first, later])
}

/// A gas key signs a deposit that its account lacks: the key pays to send the receipt all the same.
pub(crate) fn gas_key_without_deposit() -> Value {
    let public_key = format!("ed25519:{}", bs58::encode([9; 32]).into_string());
    let funded = transaction(
        "alice.near",
        "alice.near",
        &[
            json!({ "AddKey": { "public_key": public_key, "access_key": {
                "nonce": 0,
                "permission": { "GasKeyFullAccess": { "balance": "0", "num_nonces": 2 } },
            } } }),
            json!({ "TransferToGasKey": {
                "public_key": public_key,
                "deposit": NEAR.to_string(),
            } }),
        ],
    );
    let signed = |amount| {
        let mut signed = transaction("alice.near", "bob.near", &[transfer(amount)]);
        signed["signer_key"] = json!(public_key);
        signed["nonce_index"] = json!(1);
        signed
    };
    let steps = vec![vec![funded], vec![signed(5000 * NEAR)], vec![signed(5 * NEAR)]];
    steps_case(86, PUPPET, steps)
}
