//! Finds the position of each counter in the contract's own code, which debug information refers to.
//!
//! Preparing keeps the contract's operators in order and inserts others between them, so walking along both
//! finds the positions.

use std::mem::discriminant;

use wasmparser::{Operator, Parser, Payload, Result};

use super::metered::is_charge;

/// How many operators a charge of a known amount has.
const CHARGE: usize = 13;

/// The position in that charge at which gas is written back. One operator is left then.
const WRITTEN_BACK: usize = 11;

/// The operators of a function, each with its distance from the beginning of the code section.
type Body<'a> = Vec<(Operator<'a>, u64)>;

/// For each counter, in order, where the straight run begins that it counts, from the beginning of the
/// code section. `None` for those of functions that preparing added.
pub(super) fn offsets(own: &[u8], prepared: &[u8], gas: u32) -> Result<Vec<Option<u64>>> {
    let own = bodies(own)?;
    let mut found = Vec::new();
    for (index, prepared) in bodies(prepared)?.iter().enumerate() {
        align(own.get(index).map_or(&[], Vec::as_slice), prepared, gas, &mut found);
    }
    Ok(found)
}

fn bodies(code: &[u8]) -> Result<Vec<Body<'_>>> {
    let (mut bodies, mut begin) = (Vec::new(), 0);
    for payload in Parser::new(0).parse_all(code) {
        match payload? {
            Payload::CodeSectionStart { range, .. } => begin = range.start,
            Payload::CodeSectionEntry(body) => {
                let operators = body.get_operators_reader()?.into_iter_with_offsets();
                let distance = |offset: usize| (offset - begin) as u64;
                let body = operators
                    .map(|each| each.map(|(operator, offset)| (operator, distance(offset))));
                bodies.push(body.collect::<Result<_>>()?);
            }
            _ => {}
        }
    }
    Ok(bodies)
}

/// Adds the places of a function's counters. Whether all of its own operators were met.
fn align(
    own: &[(Operator<'_>, u64)],
    prepared: &[(Operator<'_>, u64)],
    gas: u32,
    found: &mut Vec<Option<u64>>,
) -> bool {
    let (mut next, mut index) = (0, 0);
    while let Some((operator, _)) = prepared.get(index) {
        let written_back = prepared.get(index + WRITTEN_BACK);
        let whole = matches!(operator, Operator::GlobalGet { global_index } if *global_index == gas)
            && written_back.is_some_and(|(operator, _)| is_charge(operator, gas));
        if whole || is_charge(operator, gas) {
            found.push(own.get(next).map(|(_, offset)| *offset));
        } else if own.get(next).is_some_and(|(own, _)| same(own, operator)) {
            next += 1;
        }
        index += if whole { CHARGE } else { 1 };
    }
    next == own.len()
}

/// Whether one is the other after preparing, which renumbers functions and types.
fn same(own: &Operator<'_>, prepared: &Operator<'_>) -> bool {
    use Operator::{Block, Call, CallIndirect, If, Loop, RefFunc};
    match own {
        Block { .. }
        | Call { .. }
        | CallIndirect { .. }
        | If { .. }
        | Loop { .. }
        | RefFunc { .. } => discriminant(own) == discriminant(prepared),
        _ => own == prepared,
    }
}

#[cfg(test)]
mod tests {
    use near_parameters::RuntimeConfigStore;
    use near_parameters::vm::VMKind;

    use super::*;
    use crate::vm::instrumented::metered::gas_global;

    #[test]
    fn every_operator_of_a_real_contract_is_met() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../targets/relay/broken.wasm");
        let code = std::fs::read(path).unwrap();
        let configs = RuntimeConfigStore::new(None);
        let config = &configs.get_config(88).wasm_config;
        let prepared =
            near_vm_runner::prepare::prepare_contract(&code, config, VMKind::Wasmtime).unwrap();
        let gas = gas_global(&prepared).unwrap().unwrap();
        let (own, all) = (bodies(&code).unwrap(), bodies(&prepared).unwrap());
        for (index, (own, prepared)) in own.iter().zip(&all).enumerate() {
            let mut found = Vec::new();
            assert!(align(own, prepared, gas, &mut found), "function {index}");
            assert!(found.is_sorted(), "function {index}: {found:?}");
        }
        let offsets = offsets(&code, &prepared, gas).unwrap();
        assert!(offsets.iter().filter(|offset| offset.is_some()).count() > 5_000);
    }
}
