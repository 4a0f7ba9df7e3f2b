#include <stdint.h>
#define HOST(name) __attribute__((import_module("env"), import_name(#name))) extern
typedef uint64_t u64; typedef unsigned __int128 u128;
HOST(predecessor_account_id) void predecessor_account_id(u64);
HOST(current_account_id) void current_account_id(u64);
HOST(register_len) u64 register_len(u64);
HOST(read_register) void read_register(u64, u64);
HOST(attached_deposit) void attached_deposit(u64);
HOST(storage_read) u64 storage_read(u64, u64, u64);
HOST(storage_write) u64 storage_write(u64, u64, u64, u64, u64);
HOST(panic_utf8) void panic_utf8(u64, u64);
HOST(promise_batch_create) u64 promise_batch_create(u64, u64);
HOST(promise_batch_then) u64 promise_batch_then(u64, u64, u64);
HOST(promise_batch_action_transfer) void promise_batch_action_transfer(u64, u64);
HOST(promise_batch_action_function_call) void promise_batch_action_function_call(u64, u64, u64, u64, u64, u64, u64);
HOST(promise_return) void promise_return(u64);
HOST(value_return) void value_return(u64, u64);
HOST(input) void input(u64);
#define P(x) ((u64)(uintptr_t)(x))
#define EXPORT(name) __attribute__((export_name(#name))) void name(void)
static char who[64], me[64]; static u64 who_len, me_len;
static int same(const char *a, u64 n, const char *b, u64 m) { if (n != m) return 0; for (u64 i = 0; i < n; i++) if (a[i] != b[i]) return 0; return 1; }
static void caller(void) { predecessor_account_id(0); who_len = register_len(0); read_register(0, P(who)); current_account_id(0); me_len = register_len(0); read_register(0, P(me)); }
static u128 get(void) { u128 v = 0; if (storage_read(who_len, P(who), 1)) read_register(1, P(&v)); return v; }
static void put(u128 v) { storage_write(who_len, P(who), sizeof v, P(&v), 2); }
static void fail(const char *t, u64 n) { panic_utf8(n, P(t)); }
EXPORT(deposit) { caller(); u128 d; attached_deposit(P(&d)); put(get() + d); }
/* Pays all, and takes it off when it was paid. */
EXPORT(withdraw) {
  caller(); u128 has = get(); if (!has) fail("you have nothing", 16);
  u64 p = promise_batch_create(who_len, P(who)); promise_batch_action_transfer(p, P(&has));
  u64 c = promise_batch_then(p, me_len, P(me)); u128 none = 0;
  promise_batch_action_function_call(c, 7, P("on_paid"), who_len, P(who), P(&none), 20000000000000ull);
  promise_return(c);
}
EXPORT(on_paid) {
  caller(); if (!same(who, who_len, me, me_len)) fail("on_paid is private", 18);
  input(3); who_len = register_len(3); read_register(3, P(who)); put(0);
}
EXPORT(balance_of) { caller(); input(3); who_len = register_len(3); if (who_len > 64) fail("too long", 8); read_register(3, P(who)); u128 v = get(); value_return(sizeof v, P(&v)); }
