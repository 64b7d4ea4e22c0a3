//! Finds out which of some fixes bring nothing new, by making them in memory.

use super::Checked;
use super::apply::{Moves, apply};
use super::news::{New, news, stands_on};
use crate::finding::Finding;
use crate::load::Texts;

/// Of up to so many fixes that each have something new on their lines, every one is tried by itself.
const FEW: usize = 16;

/// Fixes on trial.
pub(super) struct Trial<'c, 't, E> {
    pub(super) state: &'c Checked,
    pub(super) texts: &'t Texts,
    pub(super) check: &'t mut dyn FnMut(&Texts) -> Result<Checked, E>,
    /// Those that would bring something, and what.
    pub(super) bad: Vec<(&'c Finding, String)>,
}

/// Fixes that are good together, what they make of the files, and what is found then.
pub(super) struct Good<'c> {
    pub(super) fixes: Vec<&'c Finding>,
    pub(super) texts: Texts,
    pub(super) checked: Checked,
}

/// What comes of making some fixes.
enum Attempt<'c> {
    Good(Good<'c>),
    /// What they bring, each with those on whose lines it stands.
    Brings(Vec<(New, Vec<&'c Finding>)>),
}

impl<'c, E> Trial<'c, '_, E> {
    /// The largest part of the fixes that brings nothing new: those on whose lines it does are tried apart from the
    /// others, and where that tells nothing, halves are.
    pub(super) fn good(&mut self, fixes: &[&'c Finding]) -> Result<Option<Good<'c>>, E> {
        if fixes.is_empty() {
            return Ok(None);
        }
        let news = match self.attempt(fixes)? {
            Attempt::Good(good) => return Ok(Some(good)),
            Attempt::Brings(news) => news,
        };
        if let [fix] = fixes {
            let why = news.into_iter().next().map(|(new, _)| new.why).unwrap_or_default();
            self.bad.push((fix, why));
            return Ok(None);
        }
        let is_blamed = |fix: &&'c Finding| news.iter().find(|(_, of)| of.iter().any(|of| std::ptr::eq(*of, *fix)));
        let (blamed, others): (Vec<_>, Vec<_>) = fixes.iter().copied().partition(|fix| is_blamed(fix).is_some());
        if others.is_empty() && blamed.len() > FEW {
            let reasons = blamed.iter().filter_map(|fix| Some((*fix, is_blamed(fix)?.0.why.clone())));
            let reasons = reasons.collect::<Vec<_>>();
            self.bad.extend(reasons);
            return Ok(None);
        }
        let (left, right) = if blamed.is_empty() || others.is_empty() {
            fixes.split_at(fixes.len() / 2)
        } else {
            (others.as_slice(), blamed.as_slice())
        };
        let left = self.good(left)?;
        let right = self.good(right)?;
        let (Some(first), Some(second)) = (&left, &right) else { return Ok(left.or(right)) };
        let both = first.fixes.iter().chain(&second.fixes).copied().collect::<Vec<_>>();
        // Where they are no good together, the others get their turn in the next round.
        Ok(match self.attempt(&both)? {
            Attempt::Good(good) => Some(good),
            Attempt::Brings(_) => left,
        })
    }

    /// Makes the fixes. What they bring comes with those on whose lines it stands.
    fn attempt(&mut self, fixes: &[&'c Finding]) -> Result<Attempt<'c>, E> {
        let texts = apply(&self.state.sources, self.texts, fixes);
        let checked = (self.check)(&texts)?;
        let news = news(self.state, fixes, &checked);
        if news.is_empty() {
            return Ok(Attempt::Good(Good { fixes: fixes.to_vec(), texts, checked }));
        }
        let moves = Moves::of(&self.state.sources, fixes);
        let blamed = news.into_iter().map(|new| {
            let stands = |fix: &&&'c Finding| stands_on(fix, &new, &self.state.sources, &checked.sources, &moves);
            let of = fixes.iter().filter(stands).copied().collect();
            (new, of)
        });
        Ok(Attempt::Brings(blamed.collect()))
    }
}
