//! Reads an ABI: its methods, and their arguments from JSON schemas and borsh schemas.
//!
//! Leaves out what it does not understand; that is then inferred from the contract.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::arguments::abi::Layout;
use crate::discovery::argument_inference::argument_type::{amount, member, object, optional};
use crate::discovery::argument_inference::{ArgumentType, InputType, TextKind};

/// How deep schemas may nest; they may also refer to themselves.
const DEPTH: usize = 8;

/// An ABI.
#[derive(Clone, Debug, Default)]
pub struct Abi {
    functions: BTreeMap<String, Function>,
}

#[derive(Clone, Debug)]
struct Function {
    view: bool,
    init: bool,
    arguments: Option<InputType>,
    names: Vec<String>,
}

impl Abi {
    /// Reads an ABI; `None` if the value is not one.
    #[must_use]
    pub fn read(abi: &Value) -> Option<Self> {
        let body = abi.get("body")?;
        let definitions = body.pointer("/root_schema/definitions").and_then(Value::as_object);
        let empty = Map::new();
        let schemas = Schemas { definitions: definitions.unwrap_or(&empty) };
        let functions = body.get("functions")?.as_array()?.iter();
        let functions = functions.filter_map(|function| {
            let name = function.get("name")?.as_str()?.to_owned();
            Some((name, schemas.function(function)))
        });
        Some(Self { functions: functions.collect() })
    }

    /// The names of all arguments and their members.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.functions.values().flat_map(|function| function.names.iter().cloned())
    }

    /// What a method reads as its input.
    #[must_use]
    pub fn arguments(&self, method: &str) -> Option<InputType> {
        self.functions.get(method)?.arguments.clone()
    }

    /// Whether a method is a view; `None` if the ABI does not have it.
    pub(super) fn is_view(&self, method: &str) -> Option<bool> {
        self.functions.get(method).map(|function| function.view)
    }

    /// Whether a method is an initializer.
    pub(super) fn is_initializer(&self, method: &str) -> bool {
        self.functions.get(method).is_some_and(|function| function.init)
    }
}

struct Schemas<'a> {
    definitions: &'a Map<String, Value>,
}

impl Schemas<'_> {
    fn function(&self, function: &Value) -> Function {
        let modifiers = function.get("modifiers").and_then(Value::as_array);
        let has = |name: &str| modifiers.is_some_and(|all| all.iter().any(|each| each == name));
        let arguments = match function.get("params") {
            None => Some(InputType::Nothing),
            Some(parameters) => self.parameters(parameters),
        };
        let mut names = Vec::new();
        if let Some(InputType::Json(shape)) = &arguments {
            collect(shape, &mut names);
        }
        let view = function.get("kind").and_then(Value::as_str) == Some("view");
        Function { view, init: has("init"), arguments, names }
    }

    fn parameters(&self, parameters: &Value) -> Option<InputType> {
        let arguments = parameters.get("args")?.as_array()?;
        let borsh = parameters.get("serialization_type")?.as_str()? == "borsh";
        let name = |argument: &Value| Some(argument.get("name")?.as_str()?.to_owned());
        if borsh {
            let each = arguments.iter().map(|argument| {
                Some((name(argument)?, borsh_layout(argument.get("type_schema")?)?))
            });
            return each.collect::<Option<_>>().map(InputType::Borsh);
        }
        let each = arguments.iter().map(|argument| {
            let schema = argument.get("type_schema")?;
            Some(member(&name(argument)?, self.shape(schema, "", DEPTH)))
        });
        Some(InputType::Json(object(each.collect::<Option<_>>()?)))
    }

    /// The type that a JSON schema describes. `title` is the name of the definition that contains it.
    fn shape(&self, schema: &Value, title: &str, depth: usize) -> ArgumentType {
        let Some(depth) = depth.checked_sub(1) else { return ArgumentType::Anything };
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            let name = name.rsplit('/').next().unwrap_or_default();
            return self
                .definitions
                .get(name)
                .map_or(ArgumentType::Anything, |schema| self.shape(schema, name, depth));
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let Some(choices) = schema.get(key).and_then(Value::as_array) {
                return self.choices(choices, title, depth);
            }
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return ArgumentType::OneOf(
                values.iter().cloned().map(ArgumentType::Example).collect(),
            );
        }
        match schema.get("type") {
            Some(Value::String(kind)) => self.typed(kind, schema, title, depth),
            Some(Value::Array(kinds)) => {
                let kind = kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null");
                let inner =
                    kind.map_or(ArgumentType::Null, |kind| self.typed(kind, schema, title, depth));
                optional(inner)
            }
            _ => ArgumentType::Anything,
        }
    }

    fn choices(&self, choices: &[Value], title: &str, depth: usize) -> ArgumentType {
        let is_null = |choice: &&Value| choice.get("type").and_then(Value::as_str) == Some("null");
        let nullable = choices.iter().any(|choice| is_null(&choice));
        let others = choices.iter().filter(|choice| !is_null(choice));
        let mut shapes: Vec<_> = others.map(|choice| self.shape(choice, title, depth)).collect();
        let inner = match shapes.len() {
            1 => shapes.remove(0),
            _ => ArgumentType::OneOf(shapes),
        };
        if nullable { optional(inner) } else { inner }
    }

    fn typed(&self, kind: &str, schema: &Value, title: &str, depth: usize) -> ArgumentType {
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        match kind {
            "boolean" => ArgumentType::Bool,
            "number" => ArgumentType::Fraction,
            "integer" => ArgumentType::number(&format.replace("uint", "u").replace("int", "i")),
            "string" => text(title),
            "null" => ArgumentType::Null,
            "array" => self.list(schema, depth),
            "object" => self.members(schema, depth),
            _ => ArgumentType::Anything,
        }
    }

    fn list(&self, schema: &Value, depth: usize) -> ArgumentType {
        match schema.get("items") {
            Some(Value::Array(items)) => {
                ArgumentType::Tuple(items.iter().map(|item| self.shape(item, "", depth)).collect())
            }
            Some(item) => ArgumentType::List(Box::new(self.shape(item, "", depth))),
            None => ArgumentType::List(Box::new(ArgumentType::Anything)),
        }
    }

    fn members(&self, schema: &Value, depth: usize) -> ArgumentType {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            // near-abi-py writes just "object" for arguments without annotation.
            return schema.get("additionalProperties").map_or(ArgumentType::Anything, |value| {
                let value = self.shape(value, "", depth);
                ArgumentType::Map(Box::new(TextKind::Plain), Box::new(value))
            });
        };
        let each = properties.iter();
        let each = each.map(|(name, schema)| member(name, self.shape(schema, "", depth)));
        object(each.collect())
    }
}

/// What a text means, by the name of its type.
fn text(title: &str) -> ArgumentType {
    match title {
        "AccountId" => ArgumentType::Text(TextKind::Account),
        "U128" | "NearToken" | "WrappedBalance" => amount("u128"),
        "U64" | "NearGas" | "Gas" => amount("u64"),
        "I128" => amount("i128"),
        "I64" => amount("i64"),
        "Base64VecU8" => ArgumentType::Bytes(crate::arguments::template::BytesForm::Base64),
        _ => ArgumentType::Text(TextKind::Plain),
    }
}

/// The layout that a borsh schema describes.
fn borsh_layout(schema: &Value) -> Option<Layout> {
    let definitions = schema.get("definitions")?.as_object()?;
    notation(schema.get("declaration")?.as_str()?, definitions, DEPTH)
        .and_then(|notation| Layout::parse(&notation).ok())
}

/// The notation of a borsh type; structs are the tuples of their fields.
fn notation(name: &str, definitions: &Map<String, Value>, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    if let Ok(layout) = Layout::parse(name) {
        return Some(layout.to_string());
    }
    let definition = definitions.get(name)?;
    if let Some(fields) = definition.get("Struct") {
        let fields = fields.as_array()?.iter().map(|field| match field {
            Value::String(kind) => notation(kind, definitions, depth),
            field => notation(field.get(1)?.as_str()?, definitions, depth),
        });
        return Some(format!("({})", fields.collect::<Option<Vec<_>>>()?.join(", ")));
    }
    let inner = definition.pointer("/Sequence/elements").and_then(Value::as_str)?;
    notation(inner, definitions, depth).map(|inner| format!("Vec<{inner}>"))
}

fn collect(shape: &ArgumentType, names: &mut Vec<String>) {
    match shape {
        ArgumentType::Object(members) => {
            for member in members {
                names.push(member.name.clone());
                collect(&member.shape, names);
            }
        }
        ArgumentType::List(inner) | ArgumentType::Optional(inner) | ArgumentType::Map(_, inner) => {
            collect(inner, names)
        }
        ArgumentType::Tuple(items) | ArgumentType::OneOf(items) => {
            items.iter().for_each(|item| collect(item, names));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_and_borsh_arguments_are_read() {
        let abi = Abi::read(&json!({ "schema_version": "0.4.0", "body": { "functions": [
            { "name": "new", "kind": "call", "modifiers": ["init"] },
            { "name": "pay", "kind": "call", "params": { "serialization_type": "json", "args": [
                { "name": "to", "type_schema": { "$ref": "#/definitions/AccountId" } },
                { "name": "sum", "type_schema":
                    { "anyOf": [{ "$ref": "#/definitions/U128" }, { "type": "null" }] } },
                { "name": "n", "type_schema": { "type": "integer", "format": "uint32" } },
                { "name": "why", "type_schema": { "type": "object" } }] } },
            { "name": "raw", "kind": "view", "params": { "serialization_type": "borsh", "args": [
                { "name": "pair", "type_schema": { "declaration": "Pair", "definitions": {
                    "Pair": { "Struct": [["a", "u64"], ["b", "Vec<u8>"]] } } } }] } },
        ], "root_schema": { "definitions": {
            "AccountId": { "type": "string" }, "U128": { "type": "string" } } } } }));
        let abi = abi.unwrap();
        let Some(InputType::Json(shape)) = abi.arguments("pay") else { panic!("JSON") };
        assert_eq!(shape.describe(), "{ to: account, sum: u128 as text?, n: u32, why: anything }");
        let Some(InputType::Borsh(layouts)) = abi.arguments("raw") else { panic!("borsh") };
        assert_eq!(layouts[0].1.to_string(), "(u64, Vec<u8>)");
        assert!(abi.is_initializer("new") && abi.is_view("raw") == Some(true));
        assert_eq!(abi.names().collect::<Vec<_>>(), ["to", "sum", "n", "why"]);
    }

    #[test]
    fn other_json_is_rejected_and_recursive_schemas_end() {
        assert!(Abi::read(&json!({ "body": [] })).is_none());
        let abi = json!({ "body": { "functions": [{ "name": "a", "params": {
            "serialization_type": "json",
            "args": [{ "name": "x", "type_schema": { "$ref": "#/definitions/Tree" } }] } }],
            "root_schema": { "definitions": { "Tree": { "$ref": "#/definitions/Tree" } } } } });
        let Some(InputType::Json(shape)) = Abi::read(&abi).unwrap().arguments("a") else {
            panic!()
        };
        assert_eq!(shape.describe(), "{ x: anything }");
    }
}
