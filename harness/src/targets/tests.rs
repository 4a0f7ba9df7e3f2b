//! The documented example means what the page says, and each mistake names file, line, field and cure.

use super::testing::{blocks, everything, folder, plain, target};
use super::*;
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::{BytesForm, Template};
use crate::scenario::{Arguments, Scenario};

#[test]
fn the_documented_example_says_what_it_seems_to_say() {
    let target = target();
    assert_eq!(
        (target.name.as_str(), target.description.as_str()),
        ("example", "Every field once")
    );
    assert_eq!((target.build.as_deref(), target.builds.len()), (Some("broken"), 2));
    assert_eq!(target.limits, Limits { operations: 4, receipts: 200 });
    let roles: Vec<_> = target.actors.iter().map(|actor| (actor.id.as_str(), actor.role)).collect();
    assert_eq!(
        roles,
        [
            ("alice.near", Role::User),
            ("mallory.near", Role::Attacker),
            ("owner.near", Role::Privileged)
        ]
    );
    assert_eq!(target.clock, Clock::RECENT);
    assert!(
        matches!(target.setup[2].action, SetupAction::Wait(time) if time.as_secs() == 2_592_000)
    );
    let under_test: Vec<_> = target.under_test().map(|account| account.id.as_str()).collect();
    assert_eq!(under_test, ["vault.near"]);
    assert_eq!(&target.accounts[0].contract.as_ref().unwrap().code[4..], b"broken.wasm");
    assert_eq!(&target.accounts[1].contract.as_ref().unwrap().code[4..], b"fixed.wasm");
    assert!(target.accounts[2].contract.is_none());
    assert_eq!(target.setup[0].call().unwrap().arguments.bytes(), br#"{"pool_id":"pool.near"}"#);
    assert_eq!(target.setup[1].call().unwrap().arguments, Arguments::Bytes(vec![1, 2, 3]));
    assert_eq!(target.setup[1].call().unwrap().deposit, NearToken::from_near(5));
    let methods: Vec<_> =
        target.methods().iter().map(|method| (method.name.as_str(), method.actors.len())).collect();
    assert_eq!(methods, [("withdraw", 1), ("deposit", 2), ("stake", 2), ("raw", 2)]);
}

#[test]
fn templates_in_the_example_are_what_the_page_says() {
    let target = target();
    let Parameters::Json(Template::Object(members)) = &target.methods[0].parameters else {
        panic!()
    };
    let member = |name: &str| &members.iter().find(|(known, _)| known == name).unwrap().1;
    let Template::Integer(amount) = member("amount") else { panic!() };
    assert_eq!(
        (amount.kind, amount.min, amount.max),
        (IntegerKind::U128, 1, NearToken::from_near(5).as_yoctonear())
    );
    assert_eq!(amount.form, NumberForm::Text);
    assert!(
        matches!(member("count"), Template::Integer(count) if count.form == NumberForm::Text && count.max == 1000)
    );
    assert!(matches!(member("memo"), Template::Text { max_length: 10 }));
    assert_eq!(
        member("key"),
        &Template::Bytes { min_length: 1, max_length: 4, form: BytesForm::Hex }
    );
    assert_eq!(member("owner"), &Template::Signer);
    assert!(matches!(member("kind"), Template::OneOf(choices) if choices.len() == 3));
    assert!(matches!(member("pair"), Template::Array(items) if items.len() == 2));
    assert!(matches!(member("odd"), Template::Object(members) if members[0].0 == "any"));
    let Parameters::Borsh(parameters) = &target.methods[2].parameters else { panic!() };
    let types: Vec<_> = parameters.iter().map(|parameter| parameter.layout.to_string()).collect();
    assert_eq!(types, ["u128", "(bool, Option<u64>, Vec<AccountId>, String, Vec<u8>, [u8; 32])"]);
    assert_eq!(
        target.methods[1].deposit,
        Amounts::Between(0, NearToken::from_near(5).as_yoctonear())
    );
    let tgas = |count: u128| count * 10u128.pow(12);
    assert_eq!(target.methods[0].gas, Amounts::OneOf(vec![tgas(30), tgas(300)]));
}

#[test]
fn invariants_are_on_unless_switched_off() {
    let target = target();
    assert!(target.invariants.enabled("rollback") && !target.invariants.enabled("profit"));
    let vault = "vault.near".parse().unwrap();
    assert_eq!(
        target.invariants.ignored_keys("rollback", &vault),
        [b"STATE".to_vec(), vec![0, 255]]
    );
    assert!(target.invariants.ignored_keys("refund", &vault).is_empty());
    target.check_invariants(&["profit", "rollback", "refund", "storage"]).unwrap();
    let error = target.check_invariants(&["profits", "rollback"]).unwrap_err().to_string();
    assert!(error.contains("did you mean `profits`?"), "{error}");
}

#[test]
fn the_documented_scenario_fits_the_documented_target() {
    let target = target();
    for text in blocks("json") {
        let scenario = Scenario::from_json(text, "TARGET.md").unwrap();
        target.validate(&scenario).unwrap();
    }
}

#[test]
fn a_build_and_an_override_choose_contracts() {
    let folder = folder();
    let file = folder.path().join(TARGET_FILE);
    let load = |build, overrides: &[ContractOverride]| {
        Target::from_text(everything(), &file, build, overrides)
    };
    let code = |target: &Target| target.accounts[0].contract.as_ref().unwrap().code.to_vec();
    assert_eq!(code(&load(Some("fixed"), &[]).unwrap()), b"\0asmfixed.wasm");
    let other: ContractOverride =
        format!("vault.near={}", folder.path().join("fixed.wasm").display()).parse().unwrap();
    assert_eq!(code(&load(None, &[other]).unwrap()), b"\0asmfixed.wasm");

    let errors = [
        load(Some("fxied"), &[]).unwrap_err(),
        load(None, &["vualt.near=x.wasm".parse().unwrap()]).unwrap_err(),
        load(None, &["vault.near=x.wasm".parse().unwrap()]).unwrap_err(),
    ];
    insta::assert_snapshot!(errors.map(|error| plain(&error, folder.path())).join("\n"), @r"
    `--build fxied` names no build of this target
      help: did you mean `fixed`? The builds are: broken, fixed
    `--contract vualt.near=x.wasm` names an account that this target does not have
      help: did you mean `vault.near`? The accounts are: vault.near, pool.near, oracle.near, alice.near, mallory.near, owner.near
    `--contract vault.near=x.wasm` cannot be read (x.wasm: No such file or directory (os error 2))
      help: build the contract with `cargo near build`, or name another file
    ");
    let errors = ["vault.near", "Vault=x.wasm"]
        .map(|text| text.parse::<ContractOverride>().unwrap_err().to_string());
    insta::assert_snapshot!(errors.join("\n"), @r"
    `vault.near` has no `=`: write ACCOUNT=FILE.wasm, as in vault.near=build/vault.wasm
    `Vault=x.wasm` starts with no account id (the Account ID contains an invalid character 'V' at index 0): write ACCOUNT=FILE.wasm, as in vault.near=build/vault.wasm
    ");
}

#[test]
fn a_folder_without_a_target_says_what_a_target_is() {
    let folder = folder();
    let error = Target::load(folder.path(), None, &[]).unwrap_err();
    insta::assert_snapshot!(plain(&error, folder.path()), @r"
    target.toml: cannot be read: No such file or directory (os error 2)
      help: a target is a folder with a `target.toml`; `interloper list` shows those that come along
    ");
}

/// The error after a change of the documented example.
fn mistake(from: &str, to: &str) -> String {
    assert!(everything().contains(from), "{from}");
    let folder = folder();
    std::fs::write(folder.path().join("empty.wasm"), []).unwrap();
    std::fs::write(folder.path().join("text.wasm"), "(module)").unwrap();
    let large = std::fs::File::create(folder.path().join("large.wasm")).unwrap();
    large.set_len(10_000_000).unwrap();
    let text = everything().replacen(from, to, 1);
    let file = folder.path().join(TARGET_FILE);
    plain(&Target::from_text(&text, &file, None, &[]).unwrap_err(), folder.path())
}

fn mistakes(changes: &[(&str, &str)]) -> String {
    changes.iter().map(|(from, to)| mistake(from, to)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_wasm_file_that_is_none_is_named() {
    let wasm = |name: &'static str| ("\"vault.near\" = \"broken.wasm\"", name);
    insta::assert_snapshot!(mistakes(&[
        wasm("\"vault.near\" = \"missing.wasm\""),
        wasm("\"vault.near\" = \"empty.wasm\""),
        wasm("\"vault.near\" = \"text.wasm\""),
        wasm("\"vault.near\" = \"large.wasm\""),
        wasm("\"vault.near\" = \".\""),
        wasm("\"vualt.near\" = \"broken.wasm\""),
    ]), @r#"
    target.toml:8: `builds.broken."vault.near"` is "missing.wasm", which cannot be read (missing.wasm: No such file or directory (os error 2))
      help: build the contract with `cargo near build`, or name another file
    target.toml:8: `builds.broken."vault.near"` is "empty.wasm", which is empty (empty.wasm)
      help: build the contract with `cargo near build`, or name another file
    target.toml:8: `builds.broken."vault.near"` is "text.wasm", which is no wasm file: it does not start with `\0asm` (text.wasm)
      help: name the compiled `.wasm` file, not source, text or an archive
    target.toml:8: `builds.broken."vault.near"` is "large.wasm", which has 10000000 bytes, more than the 4194304 that the chain accepts
      help: build with `opt-level = "z"`, `lto = true` and `strip = true`, or run `wasm-opt -Oz` over it
    target.toml:8: `builds.broken."vault.near"` is ".", which is no file (.)
      help: name the compiled `.wasm` file itself
    target.toml:8: `builds.broken."vualt.near"` names an unknown account
      help: did you mean `vault.near`? The accounts are: vault.near, pool.near, oracle.near, alice.near, mallory.near, owner.near
    "#);
}

#[test]
fn a_wrong_field_is_named_with_the_nearest_right_one() {
    insta::assert_snapshot!(mistakes(&[
        ("[limits]", "[limit]"),
        ("under-test", "under_test"),
        ("max-length = 10", "max-lenght = 10"),
        ("any = \"signer\"", "any = \"singer\""),
        ("type = \"u128\"", "type = \"U128\""),
        ("method = \"new\"", "methd = \"new\""),
        ("ignore-keys", "ignore-key"),
    ]), @r#"
    target.toml:131: `limit` is an unknown field
      help: did you mean `limits`? The fields here are: name, description, default-build, builds, world, account, setup, actor, method, invariants, limits, expect, invariant, goal, allow, adversary
    target.toml:23: `account.under_test` is an unknown field
      help: did you mean `under-test`? The fields here are: id, balance, contract, state, under-test, trusted, answers
    target.toml:94: `method.args.memo.max-lenght` is an unknown field
      help: did you mean `max-length`? The fields here are: any, max-length
    target.toml:98: `method.args.owner.any` is "singer"
      help: did you mean `signer`? The kinds of value are: u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, bool, string, bytes, account, actor, signer
    target.toml:118: `method.borsh.type` is not understood: `U128` is no type known here
      help: write a type in Rust's notation: u8 to u128, i8 to i128, bool, String, AccountId, Vec<T>, Option<T>, [u8; 32], (A, B)
    target.toml:53: `setup.methd` is an unknown field
      help: did you mean `method`? The fields here are: wait, signer, receiver, method, args, args-base64, deposit, gas
    target.toml:140: `invariants.rollback.ignore-key` is an unknown field
      help: did you mean `ignore-keys`? The fields here are: ignore-keys
    "#);
}

#[test]
fn a_wrong_value_is_named_with_what_to_write() {
    insta::assert_snapshot!(mistakes(&[
        ("\"100 NEAR\"", "\"100 NAER\""),
        ("\"100 NEAR\"", "100"),
        ("\"100 Tgas\"", "\"a lot\""),
        ("under-test = true", "under-test = \"yes\""),
        ("weight = 5", "weight = -1"),
        ("min = 1, max = \"5 NEAR\"", "min = 1, max = \"5 NAER\""),
        ("min = 1, max = \"5 NEAR\"", "min = 9, max = 8"),
        ("as = \"hex\"", "as = \"hexadecimal\""),
        ("value = { any = \"u128\", max = \"5 NEAR\" }", "value = \"many\""),
        ("value = { any = \"u128\", max = \"5 NEAR\" }", "value = { any = \"bool\" }"),
        ("args-base64 = \"AQID\"", "args-base64 = \"AQI\""),
        ("hex:00ff", "hex:0"),
    ]), @r#"
    target.toml:39: `account.balance` is "100 NAER", which has an unknown unit
      help: write for example "5 NEAR", "0.5 NEAR", "1 yocto", or plain digits for yoctoNEAR
    target.toml:39: `account.balance` is a whole number, but should be text with a unit
      help: write for example "5 NEAR", "0.5 NEAR" or "1 yocto"
    target.toml:62: `setup.gas` is "a lot", which does not begin with a number
      help: write for example "300 Tgas", "5 Ggas", or plain digits for single units of gas
    target.toml:23: `account.under-test` is text, but should be true or false
      help: write true or false, without quotes
    target.toml:85: `method.weight` is -1
      help: write a number from 0 to 1000
    target.toml:90: `method.args.amount.max` is 5 NAER, which is no `u128`
      help: write a whole number from 0 to 340282366920938463463374607431768211455, or an amount such as "5 NEAR"
    target.toml:90: `method.args.amount` has `min` above `max`
      help: swap them
    target.toml:95: `method.args.key.as` is "hexadecimal"
      help: write "base64", "hex", "base58" or "array"
    target.toml:119: `method.borsh.value` does not fit the type: "many" is no `u128`
      help: give values of type `u128`, or leave `value` out
    target.toml:119: `method.borsh.value` does not fit the type: gives values that are no `u128`
      help: give values of type `u128`, or leave `value` out
    target.toml:60: `setup.args-base64` is no base64: Invalid padding
      help: encode the bytes anew, with padding
    target.toml:140: `invariants.rollback.ignore-keys."vault.near"` is no hexadecimal text: Odd number of digits
      help: write two digits for each byte, as in "hex:00ff"
    "#);
}

#[test]
fn parts_that_do_not_fit_each_other_are_named() {
    insta::assert_snapshot!(mistakes(&[
        ("signer = \"alice.near\"", "signer = \"alise.near\""),
        ("receiver = \"pool.near\"", "receiver = \"alice.near\""),
        ("id = \"mallory.near\"", "id = \"alice.near\""),
        ("id = \"mallory.near\"", "id = \"Mallory\""),
        ("actors = [\"alice.near\"]", "actors = [\"pool.near\"]"),
        ("under-test = true", ""),
        ("default-build = \"broken\"", ""),
        ("default-build = \"broken\"", "default-build = \"brokn\""),
        ("balance = \"10 NEAR\"", ""),
        ("[invariants.rollback]", "rollback = false\n[invariants.x]"),
        ("[[method]]", "[method]"),
        ("[[account]]", "[[account]"),
    ]), @r#"
    target.toml:57: `setup.signer` is "alise.near", an unknown account
      help: did you mean `alice.near`? The accounts are: vault.near, pool.near, oracle.near, alice.near, mallory.near, owner.near
    target.toml:58: `setup.receiver` is "alice.near", which has no contract
      help: give its [[account]] a `contract`
    target.toml:42: `account.id` is "alice.near", which line 37 declares already
      help: remove one of the two, or give it another id
    target.toml:42: `account.id` is "Mallory", which is no account id: the Account ID contains an invalid character 'M' at index 0
      help: account ids have 2 to 64 letters a-z, digits and single separators `.`, `-`, `_`, as in "alice.near"
    target.toml:84: `method.actors` names "pool.near", who is no actor
      help: the actors are: alice.near, mallory.near, owner.near
    target.toml:1: `target` has no account under test
      help: add `under-test = true` to an [[account]] with a contract
    target.toml:1: `target` has 2 builds, and none is the default
      help: add `default-build = "broken"`
    target.toml:5: `default-build` is "brokn", which is no build
      help: did you mean `broken`? The builds are: broken, fixed
    target.toml:20: `account` has no `balance`
      help: add `balance = "100 NEAR"`
    target.toml:139: `invariants.rollback` is neither `off` nor `prefix` nor the settings of an invariant
      help: write `off = ["rollback"]` to switch an invariant off, or [invariants.rollback] for its settings
    target.toml:106: this is not TOML: duplicate key
      help: mend this line; text needs quotes, and a table's name stands in brackets, as in `[limits]`
    target.toml:20: this is not TOML: unclosed array table, expected `]`
      help: mend this line; text needs quotes, and a table's name stands in brackets, as in `[limits]`
    "#);
}

#[test]
fn a_method_that_the_contract_does_not_export_is_named() {
    let target = target();
    let exports = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let vault: AccountId = "vault.near".parse().unwrap();
    let check =
        |names: &[&str]| target.check_exports(&BTreeMap::from([(vault.clone(), exports(names))]));
    check(&["new", "deposit", "withdraw", "more"]).unwrap();
    let error = check(&["new", "deposit", "withdraw_all"]).unwrap_err().to_string();
    let place = target.file.display().to_string();
    insta::assert_snapshot!(error.replace(&place, "target.toml"), @r#"
    target.toml:81: `method.name` is "withdraw", which the contract of `vault.near` does not export
      help: the methods it exports are: new, deposit, withdraw_all
    "#);
}

#[test]
fn every_target_that_comes_along_loads_in_each_of_its_builds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.join(TARGET_FILE).exists() {
            continue;
        }
        let target = Target::load(&path, None, &[]).unwrap_or_else(|error| panic!("{error}"));
        for build in &target.builds {
            Target::load(&path, Some(build), &[]).unwrap_or_else(|error| panic!("{error}"));
        }
        names.push(target.name);
    }
    names.sort();
    for name in ["relay", "staking", "vault"] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
    }
}
