//! Learns objects: members that must be there by what is missing, the others by their names.
//!
//! A part of [`ask`](super::ask), in a file of its own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ask::{Learner, MAX_MEMBERS, Place, Result};
use super::complaint::{Complaint, Wish};
use super::shape::{Member, Shape, member};

impl Learner<'_> {
    /// Members that must be there by what is missing, the others by their names.
    pub(super) fn learn_object(&self, place: &Place) -> Result<Shape> {
        let mut members: Vec<Member> = Vec::new();
        let mut tag = None;
        while members.len() < MAX_MEMBERS {
            let text = self.written(&members);
            let Some(complaint) = self.refusal(place, &text)? else { break };
            let Wish::Member(name) = complaint.wish() else {
                return Ok(if members.is_empty() { Shape::Null } else { Shape::Object(members) });
            };
            if members.iter().any(|known: &Member| known.name == name) {
                break;
            }
            let shape = self.learn_member(place, &members, name)?;
            if let Shape::OneOf(variants) = &shape
                && members.is_empty()
                && variants.iter().all(|variant| matches!(variant, Shape::Example(_)))
            {
                tag = Some(name.to_owned());
            }
            members.push(member(name, shape));
        }
        if let Some(tag) = tag
            && let Some(shape) = self.learn_tagged(place, &members, &tag)?
        {
            return Ok(shape);
        }
        self.learn_optional_members(place, &mut members)?;
        Ok(Shape::Object(members))
    }

    pub(super) fn learn_member(
        &self,
        place: &Place,
        members: &[Member],
        name: &str,
    ) -> Result<Shape> {
        self.learn(&self.member_place(place, members, name))
    }

    /// Where the value of a member stands that comes after these.
    pub(super) fn member_place(&self, place: &Place, members: &[Member], name: &str) -> Place {
        let written = self.written(members);
        let comma = if members.is_empty() { "" } else { "," };
        let key = Value::from(name);
        place.inner(&format!("{}{comma}{key}:", &written[..written.len() - 1]), "}")
    }

    pub(super) fn written(&self, members: &[Member]) -> String {
        let each = members.iter().map(|member| {
            format!(
                "{}:{}",
                Value::from(member.name.as_str()),
                member.shape.example(self.asking.someone)
            )
        });
        format!("{{{}}}", each.collect::<Vec<_>>().join(","))
    }

    /// An enum whose variants are told apart by a member: each has members of its own.
    fn learn_tagged(&self, place: &Place, members: &[Member], tag: &str) -> Result<Option<Shape>> {
        let Some(Member { shape: Shape::OneOf(variants), .. }) = members.first() else {
            return Ok(None);
        };
        let mut shapes = Vec::new();
        for variant in variants {
            let mut own = vec![member(tag, variant.clone())];
            while own.len() < MAX_MEMBERS {
                let Some(name) = self.missing(place, &own)? else { break };
                // Such enums are judged late, when all around them is read: a name that is still missing
                // once it is there is missing elsewhere.
                let known = own.iter().any(|known| known.name == name);
                let mut with = own.clone();
                with.push(member(&name, Shape::Null));
                if known || self.missing(place, &with)?.as_ref() == Some(&name) {
                    break;
                }
                let shape = self.learn_member(place, &own, &name)?;
                own.push(member(&name, shape));
            }
            shapes.push(Shape::Object(own));
        }
        Ok(Some(Shape::OneOf(shapes)))
    }

    /// The member that is said to be missing, here or further out.
    fn missing(&self, place: &Place, members: &[Member]) -> Result<Option<String>> {
        let complaint = self.complaint(place, &self.written(members))?;
        Ok(match complaint.as_ref().map(Complaint::wish) {
            Some(Wish::Member(name)) => Some(name.to_owned()),
            _ => None,
        })
    }

    /// A member that is no must shows when it comes twice.
    fn learn_optional_members(&self, place: &Place, members: &mut Vec<Member>) -> Result<()> {
        let mut passed: BTreeSet<&str> = BTreeSet::new();
        let names = self.asking.names;
        while members.len() < MAX_MEMBERS {
            let known = |name: &str| members.iter().any(|member| member.name == name);
            let new = names.iter().filter(|name| !passed.contains(name.as_str()) && !known(name));
            let new: Vec<&str> = new.map(String::as_str).collect();
            let written = self.written(members);
            let mut text = written[..written.len() - 1].to_owned();
            let mut places = Vec::new();
            for name in &new {
                for _ in 0..2 {
                    let comma = if text.ends_with('{') { "" } else { "," };
                    let start = place.before.len() + text.len();
                    text.push_str(&format!("{comma}{}:null", Value::from(*name)));
                    places.push((start, place.before.len() + text.len(), *name));
                }
            }
            text.push('}');
            let Some(complaint) = self.refusal(place, &text)? else { break };
            let found = match complaint.wish() {
                Wish::Once(name) => new.iter().copied().find(|new| *new == name),
                Wish::Members(all) => {
                    let fields: Vec<_> = all.into_iter().filter(|name| !known(name)).collect();
                    return self.add_members(place, members, &fields);
                }
                _ => {
                    let at = complaint.position;
                    places
                        .iter()
                        .find(|(start, end, _)| (*start..=*end).contains(&at))
                        .map(|found| found.2)
                }
            };
            let Some(name) = found else { break };
            passed.insert(name);
            let name = name.to_owned();
            self.add_members(place, members, &[name.as_str()])?;
        }
        Ok(())
    }

    fn add_members(&self, place: &Place, members: &mut Vec<Member>, names: &[&str]) -> Result<()> {
        for name in names {
            let shape = self.learn_member(place, members, name)?;
            members.push(member(name, shape));
        }
        Ok(())
    }
}
