//! Input-to-state replacement: looks in a scenario's arguments for what a contract compared, and puts
//! there what it was compared with.
//!
//! Knows the forms in which arguments write a value: decimal text, hexadecimal, base58, base64, either
//! order of bytes. Stays within the target's templates. Never runs anything.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::arguments::abi;
use crate::arguments::composed_text;
use crate::arguments::operands::{Match, Operands, Suggestion};
use crate::arguments::template::{Integer, Parameters, Template};
use crate::arguments::values::{parse_bytes, show};
use crate::scenario::{Arguments, Operation, Scenario};
use crate::targets::Target;
use crate::types::{NearToken, OperationId};
use crate::vm::comparison::Comparisons;

/// A value in the arguments, and what it may be.
struct Leaf<'a> {
    /// A JSON pointer.
    path: String,
    template: &'a Template,
}

/// A changed scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Replacement {
    /// The scenario with one argument, or one deposit, changed.
    pub scenario: Scenario,
    /// The operation that was changed.
    pub operation: OperationId,
    /// Why.
    pub kind: Match,
}

/// The scenario with one argument changed to what it was compared with, in all ways that the comparisons
/// suggest. Fits the target if `scenario` does.
#[must_use]
pub fn replacements(
    scenario: &Scenario,
    target: &Target,
    compared: &Comparisons,
) -> Vec<Replacement> {
    let operands = Operands::of(compared);
    let mut made = Vec::new();
    let operations = scenario.ids().zip(&scenario.operations);
    // The same call twice is changed in its last place: the others come before it.
    let last = |id: OperationId| !scenario.operations[id.index() + 1..].contains(&scenario[id]);
    for (id, operation) in operations.filter(|(id, _)| last(*id)) {
        let Some(method) = target.method_of(operation) else { continue };
        let mut push = |kind, change: &mut dyn FnMut(&mut Operation)| {
            let mut scenario = scenario.clone();
            change(&mut scenario[id]);
            made.push(Replacement { scenario, operation: id, kind });
        };
        let deposit = operation.deposit.as_yoctonear();
        for (kind, deposit) in unique(operands.of_integer(deposit), &deposit) {
            if method.deposit.contain(deposit) {
                push(kind, &mut |it| it.deposit = NearToken::from_yoctonear(deposit));
            }
        }
        for (kind, new) in arguments(&method.parameters, &operation.arguments, &operands) {
            push(kind, &mut |it| it.arguments = new.clone());
        }
    }
    made
}

fn arguments(
    parameters: &Parameters,
    current: &Arguments,
    operands: &Operands,
) -> Vec<Suggestion<Arguments>> {
    match (parameters, current) {
        (Parameters::Json(template), Arguments::Json(value)) => {
            let changed = changes(template, value, operands).into_iter();
            changed.map(|(kind, value)| (kind, Arguments::Json(value))).collect()
        }
        (Parameters::Borsh(parameters), Arguments::Bytes(bytes)) => {
            let Some(values) = abi::decode_all(parameters, bytes) else { return Vec::new() };
            let mut made = Vec::new();
            for (index, parameter) in parameters.iter().enumerate() {
                for (kind, value) in changes(&parameter.template, &values[index], operands) {
                    let mut values = values.clone();
                    values[index] = value;
                    let bytes = abi::encode_all(parameters, &values);
                    made.extend(bytes.map(|bytes| (kind, Arguments::Bytes(bytes))));
                }
            }
            made
        }
        _ => Vec::new(),
    }
}

/// The value with one of its leaves changed.
fn changes(template: &Template, value: &Value, operands: &Operands) -> Vec<Suggestion<Value>> {
    let mut leaves = Vec::new();
    find_leaves(template, value, String::new(), &mut leaves);
    let mut made = Vec::new();
    for leaf in leaves {
        let Some(current) = value.pointer(&leaf.path) else { continue };
        for (kind, new) in leaf_changes(leaf.template, current, operands) {
            let mut changed = value.clone();
            if let Some(place) = changed.pointer_mut(&leaf.path) {
                *place = new;
                made.push((kind, changed));
            }
        }
    }
    made
}

/// Values that may be something else of the same kind, with the way to each.
fn find_leaves<'a>(template: &'a Template, value: &Value, path: String, found: &mut Vec<Leaf<'a>>) {
    match (template, value) {
        (Template::Object(members), Value::Object(values)) => {
            for (name, each) in members {
                let key = name.replace('~', "~0").replace('/', "~1");
                if let Some(value) = values.get(name) {
                    find_leaves(each, value, format!("{path}/{key}"), found);
                }
            }
        }
        (Template::Array(items), Value::Array(values)) => {
            for (index, (each, value)) in items.iter().zip(values).enumerate() {
                find_leaves(each, value, format!("{path}/{index}"), found);
            }
        }
        (Template::List { item, .. }, Value::Array(values)) => {
            for (index, value) in values.iter().enumerate() {
                find_leaves(item, value, format!("{path}/{index}"), found);
            }
        }
        (Template::Optional(inner), value) if !value.is_null() => {
            find_leaves(inner, value, path, found);
        }
        // Which of them was drawn is not written down: any that could have been will do.
        (Template::OneOf(choices), value) => {
            let before = found.len();
            for choice in choices {
                if found.len() == before {
                    find_leaves(choice, value, path.clone(), found);
                }
            }
        }
        (Template::Integer(integer), value) if integer.kind.position_of(value).is_some() => {
            found.push(Leaf { path, template });
        }
        (Template::Text { .. }, Value::String(_)) => found.push(Leaf { path, template }),
        (text, value) if composed_text::take_apart(text, value).is_some() => {
            found.push(Leaf { path, template });
        }
        (Template::Bytes { form, .. }, value) if parse_bytes(value, *form).is_some() => {
            found.push(Leaf { path, template });
        }
        _ => {}
    }
}

fn leaf_changes(
    template: &Template,
    current: &Value,
    operands: &Operands,
) -> Vec<Suggestion<Value>> {
    match (template, current) {
        (Template::Integer(integer), value) => integer_changes(integer, value, operands),
        (Template::Text { max_length }, Value::String(text)) => {
            let changed = text_changes(text, *max_length, operands).into_iter();
            changed.map(|(kind, text)| (kind, Value::String(text))).collect()
        }
        (Template::Bytes { min_length, max_length, form }, value) => {
            let Some(bytes) = parse_bytes(value, *form) else { return Vec::new() };
            let changed = unique(operands.of_bytes(&bytes), &bytes).into_iter();
            let fits = changed.filter(|(_, new)| (*min_length..=*max_length).contains(&new.len()));
            fits.map(|(kind, new)| (kind, show(&new, *form))).collect()
        }
        (text, value) => part_changes(text, value, operands),
    }
}

/// A text that is made of values, with one of them changed.
fn part_changes(
    template: &Template,
    current: &Value,
    operands: &Operands,
) -> Vec<Suggestion<Value>> {
    let parts = composed_text::parts(template).unwrap_or_default();
    let Some(values) = composed_text::take_apart(template, current) else { return Vec::new() };
    let mut made = Vec::new();
    for (at, part) in parts.into_iter().enumerate() {
        for (kind, new) in changes(part, &values[at], operands) {
            let mut values = values.clone();
            values[at] = new;
            made.push((kind, composed_text::put_together(template, &values)));
        }
    }
    made
}

fn integer_changes(
    integer: &Integer,
    value: &Value,
    operands: &Operands,
) -> Vec<Suggestion<Value>> {
    let Some(position) = integer.kind.position_of(value) else { return Vec::new() };
    let zero = integer.kind.zero();
    // Numbers are compared in the width of a register: 32 bits, or 64, or two of 64.
    let unused = match integer.kind.width() {
        ..=4 => 96,
        5..=8 => 64,
        _ => 0,
    };
    let cut = |bits: u128| (bits << unused) >> unused;
    let extend = |bits: u128| match integer.kind.signed() {
        true => ((bits << unused).cast_signed() >> unused).cast_unsigned(),
        false => bits,
    };
    let narrow = cut(position.wrapping_sub(zero));
    let found = operands.of_integer(narrow).into_iter().filter(|(_, bits)| cut(*bits) == *bits);
    let positions = found.map(|(kind, bits)| (kind, extend(bits).wrapping_add(zero))).collect();
    let inside = unique(positions, &position).into_iter();
    inside
        .filter(|(_, new)| (integer.min..=integer.max).contains(new))
        .map(|(kind, new)| (kind, integer.kind.value(new, integer.form)))
        .collect()
}

fn text_changes(text: &str, max_length: usize, operands: &Operands) -> Vec<Suggestion<String>> {
    let mut made: Vec<Suggestion<String>> = Vec::new();
    if let Ok(number) = text.parse::<u128>() {
        let numbers = operands.of_integer(number).into_iter();
        made.extend(numbers.map(|(kind, number)| (kind, number.to_string())));
    }
    for (kind, bytes) in operands.of_bytes(text.as_bytes()) {
        made.extend(String::from_utf8(bytes).map(|text| (kind, text)));
    }
    made.retain(|(_, new)| new.chars().count() <= max_length);
    unique(made, &text.to_owned())
}

/// Each once, in order, without what there is already.
fn unique<T: Clone + Ord>(items: Vec<Suggestion<T>>, current: &T) -> Vec<Suggestion<T>> {
    let mut seen = BTreeSet::from([current.clone()]);
    items.into_iter().filter(|(_, item)| seen.insert(item.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arguments::integer::{IntegerKind, NumberForm};
    use crate::arguments::template::BytesForm;
    use crate::vm::comparison::SiteId;

    fn integer(kind: IntegerKind, form: NumberForm) -> Template {
        let (min, max) = kind.range();
        Template::Integer(Integer { kind, min, max, form })
    }

    fn bytes(form: BytesForm) -> Template {
        Template::Bytes { min_length: 0, max_length: 32, form }
    }

    /// What one value becomes when these numbers and texts were compared.
    fn changed(
        template: &Template,
        value: Value,
        numbers: &[(u64, u64)],
        texts: &[(&[u8], &[u8])],
    ) -> Vec<Value> {
        let sites = (0..).map(SiteId);
        let numbers = sites.clone().zip(numbers).map(|(site, pair)| (site, pair.0, pair.1));
        let texts = sites.zip(texts).map(|(site, pair)| (site, pair.0.to_vec(), pair.1.to_vec()));
        let compared = Comparisons { numbers: numbers.collect(), texts: texts.collect() };
        let template = Template::Object(vec![("a/b".to_owned(), template.clone())]);
        let made = changes(&template, &json!({ "a/b": value }), &Operands::of(&compared));
        made.into_iter().map(|(_, mut value)| value["a/b"].take()).collect()
    }

    #[test]
    fn a_wide_number_in_text_gets_both_halves() {
        let u128 = integer(IntegerKind::U128, NumberForm::Text);
        let (given, wanted) = (7u128 << 64 | 123_456_789, 9u128 << 64 | 987_654_321);
        let halves = [(123_456_789, 987_654_321), (7, 9)];
        let made = changed(&u128, json!(given.to_string()), &halves, &[]);
        assert_eq!(made[0], json!(wanted.to_string()), "{made:?}");
        // In free text, too, and with the halves the other way round.
        let text = Template::Text { max_length: 40 };
        let made = changed(&text, json!(given.to_string()), &[halves[1], halves[0]], &[]);
        assert!(made.contains(&json!(wanted.to_string())), "{made:?}");
    }

    #[test]
    fn a_number_is_replaced_inside_of_json_in_a_text() {
        let price = integer(IntegerKind::U64, NumberForm::Text);
        let open = Template::Object(vec![("price".to_owned(), price)]);
        let message = Template::JsonText(Box::new(open));
        let given = json!("{\"price\":\"1000001\"}");
        let made = changed(&message, given.clone(), &[(1_000_001, 2_000_003)], &[]);
        assert_eq!(made[0], json!("{\"price\":\"2000003\"}"), "{made:?}");
        // A choice is recognised by what its text holds.
        let choice = Template::OneOf(vec![Template::Literal("".into()), message]);
        assert_eq!(changed(&choice, given, &[(1_000_001, 2_000_003)], &[])[0], made[0]);
    }

    #[test]
    fn a_signed_number_is_found_in_a_register_of_32_bits() {
        let i16 = integer(IntegerKind::I16, NumberForm::Number);
        let made = changed(&i16, json!(-2), &[(0xffff_fffe, 0xffff_fff0)], &[]);
        assert!(made.contains(&json!(-16)), "{made:?}");
        // What does not fit into the type's bounds is left out.
        let u8 = integer(IntegerKind::U8, NumberForm::Number);
        let made = changed(&u8, json!(200), &[(200, 7), (200, 1 << 20)], &[]);
        assert_eq!(made, [json!(7)]);
    }

    #[test]
    fn bytes_are_found_in_every_form_and_order() {
        let (given, wanted) = (b"\x01\x02\x03\x04\x05\x06\x07\x08rest", b"ABCDEFGHrest");
        let little =
            (u64::from_le_bytes(given[..8].try_into().unwrap()), 0x4847_4645_4443_4241_u64);
        let big = (little.0.swap_bytes(), little.1.swap_bytes());
        for form in [BytesForm::Base64, BytesForm::Hex, BytesForm::Base58, BytesForm::Array] {
            for number in [little, big] {
                let made = changed(&bytes(form), show(given, form), &[number], &[]);
                assert!(made.contains(&show(wanted, form)), "{form:?}: {made:?}");
            }
        }
    }

    #[test]
    fn a_text_becomes_what_it_was_compared_with_or_as_long() {
        let text = Template::Text { max_length: 20 };
        let texts: [(&[u8], &[u8]); 1] = [(b"alice.near", b"owner.near")];
        assert_eq!(changed(&text, json!("alice.near"), &[], &texts), [json!("owner.near")]);
        assert_eq!(changed(&text, json!("bob"), &[(3, 5)], &[]), [json!("bobde")]);
        // A loop's counter meets the length as well, and says nothing.
        let counter: Vec<_> = (0..5).map(|index| (index, 3)).collect();
        let compared = Comparisons {
            numbers: counter.iter().map(|(left, right)| (SiteId(0), *left, *right)).collect(),
            texts: Vec::new(),
        };
        assert!(text_changes("bob", 20, &Operands::of(&compared)).is_empty());
    }

    #[test]
    fn what_fits_the_target_still_does_and_equal_calls_are_changed_once() {
        let target = crate::targets::testing::target();
        let mut generator = rand_chacha::rand_core::SeedableRng::seed_from_u64(1);
        let generator: &mut rand_chacha::ChaCha8Rng = &mut generator;
        let mut scenario = crate::generator::generate(&target, generator);
        scenario.operations.truncate(1);
        let sites = (0..200).map(|site| (SiteId(site), site.into(), 77));
        let compared = Comparisons { numbers: sites.collect(), texts: Vec::new() };
        let made = replacements(&scenario, &target, &compared);
        assert!(made.iter().all(|made| target.validate(&made.scenario).is_ok()));
        scenario.operations.push(scenario.operations[0].clone());
        let twice = replacements(&scenario, &target, &compared);
        assert_eq!(twice.len(), made.len());
        assert!(twice.iter().all(|made| made.operation == OperationId(1)));
    }
}
