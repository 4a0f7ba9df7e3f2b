//! A TOML file that is read field by field, so that every error names file, line, field and cure.
//!
//! Knows TOML, amounts and account ids. Never knows which fields a target has.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::scenario::rounded_number;
use crate::scenario::{Error, cure_for_name};
use crate::types::{AccountId, Duration, Gas, NearToken};
use crate::types::{amount, duration};

/// A file's name and text: what it takes to name a place in it.
pub(super) struct Document<'d> {
    pub(super) file: &'d Path,
    text: &'d str,
    /// Where its lines end.
    ends: Vec<usize>,
}

impl<'d> Document<'d> {
    pub(super) fn new(file: &'d Path, text: &'d str) -> Self {
        Self { file, text, ends: text.match_indices('\n').map(|(at, _)| at).collect() }
    }
}

impl Document<'_> {
    /// The file as TOML.
    pub(super) fn parse(&self) -> Result<DeTable<'_>, Error> {
        let table = DeTable::parse(self.text).map_err(|reason| Error::Syntax {
            file: self.file.to_owned(),
            line: self.line(&reason.span().unwrap_or_default()),
            problem: reason.message().to_owned(),
            cure: "mend this line; text needs quotes, and a table's name stands in brackets, as in `[limits]`".to_owned(),
        })?;
        Ok(table.into_inner())
    }

    fn line(&self, span: &Range<usize>) -> usize {
        self.ends.partition_point(|end| *end < span.start) + 1
    }
}

/// A value and the way to it.
#[derive(Clone)]
pub(super) struct Field<'d> {
    document: &'d Document<'d>,
    path: String,
    span: Range<usize>,
    value: &'d DeValue<'d>,
}

impl<'d> Field<'d> {
    /// An error at this place. `problem` goes on after the field's name.
    pub(super) fn error(&self, problem: impl Into<String>, cure: impl Into<String>) -> Error {
        Error::Field {
            file: self.file(),
            line: self.line(),
            field: self.path.clone(),
            problem: problem.into(),
            cure: cure.into(),
        }
    }

    fn wrong_type(&self, wanted: &str, example: &str) -> Error {
        self.error(
            format!("is {}, but should be {wanted}", article(self.value)),
            format!("write {example}"),
        )
    }

    pub(super) fn file(&self) -> PathBuf {
        self.document.file.to_owned()
    }

    pub(super) fn line(&self) -> usize {
        self.document.line(&self.span)
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.is_str()
    }

    pub(super) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    pub(super) fn is_array(&self) -> bool {
        self.value.is_array()
    }

    pub(super) fn text(&self) -> Result<&'d str, Error> {
        self.value.as_str().ok_or_else(|| self.wrong_type("text", "it in quotes"))
    }

    pub(super) fn boolean(&self) -> Result<bool, Error> {
        self.value
            .as_bool()
            .ok_or_else(|| self.wrong_type("true or false", "true or false, without quotes"))
    }

    /// A whole number's decimal digits.
    pub(super) fn digits(&self) -> Option<String> {
        let integer = self.value.as_integer()?;
        i128::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .map(|number| number.to_string())
    }

    /// A whole number from `min` to `max`.
    pub(super) fn count(&self, min: u32, max: u32) -> Result<u32, Error> {
        let digits =
            self.digits().ok_or_else(|| self.wrong_type("a whole number", "it without quotes"))?;
        let number = digits.parse().ok().filter(|number| (min..=max).contains(number));
        number.ok_or_else(|| {
            self.error(format!("is {digits}"), format!("write a number from {min} to {max}"))
        })
    }

    pub(super) fn account_id(&self) -> Result<AccountId, Error> {
        let text = self.text()?;
        text.parse().map_err(|reason| {
            let cure = "account ids have 2 to 64 letters a-z, digits and single separators `.`, `-`, `_`, as in \"alice.near\"";
            self.error(format!("is \"{text}\", which is no account id: {reason}"), cure)
        })
    }

    pub(super) fn balance(&self) -> Result<NearToken, Error> {
        let text = self.value.as_str().ok_or_else(|| {
            self.wrong_type(
                "text with a unit",
                "for example \"5 NEAR\", \"0.5 NEAR\" or \"1 yocto\"",
            )
        })?;
        amount::parse_balance(text).map_err(|error| self.amount_error(&error))
    }

    pub(super) fn duration(&self) -> Result<Duration, Error> {
        duration::parse(self.text()?)
            .map_err(|error| self.error(error.to_string(), "write the duration in quotes"))
    }

    pub(super) fn gas(&self) -> Result<Gas, Error> {
        let text = self.value.as_str().ok_or_else(|| {
            self.wrong_type("text with a unit", "for example \"300 Tgas\" or \"5 Ggas\"")
        })?;
        amount::parse_gas(text).map_err(|error| self.amount_error(&error))
    }

    fn amount_error(&self, error: &amount::AmountError) -> Error {
        self.error(
            format!("is \"{}\", which {}", error.text, error.problem),
            format!("write {}", error.cure),
        )
    }

    pub(super) fn items(&self) -> Result<Vec<Field<'d>>, Error> {
        let array = self
            .value
            .as_array()
            .ok_or_else(|| self.wrong_type("a list", "it in brackets, as in [1, 2]"))?;
        let item = |item: &'d toml::Spanned<DeValue<'d>>| Field {
            document: self.document,
            path: self.path.clone(),
            span: item.span(),
            value: item.get_ref(),
        };
        Ok(array.iter().map(item).collect())
    }

    pub(super) fn section(&self) -> Result<Section<'d>, Error> {
        let table = self.value.as_table().ok_or_else(|| {
            self.wrong_type(
                "a table",
                "it with names, as in { name = \"value\" } or under [brackets]",
            )
        })?;
        Ok(Section::new(self.document, self.path.clone(), self.span.clone(), table))
    }

    /// The value as JSON, just as it stands.
    pub(super) fn json(&self) -> Result<Value, Error> {
        match self.value {
            DeValue::String(text) => Ok(Value::String(text.to_string())),
            DeValue::Boolean(truth) => Ok(Value::Bool(*truth)),
            DeValue::Integer(_) | DeValue::Float(_) => self.number(),
            DeValue::Datetime(_) => {
                Err(self.wrong_type("text, number, list or table", "the date in quotes"))
            }
            DeValue::Array(_) => {
                self.items()?.iter().map(Self::json).collect::<Result<_, _>>().map(Value::Array)
            }
            DeValue::Table(_) => {
                let members = self.section()?.into_members();
                let members =
                    members.into_iter().map(|(name, field)| Ok((name.to_owned(), field.json()?)));
                members.collect::<Result<_, _>>().map(Value::Object)
            }
        }
    }

    fn number(&self) -> Result<Value, Error> {
        let text = match self.value {
            DeValue::Float(float) => float.as_str().to_owned(),
            _ => self.digits().unwrap_or_default(),
        };
        let number =
            serde_json::from_str(&text).ok().filter(|number| rounded_number(number).is_none());
        number.ok_or_else(|| {
            self.error(
                "is a number that JSON cannot hold exactly",
                "write it as text, in quotes, as contracts expect it",
            )
        })
    }
}

/// A table whose fields are taken by name.
pub(super) struct Section<'d> {
    document: &'d Document<'d>,
    path: String,
    span: Range<usize>,
    fields: BTreeMap<&'d str, Field<'d>>,
}

impl<'d> Section<'d> {
    /// The whole file.
    pub(super) fn root(document: &'d Document<'d>, table: &'d DeTable<'d>) -> Self {
        Self::new(document, String::new(), 0..0, table)
    }

    fn new(
        document: &'d Document<'d>,
        path: String,
        span: Range<usize>,
        table: &'d DeTable<'d>,
    ) -> Self {
        let prefix = path.as_str();
        let field = |(key, value): (&'d toml::Spanned<_>, &'d toml::Spanned<DeValue<'d>>)| {
            let name: &'d std::borrow::Cow<'d, str> = key.get_ref();
            let path = join(prefix, name);
            (&**name, Field { document, path, span: key.span(), value: value.get_ref() })
        };
        let fields = table.iter().map(field).collect();
        Self { document, path, span, fields }
    }

    /// An error at the table itself.
    pub(super) fn error(&self, problem: impl Into<String>, cure: impl Into<String>) -> Error {
        Error::Field {
            file: self.document.file.to_owned(),
            line: self.line(),
            field: if self.path.is_empty() { "target".to_owned() } else { self.path.clone() },
            problem: problem.into(),
            cure: cure.into(),
        }
    }

    pub(super) fn line(&self) -> usize {
        self.document.line(&self.span)
    }

    /// An error for the first field with another name.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), Error> {
        match self.fields.iter().find(|(name, _)| !names.contains(name)) {
            Some((name, field)) => {
                Err(field.error("is an unknown field", cure_for_name(name, "fields here", names)))
            }
            None => Ok(()),
        }
    }

    /// The first of the names that the table has.
    pub(super) fn first_of(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.fields.contains_key(name))
    }

    pub(super) fn field(&self, name: &str) -> Option<&Field<'d>> {
        self.fields.get(name)
    }

    pub(super) fn required(&self, name: &str, example: &str) -> Result<&Field<'d>, Error> {
        self.field(name).ok_or_else(|| {
            self.error(format!("has no `{name}`"), format!("add `{name} = {example}`"))
        })
    }

    /// The tables of `[[name]]`, none where there are none.
    pub(super) fn sections(&self, name: &str) -> Result<Vec<Section<'d>>, Error> {
        let items = self.field(name).map_or(Ok(Vec::new()), |field| {
            field.items().map_err(|_| {
                field.error(
                    "is a single table",
                    format!("write its name in double brackets: [[{name}]]"),
                )
            })
        })?;
        items.iter().map(Field::section).collect()
    }

    /// All fields with their names, in alphabetical order.
    pub(super) fn into_members(self) -> Vec<(&'d str, Field<'d>)> {
        self.fields.into_iter().collect()
    }
}

/// The way to a field, as TOML writes it: names with dots in them stand in quotes.
fn join(path: &str, name: &str) -> String {
    let name = if name.contains('.') { format!("\"{name}\"") } else { name.to_owned() };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a decimal point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
