import { NearBindgen, near, call, view, initialize, LookupMap, NearPromise, assert } from "near-sdk-js";

@NearBindgen({})
class Bank {
  balances = new LookupMap("b");

  @call({ payableFunction: true })
  deposit() {
    const who = near.predecessorAccountId();
    const had = BigInt(this.balances.get(who) || "0");
    this.balances.set(who, (had + near.attachedDeposit()).toString());
  }

  @call({})
  withdraw({ amount }) {
    const who = near.predecessorAccountId();
    const had = BigInt(this.balances.get(who) || "0");
    assert(BigInt(amount) > 0n, "take something");
    assert(had >= BigInt(amount), "you have less than that");
    return NearPromise.new(who)
      .transfer(BigInt(amount))
      .then(NearPromise.new(near.currentAccountId())
        .functionCall("on_paid", JSON.stringify({ who, amount }), 0n, 30000000000000n))
      .asReturn();
  }

  @call({ privateFunction: true })
  on_paid({ who, amount }) {
    const had = BigInt(this.balances.get(who) || "0");
    const left = had > BigInt(amount) ? had - BigInt(amount) : 0n;
    this.balances.set(who, left.toString());
    return left.toString();
  }

  @view({})
  balance_of({ account_id }) {
    return this.balances.get(account_id) || "0";
  }
}
