//! A validator for the part of JSON Schema that `docs/finding.schema.json` uses.
//!
//! Panics at a keyword that it does not know, so that no rule of the schema goes unchecked.

use regex_automata::meta::Regex;
use serde_json::Value;

/// A schema and the definitions that it refers to.
pub(crate) struct Schema(Value);

impl Schema {
    /// The published schema of findings.
    pub(crate) fn published() -> Self {
        let text = include_str!("../../../../docs/finding.schema.json");
        Self(serde_json::from_str(text).expect("the schema is JSON"))
    }
}

/// The places where a value violates the schema, each with the rule.
pub(crate) fn problems(schema: &Schema, value: &Value) -> Vec<String> {
    check(&schema.0, &schema.0, value, "")
}

fn check(root: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
        problems.extend(keyword_problems(root, (schema, keyword, wanted), value, place));
    }
    problems
}

fn keyword_problems(
    root: &Value,
    (schema, keyword, wanted): (&Value, &str, &Value),
    value: &Value,
    place: &str,
) -> Vec<String> {
    let fail = |holds: bool| {
        if holds { Vec::new() } else { vec![format!("{place}: `{keyword}` {wanted} of {value}")] }
    };
    match keyword {
        "$schema" | "$id" | "$defs" | "title" | "description" => Vec::new(),
        "$ref" => {
            let path = wanted.as_str().expect("text").trim_start_matches('#');
            check(root, root.pointer(path).expect("it is defined"), value, place)
        }
        "type" => fail(has_type(wanted, value)),
        "const" => fail(wanted == value),
        "enum" => fail(wanted.as_array().expect("a list").contains(value)),
        "minimum" => fail(value.as_f64() >= wanted.as_f64()),
        "pattern" => fail(matches_pattern(wanted.as_str().expect("text"), value)),
        "required" => {
            let missing = |name: &&Value| {
                value.is_object() && value.get(name.as_str().expect("text")).is_none()
            };
            fail(!wanted.as_array().expect("a list").iter().any(|name| missing(&name)))
        }
        "items" => {
            let items = value.as_array().into_iter().flatten().enumerate();
            items.flat_map(|(i, item)| check(root, wanted, item, &format!("{place}/{i}"))).collect()
        }
        "properties" => {
            let members = value.as_object().into_iter().flatten();
            let known =
                members.filter_map(|(name, member)| Some((name, wanted.get(name)?, member)));
            known
                .flat_map(|(name, wanted, member)| {
                    check(root, wanted, member, &format!("{place}/{name}"))
                })
                .collect()
        }
        "additionalProperties" => {
            let known = &schema["properties"];
            let mut names = value.as_object().into_iter().flatten().map(|(name, _)| name);
            fail(*wanted != Value::Bool(false) || names.all(|name| known.get(name).is_some()))
        }
        "oneOf" => {
            let ways = wanted.as_array().expect("a list").iter();
            fail(ways.filter(|way| check(root, way, value, place).is_empty()).count() == 1)
        }
        other => panic!("the schema uses `{other}`: teach it to this validator"),
    }
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("`{other}` is not a type"),
    };
    match wanted {
        Value::Array(names) => names.iter().any(|name| is(name.as_str().expect("text"))),
        name => is(name.as_str().expect("text")),
    }
}

/// Whether a text matches a pattern. Other values always match.
fn matches_pattern(pattern: &str, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return true };
    Regex::new(pattern).expect("the schema has valid patterns").is_match(text)
}
