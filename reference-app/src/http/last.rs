//! The answer that was made last: the next request gets it if it asks the same, and makes one for the next. Only faults keep it.
use std::{
    mem::take,
    sync::{Mutex, PoisonError},
};

/// What was answered to which question, by the request before and by the one that runs.
#[derive(Debug, Default)]
pub(crate) struct Last(Mutex<(Option<Answer>, Option<Answer>)>);

#[derive(Debug)]
struct Answer {
    question: String,
    text: String,
}

impl Last {
    /// Another request begins: what the one before it was answered is the last answer now.
    pub(crate) fn turn(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 = take(&mut kept.1);
    }

    /// The last answer, if it was to this question.
    pub(crate) fn answer(&self, question: &str) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = kept.0.as_ref().filter(|last| last.question == question);
        last.map(|last| last.text.clone())
    }

    /// Keeps the answer that this request made.
    pub(crate) fn keep(&self, question: String, text: String) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1 = Some(Answer { question, text });
    }
}
