//! Completes what an ABI says of a method's arguments: asks about what it leaves open, and about little else.
//!
//! A part of [`ask`](super::ask), in a file of its own. Never overrules an ABI that the contract agrees with.

use super::ask::{Asking, Learner, MAX_MEMBERS, Place, Result};
use super::complaint::{Complaint, Wish};
use super::shape::{Member, Shape, TextKind, member};
use super::survey::Arguments;
use crate::arguments::integer::IntegerKind;
use crate::arguments::template::BytesForm;

impl Asking<'_> {
    /// What the ABI says, completed; `None` where the contract reads something else.
    ///
    /// # Errors
    /// Only when the machine failed.
    pub(super) fn complete(&self, said: &Arguments) -> Result<Option<Arguments>> {
        let unread = |failure: Option<String>| failure.as_deref().is_some_and(Complaint::is_one);
        match said {
            Arguments::Json(said) => {
                let shape = Learner::new(self).complete(&Place::whole(), said)?;
                let example = shape.example(self.someone).to_string();
                let refused = unread(self.failure(example.as_bytes())?);
                Ok((!refused).then_some(Arguments::Json(shape)))
            }
            Arguments::Nothing => {
                Ok((!unread(self.failure(b"\x01")?)).then_some(Arguments::Nothing))
            }
            Arguments::Borsh(_) => {
                let json = self.failure(b"\x01")?.as_deref().and_then(Complaint::of).is_some();
                Ok((!json).then(|| said.clone()))
            }
            Arguments::Unknown => Ok(None),
        }
    }
}

impl Learner<'_> {
    /// What the ABI says of the value at this place, completed; what the contract tells, where it refuses
    /// that.
    fn complete(&self, place: &Place, said: &Shape) -> Result<Shape> {
        let shape = match said {
            Shape::Text(TextKind::Plain) => match self.learn_text(place)? {
                Shape::Null => said.clone(),
                told => told,
            },
            Shape::Anything => match self.learn(place)? {
                Shape::Null => Shape::Anything,
                told => told,
            },
            Shape::Object(members) => self.complete_object(place, members)?,
            Shape::List(item) => self.complete_list(place, item)?,
            Shape::Tuple(items) => self.complete_tuple(place, items)?,
            Shape::Map(_, value) => {
                let before = format!("{{\"{}\":", self.asking.someone);
                let value = self.complete(&place.inner(&before, "}"), value)?;
                self.map_of(place, value)?
            }
            Shape::Optional(inner) => Shape::Optional(Box::new(self.complete(place, inner)?)),
            Shape::OneOf(choices) => {
                let choices = choices.iter().map(|choice| self.complete(place, choice));
                Shape::OneOf(choices.collect::<Result<_>>()?)
            }
            other => other.clone(),
        };
        let example = shape.example(self.asking.someone).to_string();
        if self.accepts(place, &example)? {
            return Ok(shape);
        }
        match self.learn(place)? {
            Shape::Null => Ok(shape),
            told => Ok(told),
        }
    }

    /// Those that the ABI names, and those that the contract wants beside them.
    fn complete_object(&self, place: &Place, said: &[Member]) -> Result<Shape> {
        let mut members: Vec<Member> = Vec::new();
        // What tells variants apart comes first: the others are judged by it.
        let (tags, others): (Vec<_>, Vec<_>) = said.iter().partition(|each| is_fixed(&each.shape));
        for each in tags.into_iter().chain(others).take(MAX_MEMBERS) {
            let place = self.member_place(place, &members, &each.name);
            let shape = self.complete(&place, &each.shape)?;
            members.push(member(&each.name, shape));
        }
        while members.len() < MAX_MEMBERS {
            let Some(complaint) = self.refusal(place, &self.written(&members))? else { break };
            let Wish::Member(name) = complaint.wish() else { break };
            if members.iter().any(|known| known.name == name) {
                break;
            }
            let shape = self.learn_member(place, &members, name)?;
            members.push(member(name, shape));
        }
        Ok(Shape::Object(members))
    }

    fn complete_list(&self, place: &Place, item: &Shape) -> Result<Shape> {
        if matches!(item, Shape::Integer(IntegerKind::U8, _)) {
            return Ok(Shape::Bytes(BytesForm::Array));
        }
        Ok(Shape::List(Box::new(self.complete(&place.inner("[", "]"), item)?)))
    }

    fn complete_tuple(&self, place: &Place, said: &[Shape]) -> Result<Shape> {
        let (mut items, mut before) = (Vec::new(), "[".to_owned());
        for item in said.iter().take(MAX_MEMBERS) {
            let item = self.complete(&place.inner(&before, "]"), item)?;
            before.push_str(&item.example(self.asking.someone).to_string());
            before.push(',');
            items.push(item);
        }
        Ok(Shape::Tuple(items))
    }
}

/// Whether only certain values are possible.
fn is_fixed(shape: &Shape) -> bool {
    match shape {
        Shape::Example(_) => true,
        Shape::OneOf(choices) => choices.iter().all(is_fixed),
        _ => false,
    }
}
