from near_sdk_py import Contract, CrossContract, call, callback, view
from near_sdk_py.constants import ONE_TGAS


class Bank(Contract):
    def _balance(self, who):
        return int(self.storage.get("b:" + who, "0"))

    @call
    def deposit(self):
        who = self.predecessor_account_id
        self.storage["b:" + who] = str(self._balance(who) + self.attached_deposit)

    # Pays, and takes it off when it was paid.
    @call
    def withdraw(self, amount):
        who = self.predecessor_account_id
        assert int(amount) > 0, "take something"
        assert self._balance(who) >= int(amount), "you have less than that"
        paid = CrossContract(who).batch().transfer(int(amount))
        then = paid.then(self.current_account_id)
        then.function_call("on_paid", {"who": who, "amount": amount}, gas=30 * ONE_TGAS).value()

    @callback
    def on_paid(self, result, who, amount):
        left = max(self._balance(who) - int(amount), 0)
        self.storage["b:" + who] = str(left)
        return str(left)

    @view
    def balance_of(self, account_id):
        return str(self._balance(account_id))
